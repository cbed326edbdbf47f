"""Puts the name of the spider into each log line if several spiders run in one process (``scrapy collect``)."""

import logging
from typing import Self

from scrapy import signals
from scrapy.crawler import Crawler

from moviecrawler.crawl_group import CrawlGroup


class SpiderNames(logging.Filter):
    """Extension. A filter on every handler of the root logger that prefixes lines with the name of their spider.

    Scrapy and we pass the spider with the line (``extra={"spider": ...}``); its own logger has the name already.
    """

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        names = cls()
        if len(CrawlGroup.of(crawler).crawlers) > 1:
            names._install()
            # Scrapy reinstalls its log handler when the settings are final.
            crawler.signals.connect(names._install, signals.spider_opened)
        return names

    def _install(self) -> None:
        # The engine logs before that signal.
        for place in (logging.getLogger("scrapy.core.engine"), *logging.getLogger().handlers):
            if not any(isinstance(other, SpiderNames) for other in place.filters):
                place.addFilter(self)

    def filter(self, record: logging.LogRecord) -> bool:
        name = getattr(getattr(record, "spider", None), "name", None)
        if name and name != record.name and not hasattr(record, "names_spider"):
            record.names_spider = True
            record.msg = f"{name}: {record.msg}"
        return True
