"""Rows in another order than the store's, at constant memory: SQLite sorts them, in a temporary file without a name.

It takes as much room as the rows, in TMPDIR, and about as long again as to write them.
"""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import partial
from typing import NamedTuple, Self

from moviecrawler.exceptions import ExportError
from moviecrawler.exporters.columns import TITLES, Column, Row, chosen
from moviecrawler.policy.filters.order import parse_order, sort_value

_PAGE = 200


class SortKey(NamedTuple):
    """``read``: what a row is sorted by."""

    read: Callable[[Row], int | float | str | None]
    descending: bool


def sort_keys(kind: str, names: Sequence[str], *, by_fact: bool) -> list[SortKey]:
    """By these names, ``-year`` from the highest; ValueError, one line, for one that no row can have.

    Titles are sorted as in every other list (``policy.filters.order``), records by their values as they are.
    """
    if kind in TITLES:
        orders = [parse_order(name) for name in names]
        return [SortKey(partial(sort_value, order), order.descending) for order in orders]
    keys = []
    for name in names:
        (column,) = chosen(kind, [name.removeprefix("-")], by_fact=by_fact)
        keys.append(SortKey(partial(_value, column), name.startswith("-")))
    return keys


class Sorter:
    """``add`` all, then read ``pages``: rows without a value come last, equal ones in the order in which they came."""

    def __init__(self, keys: Sequence[SortKey]) -> None:
        self._keys = keys
        self._file = sqlite3.connect("", isolation_level=None)
        self._count = 0
        names = "".join(f", k{place}" for place in range(len(keys)))
        self._file.execute("PRAGMA journal_mode = OFF")
        self._file.execute("CREATE TABLE lines (place INTEGER PRIMARY KEY, line)")
        self._file.execute(f"CREATE TABLE keys (place{names})")
        self._file.execute("BEGIN")  # and never commit: it goes with the connection

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self._file.close()

    def add(self, rows: Sequence[tuple[Row, bytes]]) -> None:
        """Rows, and what is to come out for each."""
        places = range(self._count, self._count + len(rows))
        marks = ", ?" * len(self._keys)
        values = [tuple(key.read(row) for key in self._keys) for row, _ in rows]
        with _translated():
            self._file.executemany(
                "INSERT INTO lines VALUES (?, ?)",
                [(place, line) for place, (_, line) in zip(places, rows, strict=True)],
            )
            self._file.executemany(
                f"INSERT INTO keys VALUES (?{marks})",  # noqa: S608
                [(place, *some) for place, some in zip(places, values, strict=True)],
            )
        self._count += len(rows)

    def pages(self) -> Iterator[list[bytes]]:
        order = "".join(
            f"k{place} IS NULL, k{place}{' DESC' if key.descending else ''}, " for place, key in enumerate(self._keys)
        )
        with _translated(), closing(self._file.execute(f"SELECT place FROM keys ORDER BY {order}place")) as found:  # noqa: S608
            while page := found.fetchmany(_PAGE):
                yield [self._line(place) for place in page]

    def _line(self, place: tuple[int]) -> bytes:
        line: bytes = self._file.execute("SELECT line FROM lines WHERE place = ?", place).fetchone()[0]
        return line


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise ExportError(f"--sort: {error} (in the folder for temporary files, TMPDIR)") from None


def _value(column: Column, row: Row) -> int | float | str | None:
    """Numbers before text; lists and objects as their text."""
    value = column.read(row)
    if isinstance(value, str | float | None):
        return value
    return value if isinstance(value, int) and abs(value) < 2**63 else str(value)
