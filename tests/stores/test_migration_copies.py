"""Before a migration that does more than add, SQLite's file is copied; without a copy it is not migrated."""

import os
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from moviecrawler.exceptions import StoreError
from moviecrawler.stores import open_store, opened
from moviecrawler.stores.sqlite import copies, migrations
from tests.backup.test_backup import files_of_at_most
from tests.stores import version_1
from tests.support.films import film, insert


def version(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


def double_years(connection: sqlite3.Connection) -> None:
    connection.execute("UPDATE documents SET year = 2 * year")


@pytest.fixture
def old(tmp_path: Path) -> Path:
    path = tmp_path / "movies.db"
    version_1.write_sqlite(path)
    return path


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def test_the_copy_is_what_the_older_version_left_and_takes_its_place_again(
    old: Path, sqlite_uri: str, caplog: pytest.LogCaptureFixture
) -> None:
    with closing(sqlite3.connect(old)) as connection:
        before = list(connection.iterdump())
    for _ in range(2):
        async with opened(open_store(sqlite_uri)):
            pass
    copy = old.with_name("movies.db.version-1")
    assert names(old.parent) == ["movies.db", copy.name]
    assert caplog.messages == [f"SQLite {old}: migrated from version 1 to 4; a copy of before is {copy}"]
    with closing(sqlite3.connect(copy)) as connection:
        assert list(connection.iterdump()) == before
    copy.replace(old)
    assert version(old) == 1


async def test_a_write_ahead_log_is_in_the_copy(
    sqlite_uri: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(open_store(sqlite_uri)) as store:
        await store.documents.write([insert(1)])
        content, log = ((tmp_path / f"movies.db{suffix}").read_bytes() for suffix in ("", "-wal"))
    (tmp_path / "movies.db").write_bytes(content)
    (tmp_path / "movies.db-wal").write_bytes(log)  # as a kill leaves it
    monkeypatch.setattr(migrations, "STEPS", (*migrations.STEPS, double_years))
    async with opened(open_store(sqlite_uri)):
        pass
    with closing(sqlite3.connect(tmp_path / "movies.db.version-4")) as connection:
        assert connection.execute("SELECT year FROM documents").fetchall() == [(film(1)["year"],)]


async def test_a_migration_that_only_adds_makes_none(
    sqlite_uri: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(open_store(sqlite_uri)):
        pass
    monkeypatch.setattr(migrations, "STEPS", (*migrations.STEPS, ("CREATE TABLE genres (id)",)))
    monkeypatch.setattr(migrations, "ADDING", migrations.ADDING | {5})
    async with opened(open_store(sqlite_uri)):
        pass
    assert (version(tmp_path / "movies.db"), names(tmp_path)) == (5, ["movies.db"])


async def test_without_room_the_store_stays_as_it_is(old: Path, sqlite_uri: str) -> None:
    async with opened(open_store(sqlite_uri)):
        pass
    earlier = old.with_name("movies.db.version-1").replace(old)
    with closing(sqlite3.connect(earlier)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
    with files_of_at_most(50_000), pytest.raises(StoreError) as caught:
        await open_store(sqlite_uri).open()
    assert str(caught.value).startswith(
        f"SQLite {old}: it stays at schema version 1, since it cannot be copied before it is migrated to 4: "
    )
    assert "\n" not in str(caught.value)
    assert (version(old), names(old.parent)) == (1, ["movies.db"])


async def test_a_copy_that_is_damaged_is_none(old: Path, sqlite_uri: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copies, "_sync", lambda path: (_ for _ in ()).throw(OSError(5, "Input/output error")))
    with pytest.raises(StoreError, match="input/output error; it takes"):
        await open_store(sqlite_uri).open()
    assert (version(old), names(old.parent)) == (1, ["movies.db"])


async def test_one_copy_stays_and_what_was_killed_goes(
    old: Path, sqlite_uri: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (old.parent / ".movies.db.0123abcd.copy").write_bytes(b"x")
    async with opened(open_store(sqlite_uri)):
        pass
    monkeypatch.setattr(migrations, "STEPS", (*migrations.STEPS, double_years))
    async with opened(open_store(sqlite_uri)):
        pass
    assert names(old.parent) == ["movies.db", "movies.db.version-4"]


async def test_copies_expire(old: Path, sqlite_uri: str) -> None:
    store = open_store(sqlite_uri)
    async with opened(store):
        pass
    at = datetime(2026, 11, 21, tzinfo=UTC)
    os.utime(old.with_name("movies.db.version-1"), (at.timestamp() - 1,) * 2)
    assert await store.expire_copies(datetime(2026, 11, 20, tzinfo=UTC)) == []
    assert await store.expire_copies(at) == ["movies.db.version-1"]
    assert names(old.parent) == ["movies.db"]
