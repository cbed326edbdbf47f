"""Skips titles that are not due: one read of the store per listing page, however many titles it has."""

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.statscollectors import StatsCollector

from moviecrawler.documents import DROPPED, Document, DroppedRecord, is_gone
from moviecrawler.exceptions import StoreError
from moviecrawler.items import Dropped
from moviecrawler.lifecycle import CrawlLifecycle
from moviecrawler.policy.freshness.refresh import is_due
from moviecrawler.request_meta import meta_of
from moviecrawler.runtime import Runtime
from moviecrawler.spider_protocol import CrawlSpider, spider_of
from moviecrawler.stores.base import Key, Store


class SkipNotDueMiddleware:
    """Spider middleware for requests with ``meta["skip_unless_due"] = [kind, id]``.

    A stored title that is not due (frozen ones included) is not fetched, but pictures that it still lacks are. A new
    title is not fetched if the filter refused it within 30 days and has not been relaxed since, or refuses it now by
    what the listing shows (``meta["filter_verdict"]``). ``force`` fetches titles that are not due or were refused
    before.
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
        if requests:
            retry_store = self._lifecycle.retry_store
            try:
                documents = await retry_store(lambda: self._store.documents.get_many(requests))
                dropped = await retry_store(lambda: self._dropped(requests.keys() - documents.keys()))
            except StoreError:
                return
            for wanted in self._due(requests, documents, dropped):
                yield wanted
        for request in others:  # the next page: after the titles of this one
            yield request

    def _due(
        self, by_key: Mapping[Key, Request], documents: Mapping[Key, Document], dropped: Mapping[str, DroppedRecord]
    ) -> Iterator[Request | Dropped]:
        """The remaining requests, and what replaces the others: requests for pictures, and dropped titles."""
        spider, now = self._spider, datetime.now(UTC)
        for key, request in by_key.items():
            refused = meta_of(request).pop("filter_verdict")
            if document := documents.get(key):
                slot = document["sources"]["tmdb"]
                if not (spider.force or slot["fetched_at"] is None or is_gone(document) or is_due(slot, now)):
                    self._skip("frozen" if slot["frozen_at"] else "not_due")
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
