"""A file that this user may read and not write: a backup, a read-only disk, somebody else's data."""

import os
import sqlite3
from pathlib import Path

from moviecrawler.exceptions import StoreError
from moviecrawler.stores.sqlite.header import APPLICATION_ID, another_program
from moviecrawler.stores.sqlite.migrations import STEPS, version_of


def connect_to_read(path: Path) -> sqlite3.Connection:
    """StoreError where the file is of another program or version; sqlite3.Error where it cannot be read either."""
    connection = open_to_read(path)
    try:
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        if application != APPLICATION_ID:
            raise another_program(path)
        if (version := version_of(connection)) != len(STEPS):
            raise StoreError(
                f"SQLite {path}: it has schema version {version}, this moviecrawler reads version {len(STEPS)}, and "
                "may not write to it; open a copy that may be written to, and it is brought up to date"
            )
    except BaseException:
        connection.close()
        raise
    return connection


def open_to_read(path: Path) -> sqlite3.Connection:
    """Whatever database it is; sqlite3.Error where it cannot be read either."""
    address = path.absolute().as_uri()
    try:
        return _opened(f"{address}?mode=ro")
    except sqlite3.OperationalError:
        # SQLite reads no file in WAL mode where it may put none beside it, unless it is told that nobody writes
        # (https://www.sqlite.org/wal.html#readonly). What a -wal file holds would be missed then.
        wal = f"{path}-wal"
        if os.path.exists(wal) and os.path.getsize(wal):
            raise
        return _opened(f"{address}?immutable=1")


def _opened(address: str) -> sqlite3.Connection:
    """Open, and read something: before that SQLite does not look."""
    connection = sqlite3.connect(address, uri=True, isolation_level=None)
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except BaseException:
        connection.close()
        raise
    return connection
