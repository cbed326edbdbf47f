"""stale-if-error (RFC 5861, section 4). It is above retry, so that only final failures get here."""

from collections.abc import Callable
from typing import Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.statscollectors import StatsCollector

from moviecrawler.downloadermiddlewares.http_cache import HttpCacheMiddleware
from moviecrawler.exceptions import AnswerError


class StaleIfErrorMiddleware:
    """Downloader middleware. When all tries have failed, a stale answer replaces the missing one.

    It keeps the timestamp of when it was received, so that a store never takes it for a new answer.
    """

    def __init__(self, find_cache: Callable[[], HttpCacheMiddleware | None], stats: StatsCollector) -> None:
        self._find_cache, self._stats = find_cache, stats

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(lambda: crawler.get_downloader_middleware(HttpCacheMiddleware), crawler.stats)

    async def process_exception(self, request: Request, exception: Exception) -> Response | None:
        cache = self._find_cache()
        if cache is None or not isinstance(exception, AnswerError) or not cache.policy.should_cache_request(request):
            return None
        stored = await cache.retrieve(request)
        if stored is None or not cache.policy.is_usable_on_error(request, exception.kind):
            return None
        self._stats.inc_value("cache/stale_if_error")
        stored.flags.append("stale")
        return stored
