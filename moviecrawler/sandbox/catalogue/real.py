"""The real films and shows: the facts of ``films.csv`` and ``shows.csv``."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from importlib.resources import files

from moviecrawler.sandbox.catalogue import edge_cases, film_collections
from moviecrawler.sandbox.catalogue.tables import COUNTRY_CODES, LANGUAGES, MOVIE_GENRES
from moviecrawler.sandbox.catalogue.works import BoxOffice, IndexRow, OmdbRatings, Work

_GENRE_IDS = {name: number for number, name in MOVIE_GENRES.items()}
_CHARACTERS = ("leading role", "second role", "third role")


def _split(text: str) -> tuple[str, ...]:
    return tuple(part for part in text.split("|") if part)


def _cast(text: str) -> tuple[tuple[str, str], ...]:
    # The tables contain actors without characters: a generic character says so.
    return tuple(zip(_split(text), _CHARACTERS, strict=False))


def _table(name: str) -> Iterator[dict[str, str]]:
    # Through importlib.resources: the package may be a zip (an egg on Scrapyd).
    with files("moviecrawler.sandbox").joinpath(name).open(encoding="utf-8") as lines:
        yield from csv.DictReader(lines)


def real_films() -> Iterator[Work]:
    """The films of ``films.csv``."""
    for fact in _table("films.csv"):
        countries = tuple(COUNTRY_CODES[name] for name in _split(fact["production_countries"]))
        language = fact["original_language"]
        zh_title = (("zh-CN", fact["zh_title"]),) if fact["zh_title"] else ()
        identity = int(fact["id"])
        cases = edge_cases.of_real(identity)
        # Unknown values take both of TMDB's forms: "" and null, 0 and null.
        null_if_unknown = identity % 2 == 0
        collection = film_collections.of_real_film(identity)
        row = IndexRow(
            id=identity,
            date=fact["release_date"],
            popularity=float(fact["popularity"] or 1.5),
            votes=int(fact["vote_count"]),
            average=float(fact["vote_average"]),
            language=language,
            genres=tuple(_GENRE_IDS[name] for name in _split(fact["genres"])),
            countries=countries or (LANGUAGES[language][2],),
        )
        yield Work(
            kind="movie",
            row=edge_cases.apply_to_row(row, cases),
            title=fact["title"],
            original_title=fact["original_title"] or fact["title"],
            imdb_id=fact["imdb_id"] or (None if null_if_unknown else ""),
            is_real=True,
            edge_cases=cases,
            runtime=int(float(fact["runtime"] or 0)) or (None if null_if_unknown else 0),
            budget=int(fact["budget"] or 0),
            revenue=int(fact["revenue"] or 0),
            directors=_split(fact["director"]),
            cast=_cast(fact["cast"]),
            keywords=_split(fact["keywords"]),
            translations=zh_title,
            collection=film_collections.REAL[collection][0] if collection else "",
            collection_id=collection,
            certification={"Not Rated": "NR"}.get(fact["mpaa"], fact["mpaa"]),
            poster_path=fact["poster_path"],
            backdrop_path=fact["backdrop_path"],
            ratings=OmdbRatings(
                imdb=fact["imdb_rating"],
                votes=int(fact["imdb_votes"] or 0),
                metacritic=fact["metascore"],
                tomatoes=fact["tomatoes"],
            ),
            box_office=BoxOffice(
                budget=int(fact["production_budget"] or 0),
                domestic=int(fact["domestic"] or 0),
                worldwide=int(fact["worldwide"] or 0),
            ),
        )


def real_shows() -> Iterator[Work]:
    """The shows of ``shows.csv``; ``last_date`` of a running show is the last one that was known."""
    for fact in _table("shows.csv"):
        yield Work(
            kind="tv",
            row=IndexRow(
                id=int(fact["id"]),
                date=fact["first_air_date"],
                popularity=float(fact["popularity"]),
                votes=int(fact["vote_count"]),
                average=float(fact["vote_average"]),
                language=fact["original_language"],
                genres=tuple(map(int, _split(fact["genres"]))),
                countries=_split(fact["countries"]),
            ),
            title=fact["name"],
            original_title=fact["original_name"] or fact["name"],
            imdb_id=fact["imdb_id"],
            is_real=True,
            directors=_split(fact["created_by"]),
            cast=_cast(fact["cast"]),
            last_date=fact["last_air_date"],
            is_running=fact["status"] == "Returning Series",
            seasons=int(fact["seasons"]),
            episodes=int(fact["episodes"]),
            networks=_split(fact["networks"]),
        )
