"""Skips titles that are not due: one read of the store per listing page, however many titles it has."""

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from moviecrawler.exceptions import StoreError
from moviecrawler.items import Dropped
from moviecrawler.policy.freshness.refresh import is_due
from moviecrawler.stores.base import Document, Key


class SkipNotDueMiddleware:
    """Spider middleware for requests with ``meta["skip_unless_due"] = [kind, id]``.

    A stored title that is not due (frozen ones included) is not fetched, but pictures that it still lacks are. A new
    title is not fetched if the filter refused it within 30 days and has not been relaxed since, or refuses it now by
    what the listing shows (``meta["filter_verdict"]``). ``force`` fetches titles that are not due or were refused
    before.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def process_spider_output(self, response: Response, result: AsyncIterator[Any]) -> AsyncIterator[Any]:
        requests: dict[Key, Request] = {}
        others: list[Request] = []
        async for output in result:
            if not isinstance(output, Request):
                yield output
            elif "skip_unless_due" in output.meta:
                requests[tuple(output.meta.pop("skip_unless_due"))] = output
            else:
                others.append(output)
        if requests:
            retry_store = self._crawler.run.retry_store
            try:
                documents = await retry_store(lambda: self._crawler.store.documents.get_many(requests))
                dropped = await retry_store(lambda: self._dropped(requests.keys() - documents.keys()))
            except StoreError:
                return
            for wanted in self._due(requests, documents, dropped):
                yield wanted
        for request in others:  # the next page: after the titles of this one
            yield request

    def _due(
        self, by_key: Mapping[Key, Request], documents: Mapping[Key, Document], dropped: Mapping[str, Document]
    ) -> Iterator[Request | Dropped]:
        """The remaining requests, and what replaces the others: requests for pictures, and dropped titles."""
        spider, now = self._crawler.spider, datetime.now(UTC)
        for key, request in by_key.items():
            refused = request.meta.pop("filter_verdict")
            if document := documents.get(key):
                slot = document["sources"]["tmdb"]
                if not (spider.force or slot["fetched_at"] is None or slot["gone_at"] or is_due(slot, now)):
                    self._skip("frozen" if slot["frozen_at"] else "not_due")
                    for tell in self._crawler.run.on_skipped:
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

    async def _dropped(self, keys: Iterable[Key]) -> dict[str, Document]:
        """The ``dropped`` records of these titles; none when the filter is off or overruled."""
        spider = self._crawler.spider
        if not keys or spider.force or not spider.content.config.enabled:
            return {}
        return await self._crawler.store.records.get("dropped", [f"{kind}/{id}" for kind, id in keys])

    def _skip(self, reason: str) -> None:
        self._crawler.stats.inc_value(f"refresh/skipped/{reason}")
