"""The rate budget of a source, shared by all spiders and processes of this machine.

What is allowed is ``policy.rate``'s decision; here is where its numbers lie: a row of a small SQLite file in
DATA_DIR. It is tested at the moment of sending, inside one transaction, so two processes never take the same
place, a restart does not refill the burst, and what one process learns of the host holds for all.
"""

import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from moviecrawler.exceptions import StoreError
from moviecrawler.policy.rate import Adaptive, Budget

BUSY_WAIT = 0.001  # seconds; another process holds the file for some 20 microseconds
LONGEST_SET_UP = 5.0  # seconds


class Row(NamedTuple):
    """What the file holds of a source: the theoretical arrival time, and the share of its budget."""

    tat: float = 0.0
    adaptive: Adaptive = Adaptive()


class Ledger:
    """One row per source, in seconds of ``time.monotonic``.

    All processes of a machine share that clock, and no change of the date touches it.
    """

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

    def take(self, source: str, budget: Budget) -> float:
        """Take a place now (0 or less), or say how many seconds to wait before asking again."""
        wait = BUSY_WAIT

        def move(row: Row, now: float) -> Row:
            nonlocal wait
            gcra = budget.share(row.adaptive.at(now))
            wait = gcra.wait(row.tat, now)
            return row if wait > 0 else row._replace(tat=gcra.after(row.tat, now))

        self._move(source, budget, move)
        return wait

    def pause(self, source: str, budget: Budget, seconds: float, sent: float) -> float | None:
        """Nobody sends for ``seconds``: the answer to a request of the moment ``sent`` asked for it.

        The share of the budget that is left, None when the file was busy and it is to be said again.
        """
        left = None

        def move(row: Row, now: float) -> Row:
            nonlocal left
            adaptive = row.adaptive.throttled(sent=sent, now=now, pause=seconds)
            left = adaptive.factor
            return Row(budget.share(left).paused(row.tat, now, seconds), adaptive)

        self._move(source, budget, move)
        return left

    def _move(self, source: str, budget: Budget, move: Callable[[Row, float], Row]) -> None:
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

    def _read(self, source: str, budget: Budget, now: float) -> Row:
        found = self._db.execute("SELECT tat, factor, since FROM budgets WHERE source = ?", (source,)).fetchone()
        if found is None:
            return Row()
        tat, *adaptive = found
        kept = Adaptive(*adaptive).clamp(now, self._longest_pause)
        return Row(budget.share(kept.at(now)).clamp(tat, now, self._longest_pause), kept)

    def close(self) -> None:
        self._db.close()


def _is_busy(error: sqlite3.OperationalError) -> bool:
    return error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY  # its lower byte; the others say why
