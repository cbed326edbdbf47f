"""What is backed up in these tests, and what a store says of itself."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from moviecrawler.backup.make import Made, make_backup
from moviecrawler.documents.records import CHANGES, RAW, RUNS
from moviecrawler.stores import opened
from moviecrawler.stores.base import Store
from moviecrawler.stores.ordering import ORDER_STATE
from tests.support.films import insert, update

NOW = datetime(2026, 11, 21, 8, 15, 30, tzinfo=UTC)
FILMS = 250
"""More than a page of a snapshot."""


async def fill(store: Store) -> None:
    """Films in their second revision, a show, records of three kinds, and state."""
    await store.documents.write([insert(id) for id in range(1, FILMS + 1)])
    await store.documents.write([update(id, 1, title=f"Amélie\u2028 {id}") for id in range(1, 10)])
    await store.documents.write([insert(1, "shows", title="A show")])
    await store.records.put(CHANGES, [{"_id": f"movies/{id}/2", "at": "x", "diff": []} for id in range(3)])  # type: ignore[typeddict-item]
    await store.records.put(RAW, [{"_id": "tmdb/movies/1", "body": "x" * 5000}])  # type: ignore[typeddict-item]
    await store.records.put(RUNS, [{"_id": "2026", "stats": {"a/b": 1, "c": 0.5, "d.e": "f"}}])  # type: ignore[typeddict-item]
    await store.state.set("feed/tmdb/movies", {"until": "2026-11-21", "pages": [1, 2]})
    await store.state.set(ORDER_STATE, "popular")


async def all_of(store: Store) -> dict[str, list[Any]]:
    """All rows of a closed store by kind."""
    async with store.snapshot() as snapshot:
        kinds = await snapshot.counts()
        return {kind: [row async for page in snapshot.pages(kind) for row in page] for kind in kinds}


async def found_by_searches(store: Store) -> Any:
    """What needs the rows that a store derives from documents; the store is closed."""
    async with opened(store):
        documents = store.documents
        return (
            await documents.stats("movies", "2027-01-01T00:00:00.000Z"),
            await documents.due("movies", "tmdb", "2027-01-01T00:00:00.000Z", 20),
            sorted(await documents.candidates("movies", ["amelie 3", "lantern"])),
            await documents.by_imdb_id("movies", ["tt0000007"]),
            await documents.by_source_id("movies", "tmdb", ["7"]),
            [row["_id"] async for row in store.records.newest(CHANGES)],
        )


async def backed_up(store: Store, folder: Path) -> Made:
    return await make_backup(store, folder, lambda: NOW, lambda done, total: None)
