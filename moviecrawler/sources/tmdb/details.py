"""A film or a show from one answer with all parts appended (``movie_url``, ``show_url``)."""

from collections.abc import Iterable
from statistics import median_low
from typing import Any, Literal

from moviecrawler.exceptions import ParseError
from moviecrawler.imdb import imdb_id
from moviecrawler.items import Movie, Show, Title
from moviecrawler.sources.countries import NAMES, country_fields
from moviecrawler.sources.fields import (
    MAX_DOLLARS,
    MAX_EPISODE_MINUTES,
    MAX_EPISODES,
    MAX_FILM_MINUTES,
    MAX_POPULARITY,
    MAX_VOTES,
    amount,
    boolean,
    count,
    ids,
    iso_date,
    language_code,
    names,
    part,
    rows,
    web_address,
    whole_number,
)
from moviecrawler.sources.text import prose, text
from moviecrawler.sources.tmdb.elsewhere import companies, known_ids
from moviecrawler.sources.tmdb.errors import require_object
from moviecrawler.sources.tmdb.people import film_people, show_people
from moviecrawler.sources.tmdb.pictures import candidates, path_of, picture_path
from moviecrawler.sources.tmdb.releases import certification, film_releases, show_releases
from moviecrawler.sources.tmdb.seasons import episode, seasons
from moviecrawler.sources.tmdb.translations import alternative_titles, texts
from moviecrawler.sources.tmdb.videos import all_videos, trailer
from moviecrawler.sources.tmdb.watch import watch_options


def parse_movie(payload: Any, language: str = "en-US", regions: Iterable[str] = ()) -> Movie:
    """TMDB's data about a film; ``language`` is that of the request, ``regions`` those to be watched in.

    Raises ParseError for anything but a film: not an object, an error body, no id, no title.
    """
    payload = require_object(payload, "movie")
    releases = film_releases(part(payload, "release_dates"))
    data = _common(payload, "movie", language, regions)
    data |= {
        "alternative_titles": alternative_titles(part(payload, "alternative_titles").get("titles")),
        "release_date": (released := iso_date(payload.get("release_date"))),
        "year": int(released[:4]) if released else None,
        "releases": releases,
        "certification": certification(releases),
        "runtime": count(payload.get("runtime"), most=MAX_FILM_MINUTES),
        **_keywords(part(payload, "keywords").get("keywords")),
        "collection": _collection(part(payload, "belongs_to_collection")),
        "people": film_people(part(payload, "credits")),
        "box_office": {
            "budget": count(payload.get("budget"), most=MAX_DOLLARS),
            "worldwide": count(payload.get("revenue"), most=MAX_DOLLARS),
        },
    }
    movie = Movie.model_validate(data)
    _note_unread(movie, payload)
    return movie


def parse_show(payload: Any, language: str = "en-US", regions: Iterable[str] = ()) -> Show:
    """TMDB's data about a show; ``language`` is that of the request, ``regions`` those to be watched in.

    Raises ParseError for anything but a show: not an object, an error body, no id, no name.
    """
    payload = require_object(payload, "show")
    releases = show_releases(part(payload, "content_ratings"))
    data = _common(payload, "show", language, regions)
    data |= {
        "alternative_titles": alternative_titles(part(payload, "alternative_titles").get("results")),
        "release_date": (aired := iso_date(payload.get("first_air_date"))),
        "first_air_date": aired,
        "last_air_date": iso_date(payload.get("last_air_date")),
        "year": int(aired[:4]) if aired else None,
        "releases": releases,
        "certification": certification(releases),
        "runtime": _episode_runtime(payload),
        **_keywords(part(payload, "keywords").get("results")),
        "people": show_people(part(payload, "aggregate_credits"), payload.get("created_by")),
        "in_production": boolean(payload.get("in_production")),
        "type": text(payload.get("type")),
        "season_count": count(payload.get("number_of_seasons"), most=MAX_EPISODES),
        "episode_count": count(payload.get("number_of_episodes"), most=MAX_EPISODES),
        "seasons": seasons(payload.get("seasons")),
        "next_episode": episode(part(payload, "next_episode_to_air")),
        "last_episode": episode(part(payload, "last_episode_to_air")),
        "networks": companies(payload.get("networks")),
    }
    show = Show.model_validate(data)
    _note_unread(show, payload)
    return show


def _common(
    payload: dict[str, Any], what: Literal["movie", "show"], language: str, regions: Iterable[str]
) -> dict[str, Any]:
    name: Literal["title", "name"] = "title" if what == "movie" else "name"
    number = count(payload.get("id"))
    if number is None:
        raise ParseError(f"TMDB {what}: id is not a positive integer")
    title, original_title = text(payload.get(name)), text(payload.get(f"original_{name}"))
    if not title and not original_title:
        raise ParseError(f"TMDB {what} {number}: neither {name} nor original_{name}")
    titles, overviews, taglines = texts(payload, language, name)
    external_ids, images, videos = (part(payload, name) for name in ("external_ids", "images", "videos"))
    imdb, genres = imdb_id(payload.get("imdb_id")) or imdb_id(external_ids.get("imdb_id")), payload.get("genres")
    return {
        "source": "tmdb",
        "source_id": str(number),
        "id": number,
        "imdb_id": imdb,
        "external_ids": known_ids(external_ids, imdb),
        "title": title,
        "titles": titles,
        "original_title": original_title,
        "original_language": language_code(payload.get("original_language")),
        "overview": prose(payload.get("overview")),
        "overviews": overviews,
        "tagline": text(payload.get("tagline")),
        "taglines": taglines,
        "trailer": trailer(videos, language),
        "videos": all_videos(videos),
        "homepage": web_address(payload.get("homepage")),
        "status": text(payload.get("status")),
        "genres": names(rows(genres)),
        "genre_ids": ids(genres),
        **_countries(payload),
        "origin_countries": _origin(payload),
        "spoken_languages": _spoken(payload.get("spoken_languages")),
        "studios": companies(payload.get("production_companies")),
        "ratings": _ratings(payload),
        "popularity": amount(payload.get("popularity"), most=MAX_POPULARITY),
        "poster_path": picture_path(payload, images, "poster", language),
        "backdrop_path": picture_path(payload, images, "backdrop", language),
        **{role: candidates(images.get(role)) for role in ("logos", "posters", "backdrops")},
        "watch": watch_options(part(payload, "watch/providers"), regions),
        "recommendations": ids(part(payload, "recommendations").get("results")),
        **{name: boolean(payload.get(name)) for name in ("adult", "video", "softcore")},
    }


def _ratings(payload: dict[str, Any]) -> dict[str, dict[str, float | int]]:
    score, votes = amount(payload.get("vote_average"), most=10), count(payload.get("vote_count"), most=MAX_VOTES)
    return {"tmdb": {"score": score, "votes": votes}} if votes and score else {}


def _collection(collection: dict[str, Any]) -> dict[str, Any] | None:
    number, name = count(collection.get("id")), text(collection.get("name"))
    poster = path_of(collection.get("poster_path"))
    return {"id": number, "name": name, "poster_path": poster} if number and name else None


def _keywords(values: Any) -> dict[str, Any]:
    return {"keywords": names(rows(values)), "keyword_ids": ids(values)}


def _spoken(values: Any) -> list[str]:
    """Codes; ``xx`` is TMDB's "no language"."""
    codes = (language_code(row.get("iso_639_1")) for row in rows(values))
    return list(dict.fromkeys(code for code in codes if code and code != "xx"))


def _origin(payload: dict[str, Any]) -> list[str]:
    said = payload.get("origin_country")
    return country_fields(said)["country_codes"] if isinstance(said, list) else []


def _countries(payload: dict[str, Any]) -> dict[str, list[str]]:
    """TMDB's names as they are; where it has none, those of the codes."""
    made = rows(payload.get("production_countries"))
    own = [name for name in names(made) if name not in NAMES]
    found = country_fields(row.get("iso_3166_1") or row.get("name") for row in made)
    if not own and not found["countries"]:
        origin = payload.get("origin_country")
        return country_fields(origin if isinstance(origin, list) else [])
    return found | {"countries": own} if len(own) >= len(found["countries"]) else found


def _episode_runtime(payload: dict[str, Any]) -> int | None:
    """The middle one of what TMDB says of usual episodes.

    It leaves ``episode_run_time`` empty for most shows by now; the last and the next episode then speak for all, unless
    they are finales or specials.
    """
    said = payload.get("episode_run_time")
    known = [minutes for value in said if (minutes := _minutes(value))] if isinstance(said, list) else []
    if not known:
        episodes = (part(payload, "last_episode_to_air"), part(payload, "next_episode_to_air"))
        known = [minutes for one in episodes if _is_usual(one) and (minutes := _minutes(one.get("runtime")))]
    return median_low(known) if known else None


def _minutes(value: Any) -> int | None:
    return count(value, most=MAX_EPISODE_MINUTES)


def _is_usual(episode: dict[str, Any]) -> bool:
    return text(episode.get("episode_type")) in (None, "standard") and whole_number(episode.get("season_number")) != 0


def _note_unread(title: Title, payload: dict[str, Any]) -> None:
    """Whether TMDB has an unreadable IMDb id."""
    if title.imdb_id is None and (payload.get("imdb_id") or part(payload, "external_ids").get("imdb_id")):
        title.context.unreadable += ("imdb_id",)
