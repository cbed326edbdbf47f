"""Records in SQLite."""

import json
import sqlite3
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Any

from moviecrawler.documents import Record, RecordKind, Row
from moviecrawler.stores.canonical_json import from_text, to_text
from moviecrawler.stores.merge_patch import merge_patch
from moviecrawler.stores.sqlite.connection import Connection, select_in, transaction
from moviecrawler.stores.validation import check_record_kind, check_rows

_PAGE = 200
"""Rows that ``iterate`` holds in memory."""

_PUT = "INSERT INTO records (kind, id, record) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET record = excluded.record"


class SqliteRecords:
    """See :class:`moviecrawler.stores.base.Records`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def put(self, kind: RecordKind[Row], rows: Sequence[Row]) -> None:
        if rows:
            await self._connection.run(_put, kind, check_rows(kind, rows))

    async def patch(self, kind: RecordKind[Row], rows: Sequence[Row]) -> None:
        if rows:
            await self._connection.run(_patch, kind, check_rows(kind, rows))

    async def get(self, kind: RecordKind[Row], ids: Iterable[str]) -> dict[str, Row]:
        check_record_kind(kind)
        wanted = list(dict.fromkeys(ids))
        return await self._connection.run(_get, kind, wanted) if wanted else {}

    async def iterate(self, kind: RecordKind[Row], prefix: str = "") -> AsyncIterator[Row]:
        check_record_kind(kind)
        first = prefix
        while page := await self._connection.run(_page, kind, first):
            for row in page:
                if not row["_id"].startswith(prefix):
                    return
                yield row
            first = page[-1]["_id"] + "\0"  # the text that follows next

    async def tally(self, kind: str, prefix: str, fields: Sequence[str]) -> list[tuple[list[Any], int]]:
        check_record_kind(kind)
        return await self._connection.run(_tally, kind, prefix, fields)

    async def delete(self, kind: str, ids: Iterable[str]) -> int:
        check_record_kind(kind)
        unwanted = list(dict.fromkeys(ids))
        return await self._connection.run(_delete, kind, unwanted) if unwanted else 0


def _put(connection: sqlite3.Connection, kind: str, rows: Iterable[Record]) -> None:
    texts = [(kind, row["_id"], to_text(row, f"{kind}/{row['_id']}")) for row in rows]
    with transaction(connection):
        connection.executemany(_PUT, texts)


def _patch(connection: sqlite3.Connection, kind: str, rows: Sequence[Record]) -> None:
    with transaction(connection):
        merged = _get(connection, kind, list({row["_id"]: None for row in rows}))
        for row in rows:
            merged[row["_id"]] = merge_patch(merged.get(row["_id"]), row)
        connection.executemany(_PUT, [(kind, id_, to_text(row, f"{kind}/{id_}")) for id_, row in merged.items()])


def _get(connection: sqlite3.Connection, kind: str, ids: list[str]) -> dict[str, Any]:
    sql = "SELECT id, CAST(record AS BLOB) FROM records WHERE kind = ? AND id IN (??)"
    return {id_: from_text(id_, text) for id_, text in select_in(connection, sql, (kind,), ids)}


def _page(connection: sqlite3.Connection, kind: str, first: str) -> list[Any]:
    sql = "SELECT id, CAST(record AS BLOB) FROM records WHERE kind = ? AND id >= ? ORDER BY id LIMIT ?"
    return [from_text(id_, text) for id_, text in connection.execute(sql, (kind, first, _PAGE))]


def _tally(
    connection: sqlite3.Connection, kind: str, prefix: str, fields: Sequence[str]
) -> list[tuple[list[Any], int]]:
    values = ", ".join("json_extract(record, ?)" for _ in fields)
    sql = f"""SELECT values_, count(*) FROM (
        SELECT json_array({values}) AS values_ FROM records
        WHERE kind = ? AND id >= ? AND substr(id, 1, ?) = ? AND json_valid(record)) GROUP BY values_"""  # noqa: S608
    given = [*(f"$.{field}" for field in fields), kind, prefix, len(prefix), prefix]
    return [(json.loads(text), count) for text, count in connection.execute(sql, given)]


def _delete(connection: sqlite3.Connection, kind: str, ids: list[str]) -> int:
    sql = "DELETE FROM records WHERE kind = ? AND id = ?"
    with transaction(connection):
        return connection.executemany(sql, [(kind, id_) for id_ in ids]).rowcount
