"""Opens a file that this user may read but not write: a backup, a read-only disk, another user's data."""

import os
import sqlite3
from pathlib import Path

from moviecrawler.exceptions import StoreError
from moviecrawler.stores.sqlite.header import APPLICATION_ID, another_program
from moviecrawler.stores.sqlite.migrations import STEPS, version_of


def connect_to_read(path: Path) -> sqlite3.Connection:
    """StoreError if the file belongs to another program or has another version; sqlite3.Error if it cannot be read."""
    connection = open_to_read(path)
    try:
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        if application != APPLICATION_ID:
            raise another_program(path)
        if (version := version_of(connection)) != len(STEPS):
            raise StoreError(
                f"SQLite {path}: it has schema version {version}, this moviecrawler reads version {len(STEPS)}, and "
                "cannot write to it; open a writable copy, and it is migrated"
            )
    except BaseException:
        connection.close()
        raise
    return connection


def open_to_read(path: Path) -> sqlite3.Connection:
    """Opens any database; sqlite3.Error if it cannot be read."""
    address = path.absolute().as_uri()
    try:
        return _opened(f"{address}?mode=ro")
    except sqlite3.OperationalError:
        # SQLite cannot read a file in WAL mode where it cannot create files beside it, unless told that nobody writes
        # (https://www.sqlite.org/wal.html#readonly). That would miss the content of a -wal file.
        wal = f"{path}-wal"
        if os.path.exists(wal) and os.path.getsize(wal):
            raise
        return _opened(f"{address}?immutable=1")


def _opened(address: str) -> sqlite3.Connection:
    """Open, and read something: SQLite does not look at the file before that."""
    connection = sqlite3.connect(address, uri=True, isolation_level=None)
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except BaseException:
        connection.close()
        raise
    return connection
