"""Skips what is not due: one look at the store per listing page, whatever the number of its titles."""

from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from moviecrawler.policy import moments
from moviecrawler.policy.refresh import is_due
from moviecrawler.stores.base import Key

DROPPED_FOR = timedelta(days=30)


class Fresh:
    """Spider middleware for requests with ``meta["if_due"] = [kind, id]``.

    A title that is not due (frozen ones included) or was refused by the filter within 30 days is not asked for
    again; pictures that a skipped title still lacks are.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def process_spider_output(self, response: Response, result: AsyncIterator[Any]) -> AsyncIterator[Any]:
        held: list[Request] = []
        async for output in result:
            if isinstance(output, Request) and "if_due" in output.meta:
                held.append(output)
            else:
                yield output
        if held:
            async for request in self._due(held):
                yield request

    async def _due(self, requests: Iterable[Request]) -> AsyncIterator[Request]:
        by_key: dict[Key, Request] = {tuple(request.meta.pop("if_due")): request for request in requests}
        store = self._crawler.store
        documents = await store.documents.get_many(by_key)
        unknown = [f"{kind}/{id}" for kind, id in by_key.keys() - documents.keys()]
        dropped = await store.records.get("dropped", unknown) if unknown else {}
        now = datetime.now(UTC)
        recently = moments.iso(now - DROPPED_FOR)
        for key, request in by_key.items():
            kind, id = key
            if document := documents.get(key):
                slot = document["sources"]["tmdb"]
                if slot["fetched_at"] is None or is_due(slot, now):
                    request.cb_kwargs["discovered"] = False  # a refresh: the filter is for what is new
                    yield request
                    continue
                self._skip("frozen" if slot["frozen_at"] else "not_due")
                for picture in self._crawler.spider.artwork(kind, document):
                    yield picture
            elif dropped.get(f"{kind}/{id}", {}).get("at", "") > recently:
                self._skip("dropped")
            else:
                yield request

    def _skip(self, reason: str) -> None:
        self._crawler.stats.inc_value(f"refresh/skipped/{reason}")
