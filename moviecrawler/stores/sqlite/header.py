"""Whose file it is, before SQLite touches it: even the switch to WAL changes the file of another program."""

import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from moviecrawler.exceptions import StoreError

APPLICATION_ID = 0x6D637277
"""``mcrw`` in ASCII, in the file's header (https://www.sqlite.org/pragma.html#pragma_application_id)."""

_MARKS = ("user_version", "schema_version", "application_id")
"""The id last: all three are written at once, and that may be now."""


def refuse_other_programs(path: Path) -> None:
    """StoreError when a database is there that has had a table, a version or an application id, and not ours.

    What is no database, or cannot be read, is for SQLite to refuse. The header is read by SQLite and not by us: to
    close a file drops all locks of this process on it (https://www.sqlite.org/howtocorrupt.html, section 2.2), and
    another crawler of the process (``scrapy collect``) may have it open.
    """
    with suppress(sqlite3.Error), closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True)) as file:
        version, cookie, application = (file.execute(f"PRAGMA {mark}").fetchone()[0] for mark in _MARKS)
        if application != APPLICATION_ID and (application or version or cookie):
            raise another_program(path)


def another_program(path: Path) -> StoreError:
    return StoreError(f"SQLite {path}: it is the database of another program; give STORE_URI another path")
