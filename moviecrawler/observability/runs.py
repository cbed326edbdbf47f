"""The record of a run, written from its start on; at the end it is completed, and the store is closed."""

import asyncio
import contextlib
from datetime import UTC, datetime
from typing import Any, Self

from scrapy import Spider, signals
from scrapy.crawler import Crawler
from twisted.internet.defer import Deferred

from moviecrawler import timestamps
from moviecrawler.documents import RUNS, RunRecord
from moviecrawler.exceptions import StoreError
from moviecrawler.policy.jobs.runs import HEARTBEAT_SECONDS
from moviecrawler.stores.live import this_process

CLOSE_SECONDS = 5.0
"""Seconds for a running close to finish after a signal stops the reactor; then the record is written as it is."""

LAST_TRY_SECONDS = 2.0
"""Seconds to try to write a record that will probably fail."""


class Runs:
    """``runs`` record: spider, arguments, process, start, end, finish reason, stats.

    Key: ``{start}/{spider}/{host}/{pid}``, since two workers may start in the same millisecond.

    The record of a killed run has no end. Scrapy stops the reactor at the second signal, or at the first one if the
    spider is already closing; so the reactor waits for the record, and the record for nothing.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._run = crawler.run
        self._run.record_written.clear()
        self._started = datetime.now(UTC)
        self._process = this_process()
        self._heartbeats: asyncio.Task[None] | None = None
        crawler.signals.connect(self._opened, signals.spider_opened)
        crawler.signals.connect(self._closed, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def _opened(self, spider: Spider) -> None:
        from twisted.internet import reactor

        self._spider = spider
        self._heartbeats = asyncio.ensure_future(self._heartbeat())
        reactor.addSystemEventTrigger(  # type: ignore[attr-defined]
            "before", "shutdown", lambda: Deferred.fromFuture(asyncio.ensure_future(self._finish_before_shutdown()))
        )

    async def _heartbeat(self) -> None:
        """Write the record now and then. A failing store is not reported here: whatever else needs it does."""
        while True:
            with contextlib.suppress(StoreError):
                await self._put()
            await asyncio.sleep(HEARTBEAT_SECONDS)

    async def _closed(self, spider: Spider, reason: str) -> None:
        self._spider = spider
        try:
            await self._finish(reason)
        finally:
            await self._crawler.store.close()
            self._run.record_written.set()

    async def _finish_before_shutdown(self) -> None:
        """Called before the reactor stops; usually everything has finished by then."""
        engine = self._crawler.engine
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_SECONDS):
                while _is_closing(engine):  # noqa: ASYNC110  (what follows the record has no event)
                    await asyncio.sleep(0.01)
        try:
            if not self._run.finish_reason:
                with contextlib.suppress(StoreError, TimeoutError):
                    async with asyncio.timeout(LAST_TRY_SECONDS):
                        await self._crawler.commits.flush()
                        await self._finish("shutdown")
                        # Answers have come meanwhile: count what is stored, and store nothing after that.
                        await self._crawler.commits.close()
                        await self._put(self._run.finish_reason)
        finally:
            self._run.record_written.set()

    async def _finish(self, reason: str) -> None:
        """Write the record, call the ``on_close`` callbacks, and write the record with their results."""
        self._run.finish_reason = reason
        if self._heartbeats is not None:
            self._heartbeats.cancel()
        if reason == "store_failed":
            with contextlib.suppress(StoreError, TimeoutError):
                async with asyncio.timeout(LAST_TRY_SECONDS):
                    await self._put(reason)
            return
        try:
            await self._put(reason)
            for callback in self._run.on_close:
                await callback()
            await self._put(self._run.finish_reason)
        except StoreError as error:
            self._run.finish_reason = "store_failed"
            self._run.give_up("record", f"the store failed at the end of the run, whose record may be lost: {error}")

    async def _put(self, reason: str | None = None) -> None:
        await self._crawler.store.records.put(RUNS, [self._row(reason)])

    def _row(self, reason: str | None) -> RunRecord:
        """The record; without ``reason`` the run is still running, and its stats are left out."""
        started, now = timestamps.iso(self._started), timestamps.iso(datetime.now(UTC))
        stats = self._crawler.stats.get_stats() if reason else {}
        redact_all = self._crawler.policies.secrets.redact_all
        return {
            "_id": f"{started}/{self._spider.name}/{self._process['host']}/{self._process['pid']}",
            "spider": self._spider.name,
            "arguments": redact_all(self._spider.arguments),
            "job": self._spider.job,
            **self._process,
            "started_at": started,
            "beat_at": now,
            "finished_at": now if reason else None,
            "finish_reason": reason,
            "incomplete": redact_all(list(self._run.given_up.values())),
            "stats": redact_all(
                {name: value for name, value in sorted(stats.items()) if isinstance(value, int | float | str)}
            ),
        }


def _is_closing(engine: Any) -> bool:
    """Whether the engine is closing and waits for no request; there is no public way to know that."""
    closing = engine._slot and engine._slot.closing
    return closing is not None and bool(closing.called)
