"""Writes the histograms of the stages into the stats of the run."""

from typing import Self

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.statscollectors import StatsCollector

from moviecrawler.policy.timing import Timing
from moviecrawler.runtime import Runtime

QUANTILES = {"p50": 0.50, "p95": 0.95, "p99": 0.99}


class TimingStats:
    """``timing/STAGE/count``, ``sum``, ``p50``, ``p95``, ``p99`` (seconds) when the spider closes.

    The record of the run and the summary come later in ``EXTENSIONS``, so they contain these stats.
    """

    def __init__(self, timing: Timing, stats: StatsCollector) -> None:
        self._timing, self._stats = timing, stats

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        writer = cls(Runtime.of(crawler).timing, crawler.stats)
        crawler.signals.connect(writer._write, signals.spider_closed)
        return writer

    def _write(self) -> None:
        for stage, histogram in sorted(self._timing.histograms.items()):
            quantiles = {name: round(histogram.quantile(q), 6) for name, q in QUANTILES.items()}
            for name, value in {"count": histogram.count, "sum": round(histogram.sum, 6), **quantiles}.items():
                self._stats.set_value(f"timing/{stage}/{name}", value)
