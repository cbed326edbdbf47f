"""Every JSON value is returned unchanged; other values are refused with the row's name."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from moviecrawler.stores.base import Store, Write
from moviecrawler.stores.canonical_json import to_text
from tests.support.films import NOW, film, insert

WILD = {
    "null byte": "\0 in front, in the \0 middle, behind \0",
    "scripts": "千と千尋の神隠し · Ёлки · مدرسة المشاغبين · 기생충 · e\u0301 \u202eright to left\u202c",
    "emoji": "🎬👨‍👩‍👧 \U0010ffff \uffff \u2028 \x7f",
    "quotes": '\'; DROP TABLE documents; -- " \\ $where {"$gt": 1}',
    "long": "x" * 500_000,
    "16 digits": [3.141592653589793, 0.1 + 0.2, 1e308, 5e-324, -0.0, 1234567890123456.7],
    "integers": [0, -1, 2**31, 2**53 + 1, 2**63 - 1, -(2**63)],
    "one is not true": [1, 1.0, True, 0, 0.0, False, None, "1"],
    "nested": json.loads("[" * 60 + "]" * 60),
    "empty": [{}, [], "", {"": ""}],
    "names": {"a.b": 1, "$set": {"$ref": 2, "$id": 3}, ".": 4, "$": 5, "ключ": 6, "_id": 7, "_version": 8, "0": 9},
    "order": {"z": 1, "a": 2, "m": {"y": 1, "b": 2}},
    "like a date": NOW,
}


def same(found: Any, given: Any) -> bool:
    """Equal with types and the order of names: 1 is neither 1.0 nor true."""
    return json.dumps(found) == json.dumps(given)


@pytest.mark.parametrize("name", WILD)
async def test_json_comes_back_as_it_went(store: Store, name: str) -> None:
    value = WILD[name]
    document = film(1, locks={"x": value}, sources={"tmdb": {"data": value, "fetched_at": NOW}})
    row = {"_id": "r", "x": value, "at": NOW}
    await store.documents.write([Write("movies", 1, document, None)])
    await store.records.put("runs", [row])
    await store.records.patch("runs", [{"_id": "p", "x": [value]}])
    await store.state.set("s", value)
    assert same((await store.documents.get_many([("movies", 1)]))["movies", 1], document)
    assert same([found async for found in store.documents.iterate("movies")], [document])
    assert same([found async for found in store.records.iterate("runs")], [{"_id": "p", "x": [value]}, row])
    assert same((await store.records.get("runs", ["r"]))["r"], row)
    assert same(await store.state.get("s"), value)
    assert await store.state.compare_and_set("s", value, 1)


async def test_wild_keys_are_keys(store: Store) -> None:
    ids = ["\0", "a\0b", "a", "'", '"', "🎬", "a.b", "$a", "x" * 700]
    await store.records.put("runs", [{"_id": id_, "n": number} for number, id_ in enumerate(ids)])
    assert {id_: row["n"] for id_, row in (await store.records.get("runs", ids)).items()} == {
        id_: number for number, id_ in enumerate(ids)
    }
    assert await store.records.delete("runs", ["a\0b", "\0"]) == 2
    assert len([row async for row in store.records.iterate("runs")]) == len(ids) - 2


circle: list[Any] = []
circle.append(circle)
UNSTORABLE = {
    "not a number": float("nan"),
    "infinite": [float("inf")],
    "half a pair": {"x": "\ud83c"},
    "half a pair as name": {"\udfac": 1},
    "set": {1, 2},
    "bytes": b"x",
    "moment": datetime(2026, 11, 21, tzinfo=UTC),
    "circle": circle,
}


@pytest.mark.parametrize("name", UNSTORABLE)
async def test_values_that_are_not_json_are_refused_with_the_name(store: Store, name: str) -> None:
    value = UNSTORABLE[name]
    with pytest.raises(ValueError, match="movies/603 cannot be stored: "):
        await store.documents.write([insert(7), insert(8, "shows"), insert(603, locks={"x": value})])
    for write in (store.records.put, store.records.patch):
        with pytest.raises(ValueError, match="runs/r cannot be stored: "):
            await write("runs", [{"_id": "good"}, {"_id": "r", "x": value}])
    for state in (store.state.set("s", value), store.state.compare_and_set("s", None, value)):
        with pytest.raises(ValueError, match="state/s cannot be stored: "):
            await state
    assert [await store.documents.count(kind) for kind in ("movies", "shows")] == [0, 0]
    assert [row async for row in store.records.iterate("runs")] == []
    assert await store.state.get("s") is None


WRITTEN = [
    1e-7, 1e-4, 0.00009, 1e15, 1e16, 1e22, -0.0, 0.1, 2**70, True, None, "é\u2028\ufffd\x7f\x00\"\\/🎬", "", (1, 2), {},
    [], {"a": {"b": [1.5, {"c": "d"}]}}, {1: "number"}, {"z": 1, "a": 2},
]  # fmt: skip


@pytest.mark.parametrize("value", WRITTEN, ids=repr)
def test_text_is_what_the_standard_library_writes(value: object) -> None:
    shared = [value]
    for row in (value, {"x": value}, [shared, {"again": shared}]):
        assert to_text(row, "x") == json.dumps(row, ensure_ascii=False, separators=(",", ":"))
