"""The response cache: above the handler, so a hit takes nothing of a rate limit; below retry, so every try may hit."""

import asyncio
import time
from typing import Any, Protocol, Self

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.http import Response
from scrapy.statscollectors import StatsCollector
from scrapy.utils.misc import build_from_crawler, load_object
from scrapy.utils.request import RequestFingerprinterProtocol

from moviecrawler.caching.policy import ResponseCachePolicy
from moviecrawler.request_meta import meta_of

_UPDATED_HEADERS = ("ETag", "Last-Modified", "Date", "Cache-Control")
"""Headers that a 304 updates in a stored answer (RFC 9111, section 3.2); its Content-Type is that of an empty body."""

_CONDITIONAL_HEADERS = ("If-None-Match", "If-Modified-Since")
_CACHE_META = ("cache_timestamp", "cache_latency")


class CacheStorage(Protocol):
    """Scrapy's interface of HTTPCACHE_STORAGE; what ours returns is to be awaited (:func:`_awaited`)."""

    def open_spider(self, spider: Spider) -> Any: ...
    def close_spider(self, spider: Spider) -> Any: ...
    def retrieve_response(self, spider: Spider, request: Request) -> Any: ...
    def store_response(self, spider: Spider, request: Request, response: Response) -> Any: ...


class HttpCacheMiddleware:
    """Downloader middleware as Scrapy's of this name, for asynchronous storages, and with one request per answer.

    A request for what is already being requested waits for that answer; of ten callers, the site sees one request. Only
    ok answers come this far: all others are raised below, as exceptions.
    """

    def __init__(
        self,
        *,
        policy: ResponseCachePolicy,
        storage: CacheStorage,
        fingerprinter: RequestFingerprinterProtocol,
        stats: StatsCollector,
    ) -> None:
        self.policy, self.storage, self.stats = policy, storage, stats
        self._fingerprint = fingerprinter.fingerprint
        self._in_flight: dict[bytes, asyncio.Event] = {}
        self._stored: dict[Request, Response | None] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        settings = crawler.settings
        if not settings.getbool("HTTPCACHE_ENABLED"):
            raise NotConfigured
        cache = cls(
            policy=build_from_crawler(load_object(settings["HTTPCACHE_POLICY"]), crawler, settings),
            storage=build_from_crawler(load_object(settings["HTTPCACHE_STORAGE"]), crawler, settings),
            fingerprinter=crawler.request_fingerprinter,
            stats=crawler.stats,
        )
        crawler.signals.connect(cache.spider_opened, signals.spider_opened)
        crawler.signals.connect(cache.spider_closed, signals.spider_closed)
        return cache

    async def spider_opened(self, spider: Spider) -> None:
        self._spider = spider
        await _awaited(self.storage.open_spider(spider))

    async def spider_closed(self, spider: Spider) -> None:
        await _awaited(self.storage.close_spider(spider))

    async def process_request(self, request: Request) -> Response | None:
        if not self.policy.should_cache_request(request):
            return None
        await self._wait_for_turn(request)
        try:
            stored = await self.retrieve(request)
            fresh = stored is not None and self.policy.is_cached_response_fresh(stored, request)
        except BaseException:
            self._end_turn(request)
            raise
        if stored is not None and fresh:
            self._end_turn(request)
            self._count_hit(request, stored)
            return stored
        self.stats.inc_value("cache/miss" if stored is None else "cache/stale")
        meta = meta_of(request)
        meta.pop("stale_usable", None)
        if stored is not None and self.policy.is_usable_on_error(request, "failed"):
            meta["stale_usable"] = True  # so that it does not wait for a source that is down
        self._stored[request] = stored
        return None

    async def process_response(self, request: Request, response: Response) -> Response:
        if request not in self._stored:
            return response
        stored = self._stored.pop(request)
        try:
            if stored is None or not self.policy.is_cached_response_valid(stored, response, request):
                _restore(request)
                answer = response
            else:
                answer = self._revalidated(stored, response, request)
            if self.policy.should_cache_response(answer, request):
                await _awaited(self.storage.store_response(self._spider, request, answer))
            return answer
        finally:
            self._end_turn(request)

    def process_exception(self, request: Request, exception: Exception) -> None:
        if request in self._stored:
            del self._stored[request]
            _restore(request)
            self._end_turn(request)

    async def retrieve(self, request: Request) -> Response | None:
        """The stored answer, fresh or not, flagged as ``cached``."""
        stored: Response | None = await _awaited(self.storage.retrieve_response(self._spider, request))
        if stored is not None:
            stored.flags.append("cached")
        return stored

    def _revalidated(self, stored: Response, confirmation: Response, request: Request) -> Response:
        """The stored answer, valid as of now (RFC 9111, section 4.3.4)."""
        self.stats.inc_value("cache/revalidated")
        for name in _UPDATED_HEADERS:
            if name in confirmation.headers:
                stored.headers[name] = confirmation.headers[name]
        meta_of(request)["cache_timestamp"] = time.time()
        return stored

    def _count_hit(self, request: Request, stored: Response) -> None:
        self.stats.inc_value("cache/hit")
        self.stats.inc_value(f"cache/hit/{stored.flags[0]}")
        self.stats.inc_value("cache/saved_requests")
        saved = meta_of(request).get("cache_latency", 0.0)
        self.stats.inc_value("cache/saved_seconds", saved)  # type: ignore[arg-type]  # Scrapy adds any number

    async def _wait_for_turn(self, request: Request) -> None:
        fingerprint = self._fingerprint(request)
        while (in_flight := self._in_flight.get(fingerprint)) is not None:
            await in_flight.wait()
        self._in_flight[fingerprint] = asyncio.Event()

    def _end_turn(self, request: Request) -> None:
        self._in_flight.pop(self._fingerprint(request)).set()


async def _awaited(result: Any) -> Any:
    """The result of a storage method, awaited if it is awaitable; Scrapy's own storages are synchronous."""
    return await result if hasattr(result, "__await__") else result


def _restore(request: Request) -> None:
    """Restore the request to what it was before the cache changed it."""
    for name in _CONDITIONAL_HEADERS:
        request.headers.pop(name, None)
    for name in _CACHE_META:
        request.meta.pop(name, None)
