"""Where several spiders run in one process (``scrapy collect``), each line of the log says whose it is."""

import logging
from typing import Self

from scrapy import signals
from scrapy.crawler import Crawler


class SpiderNames(logging.Filter):
    """Extension. A filter on every handler of the root logger: the name before lines of others about a spider.

    Scrapy and we hand it over with the line (``extra={"spider": ...}``); the spider's own logger has its name already.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__()
        if len(crawler.group.crawlers) > 1:
            self._install()
            # Scrapy installs its log handler anew once the settings are final.
            crawler.signals.connect(self._install, signals.spider_opened)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def _install(self) -> None:
        # The engine speaks before that signal.
        for place in (logging.getLogger("scrapy.core.engine"), *logging.getLogger().handlers):
            if not any(isinstance(other, SpiderNames) for other in place.filters):
                place.addFilter(self)

    def filter(self, record: logging.LogRecord) -> bool:
        name = getattr(getattr(record, "spider", None), "name", None)
        if name and name != record.name and not hasattr(record, "names_spider"):
            record.names_spider = True
            record.msg = f"{name}: {record.msg}"
        return True
