"""At the end of a run, samples go that are too old; a store that fails then is no secret."""

from typing import Any

import pytest

from moviecrawler.documents.records import SAMPLES
from moviecrawler.exceptions import StoreError
from moviecrawler.extensions.expire_samples import ExpireSamples
from moviecrawler.stores.base import Store
from tests.support.crawler import Lifecycle, stand_in

OLD = {"curves": {"tmdb": {"at": ["2020-01-01T12:00:00.000Z"], "values": {"popularity": [1.0]}}}}


async def ended(store: Any, reason: str = "finished") -> tuple[Lifecycle, dict[str, Any]]:
    lifecycle = Lifecycle()
    lifecycle.finish_reason = reason
    crawler = stand_in(store=store, lifecycle=lifecycle)
    ExpireSamples.from_crawler(crawler)
    (expire,) = lifecycle.on_close
    await expire()
    return lifecycle, crawler.stats


async def test_what_is_too_old_is_counted(store: Store) -> None:
    await store.records.put(SAMPLES, [{"_id": f"movies/{number}", **OLD} for number in range(3)])
    _, stats = await ended(store)
    assert stats["samples/expired"] == 3
    assert not [row async for row in store.records.iterate(SAMPLES)]


async def test_a_signal_does_not_wait_for_it(store: Store) -> None:
    await store.records.put(SAMPLES, [{"_id": "movies/1", **OLD}])
    _, stats = await ended(store, "shutdown")
    assert "samples/expired" not in stats
    assert [row async for row in store.records.iterate(SAMPLES)]


async def test_a_store_that_fails_makes_the_run_incomplete(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fails(name: str) -> None:
        raise StoreError("the disk is full")

    monkeypatch.setattr(store.state, "get", fails)
    lifecycle, _ = await ended(store)
    assert lifecycle.given_up == {"samples": "samples that are too old could not be removed: the disk is full"}
