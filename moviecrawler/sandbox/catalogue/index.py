"""The titles of this sandbox: which there are, what a test changed, and which are gone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from moviecrawler.sandbox.catalogue import seeded
from moviecrawler.sandbox.catalogue.edge_cases import FIRST_INVENTED_ID
from moviecrawler.sandbox.catalogue.invented import Inventor, number_of_imdb_id
from moviecrawler.sandbox.catalogue.real import real_films, real_shows
from moviecrawler.sandbox.catalogue.works import Kind, Row, Title

# Which field of an answer is which field of the index: a patch changes both.
_INDEXED = {
    "release_date": "date",
    "first_air_date": "date",
    "popularity": "popularity",
    "vote_count": "votes",
    "vote_average": "average",
    "original_language": "language",
}


class Catalogue:
    """All titles of both kinds. Of an invented one only its row is kept; the rest is made when asked for."""

    def __init__(self, *, movies: int | None, shows: int, seed: int, years: tuple[int, int]) -> None:
        self.seed = seed
        self._inventor = Inventor(seed, *years)
        self._real: dict[Kind, dict[int, Title]] = {"movie": {}, "tv": {}}
        self._rows: dict[Kind, dict[int, Row]] = {"movie": {}, "tv": {}}
        self._invented: dict[Kind, int] = {"movie": 0, "tv": 0}
        self._moved: set[tuple[Kind, int]] = set()
        self._merged: dict[Kind, dict[int, Title]] = {"movie": {}, "tv": {}}
        self._ids_by_imdb: dict[str, tuple[Kind, int]] = {}
        self._patches: dict[tuple[Kind, int], dict[str, Any]] = {}
        self.edits: dict[Kind, list[tuple[dt.datetime, int]]] = {"movie": [], "tv": []}
        self.version = 0  # counts the changes of a test: what was computed from an older version is void
        self._add("movie", sorted(real_films(), key=lambda title: -title.row.votes), movies)
        self._add("tv", list(real_shows()), shows)

    def _add(self, kind: Kind, real: list[Title], total: int | None) -> None:
        wanted = real[:total]
        self._real[kind] = {title.id: title for title in wanted}
        self._rows[kind] = {title.id: title.row for title in wanted}
        self._ids_by_imdb |= {title.imdb_id: (kind, title.id) for title in wanted if title.imdb_id}
        self._invented[kind] = max(0, (total or 0) - len(wanted))
        for n in range(self._invented[kind]):
            self._rows[kind][FIRST_INVENTED_ID + n] = self._inventor.row(kind, n)

    def rows(self, kind: Kind) -> dict[int, Row]:
        """The index, by id."""
        return self._rows[kind]

    def get(self, kind: Kind, identity: int) -> Title | None:
        """A title as it was made, without what a test patched; None when there is none, or it is gone."""
        if identity not in self._rows[kind]:
            return None
        return self.made(kind, identity)

    def made(self, kind: Kind, identity: int) -> Title | None:
        """A title even when it is gone."""
        known = self._merged[kind].get(identity) or self._real[kind].get(identity)
        n = identity - FIRST_INVENTED_ID
        return known or (self._inventor.title(kind, n) if 0 <= n < self._invented[kind] else None)

    def real_titles(self, kind: Kind) -> Iterator[Title]:
        """The titles of the tables, those that are gone too."""
        return iter(self._real[kind].values())

    def original_title(self, kind: Kind, identity: int) -> str:
        """Of a title that is there, without making the rest of it; what a test patched is not seen."""
        known = self._merged[kind].get(identity) or self._real[kind].get(identity)
        return known.original_title if known else self._inventor.original_title(kind, identity - FIRST_INVENTED_ID)

    def as_started(self, kind: Kind, endings: range) -> Iterator[Title]:
        """Titles as they were before a test changed or removed any; invented ones whose number ends so."""
        yield from self._real[kind].values()
        yield from (self._inventor.title(kind, n) for n in range(self._invented[kind]) if n % 100 in endings)

    def by_imdb_id(self, imdb_id: str, *, gone: bool = False) -> Iterator[Title]:
        """The titles that show this IMDb id; those that are gone only when they are asked for."""
        found = [self._ids_by_imdb[imdb_id]] if imdb_id in self._ids_by_imdb else []
        for kind in self._rows:
            number = number_of_imdb_id(kind, imdb_id)
            found += [] if number is None else [(kind, FIRST_INVENTED_ID + number)]
        for kind, identity in found:
            title = self.made(kind, identity) if gone else self.get(kind, identity)
            if title and title.imdb_id == imdb_id:
                yield title

    def patched(self, kind: Kind, answer: dict[str, Any], *, row: bool = False) -> dict[str, Any]:
        """The answer with what a test changed; in a listing's row only the keys that it has."""
        patch = self._patches.get((kind, answer["id"]), {})
        return answer | ({key: value for key, value in patch.items() if key in answer} if row else patch)

    def edited(self, kind: Kind, identity: int, now: dt.datetime) -> bool:
        """Note the moment of a change for the changes feed; False when there is no such title."""
        if identity not in self._rows[kind]:
            return False
        self.edits[kind].append((now, identity))
        self.version += 1
        return True

    def patch(self, kind: Kind, identity: int, fields: dict[str, Any]) -> None:
        """Change fields of a title, unless it is gone by now."""
        if identity not in self._rows[kind]:
            return
        self._patches.setdefault((kind, identity), {}).update(fields)
        indexed = {_INDEXED[name]: value for name, value in fields.items() if name in _INDEXED}
        self._rows[kind][identity] = self._rows[kind][identity]._replace(**indexed)
        self.version += 1

    def merge(self, kind: Kind, identity: int, into: int, now: dt.datetime) -> bool:
        """The title is gone, and ``into`` has its IMDb id; False when there is none, or it is the same.

        Where nothing has the id ``into``, the title itself moves there, with what a test changed.
        """
        title = self.get(kind, identity)
        if title is None or identity == into:
            return False
        other = self.get(kind, into)
        if other is None:
            other = replace(title, row=title.row._replace(id=into))
            self._rows[kind][into] = self._rows[kind][identity]._replace(id=into)
            self._moved.add((kind, identity))
            self._patches[kind, into] = dict(self._patches.get((kind, identity), {}))
        self._merged[kind][into] = replace(other, imdb_id=title.imdb_id)
        if title.imdb_id:
            self._ids_by_imdb[title.imdb_id] = kind, into
        self.edits[kind].append((now, into))
        return self.remove(kind, identity)

    def remove(self, kind: Kind, identity: int) -> bool:
        """The title is gone from now on; False when there was none."""
        self.version += 1
        return self._rows[kind].pop(identity, None) is not None

    def shows_pictures_of(self, kind: Kind, identity: int) -> bool:
        """Whether a title is there that has the pictures of this id: the title itself, or what it became."""
        return identity in self._rows[kind] or (kind, identity) in self._moved

    def patched_shape(self, path: str) -> str | None:
        """The shape of the picture whose path a test gave to a title."""
        for patch in self._patches.values():
            for shape in ("poster", "backdrop"):
                if patch.get(f"{shape}_path") == path:
                    return shape
        return None

    def fact_paths(self) -> Iterator[tuple[str, Title, str]]:
        """(path, title, shape) of the pictures whose paths stand in the tables."""
        for titles in self._real.values():
            for title in titles.values():
                for shape, path in (("poster", title.poster_path), ("backdrop", title.backdrop_path)):
                    if path:
                        yield path, title, shape

    def dice(self, *what: object) -> int:
        """Bits that follow from the seed and a name."""
        return seeded.bits(self.seed, *what)
