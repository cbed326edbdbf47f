"""The record of a run, written from its start on; at the end it is completed, and the store is closed."""

import asyncio
import contextlib
import logging
import platform
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Self

import scrapy
from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.statscollectors import StatsCollector

import moviecrawler
from moviecrawler import timestamps
from moviecrawler.config.monitoring import MonitorConfig
from moviecrawler.documents.records import RUNS, RunRecord
from moviecrawler.engine import before_shutdown, is_closing
from moviecrawler.exceptions import StoreError
from moviecrawler.lifecycle import CrawlLifecycle
from moviecrawler.observability.coverage import CoverageCounter
from moviecrawler.observability.heartbeat import Heartbeat, LiveState
from moviecrawler.policy.jobs.monitors import EndedRun, broken_monitors
from moviecrawler.policy.secrets.redaction import Secrets
from moviecrawler.runtime import Commits, Runtime
from moviecrawler.spider_protocol import CrawlSpider, spider_of
from moviecrawler.stores.base import Store
from moviecrawler.stores.live import this_process

logger = logging.getLogger(__name__)

CLOSE_SECONDS = 5.0
"""Seconds for a running close to finish after a signal stops the reactor; then the record is written as it is."""

LAST_TRY_SECONDS = 2.0
"""Seconds to try to write a record that will probably fail."""

_VERSIONS = {
    "moviecrawler": moviecrawler.__version__,
    "python": platform.python_version(),
    "scrapy": scrapy.__version__,
}


class Runs:
    """``runs`` record: spider, arguments, process, start, what it does (while it runs), end, finish reason, stats; and
    the monitors that it has broken, judged by the numbers of the record.

    Key: ``{start}/{spider}/{host}/{pid}``, since two workers may start in the same millisecond.

    The record of a killed run has no end. Scrapy stops the reactor at the second signal, or at the first one if the
    spider is already closing; so the reactor waits for the record, and the record for nothing.
    """

    def __init__(
        self,
        *,
        spider: CrawlSpider,
        store: Store,
        lifecycle: CrawlLifecycle,
        commits: Commits,
        secrets: Secrets,
        stats: StatsCollector,
        is_closing: Callable[[], bool],
        live: LiveState,
        coverage: CoverageCounter,
        settings: Mapping[str, str],
        monitors: MonitorConfig,
        is_alone: bool,
    ) -> None:
        """``settings`` of ours that are not as by default; ``is_alone``: no other worker shares its queue."""
        self._spider, self._store, self._lifecycle, self._commits = spider, store, lifecycle, commits
        self._secrets, self._stats, self._is_closing = secrets, stats, is_closing
        self._lifecycle.record_written.clear()
        self._started, self._started_at = datetime.now(UTC), time.monotonic()
        self._monitors, self._is_alone = monitors, is_alone
        self._process = this_process()
        self._arguments = secrets.redact_all(dict(spider.arguments))
        self._coverage, self._settings = coverage, secrets.redact_all(settings)
        self._live, self._heartbeat = live, Heartbeat(self._beat)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        runtime = Runtime.of(crawler)
        runs = cls(
            spider=spider_of(crawler),
            store=runtime.store,
            lifecycle=runtime.lifecycle,
            commits=runtime.commits,
            secrets=runtime.policies.secrets,
            stats=crawler.stats,
            is_closing=lambda: is_closing(crawler),
            live=LiveState(crawler),
            coverage=CoverageCounter(),
            settings=runtime.config.changed(crawler.settings),
            monitors=runtime.config.monitor,
            is_alone=runtime.worker_group is None,
        )
        crawler.signals.connect(runs._opened, signals.spider_opened)
        crawler.signals.connect(runs._closed, signals.spider_closed)
        crawler.signals.connect(runs._coverage.add, signals.item_scraped)
        return runs

    def _opened(self) -> None:
        self._heartbeat.start()
        before_shutdown(self._finish_before_shutdown)

    async def _closed(self, reason: str) -> None:
        try:
            await self._finish(reason)
        finally:
            await self._store.close()
            self._lifecycle.record_written.set()

    async def _finish_before_shutdown(self) -> None:
        """Called before the reactor stops; usually everything has finished by then."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_SECONDS):
                while self._is_closing():  # noqa: ASYNC110  (what follows the record has no event)
                    await asyncio.sleep(0.01)
        try:
            if not self._lifecycle.finish_reason:
                with contextlib.suppress(StoreError, TimeoutError):
                    async with asyncio.timeout(LAST_TRY_SECONDS):
                        await self._commits.flush()
                        await self._finish("shutdown")
                        # Answers have come meanwhile: count what is stored, and store nothing after that.
                        await self._commits.close()
                        await self._put(self._lifecycle.finish_reason)
        finally:
            self._lifecycle.record_written.set()

    async def _finish(self, reason: str) -> None:
        """Write the record, call the ``on_close`` callbacks, and write the record with their results."""
        self._lifecycle.finish_reason = reason
        await self._heartbeat.stop()
        if reason == "store_failed":
            with contextlib.suppress(StoreError, TimeoutError):
                async with asyncio.timeout(LAST_TRY_SECONDS):
                    await self._put(reason)
            return
        try:
            await self._put(reason)
            for callback in self._lifecycle.on_close:
                await callback()
            self._judge()
            await self._put(self._lifecycle.finish_reason)
        except StoreError as error:
            self._lifecycle.finish_reason = "store_failed"
            self._lifecycle.give_up(
                "record", f"the store failed at the end of the run, whose record may be lost: {error}"
            )

    def _judge(self) -> None:
        """Note the monitors that the run has broken, each with one WARNING."""
        broken = broken_monitors(
            EndedRun(
                spider=self._spider.name,
                arguments=self._arguments,
                finish_reason=self._lifecycle.finish_reason,
                seconds=time.monotonic() - self._started_at,
                stats=self._stats.get_stats(),
                coverage=self._coverage.counts(),
                reads_listing=self._spider.reads_listing,
                is_alone=self._is_alone,
            ),
            self._monitors,
        )
        self._lifecycle.broken_monitors = broken
        for monitor in broken:
            self._stats.inc_value(f"monitors/{monitor['monitor']}")
            logger.warning("%s: %s", self._spider.name, monitor["line"])

    async def _beat(self) -> None:
        """The whole record each time: a store that was away, or is another one, then has all of it."""
        with self._live.accounted():
            row = self._row(None)
        await self._store.records.put(RUNS, [row])

    async def _put(self, reason: str) -> None:
        self._lifecycle.record = self._row(reason)
        await self._store.records.put(RUNS, [self._lifecycle.record])

    def _row(self, reason: str | None) -> RunRecord:
        """The record; without ``reason`` the run is still running: what it does stands for its stats."""
        started, now = timestamps.iso(self._started), timestamps.iso(datetime.now(UTC))
        stats = self._stats.get_stats() if reason else {}
        redact_all, expected = self._secrets.redact_all, self._stats.get_value("titles/expected")
        return {
            "_id": f"{started}/{self._spider.name}/{self._process['host']}/{self._process['pid']}",
            "spider": self._spider.name,
            "arguments": self._arguments,
            "job": self._spider.job,
            **self._process,
            "started_at": started,
            "beat_at": now,
            "finished_at": now if reason else None,
            "finish_reason": reason,
            "incomplete": redact_all(list(self._lifecycle.given_up.values())),
            "monitors": list(self._lifecycle.broken_monitors),
            "live": None if reason else self._live.read(),
            "versions": _VERSIONS,
            "settings": self._settings,
            "expected": expected,
            "coverage": self._coverage.counts() if reason else {},
            "stats": redact_all(
                {name: value for name, value in sorted(stats.items()) if isinstance(value, int | float | str)}
            ),
        }
