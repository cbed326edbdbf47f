"""Group commit: one read and one write per batch.

A lone item is stored at once. Under load, items gather while a write is in progress and for up to ``GATHER_SECONDS``
after it, since a batch costs nearly as much with ten items as with fifty.
"""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from typing import Self

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from moviecrawler.exceptions import StoreError
from moviecrawler.ingest.upsert import Upserter
from moviecrawler.items import Item, Reject
from moviecrawler.lifecycle import CrawlLifecycle
from moviecrawler.pipelines.batches import BatchWriter
from moviecrawler.policy.timing import Timing
from moviecrawler.runtime import Runtime
from moviecrawler.spider_protocol import spider_of

logger = logging.getLogger(__name__)

BATCH = 200

GATHER_SECONDS = 0.1
"""How long items that came during a write wait for others, unless ``ENOUGH`` are there."""

ENOUGH = 50


class NotStored(DropItem):
    """The item could not be made durable; its request must not count as done."""

    is_retryable = True
    """For a shared queue: the request is put back."""


class GroupCommit:
    """Makes items durable: :meth:`add` returns when the item's batch is."""

    def __init__(self, batch_writer: BatchWriter, lifecycle: CrawlLifecycle, timing: Timing) -> None:
        self._batch_writer, self._lifecycle, self._timing = batch_writer, lifecycle, timing
        self._waiting: list[tuple[Item, asyncio.Future[None]]] = []
        self._writer: asyncio.Task[None] | None = None
        self._closed = False
        self._enough = asyncio.Event()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Another one; that of the crawl is ``Runtime.commits``."""
        runtime = Runtime.of(crawler)
        policies, timing = runtime.policies, runtime.timing
        upserter = Upserter(
            runtime.store,
            composer=policies.composer,
            refresh=policies.refresh,
            samples=policies.samples,
            measure=timing.measure,
        )
        writer = BatchWriter(upserter, spider=spider_of(crawler).name, stats=crawler.stats)
        return cls(writer, runtime.lifecycle, timing)

    async def add(self, item: Item) -> None:
        """Return when ``item`` is durable; NotStored when it cannot be."""
        if self._closed:
            raise NotStored("the run has ended")
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, done))
        if len(self._waiting) >= ENOUGH:
            self._enough.set()
        if self._writer is None:
            self._writer = asyncio.ensure_future(self._write_all())
        await done

    async def close(self) -> None:
        """Accept no more items, and return when those that were added are durable or have failed."""
        self._closed = True
        await self.flush()

    async def flush(self) -> None:
        """Return when everything added so far is durable or has failed."""
        if self._writer is not None:
            self._enough.set()
            await asyncio.wait([self._writer])

    async def _write_all(self) -> None:
        await asyncio.sleep(0)  # the items of one answer arrive in the same turn of the loop
        while self._waiting:
            batch, self._waiting = self._waiting[:BATCH], self._waiting[BATCH:]
            failed = await self._write([item for item, _ in batch])
            for item, done in batch:
                if done.cancelled():
                    continue
                if error := failed.get(id(item)):
                    done.set_exception(error)
                else:
                    done.set_result(None)
            if self._waiting:
                await self._gather()
        self._writer = None

    async def _gather(self) -> None:
        if len(self._waiting) < ENOUGH and not self._closed:
            self._enough.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._enough.wait(), GATHER_SECONDS)

    async def _write(self, items: Sequence[Item]) -> dict[int, NotStored]:
        """Store the items; returns those that could not be stored, by ``id()``, with the reason."""
        try:
            conflicted = await self._lifecycle.retry_store(lambda: self._store(items))
        except StoreError as error:
            return {id(item): NotStored(str(error)) for item in items}
        except Exception as error:
            # One item that no store can hold must not fail its batch: halve the batch until it is alone.
            if len(items) > 1:
                middle = len(items) // 2
                return {**await self._write(items[:middle]), **await self._write(items[middle:])}
            logger.error("an item cannot be stored: %r", items[0], exc_info=True)
            if not isinstance(items[0], Reject):
                await self._write([self._batch_writer.reject(items[0], type(error).__name__)])
            return {id(items[0]): NotStored(type(error).__name__)}
        return {
            id(item): NotStored("other writers were always faster, or its document is damaged") for item in conflicted
        }

    async def _store(self, items: Sequence[Item]) -> list[Item]:
        with self._timing.measure("store/flush"):
            return await self._batch_writer.store(items)
