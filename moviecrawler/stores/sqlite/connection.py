"""One connection, owned by one worker thread, so that the event loop never waits for the disk."""

import asyncio
import logging
import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from moviecrawler.exceptions import StoreAbsent, StoreError
from moviecrawler.stores.base import Access
from moviecrawler.stores.sqlite.errors import store_error
from moviecrawler.stores.sqlite.header import refuse_other_programs
from moviecrawler.stores.sqlite.migrations import migrate
from moviecrawler.stores.sqlite.read_only import connect_to_read

logger = logging.getLogger(__name__)
P = ParamSpec("P")
T = TypeVar("T")

BUSY_TIMEOUT = 30.0
"""Seconds that a writer waits for a writer in another process."""

QUIET_SECONDS = 2.0
"""Seconds of that wait before the user is told."""

_MAX_PARAMETERS = 500
"""Values bound in one statement; the oldest builds of SQLite allow 999 (SQLITE_MAX_VARIABLE_NUMBER)."""

_NO_RIGHT_TO_WRITE = (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM)

_WAL_SIZE_LIMIT = 64 * 2**20
"""Bytes to which the -wal file is truncated after a checkpoint."""


class Connection:
    """Runs jobs one at a time: ``await connection.run(job, *arguments)`` calls ``job(sqlite3.Connection, ...)``.

    Errors of sqlite3 are raised as StoreError, or as ValueError when a value was to blame. A write to a file that has
    been removed or replaced meanwhile is a StoreError, too: SQLite itself would carry on as if nothing had happened.
    """

    def __init__(self, path: Path, synchronous: str, access: Access = "make") -> None:
        self.path = path
        self._access = access
        self._synchronous = synchronous
        self._executor: ThreadPoolExecutor | None = None
        self._connection: sqlite3.Connection | None = None
        self._file: tuple[int, int] | None = None
        self._changes = 0

    async def open(self) -> None:
        """Open the file (created with its parent folders if absent) and bring its schema up to date."""
        if self._executor is not None:
            return
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="sqlite-store")
        try:
            await self._submit(self._connect)
        except BaseException:
            await self.close()
            raise

    async def run(self, job: Callable[Concatenate[sqlite3.Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run the job in the worker thread and return its result."""
        return await self._submit(lambda: job(self._require_open(), *args, **kwargs))

    async def run_apart(self, job: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a job that has a connection of its own, in the same thread."""
        return await self._submit(lambda: job(*args, **kwargs))

    async def close(self) -> None:
        """Wait for the running job, close the file, end the thread. A second call does nothing."""
        executor, self._executor = self._executor, None
        if executor is None:
            return
        await asyncio.get_running_loop().run_in_executor(executor, self._disconnect)
        executor.shutdown(wait=False)

    async def _submit(self, job: Callable[[], T]) -> T:
        if self._executor is None:
            raise StoreError(f"SQLite {self.path}: the store is closed")
        return await asyncio.get_running_loop().run_in_executor(self._executor, self._translated, job)

    def _translated(self, job: Callable[[], T]) -> T:
        try:
            done = job()
        except (sqlite3.ProgrammingError, sqlite3.DataError, OverflowError) as error:
            raise ValueError(f"SQLite cannot hold a value: {error}") from error
        except sqlite3.Error as error:
            raise store_error(self.path, error) from error
        if self._connection is not None and self._connection.total_changes != self._changes:
            self._require_in_place()
            self._changes = self._connection.total_changes
        return done

    def _require_in_place(self) -> None:
        """StoreError unless the path still names the file that was opened."""
        if (found := _identity(self.path)) != self._file:
            what = "was replaced by another file" if found else "was removed"
            advice = "writes since then may be lost; put the file back, or start again"
            raise StoreError(f"SQLite {self.path}: {self.path.name} {what} while it was open; {advice}")

    def _require_open(self) -> sqlite3.Connection:
        assert self._connection is not None
        return self._connection

    def _connect(self) -> None:
        if self._access == "make":
            self._make_folder()
        elif _is_absent(self.path):
            raise StoreAbsent(f"SQLite {self.path}: nothing is stored there yet")
        refuse_other_programs(self.path)
        try:
            self._connect_to_write()
        except sqlite3.OperationalError as error:
            self._disconnect()
            if self._access != "read" or error.sqlite_errorcode & 0xFF not in _NO_RIGHT_TO_WRITE:
                raise
            self._connection = connect_to_read(self.path)
        self._file = _identity(self.path)
        self._changes = self._require_open().total_changes

    def _make_folder(self) -> None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            what = f"its folder cannot be created ({error.strerror}); give STORE_URI another path"
            raise StoreError(f"SQLite {self.path}: {what}") from error

    def _connect_to_write(self) -> None:
        # isolation_level None: sqlite3 begins no transactions of its own, `transaction` below does.
        mode = "rwc" if self._access == "make" else "rw"
        address = f"{self.path.absolute().as_uri()}?mode={mode}"
        self._connection = sqlite3.connect(address, uri=True, timeout=BUSY_TIMEOUT, isolation_level=None)
        _switch_to_wal(self._connection)
        self._connection.execute(f"PRAGMA synchronous = {self._synchronous}")
        self._connection.execute(f"PRAGMA journal_size_limit = {_WAL_SIZE_LIMIT}")
        with transaction(self._connection):
            migrate(self._connection, self.path)

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _identity(path: Path) -> tuple[int, int] | None:
    """Device and inode of the file; None if there is none."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _is_absent(path: Path) -> bool:
    """True if there is no such file; a file that must not be inspected is left for SQLite to reject."""
    try:
        os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False


def _switch_to_wal(connection: sqlite3.Connection) -> None:
    """Retry while another process switches the same new file: SQLite then fails at once, whatever its timeout."""
    deadline = time.monotonic() + BUSY_TIMEOUT
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All or nothing. Takes the write lock at once, so what is read inside cannot change before the commit."""
    _begin(connection)
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # A full disk may have rolled back already (https://www.sqlite.org/lang_transaction.html).
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _begin(connection: sqlite3.Connection) -> None:
    """Wait for a writer in another process, and log one line when it takes long."""
    quiet = min(QUIET_SECONDS, BUSY_TIMEOUT)
    connection.execute(f"PRAGMA busy_timeout = {round(1000 * quiet)}")
    try:
        connection.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
            raise
        left = BUSY_TIMEOUT - quiet
        file = connection.execute("PRAGMA database_list").fetchone()[2]
        logger.warning("SQLite %s: another process is writing; waiting for it, up to %.0f s more", file, left)
        connection.execute(f"PRAGMA busy_timeout = {round(1000 * left)}")
        connection.execute("BEGIN IMMEDIATE")
    finally:
        connection.execute(f"PRAGMA busy_timeout = {round(1000 * BUSY_TIMEOUT)}")


def select_in(
    connection: sqlite3.Connection, sql: str, first: tuple[Any, ...], values: Sequence[int] | Sequence[str]
) -> Iterator[tuple[Any, ...]]:
    """The rows of ``sql``, whose placeholders are ``first`` and then, as ``IN (??)``, any number of values."""
    for start in range(0, len(values), _MAX_PARAMETERS):
        part = values[start : start + _MAX_PARAMETERS]
        yield from connection.execute(sql.replace("??", ",".join("?" * len(part))), (*first, *part))
