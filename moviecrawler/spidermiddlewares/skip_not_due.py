"""Skips titles that are not due: one read of the store per page of a listing, or per batch of a list of ids."""

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.statscollectors import StatsCollector

from moviecrawler.documents import Document, is_gone
from moviecrawler.documents.records import DROPPED, DroppedRecord
from moviecrawler.exceptions import StoreError
from moviecrawler.items import Dropped
from moviecrawler.lifecycle import CrawlLifecycle
from moviecrawler.policy.freshness.refresh import is_due
from moviecrawler.request_meta import meta_of
from moviecrawler.runtime import Runtime
from moviecrawler.spider_protocol import CrawlSpider, spider_of
from moviecrawler.stores.base import Key, Store

_BATCH = 100
"""Titles of ``start()`` per read of the store; fewer than ``Backpressure`` lets through, which would wait for ever."""


class SkipNotDueMiddleware:
    """Spider middleware for requests with ``meta["skip_unless_due"] = [kind, id]``.

    A stored title that is not due (frozen ones included) is not fetched, but pictures that it still lacks are. A new
    title is not fetched if the filter refused it within 30 days and has not been relaxed since, or refuses it now by
    what the listing shows (``meta["filter_verdict"]``). ``force`` fetches titles that are not due or were refused
    before.

    A title that a person named, not a listing (``cb_kwargs["listed"]`` is false), was refused by nobody; as a tombstone
    it is not asked for again.
    """

    def __init__(self, spider: CrawlSpider, store: Store, lifecycle: CrawlLifecycle, stats: StatsCollector) -> None:
        self._spider, self._store, self._lifecycle, self._stats = spider, store, lifecycle, stats

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        runtime = Runtime.of(crawler)
        return cls(spider_of(crawler), runtime.store, runtime.lifecycle, crawler.stats)

    async def process_spider_output(self, response: Response, result: AsyncIterator[Any]) -> AsyncIterator[Any]:
        requests: dict[Key, Request] = {}
        others: list[Request] = []
        async for output in result:
            if not isinstance(output, Request):
                yield output
            elif row := meta_of(output).pop("skip_unless_due", None):
                kind, id = row
                requests[kind, id] = output
            else:
                others.append(output)
        try:
            for wanted in await self._wanted(requests):
                yield wanted
        except StoreError:
            return
        for request in others:  # the next page: after the titles of this one
            yield request

    async def process_start(self, start: AsyncIterator[Any]) -> AsyncIterator[Any]:
        """What ``start()`` yields, a skipped request no longer counted as one without an answer."""
        requests: dict[Key, Request] = {}
        try:
            async for output in start:
                row = meta_of(output).pop("skip_unless_due", None) if isinstance(output, Request) else None
                if row is None:
                    yield output
                    continue
                kind, id = row
                if (kind, id) in requests:
                    self._skip("asked_already")
                    self._spider.backpressure.release(output)
                    continue
                requests[kind, id] = output
                if len(requests) == _BATCH:
                    for wanted in await self._wanted_of_start(requests):
                        yield wanted
                    requests = {}
            for wanted in await self._wanted_of_start(requests):
                yield wanted
        except StoreError:
            return

    async def _wanted_of_start(self, requests: Mapping[Key, Request]) -> list[Request | Dropped]:
        wanted = await self._wanted(requests)
        kept = set(map(id, wanted))
        for request in requests.values():
            if id(request) not in kept:
                self._spider.backpressure.release(request)
        return wanted

    async def _wanted(self, requests: Mapping[Key, Request]) -> list[Request | Dropped]:
        """A StoreError has stopped the run before it is raised."""
        if not requests:
            return []
        retry_store = self._lifecycle.retry_store
        documents = await retry_store(lambda: self._store.documents.get_many(requests))
        new = [key for key, request in requests.items() if key not in documents and request.cb_kwargs["listed"]]
        dropped = await retry_store(lambda: self._dropped(new))
        return list(self._due(requests, documents, dropped))

    def _due(
        self, by_key: Mapping[Key, Request], documents: Mapping[Key, Document], dropped: Mapping[str, DroppedRecord]
    ) -> Iterator[Request | Dropped]:
        """The remaining requests, and what replaces the others: requests for pictures, and dropped titles."""
        spider, now = self._spider, datetime.now(UTC)
        for key, request in by_key.items():
            refused = meta_of(request).pop("filter_verdict")
            if document := documents.get(key):
                slot, gone = document["sources"]["tmdb"], is_gone(document)
                is_back = gone and request.cb_kwargs["listed"]
                if not (spider.force or slot["fetched_at"] is None or is_back or is_due(slot, now)):
                    self._skip("gone" if gone else "frozen" if slot["frozen_at"] else "not_due")
                    for tell in self._lifecycle.on_skipped:
                        tell(key[0], document)
                    yield from spider.artwork_requests(key[0], document)
                    continue
                request.cb_kwargs["listed"] = False  # a refresh: the filter is for new titles only
            elif refused is not None:
                yield refused
                continue
            elif spider.content.still_refuses(dropped.get("{}/{}".format(*key)), now):
                self._skip("dropped")
                continue
            if spider.claim(key):
                yield request
            else:
                self._skip("asked_already")

    async def _dropped(self, keys: Iterable[Key]) -> dict[str, DroppedRecord]:
        """The ``dropped`` records of these titles; none when the filter is off or overruled."""
        spider = self._spider
        if not keys or spider.force or not spider.content.config.enabled:
            return {}
        return await self._store.records.get(DROPPED, [f"{kind}/{id}" for kind, id in keys])

    def _skip(self, reason: str) -> None:
        self._stats.inc_value(f"refresh/skipped/{reason}")
