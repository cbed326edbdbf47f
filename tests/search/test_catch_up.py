"""The index follows either store: after any history it has what an index made anew would have."""

import random
import sqlite3
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from moviecrawler.search import catch_up as catching_up
from moviecrawler.search.catch_up import CaughtUp, behind, catch_up
from moviecrawler.search.index import SearchIndex
from moviecrawler.search.schema import create
from moviecrawler.stores.base import Key, Store, Version
from moviecrawler.stores.checked import CheckedStore
from moviecrawler.timestamps import iso
from tests.search.films import GONE, everything, ids, index_of, named, put

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def at(minutes: float) -> str:
    return iso(NOW + timedelta(minutes=minutes))


async def fresh(store: Store) -> SearchIndex:
    index = index_of()
    await catch_up(index, CheckedStore(store), NOW)
    return index


async def write(store: Store, id_: int, title: str, minutes: float, revision: int = 1, **changes: Any) -> None:
    document = named(id_, title, revision, updated_at=at(minutes), **changes)
    outcome = await store.documents.write([put(document, revision - 1 or None)])
    assert not outcome.conflicts


async def test_what_was_written_since_is_read_and_nothing_else(store: Store) -> None:
    for id_ in range(1, 6):
        await write(store, id_, f"Moon {id_}", -60 * id_)
    index = await fresh(store)
    assert sorted(ids(index, "moon")) == [1, 2, 3, 4, 5]
    await write(store, 2, "Sun 2", 1, 2)
    await write(store, 6, "Moon 6", 1)
    assert await catch_up(index, CheckedStore(store), NOW + timedelta(minutes=2)) == CaughtUp(2, 0, False)
    assert (sorted(ids(index, "moon")), ids(index, "sun")) == ([1, 3, 4, 5, 6], [2])
    assert await catch_up(index, CheckedStore(store), NOW + timedelta(minutes=3)) == CaughtUp(0, 0, False)


async def test_equal_timestamps_and_clocks_that_differ_a_little_lose_nothing(store: Store) -> None:
    await write(store, 1, "Moon", 0)
    index = await fresh(store)
    await write(store, 2, "Sun", 0)
    await write(store, 1, "Sea", 0, 2)
    await write(store, 3, "Star", -4)
    assert await catch_up(index, CheckedStore(store), NOW + timedelta(minutes=1)) == CaughtUp(3, 0, False)
    assert [ids(index, text) for text in ("moon", "sea", "sun", "star")] == [[], [1], [2], [3]]


async def test_a_title_that_is_gone_leaves_the_index_and_comes_back(store: Store) -> None:
    await write(store, 1, "Moon", 0)
    index = await fresh(store)
    await write(store, 1, "Moon", 1, 2, sources=GONE)
    await catch_up(index, CheckedStore(store), NOW + timedelta(minutes=2))
    assert ids(index, "moon") == []
    await write(store, 1, "Moon", 3, 3)
    await catch_up(index, CheckedStore(store), NOW + timedelta(minutes=4))
    assert ids(index, "moon") == [1]


async def test_writes_of_a_clock_that_jumped_back_are_found_by_their_number_or_revision(store: Store) -> None:
    await write(store, 1, "Moon", 0)
    await write(store, 3, "Mars", 0)
    index = await fresh(store)
    await write(store, 2, "Sun", -600)  # one more title than the index has
    assert (await catch_up(index, CheckedStore(store), NOW + timedelta(minutes=1))).compared
    await write(store, 1, "Sea", -600, 2)  # what it saw last is no longer written then
    assert (await catch_up(index, CheckedStore(store), NOW + timedelta(minutes=2))).compared
    assert (ids(index, "sun"), ids(index, "sea")) == ([2], [1])
    await write(store, 2, "Star", -700, 2)  # nothing tells, until a day later
    await catch_up(index, CheckedStore(store), NOW + timedelta(minutes=3))
    assert [name async for name in behind(index, CheckedStore(store))] == ["movies/2"]
    await catch_up(index, CheckedStore(store), NOW + timedelta(days=1, hours=1))
    assert (ids(index, "star"), [name async for name in behind(index, CheckedStore(store))]) == ([2], [])


async def test_a_reader_whose_clock_jumped_back_compares_all_versions(store: Store) -> None:
    await write(store, 1, "Moon", -6000)
    index = await fresh(store)
    assert (await catch_up(index, CheckedStore(store), NOW - timedelta(hours=1))).compared


async def test_a_title_of_the_future_does_not_hide_what_is_written_now(store: Store) -> None:
    await write(store, 1, "Moon", 60 * 24 * 365)
    index = await fresh(store)
    await write(store, 2, "Sun", 1)
    await catch_up(index, CheckedStore(store), NOW + timedelta(minutes=2))
    assert (ids(index, "moon"), ids(index, "sun")) == ([1], [2])


async def test_removed_titles_and_an_older_store_in_its_place_are_noticed(sqlite_uri: str, store: Store) -> None:
    for id_ in range(1, 4):
        await write(store, id_, f"Moon {id_}", -60 * id_)
    index = await fresh(store)

    class Without:
        """The same documents without one, which no store of ours removes: a restore does."""

        def __init__(self, missing: int) -> None:
            self.documents = self
            self._missing = missing

        def __getattr__(self, name: str) -> Any:
            return getattr(store.documents, name)

        async def count(self, kind: str) -> int:
            return len([id_ for page in [page async for page in self.ids(kind)] for id_ in page])

        async def versions(self, kind: str, ids: Iterable[int]) -> dict[int, Version]:
            return await store.documents.versions(kind, set(ids) - {self._missing})

        async def ids(self, kind: str):  # type: ignore[no-untyped-def]
            async for page in store.documents.ids(kind):
                yield [id_ for id_ in page if id_ != self._missing]

        async def get_many(self, keys: Iterable[Key]) -> dict[Key, Any]:
            return await store.documents.get_many([key for key in keys if key[1] != self._missing])

    for missing in (3, 1):
        caught = await catch_up(index, Without(missing), NOW + timedelta(minutes=1))  # type: ignore[arg-type]
        assert (caught.compared, missing in ids(index, "moon")) == (True, False)
        assert everything(index) == [row for row in everything(await fresh(store)) if row[1] != missing]
        await catch_up(index, CheckedStore(store), NOW + timedelta(minutes=1))


async def test_damaged_documents_are_left_out_and_read_once(store: Store) -> None:
    await write(store, 1, "Moon", 0)
    await write(store, 2, "Moon", 0, year="nineteen")
    index = await fresh(store)
    assert ids(index, "moon") == [1]
    assert await catch_up(index, CheckedStore(store), NOW + timedelta(minutes=1)) == CaughtUp(0, 0, False)


async def test_after_any_history_it_is_as_if_made_anew(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catching_up, "_PAGE", 3)
    monkeypatch.setattr("moviecrawler.stores.sqlite.searches.IDS", 4)
    monkeypatch.setattr("moviecrawler.stores.mongo.documents._IDS", 4)
    dice = random.Random(11)
    index, revisions = index_of(), dict[int, int]()
    for step in range(12):
        for _ in range(dice.randrange(6)):
            id_ = dice.randint(1, 12)
            revisions[id_] = revisions.get(id_, 0) + 1
            title = dice.choice(["Moon", "月亮之夜", "Sun"])
            changes = {"sources": GONE} if dice.random() < 0.1 else {"popularity": dice.random()}
            await write(store, id_, title, step + dice.uniform(-4, 4), revisions[id_], **changes)
        await catch_up(index, CheckedStore(store), NOW + timedelta(minutes=step))
        assert everything(index) == everything(await fresh(store))


async def test_it_may_end_at_any_moment_and_goes_on(store: Store) -> None:
    """Each page is whole by itself; an index whose catch-up failed is completed by the next."""
    for id_ in range(1, 8):
        await write(store, id_, f"Moon {id_}", 0)
    index = index_of()
    checked = CheckedStore(store)
    read = checked.documents.get_many

    class Failing:
        documents: Any

        def __init__(self) -> None:
            self.documents = self

        def __getattr__(self, name: str) -> Any:
            return getattr(checked.documents, name)

        async def get_many(self, keys: Iterable[Key]) -> Any:
            found = [*keys]
            if ("movies", 5) in found:
                raise ConnectionError
            return await read(found)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(catching_up, "_PAGE", 2)
        with pytest.raises(ConnectionError):
            await catch_up(index, Failing(), NOW)
    assert sorted(ids(index, "moon")) == [1, 2, 3, 4]
    assert (await catch_up(index, checked, NOW)).compared
    assert everything(index) == everything(await fresh(store))


def test_an_index_has_the_tables_of_its_version() -> None:
    connection = sqlite3.connect(":memory:")
    create(connection, "a store")
    assert connection.execute("SELECT value FROM notes WHERE name = 'store'").fetchone() == ("a store",)
