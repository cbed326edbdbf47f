"""The persistent tier on one machine: a SQLite file that its processes share."""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TypeVar

from moviecrawler.caching.tier import Key, PackedEntry, TierError, Usage
from moviecrawler.stores.sqlite.read_only import open_to_read

T = TypeVar("T")

_BUSY_TIMEOUT = 1.0
"""Seconds that a writer waits for that of another process, which takes a few hundred microseconds."""

_DELETED_AT_ONCE = 500
"""Rows that one transaction deletes, so that other writers do not wait long."""

_PAGES_FREED_AT_ONCE = 4_000
"""Pages (of 4 KB) that one transaction gives back to the disk."""

_EXPIRED_PER_WRITE = 4
"""Expired rows that are deleted with every new one: the file stops growing, and no sweep takes long."""

_SCHEMA = (
    "PRAGMA auto_vacuum = INCREMENTAL",  # before the first table, so that `scrapy cache clear` frees disk space
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = NORMAL",
    "PRAGMA journal_size_limit = 16777216",
    """CREATE TABLE IF NOT EXISTS answers (
        key TEXT PRIMARY KEY, endpoint TEXT NOT NULL, stored_at REAL NOT NULL, expires_at REAL NOT NULL,
        answer BLOB NOT NULL)""",
    "CREATE INDEX IF NOT EXISTS answers_expires_at ON answers (expires_at)",
)
_ADVICE = {
    sqlite3.SQLITE_NOTADB: "; CACHE_URI names a file that is no database",
    sqlite3.SQLITE_CORRUPT: "; delete the file, it only holds copies",
}


class SqliteTier:
    """See :class:`moviecrawler.caching.tier.Tier`. One thread owns the connection that writes.

    Reads have their own connection, on the event loop: with WAL no writer blocks them, and a hop to the thread and back
    would take longer than the query (p99 of both: ``tests/benchmarks/test_cache.py``).
    """

    name = "sqlite"

    def __init__(self, path: Path) -> None:
        self.describe = f"SQLite {path}"
        self.file = path
        self._thread: ThreadPoolExecutor | None = None
        self._connection: sqlite3.Connection | None = None
        self._reader: sqlite3.Connection | None = None

    async def open(self) -> None:
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, thread_name_prefix="sqlite-cache")
        await self._run(self._open)
        if self._reader is None:
            with self._tier_errors():
                self._reader = sqlite3.connect(self.file, timeout=0, isolation_level=None)

    async def get(self, key: Key) -> bytes | None:
        if self._reader is None:
            raise TierError(f"{self.describe}: closed")
        with self._tier_errors():
            found = self._reader.execute("SELECT answer FROM answers WHERE key = ?", (str(key),))
            row = found.fetchone()
        if row is None:
            return None
        return row[0] if isinstance(row[0], bytes) else b""  # damaged; CacheEntry.unpack will find that out

    async def put(self, entries: Sequence[PackedEntry]) -> None:
        def write() -> None:
            self._sql("BEGIN IMMEDIATE")
            for key, packed, stored_at, retention in entries:
                row = (str(key), key.endpoint, stored_at, stored_at + retention, packed)
                self._sql("INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?, ?)", *row)
            expired = "SELECT rowid FROM answers WHERE expires_at <= ? LIMIT ?"
            newest = max(entry.stored_at for entry in entries)
            self._sql(f"DELETE FROM answers WHERE rowid IN ({expired})", newest, _EXPIRED_PER_WRITE * len(entries))  # noqa: S608
            self._sql("COMMIT")

        await self._run(write)

    async def drop(self, key: Key) -> None:
        await self._run(lambda: self._sql("DELETE FROM answers WHERE key = ?", str(key)))

    async def delete(self, endpoint: str, *, before: float | None = None) -> int:
        some = "SELECT rowid FROM answers WHERE endpoint = ? AND (? IS NULL OR stored_at < ?) LIMIT ?"
        sql = f"DELETE FROM answers WHERE rowid IN ({some})"  # noqa: S608
        total = 0
        while deleted := await self._run(lambda: self._sql(sql, endpoint, before, before, _DELETED_AT_ONCE).rowcount):
            total += deleted
        free = await self._run(self._free_pages)
        while free and (left := await self._run(self._shrink)) < free:
            free = left
        return total

    async def usage(self, *, before: float | None = None) -> dict[str, Usage]:
        return await asyncio.to_thread(self._usage, before)

    def _usage(self, before: float | None) -> dict[str, Usage]:
        sql = """SELECT endpoint, COUNT(*), SUM(LENGTH(answer)), MIN(stored_at), MAX(stored_at)
                 FROM answers WHERE ? IS NULL OR stored_at < ? GROUP BY endpoint"""
        with self._tier_errors(), closing(open_to_read(self.file)) as connection:
            return {endpoint: Usage(*rest) for endpoint, *rest in connection.execute(sql, (before, before))}

    async def close(self) -> None:
        thread, self._thread = self._thread, None
        reader, self._reader = self._reader, None
        if reader is not None:
            reader.close()
        if thread is not None:
            await asyncio.get_running_loop().run_in_executor(thread, self._close)
            thread.shutdown(wait=False)

    async def _run(self, job: Callable[[], T]) -> T:
        if self._thread is None:
            raise TierError(f"{self.describe}: closed")
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._in_thread, job)

    def _in_thread(self, job: Callable[[], T]) -> T:
        with self._tier_errors():
            try:
                return job()
            except sqlite3.Error:
                if self._connection is not None and self._connection.in_transaction:
                    self._connection.rollback()
                raise

    @contextmanager
    def _tier_errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            code = getattr(error, "sqlite_errorcode", 0) & 0xFF
            raise TierError(f"{self.describe}: {error}{_ADVICE.get(code, '')}") from None
        except OSError as error:
            raise TierError(f"{self.describe}: {error.strerror}") from None

    def _sql(self, sql: str, *values: object) -> sqlite3.Cursor:
        if self._connection is None:
            raise TierError(f"{self.describe}: not open")
        return self._connection.execute(sql, values)

    def _open(self) -> None:
        if self._connection is not None:
            return
        self.file.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self.file, timeout=_BUSY_TIMEOUT, isolation_level=None)
        try:
            for statement in _SCHEMA:
                connection.execute(statement)
        except sqlite3.Error:
            connection.close()
            raise
        self._connection = connection

    def _shrink(self) -> int:
        """Give some of the free pages back to the disk; returns how many are left."""
        if self._connection is not None:
            # A script, since `execute` runs a single step and this statement frees one page per step.
            self._connection.executescript(
                f"PRAGMA incremental_vacuum({_PAGES_FREED_AT_ONCE}); PRAGMA wal_checkpoint(TRUNCATE)"
            )
        return self._free_pages()

    def _free_pages(self) -> int:
        pages: int = self._sql("PRAGMA freelist_count").fetchone()[0]
        return pages

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
