"""Group commit: batches form by themselves, with one read and one write each, and nothing is lost silently."""

import asyncio
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from moviecrawler.exceptions import StoreError, StoreUnavailable
from moviecrawler.ingest.upsert import ROUNDS
from moviecrawler.items import FailedLookup, Movie, Reject
from moviecrawler.pipelines import group_commit
from moviecrawler.pipelines.group_commit import BATCH, ENOUGH, NotStored
from moviecrawler.stores.base import Store, Write, WriteOutcome
from tests.support.crawler import commits_of
from tests.support.items import movie


class Faulty:
    """The documents of a real store, whose writes first do what ``faults`` say."""

    def __init__(self, documents: Any, faults: list[Any]) -> None:
        self._documents, self._faults = documents, faults

    def __getattr__(self, name: str) -> Any:
        return getattr(self._documents, name)

    async def write(self, writes: Sequence[Write]) -> WriteOutcome:
        if self._faults:
            fault = self._faults.pop(0)
            if isinstance(fault, Exception):
                raise fault
            await fault(writes)
        return await self._documents.write(writes)


async def test_concurrent_items_are_one_read_and_one_write(store: Store) -> None:
    commits, crawler = commits_of(store)
    await asyncio.gather(*(commits.add(movie(id)) for id in range(1, 51)))
    assert await store.documents.count("movies") == 50
    assert (crawler.stats["store/batches"], crawler.stats["store/reads"], crawler.stats["store/writes"]) == (1, 1, 1)


async def test_a_lone_item_is_written_at_once(store: Store) -> None:
    commits, _ = commits_of(store)
    await asyncio.wait_for(commits.add(movie(1)), 2)
    assert await store.documents.count("movies") == 1


async def test_items_that_gather_during_a_write_are_the_next_batch(store: Store) -> None:
    commits, crawler = commits_of(store)
    await asyncio.gather(*(commits.add(movie(id)) for id in range(1, 2 * BATCH + 11)))
    assert crawler.stats["store/batches"] == 3


@pytest.mark.parametrize("end", ["enough", "flush"])
async def test_what_came_during_a_write_waits_for_others(
    store: Store, end: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(group_commit, "GATHER_SECONDS", 60)
    adding: list[asyncio.Future[None]] = []

    async def add_another(_: Sequence[Write]) -> None:
        adding.append(asyncio.ensure_future(commits.add(movie(2))))
        await asyncio.sleep(0)

    faulty = SimpleNamespace(documents=Faulty(store.documents, [add_another]), records=store.records)
    commits, crawler = commits_of(faulty)
    await commits.add(movie(1))
    adding += [asyncio.ensure_future(commits.add(movie(id))) for id in range(3, ENOUGH + 2 if end == "enough" else 9)]
    await asyncio.sleep(0)
    if end == "flush":
        await commits.flush()
    await asyncio.wait_for(asyncio.gather(*adding), 20)
    assert crawler.stats["store/batches"] == 2


async def test_a_conflict_is_merged_again(store: Store) -> None:
    async def rival(writes: Sequence[Write]) -> None:
        other, _ = commits_of(rival_store)
        await other.add(movie(1, at="2026-11-20T00:00:00.000Z", runtime=99))

    rival_store = SimpleNamespace(documents=store.documents, records=store.records)
    faulty = SimpleNamespace(documents=Faulty(store.documents, [rival]), records=store.records)
    commits, crawler = commits_of(faulty)
    await commits.add(movie(1, runtime=170))
    document = (await store.documents.get_many([("movies", 1)]))["movies", 1]
    assert (document["runtime"], document["revision"]) == (170, 2)
    assert crawler.stats["store/conflicts"] == 1


async def test_a_failed_lookup_that_lost_every_round_is_not_counted(store: Store) -> None:
    await commits_of(store)[0].add(movie(1))
    hours = iter(range(ROUNDS))

    def lost(at: str) -> FailedLookup:
        return FailedLookup(source="omdb", kind="movies", id=1, reason="gone", at=at)

    async def rival(writes: Sequence[Write]) -> None:
        await commits_of(store)[0].add(lost(f"2026-11-21T{next(hours):02}:00:00.000Z"))

    away = Faulty(store.documents, [rival] * ROUNDS)
    commits, crawler = commits_of(SimpleNamespace(documents=away, records=store.records))
    with pytest.raises(NotStored):
        await commits.add(lost("2026-11-22T00:00:00.000Z"))
    assert (crawler.stats["rejects/store"], crawler.stats.get("misses/omdb/gone")) == (1, None)


async def test_an_item_that_cannot_be_stored_fails_no_other_item(store: Store) -> None:
    commits, crawler = commits_of(store)
    bad = movie(2, title="Heat")
    bad.context.slot["data"]["title"] = object()
    items = [movie(1), bad, movie(3)]
    outcomes = await asyncio.gather(*(commits.add(item) for item in items), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [type(None), NotStored, type(None)]
    assert await store.documents.count("movies") == 2
    assert [row["reason"] async for row in store.records.iterate("rejects")] == ["store"]
    assert crawler.stats["rejects/store"] == 1


async def test_a_server_that_comes_back_gets_the_batch(store: Store) -> None:
    away = [StoreUnavailable("MongoDB: no server answers")]
    commits, crawler = commits_of(SimpleNamespace(documents=Faulty(store.documents, away), records=store.records))
    await commits.add(movie(1))
    assert await store.documents.count("movies") == 1
    assert (crawler.stats["store/waits"], crawler.ended) == (1, [])


@pytest.mark.parametrize("error", [StoreUnavailable("away"), StoreError("disk full")])
async def test_a_lost_store_ends_the_run(store: Store, error: StoreError) -> None:
    faults = Faulty(store.documents, [error] * 9)
    commits, crawler = commits_of(SimpleNamespace(documents=faults, records=store.records), patience=0.1)
    with pytest.raises(NotStored):
        await commits.add(movie(1))
    assert crawler.ended == ["store_failed"]


async def test_rejects_are_counted_when_they_are_durable(store: Store) -> None:
    commits, crawler = commits_of(store)
    await commits.add(Reject(url="u", reason="gone", spider="tests", at="2026-11-21T12:00:00.000Z"))
    assert crawler.stats["rejects/gone"] == 1


async def test_a_stored_title_knows_its_document(store: Store) -> None:
    commits, _ = commits_of(store)
    film: Movie = movie(1, runtime=170)
    await commits.add(film)
    assert film.context.document is not None
    assert film.context.document["runtime"] == 170


async def test_nothing_is_stored_after_close(store: Store) -> None:
    commits, _ = commits_of(store)
    before = asyncio.create_task(commits.add(movie(1)))
    await asyncio.sleep(0)
    await commits.close()
    await before
    with pytest.raises(NotStored):
        await commits.add(movie(2))
    assert await store.documents.count("movies") == 1
