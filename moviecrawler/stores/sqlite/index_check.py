"""Whether the index tables agree with the documents: read in one snapshot, so that a writer meanwhile is no fault."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from moviecrawler.policy.documents.upgrade import upgraded
from moviecrawler.policy.freshness.refresh import ORDERS
from moviecrawler.stores.canonical_json import Unreadable, from_text
from moviecrawler.stores.sqlite.index_rows import IndexRows, index_rows, stored_rows
from moviecrawler.stores.sqlite.read_only import open_to_read

_COLUMNS = {
    "titles": ("title", "year"),
    "due": ("source", "turn", "minus_rank", "never", "next_refresh_at", "day"),
    "source_ids": ("source", "source_id"),
    "incomplete": ("since",),
    "gone": ("source",),
}
"""By index table, the columns after kind and id, as ``index_rows`` has them."""

_SELECT = {
    table: f"SELECT 1 FROM {table} WHERE kind = ? AND id = ? AND {' AND '.join(f'{name} IS ?' for name in columns)}"  # noqa: S608
    for table, columns in _COLUMNS.items()
}

_PAGE = 200


class IndexCheck:
    """``page`` until it returns None, then ``end``, then ``close``; sqlite3.Error if the file cannot be read."""

    def __init__(self, path: Path, kind: str) -> None:
        self._kind, self._after = kind, -(2**63)
        self._expected: Counter[str] = Counter()
        self._counters: Counter[str] = Counter()
        self._connection = open_to_read(path)
        self._connection.execute("BEGIN")

    def page(self) -> list[str] | None:
        """Names of titles among the next ones whose rows are not those of the document."""
        sql = """
            SELECT id, revision, imdb_id, year, popularity, updated_at, CAST(side_rows AS BLOB), CAST(document AS BLOB)
            FROM documents WHERE kind = ? AND id > ? ORDER BY id LIMIT ?
        """
        rows = self._connection.execute(sql, (self._kind, self._after, _PAGE)).fetchall()
        if not rows:
            return None
        self._after = rows[-1][0]
        return [f"{self._kind}/{row[0]}" for row in rows if not self._agrees(*row)]

    def end(self) -> list[str]:
        """What belongs to no title, once all pages have been read."""
        found = []
        for table in _COLUMNS:
            sql = f"SELECT count(*) FROM {table} WHERE kind = ?"  # noqa: S608
            (number,) = self._connection.execute(sql, (self._kind,)).fetchone()
            if number > self._expected[table]:
                found.append(f"{self._kind}: {number - self._expected[table]:,} rows in {table} of no title")
        sql = "SELECT name, number FROM counters WHERE kind = ?"
        stored = dict(self._connection.execute(sql, (self._kind,)).fetchall())
        for name in sorted(stored.keys() | self._counters.keys()):
            if stored.get(name, 0) != self._counters[name]:
                found.append(f"{self._kind}: the counter {name} is {stored.get(name, 0)}, not {self._counters[name]}")
        return found

    def close(self) -> None:
        self._connection.close()

    def _agrees(self, id_: int, *stored: Any) -> bool:
        """Whether columns, stored rows and index tables say what the document says; True for a damaged one."""
        *columns, row_text, text = stored
        rows, document = stored_rows(row_text), from_text(id_, text)
        self._counters.update(str(rows.get("counters", "")).splitlines())
        indexed = {table: rows.get(table) or [] for table in _COLUMNS}
        self._expected.update({table: len(some) for table, some in indexed.items()})
        if isinstance(document, Unreadable):
            return True
        names = ("revision", "imdb_id", "year", "popularity", "updated_at")
        if columns != [document.get(name) for name in names]:
            return False
        try:
            wanted = any(rows == expected for expected in _possible(document))
        except (TypeError, ValueError, AttributeError, OverflowError):  # damaged in its parts
            return True
        return wanted and all(self._has(table, id_, row) for table, some in indexed.items() for row in some)

    def _has(self, table: str, id_: int, row: list[Any]) -> bool:
        return self._connection.execute(_SELECT[table], (self._kind, id_, *row)).fetchone() is not None


def _possible(document: Any) -> Iterator[IndexRows]:
    """In whichever order the store is kept, and as an older version wrote the document or as this one reads it."""
    for order in ORDERS:
        yield index_rows(document, order)
    if (newer := upgraded("movies", document)) is not document:
        for order in ORDERS:
            yield index_rows(newer, order)
