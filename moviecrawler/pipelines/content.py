"""Drops titles that the content filter refuses; only those that a listing named, never those requested by id."""

from datetime import UTC, datetime
from typing import Self

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from moviecrawler import timestamps
from moviecrawler.items import Dropped, Item, Title
from moviecrawler.pipelines.group_commit import GroupCommit


class ContentFilterPipeline:
    """A dropped title is stored with its reason, so that it is not fetched again within 30 days."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._commits = GroupCommit.of_crawler(crawler)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def process_item(self, item: Item) -> Item:
        if not isinstance(item, Title) or not item.context.listed:
            return item
        now = datetime.now(UTC)
        verdict = self._crawler.spider.content.judge(item, now)
        if verdict.keep:
            return item
        dropped = Dropped(
            kind=item.kind,
            id=item.id,
            title=item.title,
            reason=verdict.reason,
            threshold=verdict.threshold,
            genre_ids=item.genre_ids,
            at=timestamps.iso(now),
        )
        await self._commits.add(dropped)
        raise DropItem(f"{item.kind}/{item.id}: {verdict.reason}")
