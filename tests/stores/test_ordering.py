"""REFRESH_ORDER on a filled store: its titles change places, its documents stay."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from moviecrawler.documents import SOURCES
from moviecrawler.items import KINDS
from moviecrawler.policy.freshness.refresh import ORDERS
from moviecrawler.stores import open_store
from moviecrawler.stores.base import DueTitle, Store
from moviecrawler.stores.ordering import reorder, stored_order
from tests.stores import full_scan
from tests.support.films import film, insert, update

LATER = "2027-01-01T00:00:00.000Z"


@dataclass
class Opener:
    """Opens the same store again and again, each time in an order; the one before is closed."""

    uri: str
    store: Store | None = None

    async def __call__(self, order: str) -> Store:
        await self.close()
        self.store = open_store(self.uri, data_dir=Path(), order=order)
        await self.store.open()
        return self.store

    async def close(self) -> None:
        if self.store:
            await self.store.close()


async def all_due(store: Store, kind: str, source: str) -> list[int]:
    found: list[DueTitle] = []
    while page := await store.documents.due(kind, source, LATER, 50, found[-1] if found else None):
        found += page
    return [row.id for row in found]


async def documents_of(store: Store, kind: str) -> list[dict[str, Any]]:
    return [document async for document in store.documents.iterate(kind)]


async def assert_order(store: Store, order: str) -> None:
    for kind in KINDS:
        documents = await documents_of(store, kind)
        for source in SOURCES:
            assert await all_due(store, kind, source) == full_scan.due(documents, source, LATER, order), (kind, source)


@pytest.mark.parametrize("orders", [("newest", "popular", "score", "newest"), ("score", "popular")])
async def test_reorder_moves_all_titles_and_writes_no_document(uri: str, orders: Sequence[str]) -> None:
    opened = Opener(uri)
    store = await opened(ORDERS[0])
    await store.documents.write([insert(id, kind) for kind in KINDS for id in range(230)])
    before = [await documents_of(store, kind) for kind in KINDS]
    for order in orders:
        moves = order != await stored_order(store)
        store = await opened(order)
        assert bool(await reorder(store, order)) is moves
        assert await stored_order(store) == order
        await assert_order(store, order)
        assert [await documents_of(store, kind) for kind in KINDS] == before
        assert await reorder(store, order) == 0
    await opened.close()


async def test_a_later_write_gets_its_place_in_the_new_order(uri: str) -> None:
    opened = Opener(uri)
    store = await opened("popular")
    await store.documents.write([insert(id) for id in range(20)])
    await reorder(store, "popular")
    await store.documents.write([update(3, 1, popularity=9999), insert(20, popularity=0)])
    await assert_order(store, "popular")
    assert (await all_due(store, "movies", "tmdb"))[0] == 3
    await opened.close()


async def test_an_interrupted_reorder_starts_again(uri: str, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = Opener(uri)
    await (await opened("newest")).documents.write([insert(id, kind) for kind in KINDS for id in range(20)])
    store = await opened("popular")
    whole = store.documents.rerank

    async def cut_off(kind: str) -> int:
        if kind == KINDS[-1]:
            raise KeyboardInterrupt
        return await whole(kind)

    monkeypatch.setattr(store.documents, "rerank", cut_off)
    with pytest.raises(KeyboardInterrupt):
        await reorder(store, "popular")
    assert await stored_order(store) == "newest"
    monkeypatch.undo()
    await reorder(store, "popular")
    await assert_order(store, "popular")
    await opened.close()


async def test_a_damaged_document_keeps_its_place_and_does_not_stop_the_reorder(uri: str) -> None:
    opened = Opener(uri)
    await (await opened("newest")).documents.write([*(insert(id) for id in range(4)), insert(4, popularity="much")])
    store = await opened("popular")
    await reorder(store, "popular")
    found = await all_due(store, "movies", "tmdb")
    assert [id for id in found if id != 4] == full_scan.due(map(film, range(4)), "tmdb", LATER, "popular")
    assert 4 in found
    await opened.close()
