"""The same random calls to both stores give the same answers and the same final content."""

from itertools import product
from pathlib import Path
from random import Random
from typing import Any

import pytest

from moviecrawler.documents import SOURCES
from moviecrawler.stores import open_store
from moviecrawler.stores.base import DueTitle, Store, Write
from tests.stores import full_scan
from tests.support.films import WORDS, film

CALLS = 300
NAMES = [*WORDS[:5], "", "The Lantern", "Ёлка", "千", "a.b", "$x", "🎬"]
TEXTS = [*NAMES, "x\0y"]
KINDS = ("movies", "shows")
NOON, YEARS_END = "2026-06-01T12:00:00.000Z", "2026-12-31T23:59:59.999Z"


def value(dice: Random, depth: int = 0) -> Any:
    """Some JSON."""
    choices: list[Any] = [None, True, dice.randint(-5, 5), dice.randint(-(2**63), 2**63 - 1), dice.random() * 1e6]
    choices += [dice.choice(TEXTS)] * 3
    if depth < 3:
        choices.append([value(dice, depth + 1) for _ in range(dice.randrange(4))])
        choices += [{dice.choice(NAMES): value(dice, depth + 1) for _ in range(dice.randrange(4))}] * 2
    return dice.choice(choices)


def moment(dice: Random) -> str | None:
    return dice.choice([None, f"2026-{dice.randint(1, 12):02}-21T08:15:30.{dice.randrange(1000):03}Z"])


def day(dice: Random) -> str:
    return f"{dice.choice([1999, 2025, 2026])}-{dice.randint(1, 12):02}-{dice.randint(1, 28):02}"


def slot(dice: Random) -> dict[str, Any] | None:
    moments = ("fetched_at", "frozen_at", "next_refresh_at", "gone_at", "recheck_at")
    fields = {name: moment(dice) for name in moments if dice.random() < 0.8}
    parts = {name: {"fetched_at": moment(dice), "data": value(dice)} for name in dice.sample(NAMES, dice.randrange(3))}
    whole = fields | {"source_id": dice.choice([None, "7", "x\0y"]), "data": value(dice), "parts": parts}
    return dice.choice([whole, whole, whole, {}, None])


def document(dice: Random, id_: int, revision: int) -> dict[str, Any]:
    names = {
        "title": dice.choice([*TEXTS, None]),
        "titles": {language: dice.choice(TEXTS) for language in dice.sample(["en-US", "zh-CN", "de-DE"], 2)},
        "alternative_titles": [{"country": None, "title": dice.choice(TEXTS)}],
        "imdb_id": dice.choice([None, f"tt{id_}"]),
        "year": dice.choice([None, 1999, 2026]),
        "release_date": dice.choice([None, day(dice), "2026-02-30"]),
        "last_air_date": dice.choice([None, day(dice)]),
        "status": dice.choice(["Released", "Returning Series", None]),
        "popularity": dice.choice([None, 0, 7, dice.random() * 100]),
        "ratings": {house: dice.choice([None, {}, {"score": 7.5}]) for house in dice.sample(NAMES, 2)},
        "images": dice.choice([None, {}, {"poster": {"file": "a.jpg"}}]),
    }
    sources = {source: slot(dice) for source in dice.sample(SOURCES, dice.randrange(4))}
    parts = {"sources": sources, "locks": {"a.b": value(dice)}, "updated_at": moment(dice), "created_at": moment(dice)}
    whole = film(id_, revision) | names | parts
    return {name: part for name, part in whole.items() if name in ("_id", "revision") or dice.random() < 0.9}


async def call(store: Store, dice: Random) -> Any:
    """One random call; the same for a dice in the same state."""
    kind, texts = dice.choice(KINDS), dice.sample(TEXTS, 3)
    ids = dice.sample(range(12), dice.randrange(1, 6))
    rows = [{"_id": f"r{id_}", "x": value(dice), dice.choice(["y", "z.z"]): value(dice)} for id_ in ids]
    source, now = dice.choice(SOURCES), moment(dice) or NOON
    choice = dice.randrange(15)
    if choice < 4:
        writes = []
        for id_ in ids:
            expected = dice.choice([None, 1, 2, 3])
            writes.append(Write(kind, id_, document(dice, id_, (expected or 0) + 1), expected))
        return await store.documents.write(writes)
    if choice == 4:
        return await store.documents.get_many([(kind, id_) for id_ in ids])
    if choice == 5:
        return await due_pages(store, kind, source, now, dice.randrange(5))
    if choice == 6:
        return await store.documents.candidates(kind, [text.lower().removeprefix("the ") for text in texts])
    if choice == 7:
        made = {row["_id"]: dice.choice([row, row, None]) for row in rows}
        if dice.random() < 0.3:
            return await store.records.revise("runs", made, lambda id_, row: made[id_] if row != made[id_] else row)
        return await (store.records.put if dice.random() < 0.5 else store.records.patch)("runs", rows)
    if choice == 8:
        return await store.records.delete("runs", [f"r{id_}" for id_ in ids])
    if choice == 9:
        return await store.documents.stats(kind, now), await store.documents.due_counts_by_age(kind, source, now)
    if choice == 10:
        return await store.documents.gone(kind, source), await store.documents.known(kind, ids)
    if choice == 11:
        return await store.documents.by_imdb_id(kind, [f"tt{id_}" for id_ in ids])
    if choice == 12:
        named = await store.documents.by_source_id(kind, source, ["7", "x\0y", "8"])
        return named, await store.documents.namesakes(kind, source, ids)
    if choice == 13:
        return await store.state.reserve("quota", dice.randint(-10, 20), 50)
    expected, new = dice.choice([None, 1, "a"]), dice.choice([None, 1, "a"])
    return await store.state.compare_and_set("s", expected, new)


async def due_pages(store: Store, kind: str, source: str, now: str, size: int) -> list[DueTitle]:
    """Everything that is due, read in pages of that size."""
    found: list[DueTitle] = []
    while page := await store.documents.due(kind, source, now, size, found[-1] if found else None):
        found += page
    return found


async def contents(store: Store) -> Any:
    return [
        [[document async for document in store.documents.iterate(kind)] for kind in KINDS],
        [row async for row in store.records.iterate("runs")],
        [await store.documents.stats(kind, NOON) for kind in KINDS],
        [await store.state.get(name) for name in ("s", "quota")],
    ]


@pytest.mark.parametrize("seed", range(4))
async def test_both_stores_do_the_same(seed: int, sqlite_uri: str, mongo_uri: str) -> None:
    stores = [open_store(uri, data_dir=Path()) for uri in (sqlite_uri, mongo_uri)]
    for store in stores:
        await store.open()
    dice = Random(seed)
    for number in range(CALLS):
        turn = dice.random()
        first, second = [await call(store, Random(turn)) for store in stores]
        assert first == second, f"call {number} of seed {seed}"
    first, second = [await contents(store) for store in stores]
    assert first == second
    assert all(first[0]), "the dice stored something"
    due = 0
    for (kind, documents), now in product(zip(KINDS, first[0], strict=True), (NOON, YEARS_END)):
        for source in SOURCES:
            found = await due_pages(stores[0], kind, source, now, 2)
            assert [title.id for title in found] == full_scan.due(documents, source, now)
            ages = await stores[0].documents.due_counts_by_age(kind, source, now)
            assert ages == full_scan.due_counts_by_age(documents, source, now)
            due += len(found)
        assert await stores[0].documents.stats(kind, now) == full_scan.stats(documents, now)
    assert due, "the dice left something to ask for"
    for store in stores:
        await store.close()
