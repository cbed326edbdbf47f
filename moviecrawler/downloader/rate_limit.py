"""The rate limit of a source, shared by all spiders and processes of this machine.

What is allowed is decided by ``policy.network.rate_limit``; this module stores its state: a row of a small SQLite file
in DATA_DIR. The state is tested at the time of sending, inside one transaction, so two processes never take the same
turn, a restart does not refill the burst, and what one process learns about the host holds for all.

A damaged file is set aside and does not lift the limit: in the new file every burst is used up already.
"""

import itertools
import logging
import math
import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

from moviecrawler.exceptions import StoreError
from moviecrawler.policy.network.rate_limit import Adaptive, RateLimit, RateLimitState

logger = logging.getLogger(__name__)

FILE = "budget.db"  # in DATA_DIR
BUSY_WAIT = 0.001  # seconds; another process holds the file for some 20 microseconds
MAX_SET_UP = 5.0  # seconds
BUSY_WARNING_AFTER = 2.0  # seconds of waiting for another process

RENEWED_ROW = "*"
"""The row of a file that replaced another one: a source without its own row had used up its burst at that time."""


class RateLimitBackend(Protocol):
    """Where the state of rate limits is stored. ``sent`` is a time of this process's ``time.monotonic``.

    ``retry_interval``: seconds after which a pause that could not be stored is tried again.
    """

    retry_interval: float

    async def take(self, source: str, limit: RateLimit) -> float:
        """Take one request from the limit (0 or less: send it now), or return the seconds until the next try."""

    async def pause(self, source: str, limit: RateLimit, seconds: float, sent: float) -> float | None:
        """Block sending for ``seconds`` in every process that shares this limit, as the answer to a request sent at
        ``sent`` asked for.

        The share of the rate limit that is left, None if the pause could not be stored.
        """

    def close(self) -> None: ...


class SqliteRateLimitBackend:
    """One row per source, in seconds of ``time.monotonic``.

    All processes of a machine share that clock, and changing the date does not affect it.
    """

    retry_interval = BUSY_WAIT

    def __init__(self, path: Path, longest_pause: float) -> None:
        self._path = path
        self._longest_pause = longest_pause
        self._busy_since: float | None = None
        self._warned = False
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise self._failure(error) from None
        self._open(renewed=False)

    def _open(self, *, renewed: bool) -> None:
        """Open the file; a damaged one is replaced. ``renewed``: it replaces one that was in use."""
        try:
            self._set_up(renewed=renewed)
        except (sqlite3.Error, _Damaged) as error:
            if not _is_damage(error):
                raise self._failure(error) from None
            self._set_aside(error)
            try:
                self._set_up(renewed=True)
            except sqlite3.Error as another:
                raise self._failure(another) from None

    def _set_up(self, *, renewed: bool) -> None:
        """Create the table, with retries: processes that start at once block each other, and SQLite's own busy timeout
        does not cover switching to WAL.
        """
        until = time.monotonic() + MAX_SET_UP
        db = sqlite3.connect(self._path, timeout=0, isolation_level=None)
        while True:
            try:
                db.execute("PRAGMA journal_mode=WAL")
                db.execute("PRAGMA synchronous=OFF")  # after a power cut a burst may be fresh again, no more
                db.execute(
                    "CREATE TABLE IF NOT EXISTS budgets "
                    "(source TEXT PRIMARY KEY, tat REAL NOT NULL, factor REAL NOT NULL, since REAL NOT NULL)"
                )
                if renewed:
                    db.execute("INSERT OR IGNORE INTO budgets VALUES (?, ?, 1, 0)", (RENEWED_ROW, time.monotonic()))
                for row in db.execute("SELECT source, tat, factor, since FROM budgets"):
                    _checked(row[1:])
                self._db, self._file = db, _identity(self._path)
                return
            except (sqlite3.Error, _Damaged) as error:
                if not _is_busy(error) or time.monotonic() > until:
                    db.close()
                    raise
                time.sleep(BUSY_WAIT)

    def _set_aside(self, why: Exception) -> None:
        """Move whatever is at the path, file or folder, out of the way, together with SQLite's own files beside it."""
        aside = next(path for path in _names_aside(self._path) if not os.path.lexists(path))
        try:
            for beside in ("-wal", "-shm", ""):
                if os.path.lexists(f"{self._path}{beside}"):
                    os.rename(f"{self._path}{beside}", f"{aside}{beside}")
        except OSError as error:
            line = f"DATA_DIR: {self._path} is damaged ({why}) and cannot be set aside: {error.strerror}"
            raise StoreError(line) from None
        logger.warning(
            "%s is damaged (%s): set aside as %s; a new one is begun, in which every burst is used up",
            *(self._path, why, aside.name),
        )

    async def take(self, source: str, limit: RateLimit) -> float:
        wait = BUSY_WAIT

        def change(state: RateLimitState, now: float) -> RateLimitState:
            nonlocal wait
            state, wait = state.take(limit, now)
            return state

        self._update(source, limit, change)
        return wait

    async def pause(self, source: str, limit: RateLimit, seconds: float, sent: float) -> float | None:
        left = None

        def change(state: RateLimitState, now: float) -> RateLimitState:
            nonlocal left
            state = state.pause(limit, now, seconds, sent)
            left = state.adaptive.factor
            return state

        self._update(source, limit, change)
        return left

    def _update(self, source: str, limit: RateLimit, change: Callable[[RateLimitState, float], RateLimitState]) -> None:
        """Change the source's row in one transaction; nothing happens if the file is busy, or has been recreated."""
        if _identity(self._path) != self._file:  # another process has set it aside, or it was deleted
            self._renew()
        try:
            self._db.execute("BEGIN IMMEDIATE")
            now = time.monotonic()
            row = change(self._read(source, limit, now), now)
            self._db.execute("INSERT OR REPLACE INTO budgets VALUES (?, ?, ?, ?)", (source, row.tat, *row.adaptive))
            self._db.execute("COMMIT")
            self._busy_since, self._warned = None, False
        except (sqlite3.Error, _Damaged) as error:
            if self._db.in_transaction:
                self._db.rollback()
            if _is_busy(error):
                self._note_busy(time.monotonic())
                return
            if not _is_damage(error):
                raise self._failure(error) from None
            self._renew(error)

    def _note_busy(self, now: float) -> None:
        self._busy_since = self._busy_since or now
        if not self._warned and now - self._busy_since > BUSY_WARNING_AFTER:
            self._warned = True
            logger.warning("%s is locked by another process; requests wait until it lets go", self._path)

    def _renew(self, why: Exception | None = None) -> None:
        """Switch to the file that is now at the path, without the damaged one."""
        self._db.close()
        if why is not None and _identity(self._path) == self._file:
            self._set_aside(why)
        self._open(renewed=True)

    def _read(self, source: str, limit: RateLimit, now: float) -> RateLimitState:
        rows = self._db.execute("SELECT * FROM budgets WHERE source IN (?, ?)", (source, RENEWED_ROW))
        found = {name: _checked(row) for name, *row in rows}
        if not found:
            return RateLimitState()
        tat, *adaptive = found.get(source) or found[RENEWED_ROW]
        state = RateLimitState(tat, Adaptive(*adaptive))
        return (state if source in found else state.with_burst_used_up(limit)).clamp(limit, now, self._longest_pause)

    def _failure(self, error: Exception) -> StoreError:
        return StoreError(f"DATA_DIR: cannot store the rate limit in {self._path}: {error}")

    def close(self) -> None:
        self._db.close()


class _Damaged(Exception):
    """A row with values that no rate limit can have."""


def _checked(row: Sequence[Any]) -> Sequence[float]:
    """Theoretical arrival time, factor and since; _Damaged unless the values are possible."""
    if not all(isinstance(value, float) and math.isfinite(value) for value in row) or not 0 < row[1] <= 1:
        raise _Damaged(f"a row holds {tuple(row)!r:.60}")
    return row


def _identity(path: Path) -> tuple[int, int] | None:
    """Which file it is, by device and inode; None where there is none."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _names_aside(path: Path) -> Iterator[Path]:
    """``budget.db.damaged``, and others where that name is taken."""
    yield path.with_name(f"{path.name}.damaged")
    yield from (path.with_name(f"{path.name}.damaged.{number}") for number in itertools.count(2))


def _is_busy(error: Exception) -> bool:
    return _code(error) == sqlite3.SQLITE_BUSY


def _is_damage(error: Exception) -> bool:
    """Whether a new file would help; a full or failing disk, or a folder without write access, needs a person."""
    is_cut = getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_IOERR_SHORT_READ
    return isinstance(error, _Damaged) or is_cut or _code(error) in _DAMAGE


def _code(error: Exception) -> int:
    """SQLite's primary error code: the lower byte of the extended one."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


_DAMAGE = frozenset(
    {
        sqlite3.SQLITE_ERROR,  # another table of that name
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_CANTOPEN,  # a folder, no rights
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_SCHEMA,
        sqlite3.SQLITE_MISMATCH,
        sqlite3.SQLITE_CONSTRAINT,
    }
)
