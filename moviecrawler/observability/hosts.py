"""Writes the state of each host into the stats: every few seconds, and when the run ends."""

import time
from typing import Self

from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.utils.asyncio import create_looping_call

INTERVAL_SECONDS = 5.0


class HostReport:
    """``hosts/<host>/...``: requests, failures by cause, latency, health and the state of the breaker."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        crawler.signals.connect(self._opened, signals.spider_opened)
        crawler.signals.connect(self._closed, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def _opened(self, spider: Spider) -> None:
        self._loop = create_looping_call(self._report)
        self._loop.start(INTERVAL_SECONDS, now=False)

    def _closed(self, spider: Spider) -> None:
        self._loop.stop()
        self._report()

    def _report(self) -> None:
        for host, facts in self._crawler.host_pools.report(time.monotonic()):
            for fact, value in facts.items():
                self._crawler.stats.set_value(f"hosts/{host}/{fact}", value)
