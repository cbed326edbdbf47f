"""Changes and runs, the newest first."""

import sqlite3
from pathlib import Path

import pytest

from moviecrawler.documents.records import CHANGES, REJECTS, RUNS
from moviecrawler.stores import open_store
from moviecrawler.stores.base import Store
from moviecrawler.stores.sqlite.records import _newest_page


def at(day: int, hour: int = 0) -> str:
    return f"2026-11-{day:02}T{hour:02}:00:00.000Z"


def change(id: int, revision: int, when: str) -> dict[str, object]:
    return {"_id": f"movies/{id}/{revision}", "kind": "movies", "id": id, "at": when, "diff": []}


async def test_changes_come_by_their_time_whatever_their_id(store: Store) -> None:
    rows = [change(1 + i % 7, i, at(1 + i % 28, i % 24)) for i in range(450)]
    await store.records.put(CHANGES, rows)  # type: ignore[arg-type]
    await store.records.put(RUNS, [{"_id": at(29)}])  # type: ignore[typeddict-item]
    found = [row async for row in store.records.newest(CHANGES)]
    assert found == sorted(rows, key=lambda row: (row["at"], row["_id"]), reverse=True)
    since = [row async for row in store.records.newest(CHANGES, at(20))]
    assert since == [row for row in found if row["at"] >= at(20)]
    assert since


async def test_runs_come_by_their_start(store: Store) -> None:
    ids = [f"{at(1 + i % 28, i % 24)}/omdb/host/{i}" for i in range(450)]
    await store.records.put(RUNS, [{"_id": id} for id in ids])  # type: ignore[typeddict-item]
    assert [row["_id"] async for row in store.records.newest(RUNS)] == sorted(ids, reverse=True)
    assert [row["_id"] async for row in store.records.newest(RUNS, at(28))] == sorted(
        (id for id in ids if id >= at(28)), reverse=True
    )


async def test_changes_without_a_time_come_last(store: Store) -> None:
    rows = [change(1, i, at(1)) for i in range(3)]
    lost = [{"_id": f"movies/2/{i}", "diff": []} for i in range(210)]
    await store.records.put(CHANGES, [*lost, *rows])  # type: ignore[list-item]
    found = [row["_id"] async for row in store.records.newest(CHANGES)]
    assert found[:3] == ["movies/1/2", "movies/1/1", "movies/1/0"]
    assert sorted(found[3:]) == sorted(row["_id"] for row in lost)
    assert len([row async for row in store.records.newest(CHANGES, at(1))]) == 3


async def test_a_change_put_again_with_another_time_is_found_there(store: Store) -> None:
    await store.records.put(CHANGES, [change(1, 1, at(1)), change(2, 1, at(2))])  # type: ignore[list-item]
    await store.records.put(CHANGES, [change(1, 1, at(3))])  # type: ignore[list-item]
    assert [row["_id"] async for row in store.records.newest(CHANGES)] == ["movies/1/1", "movies/2/1"]


async def test_a_kind_without_an_indexed_time_is_refused(store: Store) -> None:
    with pytest.raises(ValueError, match="kind='rejects': must be changes or runs"):
        _ = [row async for row in store.records.newest(REJECTS)]


async def test_changes_that_are_not_json_come_last(tmp_path: Path) -> None:
    store = open_store("", data_dir=tmp_path)
    await store.open()
    await store.records.put(CHANGES, [change(1, 1, at(1))])  # type: ignore[list-item]
    with sqlite3.connect(tmp_path / "movies.db") as connection:
        connection.execute("INSERT INTO records VALUES ('changes', 'movies/9/1', '{')")
    connection.close()
    assert [row["_id"] async for row in store.records.newest(CHANGES)] == ["movies/1/1", "movies/9/1"]
    await store.close()


@pytest.mark.parametrize("kind", ["changes", "runs"])
async def test_sqlite_reads_a_page_from_an_index(kind: str, tmp_path: Path) -> None:
    store = open_store("", data_dir=tmp_path)
    await store.open()
    await store.close()
    connection = sqlite3.connect(tmp_path / "movies.db")
    said: list[str] = []
    connection.set_trace_callback(said.append)
    _newest_page(connection, kind, "", ("z", ""))
    plan = " ".join(row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {said[0]}"))
    connection.close()
    assert "SEARCH" in plan
    assert "SORT" not in plan
    assert "TEMP" not in plan


async def test_a_store_says_what_it_takes(store: Store) -> None:
    before = await store.usage()
    await store.records.put(RUNS, [{"_id": f"{i}", "spider": "x" * 1000} for i in range(3000)])  # type: ignore[typeddict-item]
    after = await store.usage()
    assert after.schema_version == before.schema_version > 1
    assert after.bytes > before.bytes
