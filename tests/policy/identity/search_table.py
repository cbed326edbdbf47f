"""What people type, run through a search like TMDB's and the choice of its result.

The films are those of the tables beside this one. The search knows all their titles; a row of its answer shows only the
title and the original one. Typed is each film's title with its year, each in another spelling, and what ``typed.csv``
says, written by hand from facts: foreign and shortened titles, years that are one off, none, films that are not here.
"""

import csv
import re
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from moviecrawler.policy.identity import Match, normalise
from moviecrawler.policy.identity.references import Named, parse_name
from moviecrawler.policy.identity.search import choose, queries
from tests.policy.identity import table
from tests.policy.identity.table import AMBIGUOUS, Document, Figures

PAGE = 20

_ARTICLE = re.compile(r"(The|A|An) (.+)")
_WORDS = re.compile(r"\w+")


class Row(NamedTuple):
    id: int
    title: str | None
    original_title: str | None
    release_date: str | None


class Typed(NamedTuple):
    """``expected`` is a film's id, None for a film that is not here; ``ambiguous``: nobody can tell which is meant."""

    named: Named
    expected: int | None
    ambiguous: bool


class Result(NamedTuple):
    typed: Typed
    match: Match


class World:
    """All films, found by the beginnings of the words of their titles: the exact title first, then by id."""

    def __init__(self, films: Iterable[Document]) -> None:
        self.films = {film["_id"]: film for film in films}
        self._words = {id: [_words(title) for title in _titles(film)] for id, film in self.films.items()}
        self._names = {id: {normalise(title) for title in _titles(film)} for id, film in self.films.items()}

    def search(self, title: str, year: int | None) -> tuple[list[Row], bool]:
        """The first page, and whether it is the only one."""
        wanted, name = _words(title), normalise(title)
        found = [
            film
            for id, film in self.films.items()
            if any(all(any(one.startswith(word) for one in words) for word in wanted) for words in self._words[id])
            and (year is None or year in _years(film))
        ]
        found.sort(key=lambda film: (name not in self._names[film["_id"]], film["_id"]))
        rows = [Row(one["_id"], one["title"], one["original_title"], _day(one)) for one in found[:PAGE]]
        return rows, len(found) <= PAGE

    def answer(self, named: Named) -> Match:
        """As ``LookupSpider`` asks."""
        match = Match(None, (), "none")
        for query in queries(named, "en-US"):
            rows, complete = self.search(query.title, query.year)
            match = choose(named, rows, complete=complete and query.is_whole)
            if match.id is not None or match.how == "several":
                break
        return match

    def is_ambiguous(self, film: Document, named: Named) -> bool:
        """Whether another film has the same title in the same year."""
        key = normalise(named.title)
        return any(
            key in (normalise(one["title"]), normalise(one["original_title"])) and one["year"] == film["year"]
            for other, one in self.films.items()
            if other != film["_id"]
        )


def worlds() -> tuple[World, World]:
    return World(table.films()), World(table.films(table.BLIND))


def parts() -> dict[str, list[Result]]:
    """The results by how the titles were typed."""
    known, blind = worlds()
    return {
        "title and year": [*_run(known, _exact(known)), *_run(blind, _exact(blind))],
        "in another spelling": [*_run(known, _spelt_otherwise(known)), *_run(blind, _spelt_otherwise(blind))],
        "by hand": list(_run(known, _written())),
    }


def figures(results: Iterable[Result]) -> Figures:
    results = list(results)
    return Figures(
        pairs=len(results),
        given=sum(result.match.id is not None for result in results),
        right=sum(result.match.id is not None and result.match.id == result.typed.expected for result in results),
        wanted=sum(result.typed.expected is not None for result in results),
    )


def _run(world: World, lines: Iterable[Typed]) -> Iterator[Result]:
    for typed in lines:
        yield Result(typed, world.answer(typed.named))


def _exact(world: World) -> Iterator[Typed]:
    return (_typed(world, film, film["title"]) for film in world.films.values())


def _spelt_otherwise(world: World) -> Iterator[Typed]:
    """One of several ways to write each title: article behind, no accents, no punctuation, the original title."""
    for film in world.films.values():
        title = film["title"]
        found = _ARTICLE.fullmatch(title)
        forms = [
            found[2] + ", " + found[1] if found else title.upper(),
            " ".join(re.sub(r"[:,.!?-]", " ", title).split()),
            unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower(),
            film["original_title"],
        ]
        form = forms[film["_id"] % len(forms)]
        yield _typed(world, film, form if _WORDS.search(form) else title)


def _typed(world: World, film: Document, title: str) -> Typed:
    named = Named("movies", title, film["year"])
    ambiguous = world.is_ambiguous(film, named)
    return Typed(named, None if ambiguous else film["_id"], ambiguous)


def _written() -> Iterator[Typed]:
    with Path(__file__).with_name("typed.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            means = row["is"]
            yield Typed(parse_name(row["typed"]), int(means) if means.isdigit() else None, means == AMBIGUOUS)


def _titles(film: Document) -> list[str]:
    others = [other["title"] for other in film["alternative_titles"]]
    return list(dict.fromkeys([film["title"], film["original_title"], *others]))


def _words(title: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", title.casefold().replace("'", "").replace("&", " and "))
    return _WORDS.findall("".join(one for one in plain if not unicodedata.combining(one)))


def _day(film: Document) -> str | None:
    return film["release_date"] or (f"{film['year']}-01-01" if film["year"] else None)


def _years(film: Document) -> set[int]:
    return {film["year"], *(int(release["date"][:4]) for release in film["releases"])}
