"""The heartbeat of a crawl: what it says of itself every two seconds, and the task that says it."""

import asyncio
import contextlib
import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from functools import cache
from typing import Any

from scrapy.crawler import Crawler

from moviecrawler.documents.records import RunHost, RunLive, RunRate
from moviecrawler.engine import in_flight, queued
from moviecrawler.exceptions import StoreError
from moviecrawler.policy.jobs.live import RecentRates, doing, live
from moviecrawler.policy.jobs.runs import HEARTBEAT_SECONDS
from moviecrawler.policy.source_names import source_name
from moviecrawler.runtime import Runtime

logger = logging.getLogger(__name__)

STOP_SECONDS = 1.0
"""Seconds for which the end of a run waits for a beat that is being written."""


class Heartbeat:
    """Calls ``beat`` every ``HEARTBEAT_SECONDS``, by the monotonic clock, until :meth:`stop`.

    Nothing that it raises ends the heartbeat or the crawl. A failing store is not reported here: whatever else needs it
    does. Anything else is a bug of ours, and logged once.
    """

    def __init__(self, beat: Callable[[], Awaitable[None]]) -> None:
        self._beat = beat
        self._stopped = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._logged: set[type[Exception]] = set()

    def start(self) -> None:
        self._task = asyncio.ensure_future(self._run())

    async def stop(self) -> None:
        """Return when no beat is being written: what is written next is written last."""
        self._stopped.set()
        if self._task is not None:
            await asyncio.wait([self._task], timeout=STOP_SECONDS)
            self._task.cancel()

    async def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                await self._beat()
            except StoreError:
                pass
            except Exception as error:
                if type(error) not in self._logged:
                    logger.exception("the heartbeat of this run failed, and is tried again; the crawl goes on")
                self._logged.add(type(error))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopped.wait(), HEARTBEAT_SECONDS)


class LiveState:
    """Reads what a crawl does, and counts what its heartbeats cost: ``heartbeat/count``, ``heartbeat/seconds`` of the
    event loop, and ``heartbeat/share`` of the CPU time that the process has used since.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler, self._stats = crawler, crawler.stats
        self._runtime = Runtime.of(crawler)
        self._hosts = self._runtime.policies.hosts.hosts
        by_titles = sorted(self._hosts, key=lambda host: host.has_titles)  # of an origin that serves more than these
        self._limit_names = {host.origin: host.rate_limit_name for host in by_titles}
        self._host_names = dict.fromkeys(name for host in self._hosts for name in (host.origin, host.public_base))
        self._rates = RecentRates()
        self._redacted = cache(self._runtime.policies.secrets.redact)  # all other texts are ours
        self._started = time.process_time()
        self._seconds = 0.0

    @contextlib.contextmanager
    def accounted(self) -> Iterator[None]:
        """Count the block as a heartbeat; it must not await anything."""
        before = time.thread_time()
        yield
        seconds = round(time.thread_time() - before, 6)
        self._seconds += seconds
        self._stats.inc_value("heartbeat/count")
        self._stats.inc_value("heartbeat/seconds", seconds)  # type: ignore[arg-type]  # Scrapy adds any number
        self._stats.set_value("heartbeat/share", round(self._seconds / (self._cpu_seconds or 1), 6))

    @property
    def _cpu_seconds(self) -> float:
        return time.process_time() - self._started

    def read(self) -> RunLive:
        """What the crawl does now."""
        now, stats = time.monotonic(), self._stats.get_stats()
        waiting, flying = queued(self._crawler), in_flight(self._crawler)
        return live(
            stats,
            doing=doing(
                ending=self._runtime.lifecycle.is_stopping,
                waits_for=self._waits_for(now),
                queued=waiting,
                in_flight=flying,
                requests=stats.get("downloader/request_count", 0),
            ),
            queued=waiting,
            in_flight=flying,
            rates=self._rates_of(stats, now),
            hosts=list(self._hosts_of(stats)),
            cpu_seconds=self._cpu_seconds,
            heartbeat_seconds=self._seconds,
        )

    def _waits_for(self, now: float) -> list[str]:
        """Names of the sources that get nothing now: they are down, or have asked for a pause."""
        pools, breakers = self._runtime.host_pools, self._runtime.breakers
        return list(
            dict.fromkeys(
                source_name(host)
                for host in self._hosts
                if breakers.of(host).is_open
                or breakers.of(host).paused_until > now
                or pools.of(host).paused_for(now) > 0
            )
        )

    def _rates_of(self, stats: dict[str, Any], now: float) -> list[RunRate]:
        totals: Counter[str] = Counter()
        for origin, name in self._limit_names.items():
            if sent := stats.get(f"requests/{origin}"):
                totals[name] += sent
        limits = self._runtime.policies.rate_limits
        return [
            {"source": name, "per_second": rate, "limit": limits[name].rate or None}
            for name, rate in self._rates.add(totals, now).items()
        ]

    def _hosts_of(self, stats: dict[str, Any]) -> Iterator[RunHost]:
        """As ``HostReport`` has written them: making them anew would be half the cost of a heartbeat."""
        for name in self._host_names:
            if requests := stats.get(f"hosts/{name}/requests"):
                yield {
                    "host": self._redacted(name),
                    "requests": requests,
                    "failures": stats[f"hosts/{name}/failures"],
                    "health": stats[f"hosts/{name}/health"],
                    "state": stats[f"hosts/{name}/state"],
                }
