"""Several writing processes, and processes that are killed."""

import asyncio
import signal
import sqlite3
import sys
from collections import Counter
from pathlib import Path

import pytest

from moviecrawler.stores import open_store
from moviecrawler.stores.base import Store
from moviecrawler.stores.sqlite.index_rows import index_rows
from tests.stores import worker
from tests.support.films import film, insert

PIPE = asyncio.subprocess.PIPE


async def start(*arguments: str) -> asyncio.subprocess.Process:
    command = [sys.executable, "-m", "tests.stores.worker", *arguments]
    return await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, stderr=PIPE)


async def test_two_writers_lose_no_update(store: Store, uri: str) -> None:
    await store.documents.write([insert(1, popularity=0)])
    await store.state.set("used", 0)
    workers = [await start("count", uri, name) for name in ("first", "second")]
    for process in workers:
        _, stderr = await process.communicate()
        assert process.returncode == 0, stderr.decode()
    document = (await store.documents.get_many([("movies", 1)]))["movies", 1]
    total = 2 * worker.COUNTS
    assert (document["popularity"], document["revision"]) == (total, total + 1)
    assert await store.state.get("used") == total
    assert len((await store.records.get("runs", ["r"]))["r"]["done"]) == total


async def test_two_processes_reserve_no_more_than_the_limit(store: Store, uri: str) -> None:
    workers = [await start("reserve", uri) for _ in range(2)]
    for process in workers:
        assert process.stdout is not None
        assert await process.stdout.readline() == b"ready\n"
    kept = []
    for stdout, stderr in await asyncio.gather(*(process.communicate(b"go\n") for process in workers)):
        assert not stderr, stderr.decode()
        kept.append(int(stdout))
    assert (sum(kept), await store.state.get("quota")) == (worker.LIMIT, worker.LIMIT)
    assert min(kept) > 7, "both took part"


async def test_a_reader_that_closes_takes_nothing_from_two_stores_of_one_process(tmp_path: Path) -> None:
    """A file that this process opens and closes beside SQLite drops its locks, and the reader deletes the -wal file."""
    path = tmp_path / "movies.db"
    stores = [open_store(f"sqlite:///{path}", data_dir=tmp_path) for _ in range(2)]
    for store in stores:  # as `scrapy collect` has them
        await store.open()
    for id in range(1, 5):
        await stores[id % 2].documents.write([insert(id)])
        read = f"import sqlite3; c = sqlite3.connect({str(path)!r}); c.execute('SELECT * FROM documents'); c.close()"
        reader = await asyncio.create_subprocess_exec(sys.executable, "-c", read)
        assert await reader.wait() == 0
        assert path.with_name("movies.db-wal").exists()
    assert len(await stores[0].documents.get_many([("movies", id) for id in range(1, 5)])) == 4
    for store in stores:
        await store.close()


async def test_processes_that_create_the_same_file_wait_for_each_other(tmp_path: Path) -> None:
    for turn in range(30):
        stores = [open_store(f"sqlite:///{tmp_path / f'{turn}.db'}", data_dir=tmp_path) for _ in range(4)]
        await asyncio.gather(*(store.open() for store in stores))
        await asyncio.gather(*(store.close() for store in stores))


async def kill_in_mid_write(uri: str, lines: int) -> dict[int, int]:
    """The acknowledged revision of each id, of a writer that got SIGKILL after so many lines."""
    process = await start("insert", uri)
    assert process.stdout is not None
    acknowledged: dict[int, int] = {}
    async for line in process.stdout:
        id_, revision = map(int, line.split())
        acknowledged[id_] = max(revision, acknowledged.get(id_, 0))
        lines -= 1
        if not lines:
            process.send_signal(signal.SIGKILL)  # what is in the pipe by then is acknowledged too, and read on
    await process.wait()
    assert process.returncode == -signal.SIGKILL
    return acknowledged


async def test_acknowledged_writes_survive_kill_9(uri: str) -> None:
    acknowledged: dict[int, int] = {}
    for lines in (1, 57, 333):
        acknowledged |= await kill_in_mid_write(uri, lines)
        store = open_store(uri, data_dir=Path())
        await store.open()
        stored = {document["_id"]: document async for document in store.documents.iterate("movies")}
        await store.close()
        assert {id_ for id_, revision in acknowledged.items() if stored[id_]["revision"] < revision} == set()
        assert all(document == film(id_, document["revision"]) for id_, document in stored.items())


@pytest.mark.parametrize("lines", [1, 200])
async def test_kill_9_leaves_a_whole_sqlite_database(sqlite_uri: str, tmp_path: Path, lines: int) -> None:
    await kill_in_mid_write(sqlite_uri, lines)
    with sqlite3.connect(tmp_path / "movies.db") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        ids = [id_ for (id_,) in connection.execute("SELECT id FROM documents ORDER BY id")]
        assert len(ids) % worker.BATCH == 0, "a batch is there as a whole or not at all"
        stored = connection.execute("SELECT id, revision FROM documents").fetchall()
        wanted = [(id_, index_rows(film(id_, revision))) for id_, revision in stored]
        due = {(id_, *row) for id_, rows in wanted for row in rows["due"]}
        columns = "id, source, turn, minus_rank, never, next_refresh_at, day"
        assert set(connection.execute(f"SELECT {columns} FROM due")) == due
        counters = Counter(name for _, rows in wanted for name in rows["counters"].splitlines())
        assert dict(connection.execute("SELECT name, number FROM counters")) == counters
