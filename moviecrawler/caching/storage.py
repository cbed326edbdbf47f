"""HTTPCACHE_STORAGE: memory in front of the persistent tier of CACHE_URI."""

import asyncio
import time
from collections.abc import Awaitable
from typing import Self

from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.http import HtmlResponse, JsonResponse, Response
from scrapy.statscollectors import StatsCollector

from moviecrawler.caching import open_tier
from moviecrawler.caching.entry import HEADERS, CacheEntry, CorruptEntry
from moviecrawler.caching.fail_safe import FailSafeTier
from moviecrawler.caching.keys import CacheKeys
from moviecrawler.caching.memory import Lru
from moviecrawler.caching.tier import Key, PackedEntry, Tier
from moviecrawler.policy.network.http_cache import CachePolicy
from moviecrawler.request_meta import meta_of
from moviecrawler.runtime import Runtime

MAX_PACKED_BYTES = 8 * 2**20
"""Bytes of a packed entry; the servers behind the tiers have their limits, and no API answer is that large."""

MAX_PACKED_INLINE = 2**16
"""Bytes of a body that takes less time to pack (100 microseconds) than a hop to a thread and back."""

WRITE_DELAY = 0.05
"""Seconds for which answers are collected for one write; a worker killed meanwhile loses copies, not films."""


class TieredCacheStorage:
    """Answers are flagged with the tier that they come from, and get two meta keys: ``cache_timestamp`` (as with
    Scrapy's own storages; seconds since the epoch) and ``cache_latency``, how long the download took (seconds).
    """

    def __init__(
        self, tier: Tier, *, keys: CacheKeys, policy: CachePolicy, max_body_bytes: int, stats: StatsCollector
    ) -> None:
        self._policy, self._max_body_bytes = policy, max_body_bytes
        self._stats, self._keys = stats, keys
        self._memory = Lru()
        self._tier = FailSafeTier(tier, stats)
        self._unwritten: dict[Key, PackedEntry] = {}
        self._writer: asyncio.Task[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler, settings: object = None) -> Self:
        runtime = Runtime.of(crawler)
        tier = open_tier(runtime.config.cache.uri.get_secret_value(), data_dir=runtime.config.store.data_dir)
        assert tier is not None, "without CACHE_URI the add-on has switched the cache off"
        return cls(
            tier,
            keys=CacheKeys.from_crawler(crawler),
            policy=runtime.policies.cache,
            max_body_bytes=runtime.policies.limits.answer,
            stats=crawler.stats,
        )

    async def open_spider(self, spider: Spider) -> None:
        await self._tier.open()

    async def close_spider(self, spider: Spider) -> None:
        await self.flush()
        await self._tier.close()

    def retrieve_response(self, spider: Spider, request: Request) -> Response | Awaitable[Response | None] | None:
        """The stored answer, fresh or not; from memory without waiting, but only while it is fresh."""
        key = self._keys.of(request)
        assert key is not None, "the policy has let through what cannot be cached"
        entry = self._memory.get(key)
        if entry is not None and self._policy.is_fresh(entry.stored_at, time.time(), key.endpoint):
            return _response(request, entry, "memory")
        return self._ask_tier(request, key, entry)

    async def _ask_tier(self, request: Request, key: Key, in_memory: CacheEntry | None) -> Response | None:
        """Another worker may have stored a newer answer since; a corrupt entry is dropped."""
        packed = await self._tier.get(key)
        if packed is not None:
            try:
                entry = CacheEntry.unpack(packed, self._max_body_bytes)
            except CorruptEntry:
                self._stats.inc_value("cache/corrupt")
                await self._tier.drop(key)
            else:
                if in_memory is None or entry.stored_at >= in_memory.stored_at:
                    self._remember(key, entry)
                    return _response(request, entry, self._tier.name)
        return _response(request, in_memory, "memory") if in_memory is not None else None

    async def store_response(self, spider: Spider, request: Request, response: Response) -> None:
        """Store the answer as of now, in all tiers alike; a confirmed one keeps the latency of its download."""
        key = self._keys.of(request)
        assert key is not None, "the policy has let through what cannot be cached"
        meta = meta_of(request)
        latency = meta.get("cache_latency", meta.get("download_latency", 0.0))
        headers = tuple((name, value) for name in HEADERS if (value := response.headers.get(name)))
        entry = CacheEntry(time.time(), latency, response.status, headers, response.body)
        meta["cache_timestamp"] = entry.stored_at
        self._remember(key, entry)
        packed = entry.pack() if len(entry.body) <= MAX_PACKED_INLINE else await asyncio.to_thread(entry.pack)
        if len(packed) > MAX_PACKED_BYTES:
            return
        self._stats.inc_value("cache/stored")
        self._stats.inc_value("cache/bytes", len(packed))
        self._unwritten[key] = PackedEntry(key, packed, entry.stored_at, self._policy.retention(key.endpoint))
        if self._writer is None:
            self._writer = asyncio.ensure_future(self._write_all())

    async def _write_all(self) -> None:
        """Write what has been collected, in the background, so that no request waits for the tier."""
        while self._unwritten:
            await asyncio.sleep(WRITE_DELAY)
            batch, self._unwritten = list(self._unwritten.values()), {}
            await self._tier.put(batch)
        self._writer = None

    async def flush(self) -> None:
        """Return when everything stored so far is in the tier."""
        if self._writer is not None:
            await self._writer

    def _remember(self, key: Key, entry: CacheEntry) -> None:
        if evicted := self._memory.put(key, entry):
            self._stats.inc_value("cache/evicted", evicted)


def header(response: Response, name: str) -> str | None:
    """The value of a header as text, None without one."""
    value = response.headers.get(name)
    return value.decode("latin-1") if value else None


def _response(request: Request, entry: CacheEntry, tier: str) -> Response:
    meta = meta_of(request)
    meta["cache_timestamp"], meta["cache_latency"] = entry.stored_at, entry.latency
    headers = dict(entry.headers)
    is_page = b"html" in headers.get(b"Content-Type", b"")
    response_class, encoding = (HtmlResponse, None) if is_page else (JsonResponse, "utf-8")
    return response_class(request.url, entry.status, headers, entry.body, [tier], request, encoding=encoding)
