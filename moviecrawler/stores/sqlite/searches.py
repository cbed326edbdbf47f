"""The queries that index tables and indexes answer; all run in the store's thread."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence, Set
from itertools import pairwise
from typing import Any, TypeVar

from moviecrawler.documents import SOURCES, Document
from moviecrawler.policy.freshness.refresh import AGE_CLASSES
from moviecrawler.stores.base import Coverage, DueTitle, Version
from moviecrawler.stores.canonical_json import from_text
from moviecrawler.stores.coverage import coverage
from moviecrawler.stores.due_index import first_day_by_age, priority_class
from moviecrawler.stores.sqlite.connection import select_in
from moviecrawler.stores.sqlite.index_rows import IndexRows, stored_rows

T = TypeVar("T")

IDS = 5000
"""Ids that ``ids`` and ``written_after`` return at a time."""


def count(connection: sqlite3.Connection, kind: str) -> int:
    return _number(connection, "SELECT count(*) FROM documents WHERE kind = ?", kind)


def ids(connection: sqlite3.Connection, kind: str, after: int) -> list[int]:
    sql = "SELECT id FROM documents WHERE kind = ? AND id > ? ORDER BY id LIMIT ?"
    return [id_ for (id_,) in connection.execute(sql, (kind, after, IDS))]


def written_after(connection: sqlite3.Connection, kind: str, after: tuple[str, int]) -> list[tuple[str, int]]:
    """(``updated_at``, id) of the next documents, ascending."""
    sql = """
        SELECT updated_at, id FROM documents WHERE kind = ? AND (updated_at, id) > (?, ?)
        ORDER BY updated_at, id LIMIT ?
    """
    return connection.execute(sql, (kind, *after, IDS)).fetchall()


def known(connection: sqlite3.Connection, kind: str, ids: list[int]) -> set[int]:
    sql = "SELECT id FROM documents WHERE kind = ? AND id IN (??)"
    return {id_ for (id_,) in select_in(connection, sql, (kind,), ids)}


def versions(connection: sqlite3.Connection, kind: str, ids: list[int]) -> dict[int, Version]:
    sql = "SELECT id, revision, updated_at FROM documents WHERE kind = ? AND id IN (??)"
    return {id_: (revision, updated_at) for id_, revision, updated_at in select_in(connection, sql, (kind,), ids)}


def due(
    connection: sqlite3.Connection, kind: str, source: str, now: str, limit: int, after: DueTitle | None
) -> list[DueTitle]:
    place = (priority_class(source, after.never), -after.rank, after.id) if after else (-1, 0, 0)
    sql = """
        SELECT due.id, documents.imdb_id, due.next_refresh_at, due.never, due.minus_rank
        FROM due JOIN documents ON documents.kind = due.kind AND documents.id = due.id
        WHERE due.kind = ? AND due.source = ? AND (due.turn, due.minus_rank, due.id) > (?, ?, ?)
            AND +due.next_refresh_at <= ?
        ORDER BY due.turn, due.minus_rank, due.id LIMIT ?
    """
    # The + keeps SQLite from selecting all due titles by date and sorting them, page after page.
    rows = connection.execute(sql, (kind, source, *place, now, limit))
    return [DueTitle(kind, id_, imdb_id, at, bool(never), -minus_rank) for id_, imdb_id, at, never, minus_rank in rows]


def due_counts_by_age(connection: sqlite3.Connection, kind: str, source: str, now: str) -> dict[str, int]:
    first = first_day_by_age(now)
    at_most = ", ".join(["ifnull(sum(day >= ?), 0)"] * len(first))
    sql = f"SELECT {at_most}, count(*) FROM due WHERE kind = ? AND source = ? AND next_refresh_at <= ?"  # noqa: S608
    return _by_class(connection.execute(sql, (*first.values(), kind, source, now)).fetchone())


def stats(connection: sqlite3.Connection, kind: str, now: str, sources: Set[str]) -> Coverage:
    connection.execute("BEGIN")  # one consistent snapshot
    try:
        due_now = "SELECT count(*) FROM due WHERE kind = ? AND source = ? AND next_refresh_at <= ?"
        # "released/..." sorts after all other names.
        counters = "SELECT name, number FROM counters WHERE kind = ? AND name < 'released/'"
        released = "SELECT ifnull(sum(number), 0) FROM counters WHERE kind = ? AND name >= ? AND name < 'released0'"
        days = [f"released/{day}" for day in (*first_day_by_age(now).values(), "")]
        return coverage(
            count(connection, kind),
            _incomplete(connection, kind, now, sources),
            dict(connection.execute(counters, (kind,)).fetchall()),
            {source: _number(connection, due_now, kind, source, now) for source in sources},
            _by_class([_number(connection, released, kind, day) for day in days]),
        )
    finally:
        connection.execute("COMMIT")


def _incomplete(connection: sqlite3.Connection, kind: str, now: str, sources: Set[str]) -> int:
    """How many titles lack a fresh answer of one of these sources."""
    if sources >= set(SOURCES):
        return _number(connection, "SELECT count(*) FROM incomplete WHERE kind = ? AND since <= ?", kind, now)
    wants = "SELECT count(DISTINCT id) FROM due WHERE kind = ? AND (never OR next_refresh_at <= ?)"
    marks = ",".join("?" * len(sources))
    return _number(connection, f"{wants} AND source IN ({marks})", kind, now, *sources)


def by_imdb_id(connection: sqlite3.Connection, kind: str, imdb_ids: list[str]) -> dict[str, list[int]]:
    sql = "SELECT imdb_id, id FROM documents WHERE kind = ? AND imdb_id IN (??)"
    return _grouped(sorted(select_in(connection, sql, (kind,), imdb_ids)))


def by_source_id(connection: sqlite3.Connection, kind: str, source: str, source_ids: list[str]) -> dict[str, list[int]]:
    sql = "SELECT source_id, id FROM source_ids WHERE kind = ? AND source = ? AND source_id IN (??)"
    return _grouped(sorted(select_in(connection, sql, (kind, source), source_ids)))


def gone(connection: sqlite3.Connection, kind: str, source: str) -> list[tuple[int, str | None]]:
    sql = """
        SELECT gone.id, documents.imdb_id
        FROM gone JOIN documents ON documents.kind = gone.kind AND documents.id = gone.id
        WHERE gone.kind = ? AND gone.source = ? ORDER BY gone.id
    """
    return connection.execute(sql, (kind, source)).fetchall()


def candidates(connection: sqlite3.Connection, kind: str, names: list[str]) -> dict[str, list[Document]]:
    sql = """
        SELECT titles.title, documents.id, CAST(documents.document AS BLOB)
        FROM titles JOIN documents ON documents.kind = titles.kind AND documents.id = titles.id
        WHERE titles.kind = ? AND titles.title IN (??)
        ORDER BY titles.title, titles.id
    """
    return _grouped((title, from_text(id_, text)) for title, id_, text in select_in(connection, sql, (kind,), names))


def namesakes(connection: sqlite3.Connection, kind: str, source: str, ids: list[int]) -> list[int]:
    if not connection.execute(
        "SELECT 1 FROM source_ids WHERE kind = ? AND source = ? LIMIT 1", (kind, source)
    ).fetchone():
        return []  # the usual case where that source is not used; costs nothing
    titles = {title for _, rows in _stored_rows(connection, kind, ids) for title, _ in rows.get("titles", ())}
    sql = "SELECT id FROM titles WHERE kind = ? AND title IN (??)"
    carriers = {id_ for (id_,) in select_in(connection, sql, (kind,), list(titles))}
    rows_by_id = _stored_rows(connection, kind, sorted(carriers.union(ids)))
    return sorted(id_ for id_, rows in rows_by_id if any(name == source for name, _ in rows.get("source_ids", ())))


def _stored_rows(connection: sqlite3.Connection, kind: str, ids: list[int]) -> Iterator[tuple[int, IndexRows]]:
    """The stored index rows of these documents; the index tables themselves have other keys."""
    sql = "SELECT id, CAST(side_rows AS BLOB) FROM documents WHERE kind = ? AND id IN (??)"
    return ((id_, stored_rows(text)) for id_, text in select_in(connection, sql, (kind,), ids))


def _by_class(at_most: Sequence[int]) -> dict[str, int]:
    """Titles per age class, from how many are in it or a younger one; those of unknown age come last."""
    numbers = [older - younger for younger, older in pairwise((0, *at_most))]
    return {name: number for name, number in zip(AGE_CLASSES, numbers, strict=True) if number}


def _number(connection: sqlite3.Connection, sql: str, *parameters: object) -> int:
    (number,) = connection.execute(sql, parameters).fetchone()
    return int(number)


def _grouped(rows: Iterable[tuple[Any, T]]) -> dict[Any, list[T]]:
    found: dict[Any, list[T]] = {}
    for name, value in rows:
        found.setdefault(name, []).append(value)
    return found
