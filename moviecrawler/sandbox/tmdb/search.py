"""/search/movie, /search/tv and /search/multi: works by the beginnings of the words of one of their titles."""

from __future__ import annotations

import unicodedata
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from moviecrawler.sandbox.catalogue import edge_cases
from moviecrawler.sandbox.catalogue.index import Catalogue
from moviecrawler.sandbox.catalogue.works import KINDS, IndexRow, Kind, Work
from moviecrawler.sandbox.faults.errors import ErrorAnswer
from moviecrawler.sandbox.tmdb.people import person

_YEARS: dict[Kind, tuple[str, ...]] = {"movie": ("year", "primary_release_year"), "tv": ("year", "first_air_date_year")}


class Found(NamedTuple):
    """A work that fits a search; ``rank``: 0 if it is called so, 1 if a title begins so, 2 otherwise."""

    rank: int
    kind: Kind
    row: IndexRow


def normalise(text: str) -> str:
    """The words of a text in small letters, without accents, apostrophes and punctuation.

    >>> normalise("Amélie: Le Fabuleux Destin d’Amélie"), normalise("WALL·E")
    ('amelie le fabuleux destin damelie', 'wall e')
    """
    plain = unicodedata.normalize("NFKD", text.casefold()).translate({ord("'"): None, ord("’"): None})
    kept = (
        letter if letter.isalnum() or unicodedata.category(letter)[0] == "M" else " "
        for letter in plain
        if not unicodedata.combining(letter)
    )
    return " ".join("".join(kept).split())


def wanted_text(query: Mapping[str, str]) -> str:
    """The text to look for; raises 422 without one, in the form of the errors of parameters."""
    if not (text := query.get("query", "").strip()):
        raise ErrorAnswer(422, {"errors": ["query must be provided"]})
    return text


class TitleSearch:
    """An index of all titles, made at the first search and after each change: 20 microseconds per invented work."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._version = -1
        self._titles: list[tuple[str, ...]] = []
        self._works: list[list[tuple[Kind, int]]] = []
        self._places: dict[str, set[int]] = {}
        self._words: list[str] = []

    def find(self, kinds: Iterable[Kind], query: Mapping[str, str]) -> list[Found]:
        """What fits, best first: works that are called so, then titles that begin so, each by popularity."""
        self._update()
        text = normalise(wanted_text(query))
        found = []
        for place in self._places_of(text.split()):
            rank = _rank(text, self._titles[place])
            if rank is None:
                continue
            for kind, identity in self._works[place]:
                row = self._row(kind, identity)
                if kind in kinds and _is_of_year(row, kind, query) and _is_shown(identity, query):
                    found.append(Found(rank, kind, row))
        return sorted(found, key=lambda one: (one.rank, -one.row.popularity, one.row.id, one.kind))

    def _update(self) -> None:
        if self._version == self._catalogue.version:
            return
        self._version = self._catalogue.version
        # Invented works share their titles: there are some thousand, however large the catalogue.
        by_titles: dict[tuple[str, ...], list[tuple[Kind, int]]] = {}
        for kind in KINDS:
            for identity in (*self._catalogue.rows(kind), *self._catalogue.unlisted_rows(kind)):
                by_titles.setdefault(self._catalogue.titles(kind, identity), []).append((kind, identity))
        self._titles = [tuple(map(normalise, titles)) for titles in by_titles]
        self._works = list(by_titles.values())
        self._places = {}
        for place, titles in enumerate(self._titles):
            for word in {word for title in titles for word in title.split()}:
                self._places.setdefault(word, set()).add(place)
        self._words = sorted(self._places)

    def _places_of(self, words: Sequence[str]) -> set[int]:
        if not words:
            return set()
        return set.intersection(*({place for own in self._from(word) for place in self._places[own]} for word in words))

    def _from(self, start: str) -> Iterator[str]:
        for word in self._words[bisect_left(self._words, start) :]:
            if not word.startswith(start):
                return
            yield word

    def _row(self, kind: Kind, identity: int) -> IndexRow:
        return self._catalogue.rows(kind).get(identity) or self._catalogue.unlisted_rows(kind)[identity]


def _rank(text: str, titles: Iterable[str]) -> int | None:
    """The best rank of the titles that have all words; None if no single title has them."""
    words = text.split()
    fitting = [title for title in titles if all(any(own.startswith(word) for own in title.split()) for word in words)]
    if not fitting:
        return None
    return 0 if text in fitting else 1 if any(title.startswith(f"{text} ") for title in fitting) else 2


def _is_of_year(row: IndexRow, kind: Kind, query: Mapping[str, str]) -> bool:
    return all(query[name] == row.date[:4] for name in _YEARS[kind] if query.get(name, "").isdecimal())


def _is_shown(identity: int, query: Mapping[str, str]) -> bool:
    return query.get("include_adult") == "true" or "adult" not in edge_cases.of_id(identity)


def people(
    catalogue: Catalogue, query: Mapping[str, str], known_for: Callable[[Work], dict[str, Any]]
) -> list[dict[str, Any]]:
    """The rows of the people of real works whose names fit; ``known_for`` makes the row of a work."""
    words = normalise(wanted_text(query)).split()
    known: dict[str, tuple[str, list[Work]]] = {}
    for work in (work for kind in KINDS for work in catalogue.real_works(kind) if catalogue.exists(kind, work.id)):
        for name, department in [(name, "Acting") for name, _ in work.cast] + [
            (n, "Directing") for n in work.directors
        ]:
            known.setdefault(name, (department, []))[1].append(work)
    rows = []
    for name, (department, works) in known.items():
        own = normalise(name).split()
        if words and all(any(part.startswith(word) for part in own) for word in words):
            best = sorted(works, key=lambda work: -work.row.popularity)[:3]
            rest = {"media_type": "person", "known_for": [known_for(work) for work in best]}
            rows.append(person(name, department) | rest)
    return sorted(rows, key=lambda row: -row["popularity"])
