"""Writes the state of each host into the stats: every few seconds, and when the run ends."""

import time
from typing import Self

from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.statscollectors import StatsCollector
from scrapy.utils.asyncio import create_looping_call

from moviecrawler.policy.network.host_pool import HostPools
from moviecrawler.runtime import Runtime

INTERVAL_SECONDS = 5.0


class HostReport:
    """``hosts/<host>/...``: requests, failures by cause, latency, health and the state of the breaker."""

    def __init__(self, host_pools: HostPools, stats: StatsCollector) -> None:
        self._host_pools, self._stats = host_pools, stats

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        report = cls(Runtime.of(crawler).host_pools, crawler.stats)
        crawler.signals.connect(report._opened, signals.spider_opened)
        crawler.signals.connect(report._closed, signals.spider_closed)
        return report

    def _opened(self, spider: Spider) -> None:
        self._loop = create_looping_call(self._report)
        self._loop.start(INTERVAL_SECONDS, now=False)

    def _closed(self, spider: Spider) -> None:
        self._loop.stop()
        self._report()

    def _report(self) -> None:
        for host, facts in self._host_pools.report(time.monotonic()):
            for fact, value in facts.items():
                self._stats.set_value(f"hosts/{host}/{fact}", value)
