"""What the sandbox knows about a film or show, and the tables of real ones (facts only)."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from typing import Literal, NamedTuple

from moviecrawler.sandbox.catalogue import edge_cases
from moviecrawler.sandbox.catalogue.tables import COUNTRY_CODES, LANGUAGES, MOVIE_GENRES

Kind = Literal["movie", "tv"]
KINDS: tuple[Kind, ...] = ("movie", "tv")

_GENRE_IDS = {name: number for number, name in MOVIE_GENRES.items()}


class Row(NamedTuple):
    """What listings and their filters need of one title: the index holds one for each."""

    id: int
    date: str
    popularity: float
    votes: int
    average: float
    language: str
    genres: tuple[int, ...]
    countries: tuple[str, ...]


class Score(NamedTuple):
    """What the houses of OMDB say, in its own words; "" and 0 where nobody knows."""

    imdb: str = ""
    votes: int = 0
    metacritic: str = ""
    tomatoes: str = ""


class Gross(NamedTuple):
    """What a film cost and earned (USD); 0 where nobody knows. Not TMDB's figures: its own are elsewhere."""

    budget: int = 0
    domestic: int = 0
    worldwide: int = 0


_NO_SCORE, _NO_GROSS = Score(), Gross()


@dataclass(frozen=True, slots=True)
class Title:
    """One film or show. ``date`` is the release or first air date; cast pairs are (name, character)."""

    kind: Kind
    row: Row
    title: str
    original_title: str
    imdb_id: str | None
    real: bool
    odd: frozenset[str] = frozenset()
    runtime: int | None = 0
    budget: int = 0
    revenue: int = 0
    directors: tuple[str, ...] = ()
    writers: tuple[str, ...] = ()
    cast: tuple[tuple[str, str], ...] = ()
    studios: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    translations: tuple[tuple[str, str], ...] = ()  # (iso_639_1-iso_3166_1, title)
    certification: str = ""
    collection: str = ""
    poster_path: str = ""
    backdrop_path: str = ""
    last_date: str = ""
    running: bool = False
    seasons: int = 0
    episodes: int = 0
    networks: tuple[str, ...] = ()
    score: Score = _NO_SCORE
    gross: Gross = _NO_GROSS

    @property
    def id(self) -> int:
        return self.row.id

    @property
    def year(self) -> str:
        return self.row.date[:4]


_PARTS = ("leading role", "second role", "third role")


def _split(text: str) -> tuple[str, ...]:
    return tuple(part for part in text.split("|") if part)


def _cast(text: str) -> tuple[tuple[str, str], ...]:
    # The tables know who plays, not whom: a composed character says so.
    return tuple(zip(_split(text), _PARTS, strict=False))


def _table(name: str) -> Iterator[dict[str, str]]:
    # Through importlib.resources: the package may be a zip (an egg on Scrapyd).
    with files("moviecrawler.sandbox").joinpath(name).open(encoding="utf-8") as lines:
        yield from csv.DictReader(lines)


def real_films() -> Iterator[Title]:
    """The films of ``films.csv``."""
    for fact in _table("films.csv"):
        countries = tuple(COUNTRY_CODES[name] for name in _split(fact["production_countries"]))
        language = fact["original_language"]
        zh_title = (("zh-CN", fact["zh_title"]),) if fact["zh_title"] else ()
        identity = int(fact["id"])
        odd = edge_cases.of_real(identity)
        # What is unknown is shown in both of TMDB's ways: "" and null, 0 and null.
        unknown = identity % 2 == 0
        row = Row(
            id=identity,
            date=fact["release_date"],
            popularity=float(fact["popularity"] or 1.5),
            votes=int(fact["vote_count"]),
            average=float(fact["vote_average"]),
            language=language,
            genres=tuple(_GENRE_IDS[name] for name in _split(fact["genres"])),
            countries=countries or (LANGUAGES[language][2],),
        )
        yield Title(
            kind="movie",
            row=edge_cases.odd_row(row, odd),
            title=fact["title"],
            original_title=fact["original_title"] or fact["title"],
            imdb_id=fact["imdb_id"] or (None if unknown else ""),
            real=True,
            odd=odd,
            runtime=int(float(fact["runtime"] or 0)) or (None if unknown else 0),
            budget=int(fact["budget"] or 0),
            revenue=int(fact["revenue"] or 0),
            directors=_split(fact["director"]),
            cast=_cast(fact["cast"]),
            keywords=_split(fact["keywords"]),
            translations=zh_title,
            certification={"Not Rated": "NR"}.get(fact["mpaa"], fact["mpaa"]),
            poster_path=fact["poster_path"],
            backdrop_path=fact["backdrop_path"],
            score=Score(
                imdb=fact["imdb_rating"],
                votes=int(fact["imdb_votes"] or 0),
                metacritic=fact["metascore"],
                tomatoes=fact["tomatoes"],
            ),
            gross=Gross(
                budget=int(fact["production_budget"] or 0),
                domestic=int(fact["domestic"] or 0),
                worldwide=int(fact["worldwide"] or 0),
            ),
        )


def real_shows() -> Iterator[Title]:
    """The shows of ``shows.csv``; those that run have the last date that was known."""
    for fact in _table("shows.csv"):
        yield Title(
            kind="tv",
            row=Row(
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
            real=True,
            directors=_split(fact["created_by"]),
            cast=_cast(fact["cast"]),
            last_date=fact["last_air_date"],
            running=fact["status"] == "Returning Series",
            seasons=int(fact["seasons"]),
            episodes=int(fact["episodes"]),
            networks=_split(fact["networks"]),
        )
