"""A copy of the file as the older version left it, before a migration that does more than add."""

import logging
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from secrets import token_hex

from moviecrawler.exceptions import StoreError

logger = logging.getLogger(__name__)

_NAME = ".version-"
_PARTIAL = ".copy"


def copy_before_migration(path: Path, version: int, newest: int) -> None:
    """Beside the file, ``movies.db.version-2``, in place of all earlier copies. Must be called with the write lock.

    StoreError, and nothing has changed, when there is no room for it or it is not right.
    """
    partial = path.with_name(f".{path.name}.{token_hex(4)}{_PARTIAL}")
    copy = path.with_name(f"{path.name}{_NAME}{version}")
    _remove_left_over(path)
    try:
        _copy(path, partial)
        partial.replace(copy)
        _sync(path.parent)
    except (sqlite3.Error, OSError) as error:
        why = " ".join(str(getattr(error, "strerror", None) or error).lower().split())
        raise StoreError(
            f"SQLite {path}: it stays at schema version {version}, since it cannot be copied before it is migrated to "
            f"{newest}: {why}; it takes {path.stat().st_size / 1e6:,.0f} MB beside it"
        ) from None
    finally:
        _remove(partial)
    for other in _copies(path):
        if other != copy:
            _remove(other)
    logger.warning("SQLite %s: migrated from version %d to %d; a copy of before is %s", path, version, newest, copy)


def expire_copies(path: Path, before: float) -> list[str]:
    """Remove the copies that were made before this time (seconds since 1970); returns their names."""
    with suppress(OSError):
        old = [copy for copy in _copies(path) if copy.stat().st_mtime < before]
        for copy in old:
            copy.unlink()
        return [copy.name for copy in old]
    return []


def _copy(path: Path, partial: Path) -> None:
    """By SQLite's own backup, which sees what was committed and nothing of the transaction that is open."""
    with (
        closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as source,
        closing(sqlite3.connect(partial, isolation_level=None)) as target,
    ):
        target.execute("PRAGMA synchronous = OFF")  # it is made durable below, in one go
        source.backup(target)
    with closing(sqlite3.connect(f"{partial.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as made:
        (found,) = made.execute("PRAGMA quick_check(1)").fetchone()
    if found != "ok":
        raise sqlite3.DatabaseError(f"the copy is damaged ({found})")
    _sync(partial)


def _copies(path: Path) -> Iterator[Path]:
    for found in path.parent.iterdir():
        if found.name.startswith(f"{path.name}{_NAME}") and found.name.removeprefix(f"{path.name}{_NAME}").isdecimal():
            yield found


def _remove_left_over(path: Path) -> None:
    """What a killed process has left: nobody else copies while we hold the write lock."""
    with suppress(OSError):
        for found in path.parent.iterdir():
            if found.name.startswith(f".{path.name}.") and _PARTIAL in found.name:
                _remove(found)


def _remove(path: Path) -> None:
    for suffix in ("", "-journal", "-wal", "-shm"):
        with suppress(OSError):
            Path(f"{path}{suffix}").unlink(missing_ok=True)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
