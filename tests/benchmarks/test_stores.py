"""The SQLite store beside plain sqlite3 that does the same reads, rows and indexes.

The baseline is what one would write by hand for this one purpose: blocking calls on one connection, no checks, no
errors of its own, and it is told which side tables change. What the store costs above it is the hop to its thread,
the checks, and finding out which rows of the side tables changed.
"""

import gc
import json
import sqlite3
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from moviecrawler.stores import open_store
from moviecrawler.stores.base import Store, Write
from moviecrawler.stores.sqlite.index_rows import IndexRows, index_rows
from moviecrawler.stores.sqlite.schema import VERSION_1, VERSION_2
from tests.support.films import insert, update

DOCUMENTS = 3_000
BATCH = 200
ROUNDS = 5
READS = 3  # a single pass over the documents is too short to measure
TARGET = 0.7

PUT = """
    INSERT INTO documents (kind, id, revision, imdb_id, year, popularity, updated_at, side_rows, document)
    VALUES ('movies', ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (kind, id) DO UPDATE SET
        revision = excluded.revision, imdb_id = excluded.imdb_id, year = excluded.year,
        popularity = excluded.popularity, updated_at = excluded.updated_at,
        side_rows = excluded.side_rows, document = excluded.document
"""
INSERTS = {
    "titles": "INSERT INTO titles (kind, id, title, year) VALUES ('movies', ?, ?, ?)",
    "due": """
        REPLACE INTO due (kind, id, source, turn, minus_rank, never, next_refresh_at, day)
        VALUES ('movies', ?, ?, ?, ?, ?, ?, ?)
    """,
    "incomplete": "INSERT INTO incomplete (kind, id, since) VALUES ('movies', ?, ?)",
    "source_ids": "INSERT INTO source_ids (kind, id, source, source_id) VALUES ('movies', ?, ?, ?)",
}
DELETE_INCOMPLETE = "DELETE FROM incomplete WHERE kind = 'movies' AND id = ? AND since = ?"
COUNT = """
    INSERT INTO counters (kind, name, number) VALUES ('movies', ?, ?)
    ON CONFLICT DO UPDATE SET number = number + excluded.number
"""
READ = "SELECT id, revision, side_rows FROM documents WHERE kind = 'movies' AND id IN (%s)" % ",".join("?" * BATCH)  # noqa: UP031
GET = "SELECT id, document FROM documents WHERE kind = 'movies' AND id IN (%s)" % ",".join("?" * BATCH)  # noqa: UP031

Batches = list[list[Write]]
to_text = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def batches(make: Callable[[int], Write]) -> Batches:
    return [[make(id_) for id_ in range(start, start + BATCH)] for start in range(0, DOCUMENTS, BATCH)]


class Bare:
    """Plain sqlite3 with the store's tables and pragmas."""

    def __init__(self, path: Path) -> None:
        self.connection = sqlite3.connect(path, isolation_level=None)
        for statement in ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = NORMAL", *VERSION_1, *VERSION_2):
            self.connection.execute(statement)

    def write(self, writes: list[Write], tables: Iterable[str], gone: Iterable[tuple[Any, ...]] = ()) -> None:
        """``tables``: the side tables to touch; ``gone``: what to delete in ``incomplete`` first."""
        run, run_many = self.connection.execute, self.connection.executemany
        sides = {write.id: index_rows(write.document) for write in writes}
        documents = [self._row(write.document, sides[write.id]) for write in writes]
        run("BEGIN IMMEDIATE")
        stored = {id_: revision for id_, revision, _ in run(READ, [write.id for write in writes])}
        assert all(stored.get(write.id) == write.expected_revision for write in writes)
        run_many(PUT, documents)
        run_many(DELETE_INCOMPLETE, gone)
        for table in tables:
            if table == "counters":
                run_many(
                    COUNT, Counter(name for rows in sides.values() for name in rows["counters"].splitlines()).items()
                )
            else:
                run_many(INSERTS[table], [(id_, *row) for id_, rows in sides.items() for row in rows[table]])
        run("COMMIT")

    def get_many(self, ids: list[int]) -> int:
        return len({id_: json.loads(text) for id_, text in self.connection.execute(GET, ids)})

    @staticmethod
    def _row(document: dict[str, Any], side: IndexRows) -> tuple[Any, ...]:
        columns = (document[name] for name in ("_id", "revision", "imdb_id", "year", "popularity", "updated_at"))
        return (*columns, to_text(side), to_text(document))


def seconds(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def bare_times(path: Path, inserts: Batches, updates: Batches) -> list[float]:
    """Seconds for all inserts, all updates, and READS times all reads."""
    bare = Bare(path)

    old = [
        [(write.id, *row) for write in batch for row in index_rows(write.document)["incomplete"]] for batch in inserts
    ]
    ids = [[write.id for write in batch] for batch in inserts * READS]
    times = [
        seconds(lambda: [bare.write(batch, (*INSERTS, "counters")) for batch in inserts]),
        seconds(
            lambda: [bare.write(batch, ("due", "incomplete"), gone) for batch, gone in zip(updates, old, strict=True)]
        ),
        seconds(lambda: [bare.get_many(some) for some in ids]),
    ]
    bare.connection.close()
    return times


async def store_times(store: Store, inserts: Batches, updates: Batches) -> list[float]:
    """The same three figures."""
    await store.open()
    times = []
    for work in (inserts, updates):
        start = time.perf_counter()
        for batch in work:
            assert not (await store.documents.write(batch)).conflicts
        times.append(time.perf_counter() - start)
    start = time.perf_counter()
    for batch in inserts * READS:
        assert len(await store.documents.get_many([(write.kind, write.id) for write in batch])) == BATCH
    times.append(time.perf_counter() - start)
    await store.close()
    return times


@pytest.mark.benchmark
async def test_sqlite_store_beside_plain_sqlite3(tmp_path: Path) -> None:
    inserts, updates = batches(insert), batches(lambda id_: update(id_, 1))
    bare, ours = [], []
    # The inputs are a heap of a size that no crawl has; collecting it over and over would be most of what is measured.
    gc.collect()
    gc.freeze()
    for number in range(ROUNDS):
        bare.append(bare_times(tmp_path / f"bare{number}.db", inserts, updates))
        store = open_store(f"sqlite:///{tmp_path}/store{number}.db", data_dir=tmp_path)
        ours.append(await store_times(store, inserts, updates))
    size = len(to_text(inserts[0][0].document))
    print(
        f"\n{DOCUMENTS} documents of {size} bytes, {BATCH} a transaction, WAL, synchronous=NORMAL, "
        f"SQLite {sqlite3.sqlite_version}, median of {ROUNDS} alternating rounds"
    )
    ratios = {}
    for index, (name, number) in enumerate({"insert": 1, "update": 1, "get_many": READS}.items()):
        middle = (statistics.median(times[index] for times in rounds) for rounds in (bare, ours))
        plain, here = (DOCUMENTS * number / seconds_taken for seconds_taken in middle)
        ratios[name] = here / plain
        print(f"{name:9} store {here:8,.0f}/s   plain sqlite3 {plain:8,.0f}/s   ratio {here / plain:.2f}")
    gc.unfreeze()
    assert min(ratios.values()) >= TARGET, ratios
