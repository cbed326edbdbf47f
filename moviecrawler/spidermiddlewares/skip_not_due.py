"""Skips what is not due: one look at the store per listing page, whatever the number of its titles."""

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
    """Spider middleware for requests with ``meta["if_due"] = [kind, id]``.

    A stored title that is not due (frozen ones included) is not asked for, the pictures that it still lacks are. A
    new one is not asked for when the filter refused it within 30 days and is not relaxed since, or refuses it now by
    what the listing shows (``meta["refused"]``). ``force`` asks for what is not due and for what was refused before.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def process_spider_output(self, response: Response, result: AsyncIterator[Any]) -> AsyncIterator[Any]:
        held: dict[Key, Request] = {}
        others: list[Request] = []
        async for output in result:
            if not isinstance(output, Request):
                yield output
            elif "if_due" in output.meta:
                held[tuple(output.meta.pop("if_due"))] = output
            else:
                others.append(output)
        if held:
            try:
                documents = await self._crawler.run.retry_store(lambda: self._crawler.store.documents.get_many(held))
                dropped = await self._crawler.run.retry_store(lambda: self._dropped(held.keys() - documents.keys()))
            except StoreError:
                return
            for wanted in self._due(held, documents, dropped):
                yield wanted
        for request in others:  # the next page: behind the titles of this one
            yield request

    def _due(
        self, by_key: Mapping[Key, Request], documents: Mapping[Key, Document], dropped: Mapping[str, Document]
    ) -> Iterator[Request | Dropped]:
        """What is left of the requests, and what is known in their place: pictures to ask for, titles refused."""
        spider, now = self._crawler.spider, datetime.now(UTC)
        for key, request in by_key.items():
            refused = request.meta.pop("refused")
            if document := documents.get(key):
                slot = document["sources"]["tmdb"]
                if not (spider.force or slot["fetched_at"] is None or slot["gone_at"] or is_due(slot, now)):
                    self._skip("frozen" if slot["frozen_at"] else "not_due")
                    for tell in self._crawler.run.on_skipped:
                        tell(key[0], document)
                    yield from spider.artwork_requests(key[0], document)
                    continue
                request.cb_kwargs["discovered"] = False  # a refresh: the filter is for what is new
            elif refused is not None:
                yield refused
                continue
            elif spider.content.leaves_alone(dropped.get("{}/{}".format(*key)), now):
                self._skip("dropped")
                continue
            if spider.claim(key):
                yield request
            else:
                self._skip("asked_already")

    async def _dropped(self, keys: Iterable[Key]) -> dict[str, Document]:
        """What the filter has against these titles since an earlier run; nothing when it is off or overruled."""
        spider = self._crawler.spider
        if not keys or spider.force or not spider.content.enabled:
            return {}
        return await self._crawler.store.records.get("dropped", [f"{kind}/{id}" for kind, id in keys])

    def _skip(self, reason: str) -> None:
        self._crawler.stats.inc_value(f"refresh/skipped/{reason}")
