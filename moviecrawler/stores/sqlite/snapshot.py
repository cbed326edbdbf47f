"""All rows of a file in one read transaction, on a connection of its own: crawls go on writing meanwhile."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic_core import to_json

from moviecrawler.items import KINDS
from moviecrawler.stores.base import STATE
from moviecrawler.stores.canonical_json import StoredRow, Unreadable, from_text
from moviecrawler.stores.sqlite.connection import Connection

_PAGE = 200
"""Rows in memory at a time."""

_COUNTS = f"""
    SELECT kind, count(*) FROM documents GROUP BY kind UNION ALL SELECT kind, count(*) FROM records GROUP BY kind
    UNION ALL SELECT '{STATE}', count(*) FROM state HAVING count(*) > 0
"""  # noqa: S608


class SqliteSnapshot:
    """See :class:`moviecrawler.stores.base.Snapshot`."""

    at_one_moment = True

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def counts(self) -> dict[str, int]:
        return await self._connection.run(_counts)

    async def pages(self, kind: str) -> AsyncIterator[list[StoredRow]]:
        after: Any = None
        while page := await self._connection.run(_page, kind, after):
            yield page
            after = page[-1]["_id"]

    async def written_since(self, kind: str, since: datetime) -> AsyncIterator[list[StoredRow]]:
        none: list[list[StoredRow]] = []
        for page in none:
            yield page


@asynccontextmanager
async def snapshot(path: Path, synchronous: str) -> AsyncIterator[SqliteSnapshot]:
    """Of the file as it is now; StoreAbsent if there is none."""
    connection = Connection(path, synchronous, "read")
    await connection.open()
    try:
        await connection.run(_begin)
        yield SqliteSnapshot(connection)
    finally:
        await connection.close()


def _begin(connection: sqlite3.Connection) -> None:
    """The transaction begins with its first read (https://www.sqlite.org/lang_transaction.html)."""
    connection.execute("BEGIN")
    connection.execute("SELECT count(*) FROM sqlite_master").fetchone()


def _counts(connection: sqlite3.Connection) -> dict[str, int]:
    return dict(connection.execute(_COUNTS).fetchall())


def _page(connection: sqlite3.Connection, kind: str, after: int | str | None) -> list[StoredRow]:
    if kind == STATE:
        sql = "SELECT name, CAST(value AS BLOB) FROM state WHERE name > ? ORDER BY name LIMIT ?"
        found = connection.execute(sql, ("" if after is None else after, _PAGE))
        return [_state_row(name, value) for name, value in found]
    if kind in KINDS:
        sql = "SELECT id, CAST(document AS BLOB) FROM documents WHERE kind = ? AND id > ? ORDER BY id LIMIT ?"
        found = connection.execute(sql, (kind, -(2**63) if after is None else after, _PAGE))
    else:
        sql = "SELECT id, CAST(record AS BLOB) FROM records WHERE kind = ? AND id > ? ORDER BY id LIMIT ?"
        found = connection.execute(sql, (kind, "" if after is None else after, _PAGE))
    return [from_text(id_, text) for id_, text in found]


def _state_row(name: str, value: bytes) -> StoredRow:
    row: StoredRow | Unreadable = from_text(name, b'{"_id":' + to_json(name) + b',"value":' + value + b"}")
    return row
