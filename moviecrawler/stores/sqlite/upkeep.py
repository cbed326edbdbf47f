"""What a SQLite file needs now and then: a look at whether it is whole, ANALYZE, and VACUUM."""

import shutil
import sqlite3
from pathlib import Path

from moviecrawler.exceptions import StoreError
from moviecrawler.stores.sqlite.connection import Connection

_DEFECTS = 5
"""Lines of the integrity check that are read."""

_ROWS_LOOKED_AT = 1000
"""Of each index, for ANALYZE: enough to tell, and no writer waits long."""


class SqliteUpkeep:
    """See :class:`moviecrawler.stores.base.Upkeep`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def defects(self) -> list[str]:
        return await self._connection.run(_defects)

    async def analyze(self) -> None:
        await self._connection.run(_analyze)

    async def free_bytes(self) -> int:
        return await self._connection.run(_free_bytes)

    async def vacuum(self) -> None:
        await self._connection.run(_vacuum, self._connection.path)


def _defects(connection: sqlite3.Connection) -> list[str]:
    lines = [str(line) for (line,) in connection.execute(f"PRAGMA integrity_check({_DEFECTS})")]
    return [] if lines == ["ok"] else lines


def _analyze(connection: sqlite3.Connection) -> None:
    connection.execute(f"PRAGMA analysis_limit = {_ROWS_LOOKED_AT}")
    connection.execute("ANALYZE")


def _free_bytes(connection: sqlite3.Connection) -> int:
    return _number(connection, "freelist_count") * _number(connection, "page_size")


def _vacuum(connection: sqlite3.Connection, path: Path) -> None:
    """What is kept is copied, then written through the -wal file: a kill or an error leaves the old file as it was."""
    needed = _number(connection, "page_count") * _number(connection, "page_size") - _free_bytes(connection)
    if (free := shutil.disk_usage(path.parent).free) < needed:
        raise StoreError(
            f"SQLite {path}: VACUUM needs {needed / 1e6:,.1f} MB beside it, and the disk has {free / 1e6:,.1f} MB: "
            "free some space and start again, nothing is lost"
        )
    connection.execute("VACUUM")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def _number(connection: sqlite3.Connection, pragma: str) -> int:
    number: int = connection.execute(f"PRAGMA {pragma}").fetchone()[0]
    return number
