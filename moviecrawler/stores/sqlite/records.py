"""Records in SQLite."""

import json
import sqlite3
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Any

from moviecrawler.documents import Record, RecordKind, Row
from moviecrawler.stores.canonical_json import from_text, to_text
from moviecrawler.stores.merge_patch import merge_patch
from moviecrawler.stores.sqlite.connection import Connection, select_in, transaction
from moviecrawler.stores.sqlite.schema import CHANGED_AT
from moviecrawler.stores.validation import check_record_kind, check_rows, check_timed_kind

_PAGE = 200
"""Rows that ``iterate`` holds in memory."""

_LAST = chr(0x10FFFF)
"""Sorts after every timestamp."""

_TIME_OF = {"changes": CHANGED_AT, "runs": "id"}

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

    async def newest(self, kind: RecordKind[Row], since: str = "") -> AsyncIterator[Row]:
        check_timed_kind(kind)
        before = (_LAST, "")
        while page := await self._connection.run(_newest_page, kind, since, before):
            for *_, row in page:
                yield row
            before = page[-1][:2]

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


def _newest_page(
    connection: sqlite3.Connection, kind: str, since: str, before: tuple[str, str]
) -> list[tuple[str, str, Any]]:
    """(time, id, row) of the rows that come next in this order."""
    time = _TIME_OF[kind]
    index = "INDEXED BY changes_at" if kind == "changes" else ""  # by itself SQLite takes the one of (kind, id)
    sql = f"""SELECT {time}, id, CAST(record AS BLOB) FROM records {index}
        WHERE kind = '{kind}' AND {time} >= ? AND {time} <= ? AND ({time}, id) < (?, ?)
        ORDER BY {time} DESC, id DESC LIMIT ?"""  # noqa: S608
    found = connection.execute(sql, (since, before[0], *before, _PAGE))
    return [(at, id_, from_text(id_, text)) for at, id_, text in found]


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
