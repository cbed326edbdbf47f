"""State values in SQLite: cursors and counters."""

import json
import sqlite3
from typing import Any

from moviecrawler.exceptions import StoreError
from moviecrawler.stores.canonical_json import to_text
from moviecrawler.stores.sqlite.connection import Connection, transaction
from moviecrawler.stores.state import counter_change


class SqliteState:
    """See :class:`moviecrawler.stores.base.State`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def get(self, name: str) -> Any:
        return await self._connection.run(_get, name)

    async def set(self, name: str, value: Any) -> None:
        await self._connection.run(_set, name, value)

    async def compare_and_set(self, name: str, expected: Any, value: Any) -> bool:
        return await self._connection.run(_compare_and_set, name, expected, value)

    async def reserve(self, name: str, n: int, limit: int) -> int:
        return await self._connection.run(_reserve, name, n, limit)


def _get(connection: sqlite3.Connection, name: str) -> Any:
    row = connection.execute("SELECT CAST(value AS BLOB) FROM state WHERE name = ?", (name,)).fetchone()
    try:
        return json.loads(row[0]) if row else None
    except ValueError:
        raise StoreError(
            f"SQLite: state/{name} is damaged: it is not JSON; delete its row in the table state"
        ) from None


def _set(connection: sqlite3.Connection, name: str, value: Any) -> None:
    if value is None:
        connection.execute("DELETE FROM state WHERE name = ?", (name,))
    else:
        sql = "INSERT INTO state (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value"
        connection.execute(sql, (name, to_text(value, f"state/{name}")))


def _compare_and_set(connection: sqlite3.Connection, name: str, expected: Any, value: Any) -> bool:
    with transaction(connection):
        equal: bool = _get(connection, name) == expected
        if equal:
            _set(connection, name, value)
    return equal


def _reserve(connection: sqlite3.Connection, name: str, n: int, limit: int) -> int:
    with transaction(connection):
        used = _get(connection, name)
        if change := counter_change(used, n, limit, name):
            _set(connection, name, (used or 0) + change)
    return change
