"""SQLite's error codes as one line for the user: what happened, where, what to do."""

import sqlite3
from pathlib import Path

from moviecrawler.exceptions import StoreError, StoreUnavailable

_ADVICE = {
    sqlite3.SQLITE_FULL: "the disk is full; free some space and start again, nothing acknowledged is lost",
    sqlite3.SQLITE_IOERR: "the disk failed to read or write (full, over its quota or failing); "
    "look at `df` and the system log, then start again",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened; the folder must exist and be writable, the path must be a file",
    sqlite3.SQLITE_READONLY: "it is read-only; make the file and its folder writable",
    sqlite3.SQLITE_PERM: "access is denied; make the file and its folder writable",
    sqlite3.SQLITE_NOTADB: "it is not a SQLite database; give STORE_URI another path",
    sqlite3.SQLITE_CORRUPT: "the database is damaged; restore a backup or try `sqlite3 FILE .recover`",
    sqlite3.SQLITE_BUSY: "another process has kept it locked for too long; end that process or try again",
}


def store_error(path: Path, error: sqlite3.Error) -> StoreError:
    """The StoreError for an sqlite3 error on ``path``.

    >>> broken = sqlite3.OperationalError("disk I/O error")
    >>> broken.sqlite_errorcode = sqlite3.SQLITE_IOERR_WRITE
    >>> print(store_error(Path("data/movies.db"), broken))  # doctest: +ELLIPSIS
    SQLite data/movies.db: the disk failed to read or write (full, ... (SQLite: disk I/O error)
    """
    # Extended codes (https://www.sqlite.org/rescode.html) carry the primary one in the low byte.
    code = getattr(error, "sqlite_errorcode", None)
    advice = _ADVICE.get(code & 0xFF) if code is not None else None
    what = f"{advice} (SQLite: {error})" if advice else str(error)
    # A lock goes away by itself: the only error here that is worth a retry.
    kind = StoreUnavailable if code is not None and code & 0xFF == sqlite3.SQLITE_BUSY else StoreError
    return kind(f"SQLite {path}: {what}")
