"""The rate budget of a source, shared by all spiders and processes of this machine.

What is allowed is ``policy.rate``'s decision; here is where its one number lies: a row of a small SQLite file in
DATA_DIR. It is tested at the moment of sending, inside one transaction, so two processes never take the same
place, and a restart does not refill the burst.
"""

import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

from moviecrawler.exceptions import StoreError
from moviecrawler.policy.rate import Gcra

BUSY_WAIT = 0.001  # seconds; another process holds the file for some 20 microseconds


class Ledger:
    """The theoretical arrival times by source, in seconds of ``time.monotonic``.

    All processes of a machine share that clock, and no change of the date touches it.
    """

    def __init__(self, path: Path, longest_pause: float) -> None:
        self._longest_pause = longest_pause
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(path, timeout=5, isolation_level=None)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=OFF")  # after a power cut a burst may be fresh again, no more
            self._db.execute("CREATE TABLE IF NOT EXISTS budget (source TEXT PRIMARY KEY, tat REAL NOT NULL)")
            self._db.execute("PRAGMA busy_timeout=0")
        except (OSError, sqlite3.Error) as error:
            raise StoreError(f"DATA_DIR: cannot keep the rate budget in {path}: {error}") from None

    def take(self, source: str, gcra: Gcra) -> float:
        """Take a place now (0 or less), or say how many seconds to wait before asking again."""

        def move(tat: float, now: float) -> float:
            return gcra.after(tat, now) if gcra.wait(tat, now) <= 0 else tat

        moved = self._move(source, gcra, move)
        return BUSY_WAIT if moved is None else gcra.wait(*moved)

    def pause(self, source: str, gcra: Gcra, seconds: float) -> bool:
        """Nobody sends for ``seconds``; False when the file was busy and it is to be said again."""
        return self._move(source, gcra, lambda tat, now: gcra.paused(tat, now, seconds)) is not None

    def _move(self, source: str, gcra: Gcra, move: Callable[[float, float], float]) -> tuple[float, float] | None:
        """Move the source's time in one transaction; (time before, now), or None when the file was busy."""
        try:
            self._db.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                raise StoreError(f"DATA_DIR: cannot keep the rate budget: {error}") from None
            return None
        try:
            now = time.monotonic()
            row = self._db.execute("SELECT tat FROM budget WHERE source = ?", (source,)).fetchone()
            tat = gcra.clamp(row[0], now, self._longest_pause) if row else 0.0
            self._db.execute("INSERT OR REPLACE INTO budget VALUES (?, ?)", (source, move(tat, now)))
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            self._db.rollback()
            raise StoreError(f"DATA_DIR: cannot keep the rate budget: {error}") from None
        return tat, now

    def close(self) -> None:
        self._db.close()
