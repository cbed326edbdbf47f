"""A file that is removed, replaced or moved while a store has it open: no lost write is acknowledged."""

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from moviecrawler.exceptions import StoreError
from moviecrawler.stores import open_store
from tests.support.films import insert


def replace(path: Path) -> None:
    copy = path.with_name("copy.db")
    shutil.copy(path, copy)
    copy.replace(path)


TAKEN: dict[str, Callable[[Path], object]] = {
    "removed": lambda path: path.unlink(),
    "removed with its log": lambda path: [file.unlink() for file in path.parent.iterdir()],
    "renamed": lambda path: path.rename(path.with_name("old.db")),
    "replaced": replace,
    "replaced by an empty one": lambda path: (path.unlink(), path.touch()),
    "its folder renamed": lambda path: path.parent.rename(path.parent.with_name("elsewhere")),
    "its folder removed": lambda path: shutil.rmtree(path.parent),
}


@pytest.mark.parametrize("how", TAKEN)
async def test_no_call_that_writes_succeeds(tmp_path: Path, how: str) -> None:
    path = tmp_path / "data" / "movies.db"
    store = open_store(f"sqlite:///{path}", data_dir=tmp_path)
    await store.open()
    await store.documents.write([insert(1)])
    TAKEN[how](path)
    for call in (
        lambda: store.documents.write([insert(2)]),
        lambda: store.records.put("runs", [{"_id": "run"}]),
        lambda: store.state.set("cursor", 1),
    ):
        with pytest.raises(StoreError, match="while it was open") as error:
            await call()
        assert "\n" not in str(error.value)
        assert str(path) in str(error.value)
    await store.close()


async def test_maintenance_by_other_processes_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "movies.db"
    store = open_store(f"sqlite:///{path}", data_dir=tmp_path)
    await store.open()
    for turn in range(3):
        other = sqlite3.connect(path)
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        other.execute("VACUUM")
        other.close()
        await store.documents.write([insert(turn)])
    assert await store.documents.count("movies") == 3
    await store.close()


async def test_a_log_that_is_removed_is_in_the_file_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "movies.db"
    store = open_store(f"sqlite:///{path}", data_dir=tmp_path)
    await store.open()
    await store.documents.write([insert(1)])
    path.with_name("movies.db-wal").unlink()
    await store.documents.write([insert(2)])
    await store.close()
    assert {id for (id,) in sqlite3.connect(path).execute("SELECT id FROM documents")} == {1, 2}
