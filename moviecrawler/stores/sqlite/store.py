"""The store in one SQLite file."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

from moviecrawler.policy.freshness.refresh import ORDERS
from moviecrawler.stores.base import Access, Documents, Records, State, Upkeep, Usage
from moviecrawler.stores.sqlite.connection import Connection
from moviecrawler.stores.sqlite.copies import expire_copies
from moviecrawler.stores.sqlite.documents import SqliteDocuments
from moviecrawler.stores.sqlite.migrations import version_of
from moviecrawler.stores.sqlite.records import SqliteRecords
from moviecrawler.stores.sqlite.replacement import SqliteReplacement, replacement
from moviecrawler.stores.sqlite.snapshot import SqliteSnapshot, snapshot
from moviecrawler.stores.sqlite.state import SqliteState
from moviecrawler.stores.sqlite.upkeep import SqliteUpkeep


class SqliteStore:
    """See :class:`moviecrawler.stores.base.Store`. ``synchronous`` is OFF, NORMAL or FULL, as in SQLite.

    ``order``: one of ``policy.freshness.refresh.ORDERS``.
    """

    documents: Documents
    records: Records
    state: State
    describe: str
    upkeep: Upkeep | None

    def __init__(self, path: Path, synchronous: str, order: str = ORDERS[0], access: Access = "make") -> None:
        self.describe = f"SQLite {path}"
        self._path, self._synchronous = path, synchronous
        self._connection = Connection(path, synchronous, access)
        self.documents = SqliteDocuments(self._connection, order)
        self.records = SqliteRecords(self._connection)
        self.state = SqliteState(self._connection)
        self.upkeep = SqliteUpkeep(self._connection)

    async def open(self) -> None:
        await self._connection.open()

    async def usage(self) -> Usage:
        return await self._connection.run(_usage, self._connection.path)

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[SqliteSnapshot]:
        async with snapshot(self._path, self._synchronous) as found:
            yield found

    @asynccontextmanager
    async def replacement(self, order: str) -> AsyncIterator[SqliteReplacement]:
        async with replacement(self._path, order) as new:
            yield new

    async def expire_copies(self, before: datetime) -> list[str]:
        return await asyncio.to_thread(expire_copies, self._path, before.timestamp())

    async def close(self) -> None:
        await self._connection.close()


def _usage(connection: sqlite3.Connection, path: Path) -> Usage:
    """With the -wal and -shm files beside it."""
    files = [Path(f"{path}{suffix}") for suffix in ("", "-wal", "-shm")]
    return Usage(version_of(connection), sum(file.stat().st_size for file in files if file.exists()))
