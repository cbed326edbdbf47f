"""A film or show in TMDB's formats: a row of a listing, and /movie/{id} or /tv/{id} with appended parts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection
from typing import Any

from moviecrawler.sandbox.catalogue import seeded
from moviecrawler.sandbox.catalogue.sentences import overview, tagline
from moviecrawler.sandbox.catalogue.tables import COUNTRIES, GENRES, LANGUAGES
from moviecrawler.sandbox.catalogue.works import Kind, Work
from moviecrawler.sandbox.tmdb import appended, people
from moviecrawler.sandbox.tmdb.external_ids import external_ids
from moviecrawler.sandbox.tmdb.images import backdrop_path, images, poster_path

_COMMON_PARTS: dict[str, Callable[[Work], dict[str, Any]]] = {
    "alternative_titles": appended.alternative_titles,
    "credits": people.credits,
    "external_ids": external_ids,
    "keywords": appended.keywords,
    "translations": appended.translations,
    "videos": appended.videos,
}
PARTS: dict[Kind, dict[str, Callable[[Work], dict[str, Any]]]] = {
    "movie": _COMMON_PARTS | {"release_dates": appended.release_dates},
    "tv": _COMMON_PARTS | {"aggregate_credits": people.aggregate_credits, "content_ratings": appended.content_ratings},
}


def part(work: Work, name: str, language: str, included: str) -> dict[str, Any] | None:
    """A part by its name; None if this kind has no such part (TMDB then leaves it out)."""
    if name == "images":
        return images(work, language, included)
    build = PARTS[work.kind].get(name)
    return build(work) if build else None


def details(work: Work, append: Collection[str], language: str, included: str) -> dict[str, Any]:
    """The whole answer. A title without a translation in ``language`` silently remains the original one."""
    answer = (_movie if work.kind == "movie" else _show)(work, language or "en-US")
    for name in append:
        if (found := part(work, name, language, included)) is not None:
            answer[name] = found
    return answer


def listing_row(work: Work, language: str, media_type: str = "") -> dict[str, Any]:
    """A row of a listing; with ``media_type``, in the format of /trending and /find."""
    titles = _title_fields(work, language or "en-US")
    answer: dict[str, Any] = {
        "adult": False,
        "backdrop_path": backdrop_path(work),
        "genre_ids": list(work.row.genres),
        "id": work.id,
        "original_language": work.row.language,
        "overview": _overview(work, language or "en-US"),
        "popularity": work.row.popularity,
        "poster_path": poster_path(work),
        "vote_average": _average(work),
        "vote_count": work.row.votes,
        **titles,
    }
    if work.kind == "movie":
        answer["video"] = "video" in work.edge_cases
    else:
        answer["origin_country"] = list(work.row.countries)
    if media_type:
        answer["media_type"] = media_type
    if "unknown key" in work.edge_cases:
        answer["softcore"] = False
    return answer


def _title_fields(work: Work, language: str) -> dict[str, str]:
    shown = (
        work.title if language.startswith("en") else appended.translated_title(work, language) or work.original_title
    )
    if work.kind == "movie":
        return {"title": shown, "original_title": work.original_title, "release_date": work.row.date}
    return {"name": shown, "original_name": work.original_title, "first_air_date": work.row.date}


def _overview(work: Work, language: str) -> str:
    return overview(work, language[:2])


def _average(work: Work) -> float:
    # TMDB sometimes sends 8 instead of 8.0.
    return int(work.row.average) if "vote_average int" in work.edge_cases else work.row.average


def _common_fields(work: Work, language: str) -> dict[str, Any]:
    spoken = work.row.language
    english_name, name, _ = LANGUAGES[spoken]
    answer = listing_row(work, language) | {
        "genres": [{"id": genre, "name": GENRES[work.kind][genre]} for genre in work.row.genres],
        "homepage": appended.homepage_of(work),
        "origin_country": list(work.row.countries),
        "production_companies": [_company(name, work.row.countries) for name in work.studios],
        "production_countries": [{"iso_3166_1": code, "name": COUNTRIES[code]} for code in work.row.countries],
        "spoken_languages": [{"english_name": english_name, "iso_639_1": spoken, "name": name}],
        "tagline": tagline(work) if language.startswith("en") else "",
    }
    del answer["genre_ids"]
    return answer


def _movie(work: Work, language: str) -> dict[str, Any]:
    return _common_fields(work, language) | {
        "belongs_to_collection": collection_head(work),
        "budget": work.budget,
        "imdb_id": work.imdb_id,
        "revenue": work.revenue,
        "runtime": work.runtime,
        "status": "Released",
    }


def _show(work: Work, language: str) -> dict[str, Any]:
    per_season = work.episodes // work.seasons
    last = work.episodes - per_season * (work.seasons - 1)
    return _common_fields(work, language) | {
        "created_by": people.created_by(work),
        "episode_run_time": [work.runtime] if work.runtime else [],
        "in_production": work.is_running,
        "languages": [work.row.language],
        "last_air_date": work.last_date or None,
        "last_episode_to_air": _episode(work, work.seasons, last, work.last_date),
        "networks": [_company(name, work.row.countries) for name in work.networks],
        "next_episode_to_air": _next_episode(work) if work.is_running else None,
        "number_of_episodes": work.episodes,
        "number_of_seasons": work.seasons,
        "seasons": [
            _season(work, number, last if number == work.seasons else per_season)
            for number in range(1, work.seasons + 1)
        ],
        "status": "Returning Series" if work.is_running else "Ended",
        "type": "Scripted",
    }


def _company(name: str, countries: tuple[str, ...]) -> dict[str, Any]:
    return {
        "id": seeded.identifier("company", name, below=200_000),
        "logo_path": seeded.missing_picture_path("company", name),
        "name": name,
        "origin_country": countries[0] if countries else "",
    }


def collection_head(work: Work) -> dict[str, Any] | None:
    """The ``belongs_to_collection`` of a film; None without a collection."""
    if not work.collection:
        return None
    return {
        "id": work.collection_id,
        "name": work.collection,
        "poster_path": seeded.missing_picture_path("collection", work.collection, "poster"),
        "backdrop_path": seeded.missing_picture_path("collection", work.collection, "backdrop"),
    }


def _season(work: Work, number: int, episodes: int) -> dict[str, Any]:
    # The tables do not contain when the later seasons of a real show began.
    known = number == 1 or not work.is_real
    return {
        "air_date": min(_add_days(work.row.date, 330 * (number - 1)), work.last_date) or None if known else None,
        "episode_count": episodes,
        "id": seeded.identifier("season", work.id, number),
        "name": f"Season {number}",
        "overview": "",
        "poster_path": seeded.missing_picture_path("season", work.id, number),
        "season_number": number,
        "vote_average": 0.0,
    }


def _episode(work: Work, season: int, number: int, date: str) -> dict[str, Any]:
    return {
        "id": seeded.identifier("episode", work.id, season, number),
        "name": f"Episode {number}",
        "overview": "",
        "vote_average": 0.0,
        "vote_count": 0,
        "air_date": date or None,
        "episode_number": number,
        "episode_type": "standard",
        "production_code": "",
        "runtime": work.runtime or None,
        "season_number": season,
        "show_id": work.id,
        "still_path": seeded.missing_picture_path("episode", work.id, season, number),
    }


def _next_episode(work: Work) -> dict[str, Any]:
    return _episode(work, work.seasons + 1, 1, "2030-01-01") | {"runtime": None, "still_path": None}


def _add_days(date: str, days: int) -> str:
    return (dt.date.fromisoformat(date) + dt.timedelta(days=days)).isoformat() if date else ""
