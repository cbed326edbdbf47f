"""``-s STATS_CLASS=tests.benchmarks.cpu.CpuStats``: what a crawl costs from the opening of the spider to its end."""

import time
from pathlib import Path
from typing import Any

from scrapy.statscollectors import MemoryStatsCollector

FILE = Path("cpu")
"""In the working directory: seconds of CPU of all threads, without starting Python and loading Scrapy."""


class CpuStats(MemoryStatsCollector):
    def open_spider(self, spider: Any = None) -> None:
        self._begun = time.process_time()
        super().open_spider()

    def close_spider(self, spider: Any = None, reason: str | None = None) -> None:
        FILE.write_text(str(time.process_time() - self._begun))
        super().close_spider(reason=reason)
