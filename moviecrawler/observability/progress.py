"""Progress of a run: a bar on a terminal, a plain line now and then in a log."""

import logging
import sys
import time
from typing import Any, Self, TextIO

from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.utils.asyncio import create_looping_call
from tqdm import tqdm

logger = logging.getLogger(__name__)

_REDRAW = 0.2  # seconds
_BAR = "{percentage:3.0f}% |{bar}| {desc}, {elapsed}"
_SOON, _FEW = 5.0, 5
"""Seconds, and things done, before which nobody can say how long it will take."""

DONE = ("titles/inserted", "titles/updated", "titles/unchanged", "titles/older", "titles/unmatched")


class Progress:
    """Titles and pictures done of those found (of titles: expected, where the site says how many), and rejects.

    Where several crawlers run in one process (``scrapy collect``), each has a bar with its name.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._stats = crawler.stats
        self._crawlers = crawler.group.crawlers
        self._seconds = crawler.settings.getfloat("PROGRESS_SECONDS")
        self._terminal = sys.stderr.isatty() and not crawler.settings.get("LOG_FILE")
        self._bar: tqdm[Any] | None = None
        crawler.signals.connect(self._start, signals.spider_opened)
        crawler.signals.connect(self._stop, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def _start(self, spider: Spider) -> None:
        self._name = f"{spider.name}: " if len(self._crawlers) > 1 else ""
        self._started = time.monotonic()
        if self._terminal:
            self._bar = tqdm(bar_format=_BAR, leave=False, dynamic_ncols=True)
            _log_to(_AboveBar())
        self._loop = create_looping_call(self._show)
        self._loop.start(_REDRAW if self._bar is not None else self._seconds, now=False)

    def _show(self) -> None:
        titles, rejects = self._count(*DONE, "refresh/skipped/", "filter/dropped/"), self._count("rejects/")
        expected = max(titles, self._stats.get_value("titles/expected") or self._count("titles/found"))
        pictures, wanted = self._count("pictures/fetched"), self._count("pictures/wanted")
        seconds = time.monotonic() - self._started
        # Where nobody has said how many titles there are, nobody can say how long they will take.
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
        """The sum of these stats; a name that ends in / stands for all below it."""
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
    """What the rest takes, if it goes on as it went for ``seconds``; nothing while that is not worth saying.

    >>> time_left(100, 400, 60), time_left(50, 5000, 60), time_left(3, 400, 60), time_left(400, 400, 60)
    (', about 3 min left', ', about 1 h 39 min left', '', '')
    """
    if seconds < _SOON or done < _FEW or done >= total:
        return ""
    left = seconds * (total - done) / done
    if left < 60:
        return f", about {left:.0f} s left"
    hours, minutes = divmod(round(left / 60), 60)
    return ", about " + (f"{hours} h " if hours else "") + f"{minutes} min left"


class _AboveBar:
    """A stream for log lines: they scroll above the bar instead of tearing it."""

    def write(self, text: str) -> None:
        tqdm.write(text, file=sys.stderr, end="")

    def flush(self) -> None:
        sys.stderr.flush()


def _log_to(stream: "TextIO | _AboveBar") -> None:
    for handler in logging.getLogger().handlers:
        if type(handler) is logging.StreamHandler:
            handler.setStream(stream)
