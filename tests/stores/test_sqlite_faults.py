"""Faults of a database file, and the one line that reports each."""

import asyncio
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from moviecrawler.exceptions import StoreError, StoreUnavailable
from moviecrawler.stores import open_store
from moviecrawler.stores.base import Store
from moviecrawler.stores.sqlite import connection
from moviecrawler.stores.sqlite.schema import VERSION_1
from tests.support.films import insert


async def opened(path: Path | str) -> Store:
    store = open_store(f"sqlite:///{path}", data_dir=Path())
    await store.open()
    return store


async def failure(path: Path | str) -> str:
    with pytest.raises(StoreError) as caught:
        await opened(path)
    line = str(caught.value)
    assert line.startswith(f"SQLite {path}: ")
    assert "\n" not in line
    return line


async def test_a_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    assert "its folder cannot be created (Not a directory); give STORE_URI another path" in await failure(
        tmp_path / "file" / "sub" / "movies.db"
    )


async def test_a_folder_where_nothing_can_be_written() -> None:
    assert "it cannot be opened; the folder must exist and be writable" in await failure("/proc/movies.db")


async def test_a_path_that_is_a_folder(tmp_path: Path) -> None:
    assert "the path must be a file" in await failure(tmp_path)


@pytest.mark.parametrize("size", [100, 5000])
async def test_a_file_that_is_no_database(tmp_path: Path, size: int) -> None:
    path = tmp_path / "movies.db"
    path.write_bytes(b"\xff" * size)
    assert "it is not a SQLite database; give STORE_URI another path" in await failure(path)
    assert path.read_bytes() == b"\xff" * size


OTHER_PROGRAMS = {
    "tables": ["CREATE TABLE documents (id)"],
    "a table once": ["CREATE TABLE documents (id)", "DROP TABLE documents"],
    "an application id": ["PRAGMA application_id = 7"],
    "a version": ["PRAGMA user_version = 1"],
    "WAL": ["PRAGMA journal_mode = WAL", "CREATE TABLE documents (id)"],
    "our version": [*VERSION_1, "PRAGMA user_version = 1"],
}


@pytest.mark.parametrize("name", OTHER_PROGRAMS)
async def test_the_database_of_another_program_is_not_touched(tmp_path: Path, name: str) -> None:
    path = tmp_path / "movies.db"
    other = sqlite3.connect(path, isolation_level=None)
    for statement in OTHER_PROGRAMS[name]:
        other.execute(statement)
    other.close()
    before = path.read_bytes(), path.stat().st_mtime_ns
    assert "it is the database of another program" in await failure(path)
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
    assert [file.name for file in tmp_path.iterdir()] == ["movies.db"]


async def test_another_program_that_has_its_database_open_is_not_disturbed(tmp_path: Path) -> None:
    path = tmp_path / "movies.db"
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("PRAGMA journal_mode = WAL")
    other.execute("CREATE TABLE documents (id)")  # which lies in the -wal file, and not yet in the database
    files = {file: file.read_bytes() for file in tmp_path.iterdir() if file.suffix != ".db-shm"}
    assert "it is the database of another program" in await failure(path)
    assert {file: file.read_bytes() for file in files} == files
    other.execute("INSERT INTO documents VALUES (1)")
    other.close()


async def test_an_empty_file_becomes_a_store(tmp_path: Path) -> None:
    path = tmp_path / "movies.db"
    path.touch()
    store = await opened(path)
    assert (await store.documents.write([insert(1)])).inserted
    await store.close()


async def test_a_store_whose_first_opening_was_killed_is_opened_again(tmp_path: Path) -> None:
    path = tmp_path / "movies.db"
    killed = sqlite3.connect(path, isolation_level=None)
    killed.execute("PRAGMA journal_mode = WAL")  # what is in the file by then
    killed.close()
    assert path.stat().st_size > 0
    await (await opened(path)).close()


async def test_a_file_that_may_only_be_read(tmp_path: Path) -> None:
    if not (os.geteuid() == 0 and hasattr(os, "setuid")):
        pytest.skip("only root can become somebody who may not write")
    path = tmp_path / "movies.db"
    await (await opened(path)).close()
    for folder in (tmp_path, *tmp_path.parents[:3]):
        folder.chmod(0o755)
    path.chmod(0o644)
    code = """
import asyncio, os, sys
from pathlib import Path
from moviecrawler.stores import open_store
Path("/").as_uri()  # imports what the other user may not read
os.setuid(65534)
asyncio.run(open_store(f"sqlite:///{sys.argv[1]}", data_dir=Path()).open())
"""
    run = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, check=False)
    assert f"SQLite {path}: it is read-only; make the file and its folder writable" in run.stderr
    assert len(run.stderr.splitlines()) == 1


async def test_a_damaged_database(tmp_path: Path) -> None:
    path = tmp_path / "movies.db"
    store = await opened(path)
    await store.documents.write([insert(i) for i in range(200)])
    await store.close()
    with path.open("r+b") as file:
        file.seek(4096 * 20)
        file.write(b"\xff" * 4096 * 100)
    store = await opened(path)
    with pytest.raises(StoreError, match="the database is damaged; restore a backup"):
        [document async for document in store.documents.iterate("movies")]
    await store.close()


async def test_a_lock_that_stays_is_worth_a_retry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "BUSY_TIMEOUT", 0.05)
    store = await opened(tmp_path / "movies.db")
    other = sqlite3.connect(tmp_path / "movies.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnavailable, match="another process has kept it locked for too long"):
        await store.documents.write([insert(1)])
    assert await store.documents.count("movies") == 0, "readers do not wait"
    other.execute("COMMIT")
    assert (await store.documents.write([insert(1)])).inserted == {("movies", 1)}
    other.close()
    await store.close()


async def test_a_long_wait_for_a_lock_is_logged_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(connection, "QUIET_SECONDS", 0.05)
    store = await opened(tmp_path / "movies.db")
    other = sqlite3.connect(tmp_path / "movies.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    writing = asyncio.create_task(store.documents.write([insert(1)]))
    while not caplog.messages:
        await asyncio.sleep(0.01)
    other.execute("COMMIT")
    assert (await writing).inserted == {("movies", 1)}
    assert (await store.documents.write([insert(2)])).inserted == {("movies", 2)}
    (line,) = caplog.messages
    assert line.startswith(f"SQLite {tmp_path / 'movies.db'}: another process is writing; waiting for it, up to 30 s")
    other.close()
    await store.close()


async def test_a_full_disk_ends_the_write_and_keeps_what_was_acknowledged(tmp_path: Path) -> None:
    # The kernel refuses to let files grow, as a full disk does; free space comes back within the same process.
    code = """
import asyncio, resource, sys
from pathlib import Path
from moviecrawler.exceptions import StoreError
from moviecrawler.stores import open_store
from tests.support.films import insert

async def main():
    store = open_store(f"sqlite:///{sys.argv[1]}", data_dir=Path())
    await store.open()
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, resource.RLIM_INFINITY))
    batch = 0
    try:
        while True:
            await store.documents.write([insert(batch * 20 + i) for i in range(20)])
            batch += 1
    except StoreError as error:
        print(batch, error)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    await store.documents.write([insert(batch * 20 + i) for i in range(20)])
    await store.close()

asyncio.run(main())
"""
    path = tmp_path / "movies.db"
    run = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, check=True)
    batches, _, line = run.stdout.partition(" ")
    assert line.startswith(f"SQLite {path}: the disk failed to read or write (full, over its quota or failing)")
    assert line.count("\n") == 1
    store = await opened(path)
    assert [d["_id"] async for d in store.documents.iterate("movies")] == list(range(20 * (int(batches) + 1)))
    assert int(batches) > 2
    await store.close()


async def test_sqlite_full_has_the_same_message_as_a_full_disk(tmp_path: Path) -> None:
    store = await opened(tmp_path / "movies.db")
    await store._connection.run(lambda db: db.execute("PRAGMA max_page_count = 30").fetchall())  # type: ignore[attr-defined]
    with pytest.raises(StoreError, match="the disk is full; free some space and start again"):
        await store.documents.write([insert(i) for i in range(200)])
    await store.close()


async def test_many_open_a_new_store_at_once(tmp_path: Path) -> None:
    code = """
import asyncio, sys
from pathlib import Path
from moviecrawler.stores import open_store
store = open_store(f"sqlite:///{sys.argv[1]}", data_dir=Path())
sys.stdin.readline()
asyncio.run(store.open())
"""
    command = [sys.executable, "-c", code, tmp_path / "new" / "movies.db"]
    pipe = asyncio.subprocess.PIPE
    started = [await asyncio.create_subprocess_exec(*command, stdin=pipe, stderr=pipe) for _ in range(6)]
    ended = await asyncio.gather(*(process.communicate(b"go\n") for process in started))
    assert [stderr.decode() for _, stderr in ended] == [""] * 6
