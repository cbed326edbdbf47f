"""What a store is opened for: only ``make`` creates one, and ``read`` needs no permission to write."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import get_args

import pytest

from moviecrawler.exceptions import StoreAbsent, StoreError
from moviecrawler.stores import open_store
from moviecrawler.stores.base import Access
from tests.support.films import insert
from tests.support.pages import PROJECT

NOW = "2026-11-21T08:15:30.123Z"


async def test_only_access_make_opens_an_absent_store(uri: str, tmp_path: Path) -> None:
    for access in ("read", "write", "read"):
        with pytest.raises(StoreAbsent, match="nothing is stored there yet"):
            await open_store(uri, data_dir=tmp_path, access=access).open()
    for access in ("make", *get_args(Access)):
        store = open_store(uri, data_dir=tmp_path, access=access)
        await store.open()
        assert await store.documents.count("movies") == 0
        await store.close()


async def test_a_reader_sees_earlier_writes(uri: str, tmp_path: Path) -> None:
    store, reader = open_store(uri, data_dir=tmp_path), open_store(uri, data_dir=tmp_path, access="read")
    await store.open()
    await reader.open()
    await store.documents.write([insert(603)])
    assert await reader.documents.count("movies") == 1
    await reader.close()
    await store.close()


def _one_line(stderr: str) -> str:
    """What a script says that does not catch the error: one line, and no traceback."""
    (line,) = stderr.splitlines()
    return line


READ = """
import asyncio, os, sys
from pathlib import Path
from moviecrawler.stores import open_store

Path("/").as_uri()  # imports what the other user may not read
os.setuid(65534)

async def read():
    store = open_store(f"sqlite:///{sys.argv[1]}", data_dir=Path(), access="read")
    await store.open()
    print(await store.documents.count("movies"), (await store.documents.stats("movies", sys.argv[2])).total)
    await store.close()

asyncio.run(read())
"""


@pytest.fixture
async def path() -> AsyncIterator[Path]:
    """A file with one film, in a folder that everybody may look into (those of pytest are root's alone)."""
    if not (os.geteuid() == 0 and hasattr(os, "setuid")):
        pytest.skip("only root can become somebody who may not write")
    with TemporaryDirectory() as folder:
        await _store_a_film(path := Path(folder, "movies.db"))
        yield path


async def _store_a_film(path: Path) -> None:
    store = open_store(f"sqlite:///{path}", data_dir=path.parent)
    await store.open()
    await store.documents.write([insert(603)])
    await store.close()


def read_by_nobody(path: Path, modes: Iterable[int]) -> "subprocess.CompletedProcess[str]":
    for place, mode in zip((path.parent, path), modes, strict=True):
        place.chmod(mode)
    environment = {"PYTHONPATH": str(PROJECT), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [sys.executable, "-c", READ, path, NOW], env=environment, capture_output=True, text=True, timeout=60
    )


@pytest.mark.parametrize("modes", [(0o555, 0o444), (0o777, 0o444), (0o555, 0o666)], ids=["both", "file", "folder"])
async def test_a_write_protected_store_can_be_read(path: Path, modes: tuple[int, int]) -> None:
    before = path.read_bytes()
    run = read_by_nobody(path, modes)
    assert (run.returncode, run.stdout) == (0, "1 1\n"), run.stderr
    assert path.read_bytes() == before


async def test_a_write_protected_store_of_an_older_version_is_one_error_line(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 1")
    connection.close()
    run = read_by_nobody(path, (0o555, 0o444))
    assert run.returncode == 1
    assert _one_line(run.stderr).startswith(f"SQLite {path}: it has schema version 1, ")
    assert "cannot write to it" in run.stderr


async def test_the_content_of_a_wal_file_is_not_missed(path: Path) -> None:
    path.with_name("movies.db-wal").write_bytes(b"not yet put back")
    run = read_by_nobody(path, (0o555, 0o444))
    assert run.returncode == 1
    assert _one_line(run.stderr).startswith("SQLite ")


async def test_a_store_without_permission_does_not_count_as_absent(path: Path) -> None:
    run = read_by_nobody(path, (0o700, 0o444))
    assert _one_line(run.stderr).startswith(f"SQLite {path}: it cannot be opened")


async def test_a_file_of_another_program_is_refused_to_readers_too(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE songs (title TEXT)")
    connection.close()
    with pytest.raises(StoreError, match="the database of another program"):
        await open_store(f"sqlite:///{path}", data_dir=tmp_path, access="read").open()
