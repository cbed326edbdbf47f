"""A film or a show from one answer with all parts appended (``movie_url``, ``show_url``)."""

from typing import Any, Literal

from moviecrawler.exceptions import ParseError
from moviecrawler.items import Movie, Show
from moviecrawler.sources.fields import (
    amount,
    count,
    imdb_id,
    iso_date,
    names,
    part,
    rows,
    text,
    truth,
    web_address,
)
from moviecrawler.sources.tmdb.errors import require_object
from moviecrawler.sources.tmdb.people import film_people, show_people
from moviecrawler.sources.tmdb.pictures import picture_path, trailer
from moviecrawler.sources.tmdb.releases import certification, film_releases, show_releases
from moviecrawler.sources.tmdb.translations import alternative_titles, texts


def parse_movie(payload: Any, language: str = "en-US") -> Movie:
    """What TMDB says of a film. ``language`` is the one it was asked in.

    Raises ParseError for anything that is no film: no object, an error body, no id, no title.
    """
    payload = require_object(payload, "movie")
    releases = film_releases(part(payload, "release_dates"))
    data = _common(payload, "movie", language)
    data |= {
        "alternative_titles": alternative_titles(part(payload, "alternative_titles").get("titles")),
        "release_date": (released := iso_date(payload.get("release_date"))),
        "year": int(released[:4]) if released else None,
        "releases": releases,
        "certification": certification(releases),
        "runtime": count(payload.get("runtime")),
        "keywords": names(rows(part(payload, "keywords").get("keywords"))),
        "collection": _collection(part(payload, "belongs_to_collection")),
        "people": film_people(part(payload, "credits")),
        "box_office": {"budget": count(payload.get("budget")), "worldwide": count(payload.get("revenue"))},
    }
    return Movie.model_validate(data)


def parse_show(payload: Any, language: str = "en-US") -> Show:
    """What TMDB says of a show. ``language`` is the one it was asked in.

    Raises ParseError for anything that is no show: no object, an error body, no id, no name.
    """
    payload = require_object(payload, "show")
    releases = show_releases(part(payload, "content_ratings"))
    data = _common(payload, "show", language)
    data |= {
        "alternative_titles": alternative_titles(part(payload, "alternative_titles").get("results")),
        "release_date": (aired := iso_date(payload.get("first_air_date"))),
        "first_air_date": aired,
        "last_air_date": iso_date(payload.get("last_air_date")),
        "year": int(aired[:4]) if aired else None,
        "releases": releases,
        "certification": certification(releases),
        "runtime": _episode_runtime(payload),
        "keywords": names(rows(part(payload, "keywords").get("results"))),
        "people": show_people(payload.get("created_by"), part(payload, "aggregate_credits")),
        "in_production": truth(payload.get("in_production")),
        "type": text(payload.get("type")),
        "seasons": count(payload.get("number_of_seasons")),
        "episodes": count(payload.get("number_of_episodes")),
        "networks": names(rows(payload.get("networks"))),
    }
    return Show.model_validate(data)


def _common(payload: dict[str, Any], what: Literal["movie", "show"], language: str) -> dict[str, Any]:
    name: Literal["title", "name"] = "title" if what == "movie" else "name"
    number = count(payload.get("id"))
    if number is None:
        raise ParseError(f"TMDB {what}: id is not a positive integer")
    title, original_title = text(payload.get(name)), text(payload.get(f"original_{name}"))
    if not title and not original_title:
        raise ParseError(f"TMDB {what} {number}: neither {name} nor original_{name}")
    titles, overviews = texts(payload, language, name)
    external_ids, images = part(payload, "external_ids"), part(payload, "images")
    genres = rows(payload.get("genres"))
    return {
        "source": "tmdb",
        "source_id": str(number),
        "id": number,
        "imdb_id": imdb_id(payload.get("imdb_id")) or imdb_id(external_ids.get("imdb_id")),
        "title": title,
        "titles": titles,
        "original_title": original_title,
        "original_language": text(payload.get("original_language")),
        "overview": text(payload.get("overview")),
        "overviews": overviews,
        "tagline": text(payload.get("tagline")),
        "trailer": trailer(part(payload, "videos"), language),
        "homepage": web_address(payload.get("homepage")),
        "status": text(payload.get("status")),
        "genres": names(genres),
        "genre_ids": list(dict.fromkeys(genre for row in genres if (genre := count(row.get("id"))))),
        "countries": names(rows(payload.get("production_countries"))) or _codes(payload.get("origin_country")),
        "studios": names(rows(payload.get("production_companies"))),
        "ratings": _ratings(payload),
        "popularity": amount(payload.get("popularity")),
        "poster_path": picture_path(payload, images, "poster", language),
        "backdrop_path": picture_path(payload, images, "backdrop", language),
        "adult": truth(payload.get("adult")),
    }


def _ratings(payload: dict[str, Any]) -> dict[str, dict[str, float | int]]:
    score, votes = amount(payload.get("vote_average")), count(payload.get("vote_count"))
    return {"tmdb": {"score": score, "votes": votes}} if votes and score and score <= 10 else {}


def _collection(collection: dict[str, Any]) -> dict[str, int | str] | None:
    number, name = count(collection.get("id")), text(collection.get("name"))
    return {"id": number, "name": name} if number and name else None


def _codes(values: Any) -> list[str]:
    return [code for value in values if (code := text(value))] if isinstance(values, list) else []


def _episode_runtime(payload: dict[str, Any]) -> int | None:
    """TMDB leaves ``episode_run_time`` empty for most shows by now; the last episode then speaks for all."""
    minutes = payload.get("episode_run_time")
    first = next(filter(None, map(count, minutes)), None) if isinstance(minutes, list) else None
    return first or count(part(payload, "last_episode_to_air").get("runtime"))
