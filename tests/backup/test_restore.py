"""A restore replaces the store, or leaves it as it was."""

import asyncio
import os
import sqlite3
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from moviecrawler.backup.restore import restore
from moviecrawler.documents.records import RUNS
from moviecrawler.exceptions import BackupError, StoreError
from moviecrawler.stores import open_store, opened
from moviecrawler.stores.base import Store
from moviecrawler.stores.live import this_process
from moviecrawler.stores.sqlite import replacement
from moviecrawler.timestamps import iso
from tests.backup.filled import FILMS, NOW, all_of
from tests.support.films import insert


def quiet(done: int, total: int) -> None:
    pass


async def refused(path: Path, store: Store, *, force: bool = True) -> str:
    with pytest.raises((BackupError, StoreError)) as caught:
        await restore(path, store, NOW, quiet, force=force)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.fixture
async def other(uri: str, tmp_path: Path) -> Store:
    """A closed store of each kind that has other rows."""
    async with opened(open_store(uri, data_dir=tmp_path)) as store:
        await store.documents.write([insert(900_001, title="Will be lost")])
        await store.records.put(RUNS, [{"_id": "2025"}])  # type: ignore[typeddict-item]
    return open_store(uri, data_dir=tmp_path, access="read")


async def test_a_store_with_rows_is_replaced_with_force_only(backup: Path, other: Store) -> None:
    before = await all_of(other)
    assert "it has 2 rows; --force replaces all of them" in await refused(backup, other, force=False)
    assert await all_of(other) == before
    assert (await restore(backup, other, NOW, quiet, force=True)).replaced
    assert len((await all_of(other))["movies"]) == FILMS


async def test_an_open_but_empty_store_needs_no_force(backup: Path, uri: str, tmp_path: Path) -> None:
    store = open_store(uri, data_dir=tmp_path)
    async with opened(store):
        pass
    assert not (await restore(backup, store, NOW, quiet, force=False)).replaced


async def test_a_store_with_a_run_under_way_is_not_replaced(backup: Path, other: Store) -> None:
    run = {"_id": f"{iso(NOW)}/omdb/host/1", "started_at": iso(NOW), "beat_at": iso(NOW), **this_process()}
    async with opened(other):
        await other.records.put(RUNS, [run])  # type: ignore[list-item]
    before = await all_of(other)
    assert f"a run is under way ({run['_id']})" in await refused(backup, other)
    assert await all_of(other) == before


async def test_a_file_that_another_process_has_open_is_not_replaced(
    backup: Path, sqlite_uri: str, tmp_path: Path
) -> None:
    async with opened(open_store(sqlite_uri)) as store:
        await store.documents.write([insert(900_001)])
        assert "another process has it open" in await refused(backup, open_store(sqlite_uri, access="read"))
        assert await store.documents.count("movies") == 1
    assert not [path.name for path in tmp_path.iterdir() if path.name.endswith(".restore")]


async def test_a_write_ahead_log_of_the_old_file_is_not_applied_to_the_new_one(
    backup: Path, sqlite_uri: str, tmp_path: Path
) -> None:
    """As a kill leaves it: a database, and a -wal file that belongs to it."""
    path = tmp_path / "movies.db"
    async with opened(open_store(sqlite_uri)) as store:
        await store.documents.write([insert(900_001)])
        wal = Path(f"{path}-wal").read_bytes()
        content = path.read_bytes()
    path.write_bytes(content)
    Path(f"{path}-wal").write_bytes(wal)
    store = open_store(sqlite_uri, access="read")
    await restore(backup, store, NOW, quiet, force=True)
    assert not Path(f"{path}-wal").exists()
    assert [film["_id"] for film in (await all_of(store))["movies"]] == list(range(1, FILMS + 1))


async def test_a_write_ahead_log_goes_also_where_sqlite_cannot_open_the_old_file(
    backup: Path, sqlite_uri: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "movies.db-wal"
    async with opened(open_store(sqlite_uri)) as old:
        await old.documents.write([insert(900_001)])
        written = log.read_bytes()
    monkeypatch.setattr(replacement, "_kept_from_others", lambda path: nullcontext(log.write_bytes(written)))
    store = open_store(sqlite_uri, access="read")
    await restore(backup, store, NOW, quiet, force=True)
    assert not log.exists()
    assert [film["_id"] for film in (await all_of(store))["movies"]] == list(range(1, FILMS + 1))


@pytest.mark.parametrize("content", [b"\xff" * 5000, b"SQLite format 3\0" + b"\xff" * 5000])
async def test_a_damaged_file_is_replaced_with_force(
    content: bytes, backup: Path, sqlite_uri: str, tmp_path: Path
) -> None:
    path = tmp_path / "movies.db"
    path.write_bytes(content)
    store = open_store(sqlite_uri, access="read")
    assert "scrapy restore --force replaces it" in await refused(backup, store, force=False)
    assert path.read_bytes() == content
    await restore(backup, store, NOW, quiet, force=True)
    assert len((await all_of(store))["movies"]) == FILMS


async def test_a_damaged_backup_replaces_nothing(backup: Path, other: Store, tmp_path: Path) -> None:
    before = await all_of(other)
    path = max(backup.glob("*.jsonl.gz"), key=lambda path: path.stat().st_size)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert path.name in await refused(backup, other)
    assert await all_of(other) == before
    assert not [path.name for path in tmp_path.iterdir() if path.name.endswith(".restore")]


async def test_an_interrupted_restore_replaces_nothing(backup: Path, other: Store, tmp_path: Path) -> None:
    before = await all_of(other)

    def interrupted(done: int, total: int) -> None:
        if done > total / 3:
            raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await restore(backup, other, NOW, interrupted, force=True)
    assert await all_of(other) == before
    assert not [path.name for path in tmp_path.iterdir() if path.name.endswith(".restore")]


async def test_a_full_disk_replaces_nothing(
    backup: Path, sqlite_uri: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load = replacement._load

    def into_few_pages(connection: sqlite3.Connection, *arguments: Any) -> None:
        connection.execute("PRAGMA max_page_count = 100").fetchall()
        load(connection, *arguments)

    async with opened(open_store(sqlite_uri)) as store:
        await store.documents.write([insert(900_001)])
    monkeypatch.setattr(replacement, "_load", into_few_pages)
    store = open_store(sqlite_uri, access="read")
    assert "the disk is full; free some space" in await refused(backup, store)
    assert len((await all_of(store))["movies"]) == 1
    assert not [path.name for path in tmp_path.iterdir() if path.name.endswith(".restore")]


async def test_the_new_file_of_a_killed_restore_is_removed_by_a_later_one(
    backup: Path, sqlite_uri: str, tmp_path: Path
) -> None:
    old, young = tmp_path / ".movies.db.0123abcd.restore", tmp_path / ".movies.db.4567abcd.restore"
    for path in (old, young, Path(f"{old}-wal")):
        path.write_bytes(b"x")
    os.utime(old, (1, 1))
    await restore(backup, open_store(sqlite_uri, access="read"), NOW, quiet, force=False)
    assert (old.exists(), Path(f"{old}-wal").exists(), young.exists()) == (False, False, True)
