"""When a request may be sent: one throttle per source's API or pages, and one for its pictures, for all their hosts."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import cached_property, partial
from typing import Self, TypeVar

from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.statscollectors import StatsCollector

from moviecrawler.distributed.daily_quota import RedisQuotaState
from moviecrawler.distributed.rate_limit import RedisRateLimitBackend
from moviecrawler.downloader.admission import SOURCE_DOWN
from moviecrawler.downloader.daily_quota import QuotaLease
from moviecrawler.downloader.rate_limit import FILE, RateLimitBackend, SqliteRateLimitBackend
from moviecrawler.exceptions import AnswerError
from moviecrawler.policy.network.daily_quota import Quota
from moviecrawler.policy.network.hosts import Host
from moviecrawler.policy.network.rate_limit import RateLimit
from moviecrawler.policy.network.source_breaker import SourceBreakers
from moviecrawler.runtime import Runtime

T = TypeVar("T")

DAILY_QUOTA_USED_UP = "quota/day"
"""The reason of a request that was not sent: by our own count nothing is left of the daily quota."""

_CHECK_INTERVAL = 0.25  # seconds between the checks of a waiting request whether the run still goes on


class Throttle:
    """Requests pass, in this order: the limit in flight, the probe of the key, the daily quota, the rate limit.

    First come, first served; waiting here blocks no other host. ``is_running`` tells whether the run still goes on:
    requests that have not been sent when it ends raise IgnoreRequest. A request that finds the quota used up raises an
    AnswerError (``quota/day``), as does one whose source is down (``source_down``; probes excepted). ``record_wait``
    gets the seconds that all others have waited.
    """

    def __init__(
        self,
        name: str,
        limit: RateLimit,
        backend: RateLimitBackend,
        is_running: Callable[[], bool],
        record_wait: Callable[[float], None],
        *,
        needs_key: bool,
        quota: QuotaLease | None = None,
        semaphore: asyncio.Semaphore | None = None,
        source_down: Callable[[], bool] = lambda: False,
        on_pause: Callable[[float], object] = lambda until: None,
    ) -> None:
        self._name, self._limit, self._backend = name, limit, backend
        self._is_running, self._record_wait = is_running, record_wait
        self._quota = quota
        self._source_down, self._on_pause = source_down, on_pause
        self._semaphore = semaphore or asyncio.Semaphore(limit.concurrency)
        self._key_confirmed = not needs_key
        self._key_lock = asyncio.Lock()
        self._lock = asyncio.Lock()
        self._resume_at = 0.0
        self._is_closed = False

    @asynccontextmanager
    async def acquire(self, *, probe: bool = False) -> AsyncIterator[None]:
        """Hold one of the requests in flight from the time of sending until the answer is complete."""
        started = time.monotonic()
        async with self._semaphore:
            is_key_probe = await self._probe_first()
            try:
                await self._wait_for_turn(probe)
                self._record_wait(time.monotonic() - started)
                yield
            finally:
                if is_key_probe:
                    self._key_lock.release()

    async def _probe_first(self) -> bool:
        """Until the key is confirmed, one request at a time: a wrong key costs one, not all that fit in flight."""
        if self._key_confirmed:
            return False
        await self._key_lock.acquire()
        if self._key_confirmed:
            self._key_lock.release()
        return not self._key_confirmed

    def confirm_key(self) -> None:
        """An answer has shown that the key is right: requests need no longer go one at a time."""
        self._key_confirmed = True

    def close(self) -> None:
        """Send nothing more in this run: the key is refused, or the host asks for too long a pause."""
        self._is_closed = True

    async def pause(self, seconds: float, sent: float) -> float | None:
        """Block sending for ``seconds`` in every process that shares this limit: a request sent at ``sent`` got a 429.

        The share of the rate limit that is left from now on, None where there is no rate limit.
        """
        self._resume_at = max(self._resume_at, time.monotonic() + seconds)
        self._on_pause(self._resume_at)
        while self._limit.rate and self._is_running():
            if (left := await self._backend.pause(self._name, self._limit, seconds, sent)) is not None:
                return left
            await asyncio.sleep(self._backend.retry_interval)
        return None

    async def _wait_for_turn(self, probe: bool) -> None:
        async with self._lock:
            self._check_running(probe)
            if self._quota is None:
                await self._wait_for_budget(probe)
                return
            if not await self._quota.take():
                self.close()
                raise AnswerError("quota", DAILY_QUOTA_USED_UP)
            try:
                await self._wait_for_budget(probe)
            except BaseException:
                self._quota.put_back()
                raise

    async def _wait_for_budget(self, probe: bool) -> None:
        while True:
            self._check_running(probe)
            wait = self._resume_at - time.monotonic()
            if wait <= 0 and self._limit.rate:
                wait = await self._backend.take(self._name, self._limit)
            if wait <= 0:
                return
            await asyncio.sleep(min(wait, _CHECK_INTERVAL))

    def _check_running(self, probe: bool) -> None:
        if self._is_closed or not self._is_running():
            raise IgnoreRequest("not sent: the host or the run is closed")
        if self._source_down() and not probe:
            raise AnswerError("failed", SOURCE_DOWN)


class Throttles:
    """The throttles of one crawler, shared by its two handlers (``http`` and ``https``).

    ``quota_leases`` are by source, ``semaphores`` (the limits in flight, shared by the crawlers of the process) by the
    name of a throttle.
    """

    def __init__(
        self,
        *,
        rate_limits: Mapping[str, RateLimit],
        quota_leases: Mapping[str, QuotaLease],
        semaphores: dict[str, asyncio.Semaphore],
        breakers: SourceBreakers,
        open_backend: Callable[[], RateLimitBackend],
        is_running: Callable[[], bool],
        record: Callable[[str, float], None],
    ) -> None:
        self._rate_limits, self._quota_leases, self._semaphores = rate_limits, quota_leases, semaphores
        self._breakers, self._open_backend = breakers, open_backend
        self._is_running, self._record = is_running, record
        self._throttles: dict[str, Throttle] = {}

    @classmethod
    def of(cls, crawler: Crawler) -> Self:
        return Runtime.of(crawler).part(cls, lambda: cls._build(crawler))

    @classmethod
    def _build(cls, crawler: Crawler) -> Self:
        runtime, stats = Runtime.of(crawler), crawler.stats
        leases = {quota.source: _quota_lease(quota, runtime, stats) for quota in runtime.policies.quotas if quota}
        runtime.lifecycle.on_close.extend(lease.release for lease in leases.values())
        return cls(
            rate_limits=runtime.policies.rate_limits,
            quota_leases=leases,
            semaphores=runtime.group.semaphores,
            breakers=runtime.breakers,
            open_backend=lambda: _open_backend(runtime),
            is_running=lambda: runtime.lifecycle.is_running,
            record=runtime.timing.record,
        )

    def of_host(self, host: Host) -> Throttle:
        """The throttle that all equivalent hosts share."""
        name = host.source if host.has_titles else f"{host.source}/{host.role}"
        if name not in self._throttles:
            limit = self._rate_limits[host.rate_limit_name]
            record_wait = partial(self._record, f"gate/{host.role}")
            self._throttles[name] = Throttle(
                name,
                limit,
                self._backend,
                self._is_running,
                record_wait,
                needs_key=host.role == "api",
                quota=self._quota_leases.get(name),
                semaphore=self._semaphores.setdefault(name, asyncio.Semaphore(limit.concurrency)),
                source_down=partial(getattr, self._breakers.of(host), "is_open"),
                on_pause=partial(setattr, self._breakers.of(host), "paused_until"),
            )
        return self._throttles[name]

    @cached_property
    def _backend(self) -> RateLimitBackend:
        """Opened by the first request, so that its failure is reported; Scrapy would go on without the handler."""
        return self._open_backend()

    def close(self) -> None:
        if "_backend" in vars(self):
            self._backend.close()


def _open_backend(runtime: Runtime) -> RateLimitBackend:
    longest_pause = runtime.config.retry.retry_after_cap
    if runtime.redis is not None:
        return RedisRateLimitBackend(runtime.redis, longest_pause)
    return SqliteRateLimitBackend(runtime.config.store.data_dir / FILE, longest_pause)


def _quota_lease(quota: Quota, runtime: Runtime, stats: StatsCollector) -> QuotaLease:
    lifecycle = runtime.lifecycle
    if runtime.redis is not None:
        shared = RedisQuotaState(runtime.redis, lambda: lifecycle.is_running)
        return QuotaLease(quota, state=shared, retry_store=_call_once, stats=stats, now=shared.now)
    return QuotaLease(quota, state=runtime.store.state, retry_store=lifecycle.retry_store, stats=stats, now=_now)


async def _now() -> datetime:
    return datetime.now(UTC)


async def _call_once(operation: Callable[[], Awaitable[T]]) -> T:
    """The shared state retries by itself."""
    return await operation()
