"""The rate budget of a source, shared by all spiders and processes of this machine.

What is allowed is ``policy.rate``'s decision; here is where its numbers lie: a row of a small SQLite file in
DATA_DIR. It is tested at the moment of sending, inside one transaction, so two processes never take the same
place, a restart does not refill the burst, and what one process learns of the host holds for all.
"""

import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from moviecrawler.exceptions import StoreError
from moviecrawler.policy.rate import Adaptive, Budget, Standing

BUSY_WAIT = 0.001  # seconds; another process holds the file for some 20 microseconds
LONGEST_SET_UP = 5.0  # seconds


class Ledger(Protocol):
    """Where the rate budgets lie. ``sent`` is a moment of this process's ``time.monotonic``.

    ``again``: seconds after which to say once more what could not be noted.
    """

    again: float

    async def take(self, source: str, budget: Budget) -> float:
        """Take a place now (0 or less), or say how many seconds to wait before asking again."""

    async def pause(self, source: str, budget: Budget, seconds: float, sent: float) -> float | None:
        """Nobody sends for ``seconds``: the answer to a request of the moment ``sent`` asked for it.

        The share of the budget that is left, None when that could not be noted.
        """

    def close(self) -> None: ...


class FileLedger:
    """One row per source, in seconds of ``time.monotonic``.

    All processes of a machine share that clock, and no change of the date touches it.
    """

    again = BUSY_WAIT

    def __init__(self, path: Path, longest_pause: float) -> None:
        self._longest_pause = longest_pause
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(path, timeout=0, isolation_level=None)
            self._set_up(until=time.monotonic() + LONGEST_SET_UP)
        except (OSError, sqlite3.Error) as error:
            raise StoreError(f"DATA_DIR: cannot keep the rate budget in {path}: {error}") from None

    def _set_up(self, until: float) -> None:
        """Two processes that start at once are in each other's way, and for WAL SQLite's own waiting does not count."""
        while True:
            try:
                self._db.execute("PRAGMA journal_mode=WAL")
                self._db.execute("PRAGMA synchronous=OFF")  # after a power cut a burst may be fresh again, no more
                self._db.execute(
                    "CREATE TABLE IF NOT EXISTS budgets "
                    "(source TEXT PRIMARY KEY, tat REAL NOT NULL, factor REAL NOT NULL, since REAL NOT NULL)"
                )
                return
            except sqlite3.OperationalError as error:
                if not _is_busy(error) or time.monotonic() > until:
                    raise
                time.sleep(BUSY_WAIT)

    async def take(self, source: str, budget: Budget) -> float:
        wait = BUSY_WAIT

        def move(standing: Standing, now: float) -> Standing:
            nonlocal wait
            standing, wait = standing.take(budget, now)
            return standing

        self._move(source, budget, move)
        return wait

    async def pause(self, source: str, budget: Budget, seconds: float, sent: float) -> float | None:
        left = None

        def move(standing: Standing, now: float) -> Standing:
            nonlocal left
            standing = standing.pause(budget, now, seconds, sent)
            left = standing.adaptive.factor
            return standing

        self._move(source, budget, move)
        return left

    def _move(self, source: str, budget: Budget, move: Callable[[Standing, float], Standing]) -> None:
        """Change the source's row in one transaction; nothing happens when the file is busy."""
        try:
            self._db.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if not _is_busy(error):
                raise StoreError(f"DATA_DIR: cannot keep the rate budget: {error}") from None
            return
        try:
            now = time.monotonic()
            row = move(self._read(source, budget, now), now)
            self._db.execute("INSERT OR REPLACE INTO budgets VALUES (?, ?, ?, ?)", (source, row.tat, *row.adaptive))
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            self._db.rollback()
            raise StoreError(f"DATA_DIR: cannot keep the rate budget: {error}") from None

    def _read(self, source: str, budget: Budget, now: float) -> Standing:
        found = self._db.execute("SELECT tat, factor, since FROM budgets WHERE source = ?", (source,)).fetchone()
        if found is None:
            return Standing()
        tat, *adaptive = found
        return Standing(tat, Adaptive(*adaptive)).clamp(budget, now, self._longest_pause)

    def close(self) -> None:
        self._db.close()


def _is_busy(error: sqlite3.OperationalError) -> bool:
    return error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY  # its lower byte; the others say why
