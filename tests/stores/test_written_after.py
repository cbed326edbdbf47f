"""Finding what was written after a point in time: since the last reconciliation, or with a clock ahead of now."""

import pytest

from moviecrawler.stores.base import Store
from tests.support.films import NOW, insert

_LATER = "2029-11-21T08:15:30.123Z"


async def _written_after(store: Store, kind: str, timestamp: str) -> list[int]:
    return sorted([id_ async for ids in store.documents.written_after(kind, timestamp) for id_ in ids])


async def test_written_after_lists_documents_with_later_timestamps(store: Store) -> None:
    updated_at = {3: _LATER, 1: "2026-11-21T08:15:30.124Z", 2: NOW, 4: None}
    await store.documents.write([insert(id_, updated_at=at) for id_, at in updated_at.items()])
    assert await _written_after(store, "movies", NOW) == [1, 3]
    assert await _written_after(store, "movies", _LATER) == []
    assert await _written_after(store, "shows", NOW) == []


async def test_written_after_comes_in_pages_also_when_all_were_written_at_once(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("moviecrawler.stores.sqlite.searches.IDS", 2)
    monkeypatch.setattr("moviecrawler.stores.mongo.documents._IDS", 2)
    await store.documents.write([insert(id_, updated_at=_LATER) for id_ in range(1, 6)])
    pages = [ids async for ids in store.documents.written_after("movies", NOW)]
    assert sorted(id_ for ids in pages for id_ in ids) == [1, 2, 3, 4, 5]
    assert max(map(len, pages)) == 2
