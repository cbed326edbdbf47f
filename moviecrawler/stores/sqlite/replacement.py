"""A new file beside the store's, which takes its place by one rename."""

import asyncio
import os
import sqlite3
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, ExitStack, asynccontextmanager, closing, contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from typing import Any

from moviecrawler.exceptions import StoreError
from moviecrawler.items import KINDS
from moviecrawler.stores.base import STATE
from moviecrawler.stores.canonical_json import StoredRow, to_text
from moviecrawler.stores.sqlite.connection import Connection, select_in, transaction
from moviecrawler.stores.sqlite.documents import PUT_DOCUMENT
from moviecrawler.stores.sqlite.index_rows import index_rows_of_any, replace_index_rows
from moviecrawler.stores.sqlite.records import PUT_RECORD
from moviecrawler.stores.sqlite.snapshot import SqliteSnapshot, snapshot
from moviecrawler.stores.validation import check_record_kind

_LEFT_OVER = 3600.0
"""Seconds without a write after which the new file of a killed restore is removed by the next one."""

_BESIDE = ("-wal", "-shm", "-journal")
"""SQLite's own files beside a database; left beside another one, they would be applied to it."""

_PUT_STATE = "INSERT INTO state (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value"


class SqliteReplacement:
    """See :class:`moviecrawler.stores.base.Replacement`."""

    def __init__(self, path: Path, connection: Connection, order: str) -> None:
        self._path = path
        self._connection = connection
        self._order = order

    async def load(self, kind: str, rows: Sequence[StoredRow]) -> None:
        await self._connection.run(_load, kind, rows, self._order)

    def snapshot(self) -> AbstractAsyncContextManager[SqliteSnapshot]:
        return snapshot(self._path, "OFF")


@asynccontextmanager
async def replacement(path: Path, order: str) -> AsyncIterator[SqliteReplacement]:
    """See ``Store.replacement``."""
    await asyncio.to_thread(_remove_left_over, path)
    beside = path.with_name(f".{path.name}.{token_hex(4)}.restore")
    connection = Connection(beside, "OFF", "make")
    try:
        await connection.open()
        yield SqliteReplacement(beside, connection, order)
        await connection.run(_check_integrity, beside)
        await connection.close()
        await asyncio.to_thread(_put_in_place, beside, path)
    finally:
        await connection.close()
        _remove(beside)


def _load(connection: sqlite3.Connection, kind: str, rows: Sequence[StoredRow], order: str) -> None:
    with transaction(connection):
        if kind == STATE:
            connection.executemany(
                _PUT_STATE, [(row["_id"], to_text(row.get("value"), f"{kind}/{row['_id']}")) for row in rows]
            )
        elif kind in KINDS:
            _load_documents(connection, kind, rows, order)
        else:
            check_record_kind(kind)
            connection.executemany(
                PUT_RECORD, [(kind, row["_id"], to_text(row, f"{kind}/{row['_id']}")) for row in rows]
            )


def _load_documents(connection: sqlite3.Connection, kind: str, rows: Sequence[StoredRow], order: str) -> None:
    sql = "SELECT id, CAST(side_rows AS BLOB) FROM documents WHERE kind = ? AND id IN (??)"
    before = dict(select_in(connection, sql, (kind,), [row["_id"] for row in rows]))
    indexed = [(row["_id"], before.get(row["_id"]), index_rows_of_any(row, order)) for row in rows]
    columns = [
        (
            *(kind, row["_id"], _scalar(row.get("revision")) or 0),
            *(_scalar(row.get(name)) for name in ("imdb_id", "year", "popularity", "updated_at")),
            *(to_text(index, f"{kind}/{row['_id']}"), to_text(row, f"{kind}/{row['_id']}")),
        )
        for row, (_, _, index) in zip(rows, indexed, strict=True)
    ]
    connection.executemany(PUT_DOCUMENT, columns)
    replace_index_rows(connection, kind, indexed)


def _scalar(value: Any) -> Any:
    """What a column can hold; None for the field of a damaged document that is something else."""
    return value if isinstance(value, str | int | float) else None


def _check_integrity(connection: sqlite3.Connection, path: Path) -> None:
    (found,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    if found != "ok":
        raise StoreError(f"SQLite {path}: the new file is damaged ({found}); is the disk failing?")


def _put_in_place(new: Path, path: Path) -> None:
    try:
        with new.open("rb+") as file:
            os.fsync(file.fileno())
        with _kept_from_others(path):
            for suffix in _BESIDE:
                Path(f"{path}{suffix}").unlink(missing_ok=True)
            new.replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise StoreError(f"SQLite {path}: it cannot be replaced ({error.strerror})") from error


@contextmanager
def _kept_from_others(path: Path) -> Iterator[None]:
    """Until the block ends no other process can read or write the file.

    StoreError if another process has it open: SQLite then refuses to leave WAL mode. What still stands in the -wal file
    moves into the database by that, so up to the rename the old store is whole.
    """
    if not path.exists():
        yield
        return
    address = f"{path.absolute().as_uri()}?mode=rw"
    with ExitStack() as stack:
        try:
            connection = sqlite3.connect(address, uri=True, timeout=0, isolation_level=None)
            stack.enter_context(closing(connection))
            connection.execute("PRAGMA journal_mode = DELETE")
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.Error as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                what = "another process has it open; end that process and try again"
                raise StoreError(f"SQLite {path}: {what}") from None
            # It is damaged, or nobody's store: that is why it is replaced.
        yield


def _remove_left_over(path: Path) -> None:
    with suppress(OSError):
        for found in path.parent.iterdir():
            with suppress(OSError):
                ours = found.name.startswith(f".{path.name}.") and found.name.endswith(".restore")
                if ours and time.time() - found.stat().st_mtime > _LEFT_OVER:
                    _remove(found)


def _remove(path: Path) -> None:
    for suffix in ("", *_BESIDE):
        with suppress(OSError):
            Path(f"{path}{suffix}").unlink(missing_ok=True)
