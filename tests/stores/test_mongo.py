"""What only MongoDB has: BSON dates, indexes, a server that goes away."""

import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from moviecrawler.documents import SOURCES
from moviecrawler.exceptions import StoreError, StoreUnavailable
from moviecrawler.stores import open_store
from moviecrawler.stores.base import Store, Write
from moviecrawler.stores.mongo.schema import INDEXES
from tests.support.films import NOW, film, insert
from tests.support.mongo_server import mongo_server

MOMENT = datetime(2026, 11, 21, 8, 15, 30, 123_000, tzinfo=UTC).replace(tzinfo=None)  # as pymongo gives it
PASSWORD = "s3cret"


async def opened(uri: str) -> Store:
    store = open_store(uri, data_dir=Path())
    await store.open()
    return store


async def test_timestamps_are_dates_in_the_database(mongo_uri: str) -> None:
    store = await opened(mongo_uri)
    document = film(1, updated_at=NOW)
    document["sources"]["tmdb"] |= {"gone_at": NOW, "next_refresh_at": NOW, "data": {"fetched_at": NOW}}
    await store.documents.write([Write("movies", 1, document, None)])
    with MongoClient(mongo_uri) as client:
        stored = client.get_default_database()["movies"].find_one()
    assert stored is not None
    slot = stored["sources"]["tmdb"]
    dates = [stored["created_at"], stored["updated_at"], stored["trending"]["at"], stored["last_change"]["at"]]
    dates += [slot[name] for name in ("fetched_at", "changed_at", "next_refresh_at", "gone_at")]
    assert dates == [MOMENT] * 8
    assert (slot["frozen_at"], slot["data"], stored["sources"]["omdb"]["fetched_at"]) == (
        None,
        {"fetched_at": NOW},
        None,
    )
    assert await store.documents.get_many([("movies", 1)]) == {("movies", 1): document}
    await store.close()


async def test_a_date_of_before_the_epoch_keeps_its_milliseconds(mongo_uri: str) -> None:
    store = await opened(mongo_uri)
    for number, moment in enumerate(
        ["1895-12-28T20:00:00.001Z", "0001-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z"]
    ):
        await store.documents.write([insert(number, created_at=moment)])
        assert (await store.documents.get_many([("movies", number)]))["movies", number]["created_at"] == moment
    await store.close()


@pytest.mark.parametrize(
    "query",
    [
        {"imdb_id": "tt0000001"},
        {"_titles": {"$in": ["a", "b"]}},
        {"year": 1999},
        {"popularity": {"$gt": 50}},
        {"updated_at": {"$gt": MOMENT}},
        {"sources.the_numbers.source_id": "1"},
        {"sources.omdb.next_refresh_at": {"$lte": MOMENT}},
        {"_wishes.tmdb.turn": 0},
        {"_incomplete_since": {"$lte": MOMENT}},
        {"_day": {"$gte": ""}},
        {"_gone": "tmdb"},
    ],
)
async def test_searches_use_an_index(mongo_uri: str, query: dict[str, Any]) -> None:
    await (await opened(mongo_uri)).close()
    with MongoClient(mongo_uri) as client:
        plan = client.get_default_database()["shows"].find(query).explain()["queryPlanner"]["winningPlan"]
    assert "IXSCAN" in str(plan)
    assert "COLLSCAN" not in str(plan)


def test_every_source_has_its_indexes() -> None:
    indexed = {next(iter(index.document["key"])) for index in INDEXES}
    assert {f"sources.{source}.source_id" for source in SOURCES} <= indexed


@pytest.mark.parametrize(
    ("value", "message"),
    [(2**63, "8-byte ints"), ({"a\0b": 1}, "NULL byte"), ("x" * 17 * 2**20, "MongoDB holds 16777216")],
)
async def test_values_that_mongodb_cannot_hold_are_refused_with_the_name(
    mongo_uri: str, value: Any, message: str
) -> None:
    store = await opened(mongo_uri)
    with pytest.raises(ValueError, match=f"movies/603 cannot be stored: .*{message}"):
        await store.documents.write([insert(8, "shows"), insert(7), insert(603, overview=value)])
    with pytest.raises(ValueError, match=f"runs/r cannot be stored: .*{message}"):
        await store.records.put("runs", [{"_id": "good"}, {"_id": "r", "x": value}])
    with pytest.raises(ValueError, match=message):
        await store.state.set("s", value)
    assert [await store.documents.count(kind) for kind in ("movies", "shows")] == [0, 0]
    assert [row async for row in store.records.iterate("runs")] == []
    await store.close()


async def test_rows_of_other_programs_can_be_patched(mongo_uri: str) -> None:
    with MongoClient(mongo_uri) as client:
        client.get_default_database()["runs"].insert_one({"_id": "by hand", "x": 1})
    store = await opened(mongo_uri)
    await store.records.patch("runs", [{"_id": "by hand", "y": 2}])
    assert await store.records.get("runs", ["by hand"]) == {"by hand": {"_id": "by hand", "x": 1, "y": 2}}
    await store.close()


def all_text(error: BaseException | None) -> str:
    """Everything that a log could show of an exception and of those behind it."""
    text = ""
    while error is not None:
        text += "".join(traceback.format_exception(error)) + repr(error.args) + repr(vars(error))
        error = error.__cause__ or error.__context__
    return text


@pytest.mark.parametrize(
    ("place", "kind", "message"),
    [
        ("mongodb:127.0.0.1:1/films", StoreUnavailable, "no server answers; start it or correct STORE_URI"),
        ("mongodb+srv:nowhere.invalid/films", StoreError, "no connection can be made with STORE_URI; check its "),
    ],
)
async def test_an_unreachable_server_is_one_clear_line(place: str, kind: type[StoreError], message: str) -> None:
    scheme, _, where = place.partition(":")
    with pytest.raises(StoreError) as caught:
        await opened(f"{scheme}://me:{PASSWORD}@{where}?serverSelectionTimeoutMS=200")
    assert str(caught.value).startswith(f"MongoDB {where}: {message}")
    assert type(caught.value) is kind
    assert PASSWORD not in all_text(caught.value)


async def test_a_wrong_password_is_one_clear_line(mongo_for_all: str) -> None:
    host = mongo_for_all.partition("://")[2].rpartition("@")[2].partition("/")[0]
    with pytest.raises(StoreError, match="the server refuses the user or the password in STORE_URI") as caught:
        await opened(f"mongodb://me:{PASSWORD}@{host}/films")
    assert PASSWORD not in all_text(caught.value)


async def test_an_unavailable_server_is_worth_a_retry() -> None:
    with mongo_server("--storage-path", ":memory:") as server:
        store = await opened(f"{server}/films?serverSelectionTimeoutMS=200")
        await store.documents.write([insert(1)])
    with pytest.raises(StoreUnavailable, match=r"/films: (no server answers|the connection was lost)"):
        await store.documents.write([insert(2)])
    with pytest.raises(StoreUnavailable, match="/films: no server answers"):
        await store.state.get("s")
    await store.close()


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (14031, "films: the server's disk is full; free some space"),
        (13, "films: the user in STORE_URI has no permission for this; give it the role readWrite"),
        (96, "films: .*"),
    ],
)
async def test_an_error_of_the_server_is_one_clear_line(code: int, message: str) -> None:
    with mongo_server("--storage-path", ":memory:", "--enable-test-commands") as server:
        store = await opened(f"{server}/films")
        with MongoClient(server) as client:
            fault = {"failCommands": ["insert", "update"], "errorCode": code}
            client.admin.command({"configureFailPoint": "failCommand", "mode": "alwaysOn", "data": fault})
        for call in (store.documents.write([insert(1)]), store.records.put("runs", [{"_id": "a"}])):
            with pytest.raises(StoreError, match=message) as caught:
                await call
            assert "\n" not in str(caught.value)
        await store.close()


async def test_a_row_that_the_server_refuses_is_no_conflict(mongo_uri: str) -> None:
    store = await opened(mongo_uri)
    with MongoClient(mongo_uri) as client:
        client.get_default_database().create_collection("runs", validator={"x": {"$exists": True}})
    for write in (store.records.put, store.records.patch):
        with pytest.raises(StoreError, match="Document failed validation"):
            await write("runs", [{"_id": "a"}])
    await store.close()


async def test_a_write_without_majority_confirmation_fails() -> None:
    with mongo_server("--storage-path", ":memory:", "--enable-test-commands") as server:
        store = await opened(f"{server}/films")
        with MongoClient(server) as client:
            fault = {
                "failCommands": ["insert", "update"],
                "writeConcernError": {"code": 64, "errmsg": "waiting timed out"},
            }
            client.admin.command({"configureFailPoint": "failCommand", "mode": "alwaysOn", "data": fault})
        with pytest.raises(StoreError, match="/films: waiting timed out"):
            await store.documents.write([insert(1)])
        await store.close()
