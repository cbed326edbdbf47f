"""The cache in its place between a caller and a site, without a crawl around it."""

import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from scrapy import Request, Spider
from scrapy.exceptions import IgnoreRequest
from scrapy.http import JsonResponse, Response
from scrapy.settings import Settings
from scrapy.statscollectors import MemoryStatsCollector
from scrapy.utils.request import RequestFingerprinter

from moviecrawler.caching.tier import Tier
from moviecrawler.downloadermiddlewares.http_cache import HttpCacheMiddleware
from moviecrawler.downloadermiddlewares.stale_if_error import StaleIfErrorMiddleware
from moviecrawler.exceptions import AnswerError
from moviecrawler.policy.network.body_limits import BodyLimits
from moviecrawler.policy.network.hosts import Hosts
from moviecrawler.policy.network.http_cache import CachePolicy

BASE = "https://api.example/3"
CDN = "https://image.example/t/p"
ETAG = 'W/"1f"'

Answer = Callable[[Request], Response]


def crawler(tier: Tier, policy: CachePolicy | None = None) -> Any:
    """As much of a crawler as the cache needs; its add-on and its settings are tested by real crawls."""
    made = SimpleNamespace(
        policies=SimpleNamespace(
            cache=policy or CachePolicy(),
            limits=BodyLimits(answer=4_000_000, picture=16_000_000, file=64_000_000, export=1_000_000_000),
            hosts=Hosts.build({"TMDB_BASE_URL": ("tmdb", "api", BASE), "TMDB_IMAGE_BASE_URLS": ("tmdb", "cdn", CDN)}),
        ),
        cache=tier,
        request_fingerprinter=RequestFingerprinter(),
        spider=Spider("test"),
        settings=Settings(
            {
                "HTTPCACHE_ENABLED": True,
                "HTTPCACHE_POLICY": "moviecrawler.caching.policy.ResponseCachePolicy",
                "HTTPCACHE_STORAGE": "moviecrawler.caching.storage.TieredCacheStorage",
            }
        ),
    )
    made.stats = MemoryStatsCollector(SimpleNamespace(settings=Settings()))  # type: ignore[arg-type]
    return made


class Asked:
    """A cache before a site. ``answer`` makes the site's answers; ``requests`` are those that it saw."""

    def __init__(self, tier: Tier, policy: CachePolicy | None = None) -> None:
        self.crawler = crawler(tier, policy)
        self.cache = HttpCacheMiddleware(self.crawler)
        self.crawler.get_downloader_middleware = lambda _: self.cache
        self.stale = StaleIfErrorMiddleware(self.crawler)
        self.requests: list[Request] = []
        self.answer: Answer = answer(b'{"id": 603}')

    async def __aenter__(self) -> "Asked":
        await self.cache.spider_opened(self.crawler.spider)
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.cache.spider_closed(self.crawler.spider)

    async def get(self, url: str = f"{BASE}/movie/603", *, last_try: bool = True, **meta: Any) -> Response:
        """One request through the cache, in Scrapy's order; without ``last_try`` a retry would follow a failure."""
        request = Request(url, meta=meta)
        response = await self.cache.process_request(request)
        if response is None:
            try:
                response = await self._download(request)
            except Exception as error:
                self.cache.process_exception(request, error)
                response = await self.stale.process_exception(request, error) if last_try else None
                if response is None:
                    raise
        response.request = request
        answered = await self.cache.process_response(request, response)
        await self.cache.storage.flush()
        return answered

    async def _download(self, request: Request) -> Response:
        self.requests.append(request.copy())
        request.meta["download_latency"] = 0.25
        return self.answer(request)

    @property
    def stats(self) -> dict[str, Any]:
        """Those of the cache, without their prefix."""
        return {name.removeprefix("cache/"): value for name, value in self.crawler.stats.get_stats().items()}


def answer(body: bytes, **headers: str) -> Answer:
    """Always the same JSON, with an ETag; 304 for who knows it."""

    def of(request: Request) -> Response:
        if request.headers.get("If-None-Match") == ETAG.encode():
            told = {"Content-Type": "application/octet-stream", "Cache-Control": "public, max-age=7"}
            return Response(request.url, 304, headers=told)
        said = {"ETag": ETAG, "Content-Type": "application/json;charset=utf-8", "Set-Cookie": "a=b", **headers}
        return JsonResponse(request.url, 200, headers=said, body=body)

    return of


def fails(kind: str) -> Answer:
    def of(request: Request) -> Response:
        raise IgnoreRequest(kind) if kind == "ignored" else AnswerError(kind, f"{kind}/x")

    return of


def age(monkeypatch: Any, seconds: float) -> None:
    """From now on the clock shows another moment."""
    shown = time.time() + seconds
    monkeypatch.setattr("time.time", lambda: shown)
