"""One index, open: what it has of which version of a title, and how that is replaced."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from math import log1p
from typing import cast

from moviecrawler.search.entries import NUMBERS, Entry, Texts
from moviecrawler.search.facets import FacetEdit
from moviecrawler.stores.base import Key, Version
from moviecrawler.stores.sqlite.connection import transaction

_COLUMNS = (
    *("slot", "kind", "id", "revision", "updated_at", "shown", "title", "sort_title", "keys", "weight"),
    *NUMBERS,
)
_PUT_TITLE = f"INSERT OR REPLACE INTO titles ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))})"  # noqa: S608
"""``weight`` is what popularity multiplies the rank of a title by."""

_POPULARITY = [*NUMBERS].index("popularity")


class SearchIndex:
    """Over a connection in autocommit mode whose tables are those of ``schema``. Errors are sqlite3's own.

    A *slot* is the number of a title in the index, for as long as it is there; it is not given again.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.orders: dict[str, list[int]] = {}
        """All titles by what results are sorted by, as long as nothing is written (``query``)."""
        self._vocabulary: dict[str, int] = {}

    def close(self) -> None:
        self.connection.close()

    def note(self, name: str) -> str:
        """A remark of the index about itself; empty if it is not there."""
        row = self.connection.execute("SELECT value FROM notes WHERE name = ?", (name,)).fetchone()
        return row[0] if row else ""

    def set_notes(self, **notes: str) -> None:
        with self.writing():
            self.connection.executemany("INSERT OR REPLACE INTO notes VALUES (?, ?)", notes.items())

    def count(self, kind: str) -> int:
        """Titles of the store that it knows, shown or not."""
        (number,) = self.connection.execute("SELECT count(*) FROM titles WHERE kind = ?", (kind,)).fetchone()
        return int(number)

    def newest(self, until: str) -> str:
        """The latest ``updated_at`` of a title, of those that are not after ``until``; empty if there is none."""
        sql = "SELECT max(updated_at) FROM titles WHERE updated_at <= ?"
        return self.connection.execute(sql, (until,)).fetchone()[0] or ""

    def vocabulary(self) -> dict[str, int]:
        """All words, and how many titles have each."""
        if not self._vocabulary:
            self._vocabulary = dict(self.connection.execute("SELECT term, doc FROM vocabulary"))
        return self._vocabulary

    def versions(self, kind: str, first: int, last: int) -> dict[int, Version]:
        """Of all titles with an id in this range."""
        sql = "SELECT id, revision, updated_at FROM titles WHERE kind = ? AND id BETWEEN ? AND ?"
        rows = self.connection.execute(sql, (kind, first, last))
        return {id_: (revision, updated_at) for id_, revision, updated_at in rows}

    def versions_of(self, kind: str, ids: Iterable[int]) -> dict[int, Version]:
        """Of these titles, as far as it knows them."""
        return {id_: version for id_ in ids for version in self.versions(kind, id_, id_).values()}

    def versions_after(self, kind: str, timestamp: str) -> dict[int, Version]:
        """Of all titles that were written after this, as far as the index knows."""
        sql = "SELECT id, revision, updated_at FROM titles WHERE kind = ? AND updated_at > ?"
        rows = self.connection.execute(sql, (kind, timestamp))
        return {id_: (revision, updated_at) for id_, revision, updated_at in rows}

    def keys_of(self, slots: Iterable[int]) -> Iterator[tuple[int, Key]]:
        """Each slot with the title in it."""
        for slot in slots:
            row = self.connection.execute("SELECT kind, id FROM titles WHERE slot = ?", (slot,)).fetchone()
            if row:
                yield slot, row

    def put(self, entries: Sequence[Entry]) -> None:
        """Add titles, or replace what the index has of them."""
        words: list[tuple[int, Texts | None, Texts | None]] = []
        with self.writing():
            with self._facets() as facets:
                (next_slot,) = self.connection.execute(
                    "SELECT ifnull(max(seq), -1) + 1 FROM sqlite_sequence"
                ).fetchone()
                for one in entries:
                    if (slot := self._slot(one.kind, one.id)) is None:
                        slot, next_slot, old = next_slot, next_slot + 1, None
                    else:
                        old = self._words(slot)
                        self._forget(slot, facets)
                    self._put_row(slot, one)
                    facets.set(slot, one.facets)
                    words.append((slot, old, one.texts))
            # All words at last: FTS5 writes out what it has gathered whenever another table is written.
            for slot, old, new in words:
                if old != new:  # a usual refresh changes popularity and votes alone
                    self._put_words(slot, old, new)

    def remove(self, keys: Iterable[Key]) -> None:
        """Titles that the store no longer has."""
        with self.writing(), self._facets() as facets:
            for kind, id_ in keys:
                if (slot := self._slot(kind, id_)) is not None:
                    self._put_words(slot, self._words(slot), None)
                    self._forget(slot, facets)
                    self.connection.execute("DELETE FROM titles WHERE slot = ?", (slot,))

    def optimise(self) -> None:
        """After it was filled: fewer, longer lists of words."""
        self.connection.execute("INSERT INTO words (words) VALUES ('optimize')")

    @contextmanager
    def writing(self) -> Iterator[None]:
        """All that is done in the block or nothing; within another such block a part of it."""
        self.orders.clear()
        self._vocabulary = {}
        if self.connection.in_transaction:
            yield
        else:
            with transaction(self.connection):
                yield

    def _slot(self, kind: str, id_: int) -> int | None:
        row = self.connection.execute("SELECT slot FROM titles WHERE kind = ? AND id = ?", (kind, id_)).fetchone()
        return row[0] if row else None

    def _forget(self, slot: int, facets: FacetEdit) -> None:
        facets.clear(slot)
        (keys,) = self.connection.execute("SELECT keys FROM titles WHERE slot = ?", (slot,)).fetchone()
        rows = [(key, slot) for key in keys.split("\n")]
        self.connection.executemany("DELETE FROM keys WHERE key = ? AND slot = ?", rows)

    def _put_row(self, slot: int, one: Entry) -> None:
        popularity = one.numbers[_POPULARITY]
        weight = 1 + log1p(popularity) if isinstance(popularity, int | float) and popularity > 0 else 1.0
        values = (
            slot,
            *one[:4],
            one.texts is not None,
            one.title,
            one.sort_title,
            "\n".join(one.keys),
            weight,
            *one.numbers,
        )
        self.connection.execute(_PUT_TITLE, values)
        self.connection.executemany("INSERT INTO keys VALUES (?, ?)", [(key, slot) for key in one.keys])

    def _words(self, slot: int) -> Texts | None:
        found = self.connection.execute("SELECT titles, people, rest FROM words WHERE rowid = ?", (slot,)).fetchone()
        return cast("Texts | None", found)

    def _put_words(self, slot: int, old: Texts | None, new: Texts | None) -> None:
        if old:
            self.connection.execute("DELETE FROM words WHERE rowid = ?", (slot,))
        if new:
            self.connection.execute("INSERT INTO words (rowid, titles, people, rest) VALUES (?, ?, ?, ?)", (slot, *new))

    @contextmanager
    def _facets(self) -> Iterator[FacetEdit]:
        edit = FacetEdit(self.connection)
        yield edit
        edit.write()
