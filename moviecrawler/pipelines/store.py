"""The last pipeline: an item counts as scraped when it is durable, or held back until the run ends (``gone.py``)."""

import logging
from typing import Self, TypeVar

from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider
from scrapy.statscollectors import StatsCollector

from moviecrawler.exceptions import StoreError
from moviecrawler.items import Item
from moviecrawler.pipelines.gone import GoneReports
from moviecrawler.pipelines.group_commit import NotStored
from moviecrawler.runtime import Commits, Runtime
from moviecrawler.stores.base import Store

logger = logging.getLogger(__name__)
T = TypeVar("T")


class StorePipeline:
    """Opens the crawler's store and passes items to the group commit. ``observability/runs.py`` closes the store.

    Items of a foreign spider are not stored: its own pipelines and feeds get them.
    """

    def __init__(self, store: Store, commits: Commits, gone: GoneReports, stats: StatsCollector) -> None:
        self._store, self._commits, self._gone, self._stats = store, commits, gone, stats

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        runtime = Runtime.of(crawler)
        return cls(runtime.store, runtime.commits, GoneReports.from_crawler(crawler), crawler.stats)

    async def open_spider(self) -> None:
        try:
            await self._store.open()
        except StoreError as error:
            logger.error("%s", error)
            raise CloseSpider("store_failed") from None

    async def process_item(self, item: T) -> T:
        if not isinstance(item, Item) or self._gone.hold_back(item):
            return item
        try:
            await self._commits.add(item)
        except NotStored:
            self._stats.inc_value("store/not_stored")
            raise
        return item
