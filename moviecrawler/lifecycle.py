"""How one crawl ends: early, incomplete or finished, and what happens then."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Self, TypeVar

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider

from moviecrawler.documents import Document
from moviecrawler.documents.records import BrokenMonitor, RunRecord
from moviecrawler.exceptions import StoreError, StoreUnavailable

logger = logging.getLogger(__name__)
T = TypeVar("T")


class CrawlLifecycle:
    """Ends a crawl early (:meth:`stop`) or as incomplete (:meth:`give_up`), and keeps what is called at its end.

    Ending early is always one log line for the user and one finish reason.
    """

    def __init__(self, crawler: Crawler, store_patience: float) -> None:
        """``store_patience``: for how many seconds :meth:`retry_store` waits for a store's server that is away."""
        self._crawler, self._store_patience = crawler, store_patience
        self._closing: asyncio.Task[None] | None = None
        self._store_failure: StoreError | None = None
        self.on_close: list[Callable[[], Awaitable[None]]] = []
        """Called at the very end, while the store is still open, before the record of the run is completed."""
        self.on_deadline: list[Callable[[], object]] = []
        """Called to cut off work in flight some seconds after a signal to stop (``extensions/deadline.py``)."""
        self.on_skipped: list[Callable[[str, Document], object]] = []
        """Called with (kind, document) for each stored title that is found and not requested, since it is not due."""
        self.partial_summary: Callable[[], Iterable[str]] = list
        """The lines of the summary so far, for an end that waits for nothing."""
        self.finish_reason = ""
        """Why the run has ended; set before the ``on_close`` callbacks run, empty until then."""
        self.record_written = asyncio.Event()
        """Set once the record of the run is complete (``observability/runs.py``), or if nothing writes one."""
        self.record_written.set()
        self.record: RunRecord | None = None
        """The record of the run at its end, whether or not it could be written; None before."""
        self.broken_monitors: list[BrokenMonitor] = []
        """What the run was held to and did not keep; judged at its end."""
        self.given_up: dict[str, str] = {}
        """Log line by short name of what was given up: such a run ends as ``incomplete``."""

    @classmethod
    def from_crawler(cls, crawler: Crawler, store_patience: float) -> Self:
        lifecycle = cls(crawler, store_patience)
        crawler.signals.connect(lifecycle._finish, signals.spider_idle)
        return lifecycle

    @property
    def is_stopping(self) -> bool:
        return self._closing is not None

    @property
    def is_running(self) -> bool:
        """Whether requests may still be sent: the engine runs, and nothing has ended the crawl early."""
        return self._crawler.engine.running and not self.is_stopping

    def stop(self, reason: str, line: str) -> None:
        """Log ``line`` and close the spider with this finish reason; what is in flight is still stored."""
        if self._closing is None:
            # A quota that is used up is not a failure: the run did what it could.
            logger.log(logging.WARNING if reason == "quota" else logging.ERROR, line, extra=self._log_extra)
            self._close(reason)

    def stop_incomplete(self, what: str, line: str) -> None:
        """Give up everything that is left: the run ends as ``incomplete``, and what was not requested stays due."""
        self.give_up(what, line)
        self._close("incomplete")

    def give_up(self, what: str, line: str) -> None:
        """Note that part of the work was not done: one ERROR line, and the run's finish reason, record and exit status
        say so.

        ``what`` is a short name such as ``listing`` or ``pictures``; for each name only the first line is logged, the
        others are counted (``incomplete/<what>``).
        """
        self._crawler.stats.inc_value(f"incomplete/{what}")
        if self.finish_reason == "finished":  # an ``on_close`` callback has found out
            self.finish_reason = "incomplete"
        if what not in self.given_up:
            self.given_up[what] = line
            logger.error(line, extra=self._log_extra)

    def report_damage(self, line: str) -> None:
        """Log a damaged row of the store; unlike with ``give_up``, every line is logged."""
        if "damaged" in self.given_up:
            logger.warning(line, extra=self._log_extra)
        self.give_up("damaged", line)

    async def retry_store(self, operation: Callable[[], Awaitable[T]]) -> T:
        """The result of a store operation; while the store's server is away, retries for STORE_PATIENCE seconds.

        Before a StoreError is raised the run is stopped with a line, so callers need not log it; later callers get the
        same error at once.
        """
        if self._store_failure is not None:
            raise self._store_failure
        loop = asyncio.get_running_loop()
        deadline, pause = loop.time() + self._store_patience, 0.5
        while True:
            try:
                return await operation()
            except StoreError as error:
                if self.is_stopping or not isinstance(error, StoreUnavailable) or loop.time() + pause > deadline:
                    self._store_failure = error
                    self.stop("store_failed", f"the store failed, the run ends: {error}")
                    raise
                logger.warning("%s; the crawl waits and tries again in %.1f s", error, pause, extra=self._log_extra)
                self._crawler.stats.inc_value("store/waits")
                await asyncio.sleep(pause)
                pause = min(2 * pause, 10)

    def _close(self, reason: str) -> None:
        if self._closing is None:
            self._closing = asyncio.ensure_future(self._crawler.engine.close_spider_async(reason=reason))

    def _finish(self) -> None:
        """When the spider is idle: ``finished`` becomes ``incomplete`` if anything was given up."""
        if self.given_up:
            raise CloseSpider("incomplete")

    @property
    def _log_extra(self) -> dict[str, Any]:
        """Lets ``extensions/names.py`` name the spider where several share one log."""
        return {"spider": self._crawler.spider}
