"""Progress of a run: a bar on a terminal, an occasional line in a log."""

import logging
import sys
import time
from typing import Any, Self, TextIO

from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.statscollectors import StatsCollector
from scrapy.utils.asyncio import create_looping_call
from tqdm import tqdm

from moviecrawler.crawl_group import CrawlGroup
from moviecrawler.runtime import Runtime

logger = logging.getLogger(__name__)

_REDRAW = 0.2  # seconds
_BAR = "{percentage:3.0f}% |{bar}| {desc}, {elapsed}"
_MIN_SECONDS, _MIN_DONE = 5.0, 5
"""Before these no time left is shown: it could not be estimated."""

_DONE = ("titles/inserted", "titles/updated", "titles/unchanged", "titles/older", "titles/unmatched", "titles/checked")


class ProgressDisplay:
    """Titles and pictures done of those found (titles: of those expected, if the site tells), and rejects.

    If several crawlers run in one process (``scrapy collect``), each has a bar with its name.
    """

    def __init__(self, group: CrawlGroup, stats: StatsCollector, *, seconds: float, terminal: bool) -> None:
        """``seconds`` between two lines of a log; a ``terminal`` shows a bar instead."""
        self._crawlers, self._stats = group.crawlers, stats
        self._seconds, self._terminal = seconds, terminal
        self._bar: tqdm[Any] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        terminal = sys.stderr.isatty() and not crawler.settings.get("LOG_FILE")
        seconds = Runtime.of(crawler).config.run.progress_seconds
        display = cls(CrawlGroup.of(crawler), crawler.stats, seconds=seconds, terminal=terminal)
        crawler.signals.connect(display._start, signals.spider_opened)
        crawler.signals.connect(display._stop, signals.spider_closed)
        return display

    def _start(self, spider: Spider) -> None:
        self._name = f"{spider.name}: " if len(self._crawlers) > 1 else ""
        self._started = time.monotonic()
        if self._terminal:
            self._bar = tqdm(bar_format=_BAR, leave=False, dynamic_ncols=True)
            _log_to(_AboveBar())
        self._loop = create_looping_call(self._show)
        self._loop.start(_REDRAW if self._bar is not None else self._seconds, now=False)

    def _show(self) -> None:
        titles, rejects = self._count(*_DONE, "refresh/skipped/", "filter/dropped/"), self._count("rejects/")
        expected = max(titles, self._stats.get_value("titles/expected") or self._count("titles/found"))
        pictures, wanted = self._count("pictures/fetched"), self._count("pictures/wanted")
        seconds = time.monotonic() - self._started
        # Without an expected number of titles, the time left is unknown.
        is_known = self._stats.get_value("titles/expected") is not None
        left = time_left(titles + pictures, expected + wanted, seconds) if is_known else ""
        if self._bar is not None:
            self._bar.n, self._bar.total = titles + pictures, expected + wanted
            self._bar.set_description_str(
                f"{self._name}titles {titles}/{expected}, pictures {pictures}/{wanted}, rejects {rejects}{left}"
            )
            return
        rate = self._count("downloader/request_count") / seconds
        line = "%stitles %d/%d, pictures %d/%d, rejects %d, %.1f requests/s%s"
        logger.info(line, self._name, titles, expected, pictures, wanted, rejects, rate, left)

    def _count(self, *names: str) -> int:
        """The sum of these stats; a name ending in / stands for all stats below it."""
        stats = self._stats.get_stats()
        return sum(
            value
            for name, value in stats.items()
            if name in names or any(prefix.endswith("/") and name.startswith(prefix) for prefix in names)
        )

    def _stop(self, spider: object) -> None:
        self._loop.stop()
        if self._bar is not None:
            self._bar.close()
            if not any(crawler.crawling for crawler in self._crawlers):
                _log_to(sys.stderr)


def time_left(done: int, total: int, seconds: float) -> str:
    """The time left at the average rate of the first ``seconds``, as text; empty while it cannot be estimated.

    >>> time_left(100, 400, 60), time_left(50, 5000, 60), time_left(3, 400, 60), time_left(400, 400, 60)
    (', about 3 min left', ', about 1 h 39 min left', '', '')
    """
    if seconds < _MIN_SECONDS or done < _MIN_DONE or done >= total:
        return ""
    left = seconds * (total - done) / done
    if left < 60:
        return f", about {left:.0f} s left"
    hours, minutes = divmod(round(left / 60), 60)
    return ", about " + (f"{hours} h " if hours else "") + f"{minutes} min left"


class _AboveBar:
    """A stream for log lines that scrolls them above the bar instead of breaking it."""

    def write(self, text: str) -> None:
        tqdm.write(text, file=sys.stderr, end="")

    def flush(self) -> None:
        sys.stderr.flush()


def _log_to(stream: "TextIO | _AboveBar") -> None:
    for handler in logging.getLogger().handlers:
        if type(handler) is logging.StreamHandler:
            handler.setStream(stream)
