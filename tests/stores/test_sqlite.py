"""What only SQLite has: pragmas and query plans."""

import asyncio
import re
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from moviecrawler.stores.sqlite.connection import transaction
from moviecrawler.stores.sqlite.store import SqliteStore
from tests.support.films import NOW, insert, update


@pytest.mark.parametrize(("level", "number"), [("OFF", 0), ("NORMAL", 1), ("FULL", 2)])
async def test_synchronous_reaches_sqlite(tmp_path: Path, level: str, number: int) -> None:
    store = SqliteStore(tmp_path / "movies.db", level)
    await store.open()
    pragmas = ("synchronous", "journal_mode")
    found = [
        await store._connection.run(lambda db, name=name: db.execute(f"PRAGMA {name}").fetchone()) for name in pragmas
    ]
    assert found == [(number,), ("wal",)]
    await store.close()


async def test_a_batch_locks_before_it_reads(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "movies.db", "NORMAL")
    await store.open()
    other = sqlite3.connect(tmp_path / "movies.db", isolation_level=None)
    with transaction(other):
        writing = asyncio.create_task(store.documents.write([insert(1)]))
        _, waiting = await asyncio.wait([writing], timeout=0.3)
        assert waiting
    assert (await writing).inserted
    other.close()
    await store.close()


async def test_counting_reads_no_document(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "movies.db", "NORMAL")
    await store.open()
    await store.documents.write([insert(1), insert(2)])
    statements: list[str] = []
    await store._connection.run(lambda db: db.set_trace_callback(statements.append))
    await store.documents.stats("movies", NOW)
    await store.documents.due_counts_by_age("movies", "tmdb", NOW)
    await store._connection.run(lambda db: db.set_trace_callback(None))
    asked = [statement for statement in statements if not statement.startswith(("BEGIN", "COMMIT"))]
    assert len(asked) > 6
    for statement in asked:
        plan = await store._connection.run(lambda db, sql=statement: db.execute(f"EXPLAIN QUERY PLAN {sql}").fetchall())
        assert all(re.match(r"SEARCH \w+ USING (COVERING INDEX|PRIMARY KEY)", step) for *_, step in plan), plan
    await store.close()


async def test_nothing_reads_a_whole_table(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "movies.db", "NORMAL")
    await store.open()
    statements: list[str] = []
    await store._connection.run(lambda db: db.set_trace_callback(statements.append))
    await store.documents.write([insert(1), insert(2)])
    await store.documents.write([update(1, 1, title="Renamed")])
    await store.documents.get_many([("movies", 1), ("shows", 2)])
    (title, *_) = await store.documents.due("movies", "tmdb", "2027-01-01T00:00:00.000Z", 10)
    await store.documents.due("movies", "tmdb", NOW, 10, title)
    await store.documents.known("movies", [1, 2])
    await store.documents.by_imdb_id("movies", ["tt0000001"])
    await store.documents.by_source_id("movies", "tmdb", ["1"])
    await store.documents.gone("movies", "tmdb")
    await store.documents.candidates("movies", ["renamed", "x"])
    await store.documents.namesakes("movies", "tmdb", [1])
    await store.records.put("runs", [{"_id": "a"}])
    await store.records.patch("runs", [{"_id": "a", "x": 1}])
    await store.records.revise("runs", ["a", "b"], lambda id_, row: row and {"_id": id_})
    assert not [row async for row in store.records.iterate("runs", "", "a")]
    await store.records.delete("runs", ["a"])
    await store.state.compare_and_set("s", None, 1)
    await store.state.reserve("quota", 1, 10)
    assert [document async for document in store.documents.iterate("movies")]
    assert not [row async for row in store.records.iterate("runs", "b")]
    await store._connection.run(lambda db: db.set_trace_callback(None))
    asked = [statement for statement in statements if not statement.startswith(("BEGIN", "COMMIT"))]
    assert len(asked) > 20
    for statement in asked:
        plan = await store._connection.run(lambda db, sql=statement: db.execute(f"EXPLAIN QUERY PLAN {sql}").fetchall())
        assert all(step.startswith("SEARCH") for *_, step in plan), (statement, plan)
    await store.close()


@pytest.mark.parametrize("changes", [{"imdb_id": {"a": 1}}, {"year": 2**63}, {"popularity": [1]}])
async def test_a_column_of_a_wrong_type_is_the_documents_fault_not_the_stores(tmp_path: Path, changes: Any) -> None:
    store = SqliteStore(tmp_path / "movies.db", "NORMAL")
    await store.open()
    with pytest.raises(ValueError, match="SQLite cannot hold a value"):
        await store.documents.write([insert(7), insert(603, **changes)])
    assert await store.documents.count("movies") == 0
    await store.close()
