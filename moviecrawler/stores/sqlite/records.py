"""Records in SQLite."""

import json
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from typing import Any

from moviecrawler.documents.records import Record, RecordKind, Row
from moviecrawler.stores.base import StoredText
from moviecrawler.stores.canonical_json import from_text, to_text
from moviecrawler.stores.merge_patch import Patches
from moviecrawler.stores.sqlite.connection import Connection, select_in, transaction
from moviecrawler.stores.sqlite.schema import CHANGED_AT
from moviecrawler.stores.validation import check_record_kind, check_rows, check_timed_kind

_PAGE = 200
"""Rows that ``iterate`` holds in memory."""

_IDS = 5000
"""Ids that ``ids`` returns at a time."""

_LAST = chr(0x10FFFF)
"""Sorts after every timestamp."""

_TIME_OF = {"changes": CHANGED_AT, "runs": "id"}

PUT_RECORD = (
    "INSERT INTO records (kind, id, record) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET record = excluded.record"
)
_DELETE = "DELETE FROM records WHERE kind = ? AND id = ?"


class SqliteRecords:
    """See :class:`moviecrawler.stores.base.Records`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def put(self, kind: RecordKind[Row], rows: Sequence[Row]) -> None:
        if rows:
            await self._connection.run(_put, kind, check_rows(kind, rows))

    async def patch(self, kind: RecordKind[Row], rows: Sequence[Row]) -> None:
        if rows:
            patches = Patches(check_rows(kind, rows))
            await self.revise(kind, patches.ids, patches)

    async def revise(
        self, kind: RecordKind[Row], ids: Iterable[str], change: Callable[[str, Row | None], Row | None]
    ) -> int:
        check_record_kind(kind)
        wanted = list(dict.fromkeys(ids))
        return await self._connection.run(_revise, kind, wanted, change) if wanted else 0

    async def get(self, kind: RecordKind[Row], ids: Iterable[str]) -> dict[str, Row]:
        check_record_kind(kind)
        wanted = list(dict.fromkeys(ids))
        return await self._connection.run(_get, kind, wanted) if wanted else {}

    async def iterate(self, kind: RecordKind[Row], prefix: str = "", after: str = "") -> AsyncIterator[Row]:
        check_record_kind(kind)
        first = max(prefix, f"{after}\0") if after else prefix
        while page := await self._connection.run(_page, kind, first):
            for row in page:
                if not row["_id"].startswith(prefix):
                    return
                yield row
            first = page[-1]["_id"] + "\0"  # the text that follows next

    async def ids(self, kind: str) -> AsyncIterator[list[str]]:
        check_record_kind(kind)
        after = ""
        while page := await self._connection.run(_ids, kind, after):
            yield page
            after = page[-1]

    async def texts(self, kind: RecordKind[Row]) -> AsyncIterator[list[StoredText]]:
        check_record_kind(kind)
        first = ""
        while page := await self._connection.run(_texts, kind, first):
            yield page
            first = f"{page[-1][0]}\0"

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
        connection.executemany(PUT_RECORD, texts)


def _revise(
    connection: sqlite3.Connection, kind: str, ids: list[str], change: Callable[[str, Any], Record | None]
) -> int:
    with transaction(connection):
        stored = _get(connection, kind, ids)
        changed = {id_: row for id_ in ids if (row := change(id_, stored.get(id_))) is not stored.get(id_)}
        rows = check_rows(kind, [row for row in changed.values() if row is not None])
        connection.executemany(PUT_RECORD, [(kind, row["_id"], to_text(row, f"{kind}/{row['_id']}")) for row in rows])
        connection.executemany(_DELETE, [(kind, id_) for id_, row in changed.items() if row is None])
    return len(changed)


def _get(connection: sqlite3.Connection, kind: str, ids: list[str]) -> dict[str, Any]:
    sql = "SELECT id, CAST(record AS BLOB) FROM records WHERE kind = ? AND id IN (??)"
    return {id_: from_text(id_, text) for id_, text in select_in(connection, sql, (kind,), ids)}


def _page(connection: sqlite3.Connection, kind: str, first: str) -> list[Any]:
    return [from_text(id_, text) for id_, text in _texts(connection, kind, first)]


def _texts(connection: sqlite3.Connection, kind: str, first: str) -> list[StoredText]:
    sql = "SELECT id, CAST(record AS BLOB) FROM records WHERE kind = ? AND id >= ? ORDER BY id LIMIT ?"
    return connection.execute(sql, (kind, first, _PAGE)).fetchall()


def _ids(connection: sqlite3.Connection, kind: str, after: str) -> list[str]:
    sql = "SELECT id FROM records WHERE kind = ? AND id > ? ORDER BY id LIMIT ?"
    return [id_ for (id_,) in connection.execute(sql, (kind, after, _IDS))]


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
    with transaction(connection):
        return connection.executemany(_DELETE, [(kind, id_) for id_ in ids]).rowcount
