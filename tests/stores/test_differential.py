"""The same random calls to both stores give the same answers and the same final contents."""

from pathlib import Path
from random import Random
from typing import Any

import pytest

from moviecrawler.stores import open_store
from moviecrawler.stores.base import Store, Write
from tests.stores.films import WORDS, film

CALLS = 250
NAMES = [*WORDS[:5], "", "The Lantern", "Ёлка", "千", "a.b", "$x", "🎬"]
TEXTS = [*NAMES, "x\0y"]
KINDS = ("movies", "shows")


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


def document(dice: Random, id_: int, revision: int) -> dict[str, Any]:
    names = {
        "title": dice.choice([*TEXTS, None]),
        "titles": {language: dice.choice(TEXTS) for language in dice.sample(["en-US", "zh-CN", "de-DE"], 2)},
        "alternative_titles": [{"country": None, "title": dice.choice(TEXTS)}],
        "imdb_id": dice.choice([None, f"tt{id_}"]),
        "year": dice.choice([None, 1999, 2026]),
    }
    sources = {
        source: {"next_refresh_at": moment(dice), "source_id": dice.choice([None, "7"]), "data": value(dice)}
        for source in dice.sample(["tmdb", "omdb", "the_numbers"], dice.randrange(4))
    }
    parts = {"sources": sources, "locks": {"a.b": value(dice)}, "updated_at": moment(dice), "created_at": moment(dice)}
    whole = film(id_, revision) | names | parts
    return {name: part for name, part in whole.items() if name in ("_id", "revision") or dice.random() < 0.9}


async def call(store: Store, dice: Random) -> Any:
    """One random call; the same for a dice in the same state."""
    kind, texts = dice.choice(KINDS), dice.sample(TEXTS, 3)
    ids = dice.sample(range(12), dice.randrange(1, 6))
    rows = [{"_id": f"r{id_}", "x": value(dice), dice.choice(["y", "z.z"]): value(dice)} for id_ in ids]
    choice = dice.randrange(10)
    if choice < 4:
        writes = []
        for id_ in ids:
            expected = dice.choice([None, 1, 2, 3])
            writes.append(Write(kind, id_, document(dice, id_, (expected or 0) + 1), expected))
        return await store.documents.write(writes)
    if choice == 4:
        return await store.documents.get_many([(kind, id_) for id_ in ids])
    if choice == 5:
        due_at = moment(dice) or "2026-06-01T00:00:00.000Z"
        return await store.documents.due(kind, dice.choice(["tmdb", "omdb"]), due_at, dice.randrange(5))
    if choice == 6:
        return await store.documents.candidates(kind, [text.lower().removeprefix("the ") for text in texts])
    if choice == 7:
        return await (store.records.put if dice.random() < 0.5 else store.records.patch)("runs", rows)
    if choice == 8:
        return await store.records.delete("runs", [f"r{id_}" for id_ in ids])
    expected, new = dice.choice([None, 1, "a"]), dice.choice([None, 1, "a"])
    return await store.state.compare_and_set("s", expected, new)


async def contents(store: Store) -> Any:
    return [
        [[document async for document in store.documents.iterate(kind)] for kind in KINDS],
        [row async for row in store.records.iterate("runs")],
        await store.state.get("s"),
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
    for store in stores:
        await store.close()
