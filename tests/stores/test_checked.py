"""Rows damaged by another program or a disk are left out and reported; all others are readable."""

from typing import Any

import pytest

from moviecrawler.ingest.upsert import Upserter
from moviecrawler.items import Movie
from moviecrawler.policy.documents.shape import defect
from moviecrawler.policy.documents.source_slots import EMPTY_SLOT
from moviecrawler.stores.base import Store, Write
from moviecrawler.stores.canonical_json import Unreadable
from moviecrawler.stores.checked import CheckedStore
from moviecrawler.stores.mongo.codec import from_mongo
from tests.support.answers import answer, document_of
from tests.support.policies import composer, refresh
from tests.support.records import RECORDS, WRONG_RECORDS

WHOLE = document_of(answer(title="Heat", runtime=170, release_date="1995-12-15"))

WRONG: dict[str, dict[str, Any]] = {
    "it has no sources": {name: value for name, value in WHOLE.items() if name != "sources"},
    "its locks is None": {**WHOLE, "locks": None},
    "its popularity is 'much'": {**WHOLE, "popularity": "much"},
    "it has no sources.tmdb": {**WHOLE, "sources": {"omdb": WHOLE["sources"]["omdb"]}},
    "in sources.tmdb its data is None": {
        **WHOLE,
        "sources": {**WHOLE["sources"], "tmdb": {**WHOLE["sources"]["tmdb"], "data": None}},
    },
}


def stored_as(id_: int, document: dict[str, Any]) -> Write:
    return Write("movies", id_, {**document, "_id": id_, "revision": 1}, None)


async def test_a_document_of_a_wrong_shape_reads_as_absent(store: Store) -> None:
    said: list[str] = []
    checked = CheckedStore(store)
    checked.on_damage = said.append
    await store.documents.write([stored_as(1, WHOLE), *(stored_as(2 + n, one) for n, one in enumerate(WRONG.values()))])
    keys = [("movies", id_) for id_ in range(1, len(WRONG) + 2)]
    assert (await checked.documents.get_many(keys)).keys() == {("movies", 1)}
    assert [document["_id"] async for document in checked.documents.iterate("movies")] == [1]
    assert [one["_id"] for one in (await checked.documents.candidates("movies", ["heat"]))["heat"]] == [1]
    lines = [f"{store.describe}: movies/{2 + n} is damaged and left out: {why}" for n, why in enumerate(WRONG)]
    assert said == list(checked.damaged.values()) == lines, "each once"


async def test_a_source_that_the_store_does_not_know_yet_was_never_asked(store: Store) -> None:
    await store.documents.write([stored_as(1, {**WHOLE, "sources": {"tmdb": WHOLE["sources"]["tmdb"]}})])
    checked = CheckedStore(store)
    (found,) = (await checked.documents.get_many([("movies", 1)])).values()
    assert found["sources"]["omdb"] == found["sources"]["the_numbers"] == {**EMPTY_SLOT, "data": {}}
    assert found["sources"]["tmdb"] == WHOLE["sources"]["tmdb"]
    assert [one async for one in checked.documents.iterate("movies")] == [found]
    assert (await checked.documents.candidates("movies", ["heat"]))["heat"] == [found]
    assert checked.damaged == {}


async def test_damaged_titles_are_not_overwritten_and_the_rest_of_the_batch_is_stored(store: Store) -> None:
    checked = CheckedStore(store)
    await store.documents.write([stored_as(1, WHOLE), stored_as(2, WRONG["it has no sources"])])
    items = [Movie(source="tmdb", source_id=str(id_), id=id_, title="Hitze") for id_ in (1, 2, 3)]
    for item in items:
        item.set_fetch("2026-11-22T12:00:00.000Z")
    written = await Upserter(checked, composer=composer(), refresh=refresh()).write(items)
    assert written.damaged == [items[1]]
    assert written.conflicted == []
    assert {key[2]: outcome for key, outcome in written.outcomes.items()} == {1: "updated", 3: "inserted"}
    assert (await store.documents.get_many([("movies", 2)]))["movies", 2]["revision"] == 1


@pytest.mark.parametrize("kind", RECORDS)
async def test_a_record_of_a_wrong_shape_reads_as_absent_and_the_others_are_read(store: Store, kind: str) -> None:
    why, change = WRONG_RECORDS[kind]
    whole = {**RECORDS[kind], "mood": ["a newer version's"]}
    empty, wrong = {"_id": "empty"}, {**RECORDS[kind], **change, "_id": "wrong"}
    await store.records.put(kind, [empty, wrong, whole])
    checked, said = CheckedStore(store), []
    checked.on_damage = said.append
    assert [row async for row in checked.records.iterate(kind)] == [whole]
    assert (await checked.records.get(kind, ["empty", "wrong", whole["_id"]])).keys() == {whole["_id"]}
    assert checked.damaged.keys() == {f"{kind}/empty", f"{kind}/wrong"}
    assert f"{store.describe}: {kind}/wrong is damaged and left out: {why}" in said
    assert len(said) == 2, "each once"


async def test_a_damaged_record_is_not_revised_and_the_others_are(store: Store) -> None:
    wrong = {**RECORDS["samples"], **WRONG_RECORDS["samples"][1], "_id": "wrong"}
    await store.records.put("samples", [wrong, RECORDS["samples"]])
    checked, said = CheckedStore(store), []
    checked.on_damage = said.append
    assert await checked.records.revise("samples", ["wrong", "movies/603", "none"], lambda id_, row: None) == 1
    assert [row async for row in store.records.iterate("samples")] == [wrong]
    assert [line.partition(" is damaged")[0] for line in said] == [f"{store.describe}: samples/wrong"]


@pytest.mark.parametrize("sources", [[1], "text", {"tmdb": "text"}, {"tmdb": ["x"]}])
def test_values_that_only_mongodb_can_hold_read_as_absent(sources: Any) -> None:
    read = from_mongo({"_id": 603, "revision": 1, "sources": sources})
    assert isinstance(read, Unreadable) or defect("movies", read)


def test_of_some_fields_nothing_else_is_asked() -> None:
    assert defect("movies", {"_id": 7, "locks": {}}, ("locks",)) is None
    assert defect("movies", {"_id": 7, "locks": 7}, ("locks",)) == "its locks is 7"
    assert defect("movies", {"_id": 7}, ("locks",)) == "it has no locks"
