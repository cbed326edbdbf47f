"""The cache in its place between a caller and a site, without a crawl around it."""

import time
from collections.abc import Callable
from typing import Any

from scrapy import Request, Spider
from scrapy.exceptions import IgnoreRequest
from scrapy.http import JsonResponse, Response
from scrapy.utils.request import RequestFingerprinter

from moviecrawler.caching.keys import CacheKeys
from moviecrawler.caching.policy import ResponseCachePolicy
from moviecrawler.caching.storage import TieredCacheStorage
from moviecrawler.caching.tier import Tier
from moviecrawler.downloadermiddlewares.http_cache import HttpCacheMiddleware
from moviecrawler.downloadermiddlewares.stale_if_error import StaleIfErrorMiddleware
from moviecrawler.exceptions import AnswerError
from moviecrawler.policy.network.hosts import Hosts
from moviecrawler.policy.network.http_cache import CachePolicy
from tests.support.crawler import Stats
from tests.support.policies import cache_policy

BASE = "https://api.example/3"
CDN = "https://image.example/t/p"
ETAG = 'W/"1f"'

Answer = Callable[[Request], Response]


HOSTS = Hosts.build({"TMDB_BASE_URL": ("tmdb", "api", BASE), "TMDB_IMAGE_BASE_URLS": ("tmdb", "cdn", CDN)})
KEYS = CacheKeys(HOSTS, cache_policy(), RequestFingerprinter())


def storage(tier: Tier, policy: CachePolicy | None = None, stats: Any = None) -> TieredCacheStorage:
    collected: Any = Stats() if stats is None else stats
    return TieredCacheStorage(
        tier, keys=KEYS, policy=policy or cache_policy(), max_body_bytes=4_000_000, stats=collected
    )


class Asked:
    """A cache before a site. ``answer`` makes the site's answers; ``requests`` are those that it saw."""

    def __init__(self, tier: Tier, policy: CachePolicy | None = None) -> None:
        collected: Any = Stats()
        self._collected = collected
        self._spider = Spider("test")
        self._storage = storage(tier, policy, collected)
        self.cache = HttpCacheMiddleware(
            policy=ResponseCachePolicy(policy or cache_policy(), KEYS),
            storage=self._storage,
            fingerprinter=RequestFingerprinter(),
            stats=collected,
        )
        self.stale = StaleIfErrorMiddleware(lambda: self.cache, collected)
        self.requests: list[Request] = []
        self.answer: Answer = answer(b'{"id": 603}')

    async def __aenter__(self) -> "Asked":
        await self.cache.spider_opened(self._spider)
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.cache.spider_closed(self._spider)

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
        await self._storage.flush()
        return answered

    async def _download(self, request: Request) -> Response:
        self.requests.append(request.copy())
        request.meta["download_latency"] = 0.25
        return self.answer(request)

    @property
    def stats(self) -> dict[str, Any]:
        """Those of the cache, without their prefix."""
        return {name.removeprefix("cache/"): value for name, value in self._collected.items()}


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
