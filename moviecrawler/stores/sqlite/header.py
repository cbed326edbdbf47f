"""Check which program a file belongs to, before SQLite changes it: even the switch to WAL writes to the file."""

import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from moviecrawler.exceptions import StoreError

APPLICATION_ID = 0x6D637277
"""``mcrw`` in ASCII, in the file's header (https://www.sqlite.org/pragma.html#pragma_application_id)."""

_PRAGMAS = ("user_version", "schema_version", "application_id")
"""The id last: all three are written in one transaction, which may happen right now."""


def refuse_other_programs(path: Path) -> None:
    """StoreError if the file is a database with a table, a version or an application id that is not ours.

    A file that is not a database, or cannot be read, is left for SQLite to reject. SQLite reads the header, not we:
    closing a file drops all locks of this process on it (https://www.sqlite.org/howtocorrupt.html, section 2.2), and
    another crawler of the process (``scrapy collect``) may have it open.
    """
    with suppress(sqlite3.Error), closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True)) as file:
        version, cookie, application = (file.execute(f"PRAGMA {pragma}").fetchone()[0] for pragma in _PRAGMAS)
        if application != APPLICATION_ID and (application or version or cookie):
            raise another_program(path)


def another_program(path: Path) -> StoreError:
    return StoreError(f"SQLite {path}: it is the database of another program; give STORE_URI another path")
