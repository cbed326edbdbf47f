"""The file of an index: made when it is missing, damaged, of another version or another store's; never half there.

Who changes it holds the lock beside it. A new index is built in a file of another name, which takes its place by one
rename. Where nothing can be written, or nothing more, an index in memory serves the one who asked.
"""

import asyncio
import fcntl
import os
import sqlite3
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing, suppress
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from secrets import token_hex

from moviecrawler.exceptions import StoreError
from moviecrawler.search.catch_up import Source, behind, catch_up
from moviecrawler.search.index import SearchIndex
from moviecrawler.search.schema import create, is_usable

PATIENCE = 10.0
"""Seconds that a reader waits for another one that catches up; then it uses what is there."""

BUILD_PATIENCE = 300.0
"""Seconds that it waits where there is no index yet."""

_QUIET = 1.0
"""Seconds of that before the user is told."""

_NO_PLACE = frozenset(
    {
        *(sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH),
        *(sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED),
    }
)
"""SQLite's codes where the file may be whole, but cannot be written; all others mean that it is damaged."""


def index_path(data_dir: Path, store: str) -> Path:
    """The file of the index of the store that this name stands for.

    >>> index_path(Path("data"), "SQLite movies.db")
    PosixPath('data/search-796c4128a685.db')
    """
    return data_dir / f"search-{sha256(store.encode()).hexdigest()[:12]}.db"


class IndexFile:
    """The index of one store, for as long as somebody reads it. ``tell`` gets a line about what a user should know."""

    def __init__(self, path: Path, store: str, tell: Callable[[str], object] = lambda line: None) -> None:
        self.path = path
        self._store = store
        self._tell = tell
        self._index: SearchIndex | None = None
        self._file: tuple[int, int] | None = None
        self._in_memory = False

    async def current(self, store: Source, now: datetime) -> SearchIndex:
        """The index, caught up with the store. StoreError if the store fails, or there is no room even in memory."""
        try:
            if not self._in_memory:
                return await self._on_disk(store, now)
        except OSError as error:
            self._tell(f"{self.path}: the search index cannot be kept ({error.strerror}): this one is in memory")
        except sqlite3.Error as error:
            if not _has_no_place(error):
                return await self.anew(store, now)
            self._tell(f"{self.path}: the search index cannot be kept ({error}): this one is in memory")
        return await self._memory(store, now)

    async def anew(self, store: Source, now: datetime) -> SearchIndex:
        """Instead of one that is damaged, as whoever searched in it has found."""
        self.close()
        try:
            async with self._locked(BUILD_PATIENCE):
                return await self._build(store, now)
        except (OSError, sqlite3.Error) as error:
            self._tell(f"{self.path}: the search index cannot be made anew ({error}): this one is in memory")
        return await self._memory(store, now, copy=False)

    def faults(self, store: Source) -> AsyncIterator[str]:
        """What the next reader would mend, in a few words each; nothing is changed, and nothing said without a file."""
        return _faults(self.path, self._store, store)

    def close(self) -> None:
        if self._index is not None:
            self._index.close()
        self._index, self._file, self._in_memory = None, None, False

    async def _on_disk(self, store: Source, now: datetime) -> SearchIndex:
        patience = PATIENCE if self._opened() else BUILD_PATIENCE
        async with self._locked(patience) as held:
            index = self._opened()  # another reader may have built it meanwhile
            if held and index is None:
                return await self._build(store, now)
            if index is None:
                raise TimeoutError(0, f"another process has been building it for {BUILD_PATIENCE:.0f} s")
            if held:
                await catch_up(index, store, now)
            return index

    def _opened(self) -> SearchIndex | None:
        """The index that is there, if it can be used; opened again if another one has taken its place."""
        found = _identity(self.path)
        if self._index is not None and found == self._file:
            return self._index
        self.close()
        if found and (connection := _connected(self.path, self._store)):
            self._index, self._file = SearchIndex(connection), found
        return self._index

    async def _build(self, store: Source, now: datetime) -> SearchIndex:
        """Called with the lock held, so whatever is half built has been left by somebody who was killed."""
        self.close()
        for left in self.path.parent.glob(f".{self.path.name}.*"):
            left.unlink(missing_ok=True)
        new = self.path.with_name(f".{self.path.name}.{token_hex(4)}")
        try:
            with closing(sqlite3.connect(new, isolation_level=None)) as connection:
                connection.execute("PRAGMA journal_mode = OFF")
                connection.execute("PRAGMA synchronous = OFF")
                await self._fill(connection, store, now)
            with new.open("rb") as file:
                os.fsync(file.fileno())
            new.replace(self.path)
        finally:
            with suppress(OSError):
                new.unlink(missing_ok=True)
        index = self._opened()
        if index is None:
            raise OSError(0, "it is damaged as soon as it is written; is the disk failing?")
        return index

    async def _memory(self, store: Source, now: datetime, *, copy: bool = True) -> SearchIndex:
        """An index of this reader alone; it begins as a copy of the file, where that can be read."""
        try:
            if not self._in_memory:
                connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
                existing = self._opened() if copy else None
                if existing:
                    existing.connection.backup(connection)
                self.close()
                self._index, self._in_memory = SearchIndex(connection), True
                if not existing:
                    await self._fill(connection, store, now)
                    return self._index
            assert self._index is not None
            await catch_up(self._index, store, now)
            return self._index
        except (MemoryError, sqlite3.Error) as error:
            self.close()
            raise StoreError(
                f"{self.path}: there is no room for a search index, not even in memory ({error})"
            ) from None

    async def _fill(self, connection: sqlite3.Connection, store: Source, now: datetime) -> None:
        index = SearchIndex(connection)
        with index.writing():
            create(connection, self._store)
            await catch_up(index, store, now)
            index.optimise()

    @asynccontextmanager
    async def _locked(self, patience: float) -> AsyncIterator[bool]:
        """Whether the lock was had within so many seconds. Who dies lets go of it; OSError if it cannot be made."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o666)
        try:
            yield await self._acquired(descriptor, patience)
        finally:
            os.close(descriptor)

    async def _acquired(self, descriptor: int, patience: float) -> bool:
        start, told = time.monotonic(), False
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return True
            except BlockingIOError:
                waited = time.monotonic() - start
            if waited > patience:
                return False
            if waited > _QUIET and not told:
                told = True
                self._tell("another process brings the search index up to date: waiting for it")
            await asyncio.sleep(0.05)


async def _faults(path: Path, store_name: str, store: Source) -> AsyncIterator[str]:
    connection = _connected(path, store_name)
    if connection is None:
        if _identity(path):
            yield f"{path.name} is damaged, or of another version"
        return
    with closing(connection):
        try:
            if connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
                yield f"{path.name} is damaged"
                return
            async for name in behind(SearchIndex(connection), store):
                yield f"{name} has been written since"
        except sqlite3.Error as error:
            yield f"{path.name} cannot be read ({error})"


def _connected(path: Path, store: str) -> sqlite3.Connection | None:
    address = f"{path.absolute().as_uri()}?mode=rw"
    try:
        connection = sqlite3.connect(address, uri=True, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
    except sqlite3.Error:
        return None
    try:
        if is_usable(connection, store):
            return connection
    except sqlite3.Error:
        pass
    connection.close()
    return None


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _has_no_place(error: sqlite3.Error) -> bool:
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF in _NO_PLACE
