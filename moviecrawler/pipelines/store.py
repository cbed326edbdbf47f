"""The last pipeline: an item counts as scraped when it is durable, or held back until the run ends (``gone.py``)."""

import logging
from typing import Self

from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider

from moviecrawler.exceptions import StoreError
from moviecrawler.items import Item
from moviecrawler.pipelines.gone import GoneReports
from moviecrawler.pipelines.group_commit import GroupCommit, NotStored

logger = logging.getLogger(__name__)


class StorePipeline:
    """Opens the crawler's store and passes items to the group commit. ``observability/runs.py`` closes the store."""

    def __init__(self, crawler: Crawler) -> None:
        self._store = crawler.store
        self._stats = crawler.stats
        self._commits = GroupCommit.of_crawler(crawler)
        self._gone = GoneReports(crawler)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def open_spider(self) -> None:
        try:
            await self._store.open()
        except StoreError as error:
            logger.error("%s", error)
            raise CloseSpider("store_failed") from None

    async def process_item(self, item: Item) -> Item:
        if self._gone.hold_back(item):
            return item
        try:
            await self._commits.add(item)
        except NotStored:
            self._stats.inc_value("store/not_stored")
            raise
        return item
