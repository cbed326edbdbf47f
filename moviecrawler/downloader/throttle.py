"""Who may send now: one gate per source of answers, one per source of pictures, however many hosts it has."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Self

from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest

from moviecrawler.distributed.daily_quota import SharedQuota
from moviecrawler.distributed.rate_limit import RedisRateLimitBackend
from moviecrawler.downloader.admission import DOWN
from moviecrawler.downloader.daily_quota import QuotaLease
from moviecrawler.downloader.rate_limit import FILE, RateLimitBackend, SqliteRateLimitBackend
from moviecrawler.exceptions import AnswerError
from moviecrawler.policy.network.daily_quota import Quota
from moviecrawler.policy.network.hosts import Host
from moviecrawler.policy.network.rate_limit import RateLimit

DAY_USED_UP = "quota/day"
"""The reason of an answer that nobody gave: by our own count the day has nothing left."""

_LOOK_UP = 0.25  # seconds after which a waiting request looks whether the run still goes on


class Throttle:
    """The hard cap in flight, the first request alone, the quota of the day, the rate budget; in this order.

    First come, first served, and waiting here holds no place of another host. ``running`` tells whether the run still
    goes on: requests that have not left when it ends are let go with IgnoreRequest, and what finds the quota used up
    is an AnswerError (``quota/day``), as is what finds its source down (``closed``, but for probes). ``waited`` is told
    the seconds of all others.
    """

    def __init__(
        self,
        name: str,
        budget: RateLimit,
        ledger: RateLimitBackend,
        running: Callable[[], bool],
        waited: Callable[[float], None],
        *,
        keyed: bool,
        quota: QuotaLease | None = None,
        places: asyncio.Semaphore | None = None,
        closed: Callable[[], bool] = lambda: False,
    ) -> None:
        self._name, self._budget, self._ledger, self._running, self._waited = name, budget, ledger, running, waited
        self._quota = quota
        self._closed = closed
        self._places = places or asyncio.Semaphore(budget.concurrency)
        self._proven = not keyed
        self._probe = asyncio.Lock()
        self._turn = asyncio.Lock()
        self._resume_at = 0.0
        self._shut = False

    @asynccontextmanager
    async def acquire(self, *, probe: bool = False) -> AsyncIterator[None]:
        """Hold a place in flight from the moment of sending until the answer is complete."""
        asked = time.monotonic()
        async with self._places:
            alone = await self._probe_first()
            try:
                await self._wait_for_turn(probe)
                self._waited(time.monotonic() - asked)
                yield
            finally:
                if alone:
                    self._probe.release()

    async def _probe_first(self) -> bool:
        """Until the key is proven, one request at a time: a wrong key costs one, not as many as fit in flight."""
        if self._proven:
            return False
        await self._probe.acquire()
        if self._proven:
            self._probe.release()
        return not self._proven

    def confirm_key(self) -> None:
        """An answer has shown that the key is right: no more going alone."""
        self._proven = True

    def close(self) -> None:
        """Nobody sends any more in this run: the key is refused, or the host wants to be left alone."""
        self._shut = True

    async def pause(self, seconds: float, sent: float) -> float | None:
        """Nobody sends for ``seconds``, in none of the processes that share the budget.

        A request sent at ``sent`` was one too many.

        The share of the rate budget that is left from now on, None where there is no budget.
        """
        self._resume_at = max(self._resume_at, time.monotonic() + seconds)
        while self._budget.rate and self._running():
            if (left := await self._ledger.pause(self._name, self._budget, seconds, sent)) is not None:
                return left
            await asyncio.sleep(self._ledger.again)
        return None

    async def _wait_for_turn(self, probe: bool) -> None:
        async with self._turn:
            self._check_running(probe)
            if self._quota is None:
                await self._wait_for_budget(probe)
                return
            if not await self._quota.take():
                self.close()
                raise AnswerError("quota", DAY_USED_UP)
            try:
                await self._wait_for_budget(probe)
            except BaseException:
                self._quota.put_back()
                raise

    async def _wait_for_budget(self, probe: bool) -> None:
        while True:
            self._check_running(probe)
            wait = self._resume_at - time.monotonic()
            if wait <= 0 and self._budget.rate:
                wait = await self._ledger.take(self._name, self._budget)
            if wait <= 0:
                return
            await asyncio.sleep(min(wait, _LOOK_UP))

    def _check_running(self, probe: bool) -> None:
        if self._shut or not self._running():
            raise IgnoreRequest("not sent: the host or the run is closed")
        if self._closed() and not probe:
            raise AnswerError("failed", DOWN)


class Throttles:
    """The gates of one crawler. Its two handlers (``http`` and ``https``) share them."""

    def __init__(self, crawler: Crawler) -> None:
        self._policies = policies = crawler.policies
        self._record = crawler.timing.record
        self._running = lambda: crawler.engine.running and not crawler.run.is_stopping
        self._crawler = crawler
        self._accounts = {quota.source: _account(crawler, quota, self._running) for quota in policies.quotas if quota}
        crawler.run.on_close.extend(account.give_back for account in self._accounts.values())
        self._breakers = crawler.breakers
        self._places = crawler.group.semaphores
        self._gates: dict[str, Throttle] = {}

    @classmethod
    def of_crawler(cls, crawler: Crawler) -> Self:
        if not hasattr(crawler, "gates"):
            crawler.gates = cls(crawler)
        return crawler.gates

    def of_host(self, host: Host) -> Throttle:
        """One gate for all hosts that have the same things."""
        name = host.source if host.answers else f"{host.source}/{host.role}"
        if name not in self._gates:
            budget = self._policies.budgets[host.budget]
            waited = partial(self._record, f"gate/{host.role}")
            self._gates[name] = Throttle(
                name,
                budget,
                self._ledger,
                self._running,
                waited,
                keyed=host.role == "api",
                quota=self._accounts.get(name),
                places=self._places.setdefault(name, asyncio.Semaphore(budget.concurrency)),
                closed=partial(getattr, self._breakers.of(host), "is_open"),
            )
        return self._gates[name]

    @cached_property
    def _ledger(self) -> RateLimitBackend:
        """Opened by the first request, which can say that it fails: Scrapy would take a handler without it for none."""
        return _ledger(self._crawler)

    def close(self) -> None:
        if "_ledger" in vars(self):
            self._ledger.close()


def _ledger(crawler: Crawler) -> RateLimitBackend:
    longest_pause = crawler.policies.backoff.retry_after_cap
    if crawler.redis:
        return RedisRateLimitBackend(crawler.redis, longest_pause)
    return SqliteRateLimitBackend(Path(crawler.settings["DATA_DIR"]) / FILE, longest_pause)


def _account(crawler: Crawler, quota: Quota, running: Callable[[], bool]) -> QuotaLease:
    if crawler.redis:
        shared = SharedQuota(crawler.redis, running)
        return QuotaLease(quota, state=shared, retry_store=_at_once, stats=crawler.stats, now=shared.now)
    return QuotaLease(
        quota, state=crawler.store.state, retry_store=crawler.run.retry_store, stats=crawler.stats, now=_now
    )


async def _now() -> datetime:
    return datetime.now(UTC)


async def _at_once(ask: Callable[[], Awaitable[Any]]) -> Any:
    """What is asked waits by itself."""
    return await ask()
