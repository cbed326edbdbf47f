"""What the network did, host by host, becomes stats when the run ends: the summary and its record show them."""

import time
from typing import Self

from scrapy import signals
from scrapy.crawler import Crawler


class HostReport:
    """``hosts/<host>/...``: requests, failures by cause, latency, health and the state of the breaker."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        crawler.signals.connect(self._report, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def _report(self) -> None:
        for host, facts in self._crawler.rings.report(time.monotonic()):
            for fact, value in facts.items():
                self._crawler.stats.set_value(f"hosts/{host}/{fact}", value)
