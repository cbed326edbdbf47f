"""PROFILE=1: CPU time of a run by function. ``instrumentation.py`` installs it."""

import cProfile
import logging
import pstats
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.statscollectors import StatsCollector

from moviecrawler.runtime import Runtime

logger = logging.getLogger(__name__)

_LINES = 40
_HEAD = """\
{spider}, {start}: the {lines} functions with the most time spent in themselves, without the functions they called.
Only the thread of the event loop: SQLite, and decoding and drawing of pictures, have threads of their own.
Profiling itself slows a run down, small functions most. The whole profile: python -m pstats {profile}
"""


class Profile:
    """Writes ``DATA_DIR/profiles/START-SPIDER.prof`` for pstats or snakeviz, and its top as a table (``.txt``).

    The stat ``profile/file`` has the path; the summary shows it.
    """

    def __init__(self, folder: Path, stats: StatsCollector) -> None:
        self._folder, self._stats = folder, stats
        self._profile = cProfile.Profile()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        profile = cls(Runtime.of(crawler).config.store.data_dir / "profiles", crawler.stats)
        crawler.signals.connect(profile._begin, signals.spider_opened)
        crawler.signals.connect(profile._write, signals.spider_closed)
        return profile

    def _begin(self) -> None:
        self._start = datetime.now(UTC)
        self._profile.enable()

    def _write(self, spider: Spider) -> None:
        self._profile.disable()
        # Microseconds: many workers may start in the same second. No colon: Windows does not allow it in file names.
        file = self._folder / f"{self._start:%Y%m%dT%H%M%S.%fZ}-{spider.name}.prof"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._profile.dump_stats(file)
            with file.with_suffix(".txt").open("w", encoding="utf-8") as table:
                start = f"{self._start:%Y-%m-%d %H:%M:%S} UTC"
                table.write(_HEAD.format(spider=spider.name, start=start, lines=_LINES, profile=file))
                pstats.Stats(self._profile, stream=table).sort_stats("tottime").print_stats(_LINES)
        except OSError as error:
            logger.error("the profile could not be written: %s: %s", error.strerror, error.filename)
            return
        self._stats.set_value("profile/file", str(file))
