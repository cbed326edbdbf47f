"""Films and shows in SQLite."""

import sqlite3
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import NamedTuple

from moviecrawler.documents import SOURCES, Document
from moviecrawler.policy.filters.expressions import Filter
from moviecrawler.stores.base import Coverage, DueTitle, Key, StoredText, Version, Write, WriteOutcome
from moviecrawler.stores.canonical_json import from_text, to_text
from moviecrawler.stores.sqlite import searches
from moviecrawler.stores.sqlite.connection import Connection, select_in, transaction
from moviecrawler.stores.sqlite.filters import EVERY_ROW, Condition, add_functions, condition
from moviecrawler.stores.sqlite.index_check import IndexCheck
from moviecrawler.stores.sqlite.index_rows import (
    IndexRows,
    index_rows,
    rebuild_index_rows,
    replace_index_rows,
    rerank,
)
from moviecrawler.stores.timestamps import canonical, check_timestamps
from moviecrawler.stores.validation import check_document_kind, ids_by_kind, writes_by_kind

_PAGE = 200
"""Documents that ``iterate`` holds in memory."""

_BELOW_ALL_IDS = -(2**63)
_ABOVE_ALL_IDS = 2**63 - 1

PUT_DOCUMENT = """
    INSERT INTO documents (kind, id, revision, imdb_id, year, popularity, updated_at, side_rows, document)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (kind, id) DO UPDATE SET
        revision = excluded.revision, imdb_id = excluded.imdb_id, year = excluded.year,
        popularity = excluded.popularity, updated_at = excluded.updated_at,
        side_rows = excluded.side_rows, document = excluded.document
"""

_RESTORE_COLUMNS = """
    UPDATE documents SET
        revision = json_extract(document, '$.revision'), imdb_id = json_extract(document, '$.imdb_id'),
        year = json_extract(document, '$.year'), popularity = json_extract(document, '$.popularity'),
        updated_at = json_extract(document, '$.updated_at')
    WHERE json_valid(document) AND json_type(document, '$.revision') = 'integer'
"""


class SqliteDocuments:
    """See :class:`moviecrawler.stores.base.Documents`."""

    def __init__(self, connection: Connection, order: str) -> None:
        self._connection = connection
        self._order = order

    async def get_many(self, keys: Iterable[Key]) -> dict[Key, Document]:
        ids = ids_by_kind(keys)
        return await self._connection.run(_get_many, ids) if ids else {}

    async def write(self, writes: Sequence[Write]) -> WriteOutcome:
        by_kind = writes_by_kind(writes)
        return await self._connection.run(_write, by_kind, self._order) if by_kind else WriteOutcome()

    async def iterate(
        self, kind: str, fields: tuple[str, ...] = (), *, where: Filter | None = None
    ) -> AsyncIterator[Document]:
        check_document_kind(kind)
        wanted = condition(where, kind) if where else None
        after = _BELOW_ALL_IDS
        while page := await self._connection.run(_page, kind, after, fields, wanted):
            for document in page:
                yield document
            after = page[-1]["_id"]

    async def texts(self, kind: str) -> AsyncIterator[list[StoredText]]:
        check_document_kind(kind)
        after = _BELOW_ALL_IDS
        while page := await self._connection.run(_texts, kind, after):
            yield page
            after = page[-1][0]

    async def due(self, kind: str, source: str, now: str, limit: int, after: DueTitle | None = None) -> list[DueTitle]:
        check_document_kind(kind)
        return await self._connection.run(searches.due, kind, source, canonical(now), limit, after) if limit > 0 else []

    async def rerank(self, kind: str) -> int:
        after, moved = _BELOW_ALL_IDS, 0
        while page := await self._connection.run(_rerank, check_document_kind(kind), after, self._order):
            after, moved = page[0], moved + page[1]
        return moved

    async def due_counts_by_age(self, kind: str, source: str, now: str) -> dict[str, int]:
        return await self._connection.run(searches.due_counts_by_age, check_document_kind(kind), source, canonical(now))

    async def stats(self, kind: str, now: str, sources: Iterable[str] = SOURCES) -> Coverage:
        return await self._connection.run(searches.stats, check_document_kind(kind), canonical(now), frozenset(sources))

    async def ids(self, kind: str) -> AsyncIterator[list[int]]:
        check_document_kind(kind)
        after = _BELOW_ALL_IDS
        while page := await self._connection.run(searches.ids, kind, after):
            yield page
            after = page[-1]

    async def written_after(self, kind: str, timestamp: str) -> AsyncIterator[list[int]]:
        check_document_kind(kind)
        after = (canonical(timestamp), _ABOVE_ALL_IDS)
        while page := await self._connection.run(searches.written_after, kind, after):
            yield [id_ for _, id_ in page]
            after = page[-1]

    async def known(self, kind: str, ids: Iterable[int]) -> set[int]:
        check_document_kind(kind)
        wanted = list(dict.fromkeys(ids))
        return await self._connection.run(searches.known, kind, wanted) if wanted else set()

    async def versions(self, kind: str, ids: Iterable[int]) -> dict[int, Version]:
        check_document_kind(kind)
        wanted = list(dict.fromkeys(ids))
        return await self._connection.run(searches.versions, kind, wanted) if wanted else {}

    async def by_imdb_id(self, kind: str, imdb_ids: Iterable[str]) -> dict[str, list[int]]:
        check_document_kind(kind)
        wanted = list(dict.fromkeys(imdb_ids))
        return await self._connection.run(searches.by_imdb_id, kind, wanted) if wanted else {}

    async def by_source_id(self, kind: str, source: str, source_ids: Iterable[str]) -> dict[str, list[int]]:
        check_document_kind(kind)
        wanted = list(dict.fromkeys(source_ids))
        return await self._connection.run(searches.by_source_id, kind, source, wanted) if wanted else {}

    async def gone(self, kind: str, source: str) -> list[tuple[int, str | None]]:
        return await self._connection.run(searches.gone, check_document_kind(kind), source)

    async def candidates(self, kind: str, names: Iterable[str]) -> dict[str, list[Document]]:
        check_document_kind(kind)
        wanted = list(dict.fromkeys(names))
        return await self._connection.run(searches.candidates, kind, wanted) if wanted else {}

    async def namesakes(self, kind: str, source: str, ids: Iterable[int]) -> list[int]:
        check_document_kind(kind)
        wanted = list(dict.fromkeys(ids))
        return await self._connection.run(searches.namesakes, kind, source, wanted) if wanted else []

    async def misindexed(self, kind: str) -> AsyncIterator[str]:
        run = self._connection.run_apart
        check = await run(IndexCheck, self._connection.path, check_document_kind(kind))
        try:
            while (page := await run(check.page)) is not None:
                for name in page:
                    yield name
            for name in await run(check.end):
                yield name
        finally:
            await run(check.close)

    async def reindex(self) -> None:
        await self._connection.run(_reindex)

    async def count(self, kind: str) -> int:
        return await self._connection.run(searches.count, check_document_kind(kind))


def _get_many(connection: sqlite3.Connection, ids: dict[str, list[int]]) -> dict[Key, Document]:
    sql = "SELECT id, CAST(document AS BLOB) FROM documents WHERE kind = ? AND id IN (??)"
    return {
        (kind, id_): from_text(id_, text)
        for kind, kind_ids in ids.items()
        for id_, text in select_in(connection, sql, (kind,), kind_ids)
    }


class _Row(NamedTuple):
    """The columns of one write, and its rows in the index tables."""

    write: Write
    columns: tuple[object, ...]
    indexed: IndexRows
    index_text: str


def _write(connection: sqlite3.Connection, by_kind: dict[str, list[Write]], order: str) -> WriteOutcome:
    rows = {kind: [_row(write, order) for write in writes] for kind, writes in by_kind.items()}
    outcome = WriteOutcome()
    with transaction(connection):
        for kind, kind_rows in rows.items():
            _write_kind(connection, kind, kind_rows, outcome)
    return outcome


def _row(write: Write, order: str) -> _Row:
    name, document = f"{write.kind}/{write.id}", write.document
    try:
        check_timestamps(document)
        indexed = index_rows(document, order)
    except (ValueError, TypeError, OverflowError) as error:
        raise ValueError(f"{name} cannot be stored: {error}") from error
    index_text = to_text(indexed, name)
    columns = (
        write.kind,
        write.id,
        document["revision"],
        document.get("imdb_id"),
        document.get("year"),
        document.get("popularity"),
        document.get("updated_at"),
        index_text,
        to_text(document, name),
    )
    return _Row(write, columns, indexed, index_text)


def _write_kind(connection: sqlite3.Connection, kind: str, rows: list[_Row], outcome: WriteOutcome) -> None:
    sql = "SELECT id, revision, CAST(side_rows AS BLOB) FROM documents WHERE kind = ? AND id IN (??)"
    stored = {id_: rest for id_, *rest in select_in(connection, sql, (kind,), [row.write.id for row in rows])}
    accepted, reindexed = [], []
    for write, columns, indexed, index_text in rows:
        revision, old_text = stored.get(write.id, (None, None))
        if revision != write.expected_revision:
            outcome.conflicts.add((kind, write.id))
            continue
        (outcome.inserted if revision is None else outcome.updated).add((kind, write.id))
        accepted.append(columns)
        if old_text != index_text.encode():
            reindexed.append((write.id, old_text, indexed))
    connection.executemany(PUT_DOCUMENT, accepted)
    replace_index_rows(connection, kind, reindexed)


def _rerank(connection: sqlite3.Connection, kind: str, after: int, order: str) -> tuple[int, int] | None:
    with transaction(connection):
        return rerank(connection, kind, after, order)


def _reindex(connection: sqlite3.Connection) -> None:
    with transaction(connection):
        rebuild_index_rows(connection)
        connection.execute(_RESTORE_COLUMNS)


def _texts(connection: sqlite3.Connection, kind: str, after: int) -> list[StoredText]:
    sql = "SELECT id, CAST(document AS BLOB) FROM documents WHERE kind = ? AND id > ? ORDER BY id LIMIT ?"
    return connection.execute(sql, (kind, after, _PAGE)).fetchall()


def _page(
    connection: sqlite3.Connection, kind: str, after: int, fields: tuple[str, ...], wanted: Condition | None
) -> list[Document]:
    if wanted is None:
        return _select(connection, kind, after, fields, EVERY_ROW)
    add_functions(connection)
    try:
        return _select(connection, kind, after, fields, wanted)
    except sqlite3.OperationalError:  # a damaged row that SQL cannot read, or a condition too large for this SQLite
        return _select(connection, kind, after, fields, EVERY_ROW)


def _select(
    connection: sqlite3.Connection, kind: str, after: int, fields: tuple[str, ...], wanted: Condition
) -> list[Document]:
    sql = f"""
        SELECT id, CAST(document AS BLOB) FROM documents
        WHERE kind = :kind AND id > :after AND {wanted.sql} ORDER BY id LIMIT :page
    """  # noqa: S608
    values = {"kind": kind, "after": after, "page": _PAGE, **wanted.values}
    return [from_text(id_, text, fields) for id_, text in connection.execute(sql, values)]
