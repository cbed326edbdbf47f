"""HTTPCACHE_POLICY: Scrapy's interface to ``policy.network.http_cache``."""

import time
from typing import Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from moviecrawler.caching.keys import CacheKeys
from moviecrawler.caching.storage import header
from moviecrawler.policy.network.http_cache import CachePolicy, validators


class ResponseCachePolicy:
    """Meta keys of a request: ``cache_revalidate`` always asks the site, ``dont_cache`` bypasses the cache."""

    def __init__(self, policy: CachePolicy, keys: CacheKeys) -> None:
        self._policy, self._keys = policy, keys

    @classmethod
    def from_crawler(cls, crawler: Crawler, settings: object = None) -> Self:
        policy: CachePolicy = crawler.policies.cache  # type: ignore[attr-defined]  # the add-on sets it
        return cls(policy, CacheKeys.from_crawler(crawler))

    def should_cache_request(self, request: Request) -> bool:
        return not request.meta.get("dont_cache") and self._keys.of(request) is not None

    def should_cache_response(self, response: Response, request: Request) -> bool:
        return self._policy.is_storable(response.status, header(response, "Cache-Control") or "")

    def is_cached_response_fresh(self, cachedresponse: Response, request: Request) -> bool:
        """If not, the request becomes a conditional one for the stored answer."""
        key = self._keys.of(request)
        assert key is not None
        fresh = self._policy.is_fresh(request.meta["cache_timestamp"], time.time(), key.endpoint)
        if fresh and not request.meta.get("cache_revalidate"):
            return True
        request.headers.update(validators(header(cachedresponse, "ETag"), header(cachedresponse, "Last-Modified")))
        return False

    def is_cached_response_valid(self, cachedresponse: Response, response: Response, request: Request) -> bool:
        """304: the stored answer is still valid (RFC 9111, section 4.3.3)."""
        return response.status == 304

    def is_usable_on_error(self, request: Request, kind: str) -> bool:
        """Whether the stored answer may replace a bad one; never for a request with ``cache_revalidate``."""
        key = self._keys.of(request)
        assert key is not None
        at = request.meta["cache_timestamp"]
        return not request.meta.get("cache_revalidate") and self._policy.is_usable_on_error(
            at, time.time(), key.endpoint, kind
        )
