"""`scrapy health --repair`: what it mends, after a backup, and that a second time there is nothing to do."""

import base64
import json
import os
import sqlite3
import zlib
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from moviecrawler.documents.records import RAW, RUNS
from moviecrawler.stores.base import Store
from tests.commands.stored import Stored
from tests.health.healthy import RECORDS, change, change_slot, days_ago, picture, put
from tests.health.test_faults import SQL, examined, put_in_order


def end_all(stored: Stored) -> None:
    """End the run that is on."""

    async def plant(store: Store) -> None:
        async for row in store.records.iterate(RUNS):
            await put(store, RUNS, row | {"finish_reason": row.get("finish_reason") or "finished"})

    stored.fill(plant)


def break_index(stored: Stored) -> None:
    """In three titles, each another part of it."""
    from pymongo import MongoClient

    if stored.uri.startswith("mongodb"):
        with MongoClient[dict[str, Any]](stored.uri) as client:
            movies = client.get_default_database()["movies"]
            movies.update_one({"_id": 9}, {"$set": {"_titles": ["cold"], "_gone": ["tmdb"]}})
            movies.update_one({"_id": 8}, {"$unset": {"_incomplete_since": 1}})
            movies.update_one({"_id": 7}, {"$set": {"_counted": []}})
        return
    with closing(sqlite3.connect(stored.uri.removeprefix("sqlite:///"))) as file:
        for statement, _ in SQL.values():
            if "document =" not in statement:
                file.execute(statement)
        file.commit()


@pytest.mark.parametrize("order", ["newest", "popular"])
def test_repair_makes_index_rows_anew_and_a_second_time_there_is_nothing(order: str, healthy: Stored) -> None:
    async def plant(store: Store) -> None:
        for id in range(1, 6):
            await change(store, ("movies", id), popularity=id * 7 % 5, release_date=f"199{id}-01-01")
            await change_slot(store, id, next_refresh_at=days_ago(1))

    end_all(healthy)
    healthy.fill(plant)
    put_in_order(healthy, order)
    healthy.scrapy("health", "--repair", "--no-backup", REFRESH_ORDER=order)
    expected = healthy.scrapy("due", REFRESH_ORDER=order).stdout
    assert expected.count("movies/") == 5
    break_index(healthy)
    assert [one["check"] for one in examined(healthy, "--full")["findings"]] == ["index"]
    ended = healthy.scrapy("health", "--full", "--repair", REFRESH_ORDER=order)
    assert (ended.status, len(ended.lines)) == (0, 2)
    assert "mended: the index rows" in ended.lines[1]
    assert ended.stdout.startswith("100 of 100")
    assert healthy.scrapy("due", REFRESH_ORDER=order).stdout == expected
    assert healthy.scrapy("health", "--full", "--repair", REFRESH_ORDER=order).stderr == ""


def test_repair_removes_old_partial_files_and_no_others(healthy: Stored, tmp_path: Path) -> None:
    end_all(healthy)
    names = ["backdrop/77/.77-w1280.jpg.0123abcd.part", "backdrop/88/.88-w1280.jpg.0123abcd.part"]
    for name in names:
        picture(tmp_path / "images", name)
    os.utime(tmp_path / "images" / names[1])
    assert healthy.scrapy("health", "--repair").lines == ["scrapy health: mended: 1 partial files were removed"]
    assert [(tmp_path / "images" / name).exists() for name in names] == [False, True]
    assert (tmp_path / "images" / "poster/5f/5f1c-w500.jpg").exists()


def test_repair_leaves_the_store_alone_while_a_run_is_on(healthy: Stored) -> None:
    break_index(healthy)
    assert "is running: --repair" in healthy.refused(1, "health", "--repair")
    assert [one["check"] for one in examined(healthy, "--full")["findings"]] == ["index"]


ANSWER = Path("tests/sources/fixtures/tmdb/movie_full/input.json")


def kept(body: bytes) -> str:
    return base64.b64encode(zlib.compress(body)).decode()


async def break_titles(store: Store) -> None:
    """Seven titles, each in another way; of the last one the answer was kept, and of another one it is damaged."""
    await change(store, ("movies", 2), title=None)
    await change(store, ("movies", 3), provenance={"title": "tmdb", "awards": "omdb"})
    await change(store, ("movies", 4), same_as=999)
    await change(store, ("movies", 5), created_at=days_ago(-1), updated_at=days_ago(-1))
    await change(store, ("movies", 6), locks=7, images=7)
    await change_slot(store, 7, data={})
    await change(store, ("movies", 7), title=None)
    await change_slot(store, 8, unchanged_cycles="many")
    answer = {**RECORDS[RAW][0], "_id": "tmdb/movies/8", "id": 8, "body": kept(ANSWER.read_bytes())}
    await put(store, RAW, answer)
    await put(store, RAW, {**answer, "_id": "tmdb/movies/9", "id": 9, "body": kept(b"{}" * 99)[:-9]})


def documents(stored: Stored) -> dict[int, Any]:
    return {one["_id"]: one for one in map(json.loads, stored.scrapy("export", "movies").stdout.splitlines())}


def test_repair_mends_titles_and_makes_due_what_needs_a_site(healthy: Stored) -> None:
    end_all(healthy)
    before = documents(healthy)
    healthy.fill(break_titles)
    found = {one["check"]: one["count"] for one in examined(healthy, "--full")["findings"]}
    assert found == {"damaged": 3, "required": 2, "same_as": 1, "provenance": 2, "future": 1}
    ended = healthy.scrapy("health", "--repair", "--full", "--json")
    left = {one["check"]: one["sample"] for one in json.loads(ended.stdout)["findings"]}
    assert left == {"required": ["movies/7 has no title"]}
    assert [line.partition(": ")[2].partition(": /")[0] for line in ended.lines] == [
        "backed up",
        "mended: 2 damaged documents, from their whole parts and kept answers",
        "mended: 1 damaged answers were removed",
        "mended: 6 documents, 2 of which are now due",
    ]
    after = documents(healthy)
    for id in (2, 3, 4, 5, 6):
        assert {**after[id], "revision": 0, "updated_at": 0, "last_change": 0, "created_at": 0, "provenance": 0} == {
            **before[id], "revision": 0, "updated_at": 0, "last_change": 0, "created_at": 0, "provenance": 0
        }  # fmt: skip
    assert after[8]["title"] == json.loads(ANSWER.read_bytes())["title"]
    due = healthy.scrapy("due").stdout
    assert "movies/7" in due
    assert "movies/9" in due
    again = healthy.scrapy("health", "--repair", "--full", "--json")
    assert (again.stderr, again.stdout) == ("", ended.stdout)
    assert len(healthy.json("backup", "--list")[0]["backups"]) == 1


def test_a_backup_that_fails_stops_the_repair_with_one_line(healthy: Stored) -> None:
    end_all(healthy)
    healthy.fill(break_titles)
    healthy.folder.mkdir(exist_ok=True)
    (healthy.folder / "backups").write_text("in the way of a folder")
    said = healthy.refused(1, "health", "--repair")
    assert "nothing was changed, since there is no backup before a repair" in said
    assert {one["check"] for one in examined(healthy)["findings"]} >= {"damaged", "required", "same_as"}
    assert "mended: 2 damaged documents" in healthy.scrapy("health", "--repair", "--no-backup").stderr


def test_without_a_repair_there_is_no_backup_to_leave_out() -> None:
    assert "only --repair makes one" in Stored(Path(), "", {}).refused(2, "health", "--no-backup")
