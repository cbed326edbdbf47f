"""A film or show in TMDB's formats: a row of a listing, and /movie/{id} or /tv/{id} with appended parts."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, Literal, NamedTuple

from moviecrawler.sandbox.catalogue import seeded
from moviecrawler.sandbox.catalogue.sentences import overview, tagline
from moviecrawler.sandbox.catalogue.tables import COUNTRIES, GENRES, LANGUAGES
from moviecrawler.sandbox.catalogue.works import Kind, Work
from moviecrawler.sandbox.tmdb import appended, people
from moviecrawler.sandbox.tmdb.external_ids import external_ids
from moviecrawler.sandbox.tmdb.images import backdrop_path, images, path_or_none, poster_path
from moviecrawler.sandbox.tmdb.seasons import season_fields
from moviecrawler.sandbox.tmdb.watch_providers import watch_providers


class Languages(NamedTuple):
    """The parameters ``language``, ``include_image_language`` and ``include_video_language``; "" without one."""

    main: str = ""
    images: str = ""
    videos: str = ""


_COMMON_PARTS: dict[str, Callable[[Work], dict[str, Any]]] = {
    "alternative_titles": appended.alternative_titles,
    "credits": people.credits,
    "external_ids": external_ids,
    "keywords": appended.keywords,
    "translations": appended.translations,
    "watch/providers": watch_providers,
}
PARTS: dict[Kind, dict[str, Callable[[Work], dict[str, Any]]]] = {
    "movie": _COMMON_PARTS | {"release_dates": appended.release_dates},
    "tv": _COMMON_PARTS | {"aggregate_credits": people.aggregate_credits, "content_ratings": appended.content_ratings},
}


def part(work: Work, name: str, languages: Languages) -> dict[str, Any] | None:
    """A part by its name; None if this kind has no such part (TMDB then leaves it out)."""
    if name == "images":
        return images(work, languages.main, languages.images)
    if name == "videos":
        return appended.videos(work, languages.main, languages.videos)
    build = PARTS[work.kind].get(name)
    return build(work) if build else None


def details(work: Work, append: Collection[str], languages: Languages) -> dict[str, Any]:
    """The whole answer, but recommendations. A title without a translation silently remains the original one."""
    answer = (_movie if work.kind == "movie" else _show)(work, languages.main or "en-US")
    for name in append:
        if (found := part(work, name, languages)) is not None:
            answer[name] = found
    return answer


def listing_row(work: Work, language: str, media_type: str = "") -> dict[str, Any]:
    """A row of a listing; with ``media_type``, in the format of /trending and /find."""
    titles = _title_fields(work, language or "en-US")
    answer: dict[str, Any] = {
        "adult": "adult" in work.edge_cases,
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
    if "softcore absent" not in work.edge_cases:
        answer["softcore"] = "softcore" in work.edge_cases
    if "unknown key" in work.edge_cases:
        answer["undocumented"] = False
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
    answer = listing_row(work, language) | {
        "genres": [{"id": genre, "name": GENRES[work.kind][genre]} for genre in work.row.genres],
        "homepage": appended.homepage_of(work),
        "origin_country": list(work.row.countries),
        "production_companies": [_company("company", name, work.row.countries) for name in work.studios],
        "production_countries": [{"iso_3166_1": code, "name": COUNTRIES[code]} for code in work.row.countries],
        "spoken_languages": [_language(code) for code in _spoken(work)],
        "tagline": tagline(work, language[:2]),
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
    status = "Planned" if "announced" in work.edge_cases else "Returning Series" if work.is_running else "Ended"
    return _common_fields(work, language) | {
        "created_by": people.created_by(work),
        "episode_run_time": [work.runtime] if work.runtime else [],
        "in_production": work.is_running,
        "languages": list(_spoken(work)),
        "networks": [_company("network", name, work.row.countries) for name in work.networks],
        "status": status,
        "type": "Scripted",
        **season_fields(work, language),
    }


def _spoken(work: Work) -> tuple[str, ...]:
    """The original language, and a second one in every third invented work."""
    first = work.row.language
    return (first,) if work.is_real or work.id % 3 else tuple(dict.fromkeys((first, "en", "fr")))[:2]


def _language(code: str) -> dict[str, str]:
    english_name, name, _ = LANGUAGES[code]
    return {"english_name": english_name, "iso_639_1": code, "name": name}


def _company(kind: Literal["company", "network"], name: str, countries: tuple[str, ...]) -> dict[str, Any]:
    identity = seeded.identifier(kind, name, below=200_000)
    return {
        "id": identity,
        "logo_path": path_or_none(kind, "logo", identity),
        "name": name,
        "origin_country": countries[0] if countries and identity % 5 else "",
    }


def collection_head(work: Work) -> dict[str, Any] | None:
    """The ``belongs_to_collection`` of a film; None without a collection."""
    if not work.collection:
        return None
    return {
        "id": work.collection_id,
        "name": work.collection,
        "poster_path": path_or_none("collection", "poster", work.collection_id),
        "backdrop_path": path_or_none("collection", "backdrop", work.collection_id),
    }
