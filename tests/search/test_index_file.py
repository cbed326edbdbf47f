"""The file of the index: made anew when it cannot be used, by one reader at a time, and never half there."""

import asyncio
import fcntl
import os
import resource
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from moviecrawler.exceptions import StoreError
from moviecrawler.search import index_file
from moviecrawler.search.index_file import IndexFile, index_path
from moviecrawler.stores import open_store, opened
from moviecrawler.stores.base import Store
from moviecrawler.stores.checked import CheckedStore
from tests.search.films import ids, named, put

NOW = datetime(2026, 11, 22, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)


@pytest.fixture
def uri(sqlite_uri: str) -> str:
    return sqlite_uri


class Reader:
    """Somebody who searches, and what they are told."""

    def __init__(self, path: Path, store: Store, name: str = "a store") -> None:
        self.lines: list[str] = []
        self._store = CheckedStore(store)
        self.file = IndexFile(path, name, self.lines.append)

    async def search(self, text: str = "moon", now: datetime = NOW) -> list[int]:
        return sorted(ids(await self.file.current(self._store, now), text))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return index_path(tmp_path / "data", "a store")


@pytest.fixture
async def moons(store: Store) -> Store:
    await store.documents.write([put(named(id_, f"Moon {id_}")) for id_ in range(1, 40)])
    return store


ALL = list(range(1, 40))


def cut(path: Path) -> None:
    with path.open("rb+") as file:
        file.truncate(path.stat().st_size // 2)


def garble(path: Path) -> None:
    size = path.stat().st_size
    with path.open("rb+") as file:
        file.seek(4096)
        file.write(b"\xff" * (size - 4096))


def change(statement: str) -> Callable[[Path], None]:
    def changed(path: Path) -> None:
        with sqlite3.connect(path) as connection:
            connection.execute(statement)
        connection.close()

    return changed


UNUSABLE = {
    "cut": cut,
    "garbled": garble,
    "empty": lambda path: path.write_bytes(b""),
    "no database": lambda path: path.write_bytes(b"not a database " * 1000),
    "another version": change("PRAGMA user_version = 99"),
    "another store's": change("UPDATE notes SET value = 'another' WHERE name = 'store'"),
    "without a table": change("DROP TABLE keys"),
    "without words": change("DELETE FROM words_data"),
    "another program's": change("PRAGMA application_id = 1"),
}


@pytest.mark.parametrize("how", UNUSABLE)
async def test_a_file_that_cannot_be_used_is_made_anew(how: str, moons: Store, path: Path) -> None:
    assert await Reader(path, moons).search() == ALL
    UNUSABLE[how](path)
    reader = Reader(path, moons)
    assert len([line async for line in reader.file.faults(CheckedStore(moons))]) == (how != "without words")
    await moons.documents.write([put(named(50, "Moon"))])
    try:
        found = await reader.search(now=LATER)
    except sqlite3.DatabaseError:  # found only by who searches
        found = sorted(ids(await reader.file.anew(CheckedStore(moons), LATER), "moon"))
    assert (found, reader.lines) == ([*ALL, 50], [])
    assert await Reader(path, moons).search(now=LATER) == found
    assert [line async for line in reader.file.faults(CheckedStore(moons))] == []
    assert sorted(os.listdir(path.parent)) == [path.name, path.with_suffix(".lock").name]


async def test_two_stores_have_two_files(tmp_path: Path) -> None:
    assert index_path(tmp_path, "SQLite movies.db") != index_path(tmp_path, "MongoDB localhost/movies")


async def test_one_of_two_readers_builds_and_the_other_has_what_it_built(
    moons: Store, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built = []
    fill = IndexFile._fill
    monkeypatch.setattr(IndexFile, "_fill", lambda self, *more: (built.append(self), fill(self, *more))[1])
    readers = [Reader(path, moons) for _ in range(3)]
    assert await asyncio.gather(*(reader.search() for reader in readers)) == [ALL] * 3
    assert len(built) == 1


async def test_who_waits_for_another_uses_what_is_there(
    moons: Store, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await Reader(path, moons).search()
    await moons.documents.write([put(named(50, "Moon"))])
    monkeypatch.setattr(index_file, "PATIENCE", 0.1)
    monkeypatch.setattr(index_file, "_QUIET", 0.01)
    with path.with_suffix(".lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        reader = Reader(path, moons)
        assert await reader.search(now=LATER) == ALL
        assert reader.lines == ["another process brings the search index up to date: waiting for it"]
        path.unlink()
        monkeypatch.setattr(index_file, "BUILD_PATIENCE", 0.1)
        assert await reader.search(now=LATER) == [*ALL, 50]
        assert "this one is in memory" in reader.lines[-1]


async def test_a_reader_that_stays_sees_what_others_make_of_the_file(moons: Store, path: Path) -> None:
    stays = Reader(path, moons)
    await stays.search()
    path.unlink()
    await moons.documents.write([put(named(50, "Moon"))])
    await Reader(path, moons).search(now=LATER)
    assert await stays.search(now=LATER) == [*ALL, 50]


_BUILD = """
import asyncio, sys
from datetime import UTC, datetime
from pathlib import Path
from moviecrawler.search import catch_up
from moviecrawler.search.index import SearchIndex
from moviecrawler.search.index_file import IndexFile
from moviecrawler.stores import open_store, opened
from moviecrawler.stores.checked import CheckedStore

catch_up._PAGE = 5
put = SearchIndex.put

def slow(self, entries):
    put(self, entries)
    print(len(entries), flush=True)
    sys.stdin.readline()

SearchIndex.put = slow

async def main():
    async with opened(CheckedStore(open_store(sys.argv[1]))) as store:
        await IndexFile(Path(sys.argv[2]), "a store").current(store, datetime(2026, 11, 22, tzinfo=UTC))

asyncio.run(main())
"""


async def test_what_a_killed_build_leaves_is_never_used_and_removed(uri: str, moons: Store, path: Path) -> None:
    building = subprocess.Popen(
        [sys.executable, "-c", _BUILD, uri, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert building.stdin
    assert building.stdout
    with building:
        assert building.stdout.readline()
        building.stdin.write(b"\n")
        building.stdin.flush()
        assert building.stdout.readline()
        building.send_signal(signal.SIGKILL)
    assert not path.exists()
    assert list(path.parent.glob(f".{path.name}.*"))
    assert await Reader(path, moons).search() == ALL
    assert sorted(os.listdir(path.parent)) == [path.name, path.with_suffix(".lock").name]


async def test_where_nothing_can_be_written_the_index_is_in_memory(moons: Store) -> None:
    reader = Reader(Path("/proc/search.db"), moons)
    assert await reader.search() == ALL
    assert len(reader.lines) == 1
    assert reader.lines[0].startswith("/proc/search.db: the search index cannot be kept (")
    await moons.documents.write([put(named(50, "Moon"))])
    assert await reader.search(now=LATER) == [*ALL, 50]
    assert len(reader.lines) == 1


async def test_a_file_that_cannot_be_written_is_copied_into_memory(
    moons: Store, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await Reader(path, moons).search()
    before = path.read_bytes()
    connected = index_file._connected

    def read_only(*arguments: object) -> sqlite3.Connection | None:
        connection = connected(*arguments)  # type: ignore[arg-type]
        if connection:
            connection.execute("PRAGMA query_only = 1")
        return connection

    monkeypatch.setattr(index_file, "_connected", read_only)
    await moons.documents.write([put(named(50, "Moon"))])
    reader = Reader(path, moons)
    assert await reader.search(now=LATER) == [*ALL, 50]
    assert (path.read_bytes(), len(reader.lines)) == (before, 1)


async def test_a_disk_that_fills_up_leaves_no_half_index(moons: Store, path: Path) -> None:
    reader = Reader(path, moons)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, limits[1]))
    try:
        found = await reader.search()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert (found, len(reader.lines)) == (ALL, 1)
    assert os.listdir(path.parent) == [path.with_suffix(".lock").name]


async def test_where_there_is_no_room_at_all_one_line_says_so(moons: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: IndexFile, *more: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(IndexFile, "_fill", full)
    with pytest.raises(StoreError, match="no room for a search index"):
        await Reader(Path("/proc/search.db"), moons).search()


async def test_building_holds_up_no_writer(uri: str, moons: Store, path: Path) -> None:
    """A crawl writes while every page of the store is read."""
    from moviecrawler.search.index import SearchIndex

    written = []
    async with opened(open_store(uri)) as crawl:
        put_entries = SearchIndex.put

        def put_and_write(self: SearchIndex, entries: object) -> None:
            put_entries(self, entries)  # type: ignore[arg-type]
            written.append(asyncio.ensure_future(crawl.documents.write([put(named(60 + len(written), "Moon"))])))

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(SearchIndex, "put", put_and_write)
            patch.setattr("moviecrawler.search.catch_up._PAGE", 10)
            await Reader(path, moons).search()
        for outcome in await asyncio.gather(*written):
            assert outcome.inserted
    found = await Reader(path, moons).search(now=LATER)
    assert found == [*ALL, *range(60, 60 + len(written))]
