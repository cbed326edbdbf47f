"""Whose file it is, before SQLite touches it: even the switch to WAL changes the file of another program."""

from contextlib import suppress
from pathlib import Path

from moviecrawler.exceptions import StoreError

APPLICATION_ID = 0x6D637277
"""``mcrw`` in ASCII, in the file's header (https://www.sqlite.org/pragma.html#pragma_application_id)."""

_SIZE = 72
_SCHEMA_COOKIE, _USER_VERSION, _APPLICATION_ID = 40, 60, 68
"""Places of big-endian 32-bit integers in the header (https://www.sqlite.org/fileformat.html, section 1.3)."""


def refuse_other_programs(path: Path) -> None:
    """StoreError when a database is there that has had a table, a version or an application id, and not ours.

    What is no database, or cannot be read, is for SQLite to refuse.
    """
    with suppress(OSError), path.open("rb") as file:
        header = file.read(_SIZE)
        if len(header) == _SIZE and header.startswith(b"SQLite format 3\0"):
            places = (_APPLICATION_ID, _USER_VERSION, _SCHEMA_COOKIE)
            application, version, cookie = (int.from_bytes(header[place : place + 4]) for place in places)
            if application != APPLICATION_ID and (application or version or cookie):
                raise another_program(path)


def another_program(path: Path) -> StoreError:
    return StoreError(f"SQLite {path}: it is the database of another program; give STORE_URI another path")
