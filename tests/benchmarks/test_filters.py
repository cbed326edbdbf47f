"""1,000 random filters mean the same titles everywhere; and what a filter costs over many documents."""

import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from random import Random

import pytest

from moviecrawler.policy.documents.upgrade import upgraded
from moviecrawler.policy.filters.expressions import Filter
from moviecrawler.policy.filters.grammar import parse
from moviecrawler.search.index_file import IndexFile
from moviecrawler.stores import open_store, opened
from moviecrawler.stores.base import Write
from moviecrawler.stores.checked import CheckedStore
from tests.support.filters import KINDS, NOW, by_index, by_predicate, by_store, differences, filter_text, varied

pytestmark = pytest.mark.benchmark

FILTERS = 1000
FILMS = 5000


async def test_random_filters(sqlite_uri: str, mongo_uri: str, tmp_path: Path) -> None:
    stored = {(KINDS[id_ % 2], id_): varied(id_) for id_ in range(1, 41)}
    today = {key: upgraded(key[0], document) for key, document in stored.items()}
    async with opened(open_store(sqlite_uri)) as sqlite, opened(open_store(mongo_uri)) as mongo:
        for store in (sqlite, mongo):
            await store.documents.write([Write(kind, id_, document, None) for (kind, id_), document in stored.items()])
        finders = {"predicate": by_predicate(today), "SQLite": by_store(sqlite), "MongoDB": by_store(mongo)}
        finders["index"] = by_index(IndexFile(tmp_path / "search.db", "SQLite"), sqlite)
        dice, sizes = Random(2027), []
        for _ in range(FILTERS):
            text = filter_text(dice)
            assert await differences(finders, text) == {}, text
            sizes.append(len(await finders["predicate"](parse(text))))
    some = sum(0 < size < len(stored) for size in sizes)
    print(f"\n{FILTERS:,} filters agree; {some:,} of them mean some titles, but not all")
    assert some > FILTERS / 3


async def test_cost_of_a_filter(tmp_path: Path) -> None:
    async with opened(open_store("", data_dir=tmp_path)) as store:
        for start in range(1, FILMS, 500):
            films = [varied(id_) | {"_id": id_} for id_ in range(start, start + 500)]
            await store.documents.write([Write("movies", film["_id"], film, None) for film in films])
        checked = CheckedStore(store)
        all_of_them = await _seconds(lambda: _count(checked, None))
        print(f"\nall {FILMS:,} documents: {all_of_them[0]:.2f} s")
        for text in ("year>=2020", "language:ko", "due:omdb", '"harry potter"', "disagree:year"):
            where = Filter(parse(text), NOW)
            seconds, count = await _seconds(lambda where=where: _count(checked, where))
            print(f"{text}: {count:,} in {seconds:.2f} s, {seconds / all_of_them[0]:.2f} times that")


async def _count(store: CheckedStore, where: Filter | None) -> int:
    return len([None async for _ in store.documents.iterate("movies", where=where)])


async def _seconds(act: Callable[[], Awaitable[int]]) -> tuple[float, int]:
    start = time.perf_counter()
    count = await act()
    return time.perf_counter() - start, count
