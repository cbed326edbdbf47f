"""One title in TMDB's shapes: the row of a listing, /movie/{id} and /tv/{id} with the parts asked for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection
from typing import Any

from moviecrawler.sandbox.catalogue import seeded
from moviecrawler.sandbox.catalogue.sentences import overview, tagline
from moviecrawler.sandbox.catalogue.tables import COUNTRIES, GENRES, LANGUAGES
from moviecrawler.sandbox.catalogue.works import Kind, Title
from moviecrawler.sandbox.tmdb import appended, people
from moviecrawler.sandbox.tmdb.images import backdrop_path, images, poster_path

_BOTH: dict[str, Callable[[Title], dict[str, Any]]] = {
    "alternative_titles": appended.alternative_titles,
    "credits": people.credits,
    "external_ids": appended.external_ids,
    "keywords": appended.keywords,
    "translations": appended.translations,
    "videos": appended.videos,
}
PARTS: dict[Kind, dict[str, Callable[[Title], dict[str, Any]]]] = {
    "movie": _BOTH | {"release_dates": appended.release_dates},
    "tv": _BOTH | {"aggregate_credits": people.aggregate_credits, "content_ratings": appended.content_ratings},
}


def part(title: Title, name: str, language: str, included: str) -> dict[str, Any] | None:
    """A part by its name; None when this kind has no such part (TMDB then leaves it out)."""
    if name == "images":
        return images(title, language, included)
    build = PARTS[title.kind].get(name)
    return build(title) if build else None


def details(title: Title, append: Collection[str], language: str, included: str) -> dict[str, Any]:
    """The whole answer. A title that has no translation in ``language`` silently stays the original."""
    answer = (_movie if title.kind == "movie" else _show)(title, language or "en-US")
    for name in append:
        if (found := part(title, name, language, included)) is not None:
            answer[name] = found
    return answer


def row(title: Title, language: str, media_type: str = "") -> dict[str, Any]:
    """A listing's row; with ``media_type`` the form of /trending and /find."""
    named = _named(title, language or "en-US")
    answer: dict[str, Any] = {
        "adult": False,
        "backdrop_path": backdrop_path(title),
        "genre_ids": list(title.row.genres),
        "id": title.id,
        "original_language": title.row.language,
        "overview": _overview(title, language or "en-US"),
        "popularity": title.row.popularity,
        "poster_path": poster_path(title),
        "vote_average": _average(title),
        "vote_count": title.row.votes,
        **named,
    }
    if title.kind == "movie":
        answer["video"] = "video" in title.odd
    else:
        answer["origin_country"] = list(title.row.countries)
    if media_type:
        answer["media_type"] = media_type
    if "unknown key" in title.odd:
        answer["softcore"] = False
    return answer


def _named(title: Title, language: str) -> dict[str, str]:
    shown = title.title if language.startswith("en") else appended.title_in(title, language) or title.original_title
    if title.kind == "movie":
        return {"title": shown, "original_title": title.original_title, "release_date": title.row.date}
    return {"name": shown, "original_name": title.original_title, "first_air_date": title.row.date}


def _overview(title: Title, language: str) -> str:
    return overview(title, language[:2])


def _average(title: Title) -> float:
    # TMDB sends 8 and not 8.0 here and there.
    return int(title.row.average) if "vote_average int" in title.odd else title.row.average


def _shared(title: Title, language: str) -> dict[str, Any]:
    spoken = title.row.language
    english_name, name, _ = LANGUAGES[spoken]
    answer = row(title, language) | {
        "genres": [{"id": genre, "name": GENRES[title.kind][genre]} for genre in title.row.genres],
        "homepage": appended.homepage_of(title),
        "origin_country": list(title.row.countries),
        "production_companies": [_company(name, title.row.countries) for name in title.studios],
        "production_countries": [{"iso_3166_1": code, "name": COUNTRIES[code]} for code in title.row.countries],
        "spoken_languages": [{"english_name": english_name, "iso_639_1": spoken, "name": name}],
        "tagline": tagline(title) if language.startswith("en") else "",
    }
    del answer["genre_ids"]
    return answer


def _movie(title: Title, language: str) -> dict[str, Any]:
    return _shared(title, language) | {
        "belongs_to_collection": _collection(title.collection) if title.collection else None,
        "budget": title.budget,
        "imdb_id": title.imdb_id,
        "revenue": title.revenue,
        "runtime": title.runtime,
        "status": "Released",
    }


def _show(title: Title, language: str) -> dict[str, Any]:
    per_season = title.episodes // title.seasons
    last = title.episodes - per_season * (title.seasons - 1)
    return _shared(title, language) | {
        "created_by": people.created_by(title),
        "episode_run_time": [title.runtime] if title.runtime else [],
        "in_production": title.running,
        "languages": [title.row.language],
        "last_air_date": title.last_date or None,
        "last_episode_to_air": _episode(title, title.seasons, last, title.last_date),
        "networks": [_company(name, title.row.countries) for name in title.networks],
        "next_episode_to_air": _unaired(title) if title.running else None,
        "number_of_episodes": title.episodes,
        "number_of_seasons": title.seasons,
        "seasons": [
            _season(title, number, last if number == title.seasons else per_season)
            for number in range(1, title.seasons + 1)
        ],
        "status": "Returning Series" if title.running else "Ended",
        "type": "Scripted",
    }


def _company(name: str, countries: tuple[str, ...]) -> dict[str, Any]:
    return {
        "id": seeded.identifier("company", name, below=200_000),
        "logo_path": seeded.some_path("company", name),
        "name": name,
        "origin_country": countries[0] if countries else "",
    }


def _collection(name: str) -> dict[str, Any]:
    return {
        "id": seeded.identifier("collection", name),
        "name": name,
        "poster_path": seeded.some_path("collection", name, "poster"),
        "backdrop_path": seeded.some_path("collection", name, "backdrop"),
    }


def _season(title: Title, number: int, episodes: int) -> dict[str, Any]:
    # The tables do not know when the later seasons of a real show began.
    known = number == 1 or not title.real
    return {
        "air_date": min(_later(title.row.date, 330 * (number - 1)), title.last_date) or None if known else None,
        "episode_count": episodes,
        "id": seeded.identifier("season", title.id, number),
        "name": f"Season {number}",
        "overview": "",
        "poster_path": seeded.some_path("season", title.id, number),
        "season_number": number,
        "vote_average": 0.0,
    }


def _episode(title: Title, season: int, number: int, date: str) -> dict[str, Any]:
    return {
        "id": seeded.identifier("episode", title.id, season, number),
        "name": f"Episode {number}",
        "overview": "",
        "vote_average": 0.0,
        "vote_count": 0,
        "air_date": date or None,
        "episode_number": number,
        "episode_type": "standard",
        "production_code": "",
        "runtime": title.runtime or None,
        "season_number": season,
        "show_id": title.id,
        "still_path": seeded.some_path("episode", title.id, season, number),
    }


def _unaired(title: Title) -> dict[str, Any]:
    return _episode(title, title.seasons + 1, 1, "2030-01-01") | {"runtime": None, "still_path": None}


def _later(date: str, days: int) -> str:
    return (dt.date.fromisoformat(date) + dt.timedelta(days=days)).isoformat() if date else ""
