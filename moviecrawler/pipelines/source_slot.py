"""Makes the source's slot of a title: once per item, however often the store pipeline has to merge it."""

from typing import Self

from scrapy.crawler import Crawler

from moviecrawler.items import Item, Title, TitleTable
from moviecrawler.policy.documents.merge import slot_of


class SourceSlotPipeline:
    """Also counts fields that could not be parsed."""

    def __init__(self, crawler: Crawler) -> None:
        self._stats = crawler.stats

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_item(self, item: Item) -> Item:
        if isinstance(item, Title):
            item.context.slot = slot_of(item)
            for field in item.context.unreadable:
                self._stats.inc_value(f"titles/unread/{item.source}/{field}")
        elif isinstance(item, TitleTable):
            for title in item.titles:
                title.set_fetch(item.at, reason=title.context.fetch_reason)
                title.context.slot = slot_of(title)
        return item
