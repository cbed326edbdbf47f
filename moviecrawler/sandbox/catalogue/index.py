"""The works of a sandbox: which exist, what a test has changed, and which it has removed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from moviecrawler.sandbox.catalogue import film_collections, seeded
from moviecrawler.sandbox.catalogue.edge_cases import FIRST_INVENTED_ID
from moviecrawler.sandbox.catalogue.invented import Inventor, number_of_imdb_id
from moviecrawler.sandbox.catalogue.real import real_films, real_shows
from moviecrawler.sandbox.catalogue.works import IndexRow, Kind, Work

# Field of an answer -> field of the index: a patch changes both.
_INDEXED = {
    "release_date": "date",
    "first_air_date": "date",
    "popularity": "popularity",
    "vote_count": "votes",
    "vote_average": "average",
    "original_language": "language",
}
# The numbers of invented works, of each kind, that no listing has but recommendations name.
_ONLY_RECOMMENDED = range(900_080, 900_100)


class Catalogue:
    """All works of both kinds. Of an invented work only the row is kept; the rest is made when needed.

    Those that listings, feed and exports do not have are apart: sequels, and works that only recommendations name.
    """

    def __init__(self, *, movies: int | None, shows: int, seed: int, years: tuple[int, int]) -> None:
        self.seed = seed
        self._inventor = Inventor(seed, *years)
        self._real: dict[Kind, dict[int, Work]] = {"movie": {}, "tv": {}}
        self._rows: dict[Kind, dict[int, IndexRow]] = {"movie": {}, "tv": {}}
        self._unlisted: dict[Kind, dict[int, IndexRow]] = {"movie": {}, "tv": {}}
        self._invented: dict[Kind, int] = {"movie": 0, "tv": 0}
        self._moved: set[tuple[Kind, int]] = set()
        self._merged: dict[Kind, dict[int, Work]] = {"movie": {}, "tv": {}}
        self._ids_by_imdb: dict[str, tuple[Kind, int]] = {}
        self._patches: dict[tuple[Kind, int], dict[str, Any]] = {}
        self.edits: dict[Kind, list[tuple[dt.datetime, int]]] = {"movie": [], "tv": []}
        self.version = 0  # incremented by every change; what was computed from an older version is invalid
        self._add("movie", sorted(real_films(), key=lambda work: -work.row.votes), movies)
        self._add("tv", list(real_shows()), shows)

    def _add(self, kind: Kind, real: list[Work], total: int | None) -> None:
        wanted = real[:total]
        self._real[kind] = {work.id: work for work in wanted}
        self._rows[kind] = {work.id: work.row for work in wanted}
        self._ids_by_imdb |= {work.imdb_id: (kind, work.id) for work in wanted if work.imdb_id}
        self._invented[kind] = max(0, (total or 0) - len(wanted))
        for n in range(self._invented[kind]):
            self._rows[kind][FIRST_INVENTED_ID + n] = self._inventor.row(kind, n)
        unlisted = [self._inventor.row(kind, n) for n in _ONLY_RECOMMENDED]
        if kind == "movie":
            first = filter(film_collections.begins_collection, range(self._invented[kind]))
            unlisted += [self._inventor.sequel_row(n) for films in map(film_collections.sequels, first) for n in films]
        self._unlisted[kind] = {row.id: row for row in unlisted}

    def rows(self, kind: Kind) -> dict[int, IndexRow]:
        """The rows of the works that exist and that listings have, by id."""
        return self._rows[kind]

    def unlisted_rows(self, kind: Kind) -> dict[int, IndexRow]:
        """The rows of the works that exist but that no listing has, by id."""
        return self._unlisted[kind]

    def exists(self, kind: Kind, identity: int) -> bool:
        """Whether a work exists, listed or not."""
        return identity in self._rows[kind] or identity in self._unlisted[kind]

    def only_recommended(self, kind: Kind) -> list[int]:
        """The ids of the works that nothing but recommendations names, and that exist."""
        return [FIRST_INVENTED_ID + n for n in _ONLY_RECOMMENDED if self.exists(kind, FIRST_INVENTED_ID + n)]

    def get(self, kind: Kind, identity: int) -> Work | None:
        """A work without patches; None if it does not exist or has been removed."""
        if not self.exists(kind, identity):
            return None
        return self.get_even_if_removed(kind, identity)

    def get_even_if_removed(self, kind: Kind, identity: int) -> Work | None:
        """A work without patches, even if it has been removed; None if it never existed."""
        known = self._merged[kind].get(identity) or self._real[kind].get(identity)
        n = identity - FIRST_INVENTED_ID
        return known or (self._inventor.work(kind, n) if self._is_invented(kind, n) else None)

    def _is_invented(self, kind: Kind, n: int) -> bool:
        sequel = film_collections.sequel_of(n) if kind == "movie" else None
        return 0 <= (sequel.first if sequel else n) < self._invented[kind] or n in _ONLY_RECOMMENDED

    def titles(self, kind: Kind, identity: int) -> tuple[str, ...]:
        """All titles of an existing work, with those of a patch; quick, also for invented works."""
        patch = self._patches.get((kind, identity), {})
        patched = [patch[name] for name in ("title", "name", "original_title", "original_name") if name in patch]
        known = self._merged[kind].get(identity) or self._real[kind].get(identity)
        if known is None:
            return (*patched, *self._inventor.titles(kind, identity - FIRST_INVENTED_ID))
        translated = (title for _, title in known.translations)
        return tuple(dict.fromkeys((*patched, known.title, known.original_title, *translated)))

    def real_works(self, kind: Kind) -> Iterator[Work]:
        """The works of the tables, including removed ones."""
        return iter(self._real[kind].values())

    def original_title(self, kind: Kind, identity: int) -> str:
        """The original title of an existing work, without patches and without making the rest of the work."""
        known = self._merged[kind].get(identity) or self._real[kind].get(identity)
        return known.original_title if known else self._inventor.original_title(kind, identity - FIRST_INVENTED_ID)

    def initial_works(self, kind: Kind, last_two_digits: range) -> Iterator[Work]:
        """The real works, and the invented ones with ``number % 100 in last_two_digits``, before any change."""
        yield from self._real[kind].values()
        yield from (self._inventor.work(kind, n) for n in range(self._invented[kind]) if n % 100 in last_two_digits)

    def find_by_imdb_id(self, imdb_id: str, *, include_removed: bool = False) -> Iterator[Work]:
        """The works with this IMDb id; ``include_removed``: those that were removed, too."""
        found = [self._ids_by_imdb[imdb_id]] if imdb_id in self._ids_by_imdb else []
        for kind in self._rows:
            number = number_of_imdb_id(kind, imdb_id)
            found += [] if number is None else [(kind, FIRST_INVENTED_ID + number)]
        for kind, identity in found:
            work = self.get_even_if_removed(kind, identity) if include_removed else self.get(kind, identity)
            if work and work.imdb_id == imdb_id:
                yield work

    def with_patches(self, kind: Kind, answer: dict[str, Any], *, row: bool = False) -> dict[str, Any]:
        """The answer with the patches of a test; ``row``: only those of keys that the row has."""
        patch = self._patches.get((kind, answer["id"]), {})
        return answer | ({key: value for key, value in patch.items() if key in answer} if row else patch)

    def record_edit(self, kind: Kind, identity: int, now: dt.datetime) -> bool:
        """Record a change at ``now`` for the changes feed; False if the work does not exist."""
        if not self.exists(kind, identity):
            return False
        self.edits[kind].append((now, identity))
        self.version += 1
        return True

    def patch(self, kind: Kind, identity: int, fields: dict[str, Any]) -> None:
        """Change fields of a work, unless it has been removed."""
        if not self.exists(kind, identity):
            return
        self._patches.setdefault((kind, identity), {}).update(fields)
        indexed = {_INDEXED[name]: value for name, value in fields.items() if name in _INDEXED}
        table = self._table(kind, identity)
        table[identity] = table[identity]._replace(**indexed)
        self.version += 1

    def merge(self, kind: Kind, identity: int, into: int, now: dt.datetime) -> bool:
        """Remove a work, and give its IMDb id to ``into``; False if it does not exist, or both are the same.

        If there is no work ``into``, the work itself moves there, with its patches.
        """
        work = self.get(kind, identity)
        if work is None or identity == into:
            return False
        other = self.get(kind, into)
        if other is None:
            other = replace(work, row=work.row._replace(id=into))
            self._rows[kind][into] = self._table(kind, identity)[identity]._replace(id=into)
            self._moved.add((kind, identity))
            self._patches[kind, into] = dict(self._patches.get((kind, identity), {}))
        self._merged[kind][into] = replace(other, imdb_id=work.imdb_id)
        if work.imdb_id:
            self._ids_by_imdb[work.imdb_id] = kind, into
        self.edits[kind].append((now, into))
        return self.remove(kind, identity)

    def remove(self, kind: Kind, identity: int) -> bool:
        """Remove a work; False if it does not exist."""
        self.version += 1
        return self._table(kind, identity).pop(identity, None) is not None

    def _table(self, kind: Kind, identity: int) -> dict[int, IndexRow]:
        return self._unlisted[kind] if identity in self._unlisted[kind] else self._rows[kind]

    def has_pictures_of(self, kind: Kind, identity: int) -> bool:
        """Whether a work exists with the pictures of this id: the work itself, or the one it has moved to."""
        return self.exists(kind, identity) or (kind, identity) in self._moved

    def shape_of_patched_picture(self, path: str) -> str | None:
        """The shape of the picture whose path a test has patched into a work; None if there is none."""
        for patch in self._patches.values():
            for shape in ("poster", "backdrop"):
                if patch.get(f"{shape}_path") == path:
                    return shape
        return None

    def real_picture_paths(self) -> Iterator[tuple[str, Work, str]]:
        """(path, work, shape) of the pictures whose paths are in the tables."""
        for works in self._real.values():
            for work in works.values():
                for shape, path in (("poster", work.poster_path), ("backdrop", work.backdrop_path)):
                    if path:
                        yield path, work, shape

    def random_bits(self, *what: object) -> int:
        """128 bits that depend only on the seed and ``what``."""
        return seeded.bits(self.seed, *what)
