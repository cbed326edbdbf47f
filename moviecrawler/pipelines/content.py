"""Drops titles that the content filter refuses; only those that a listing named, never those requested by id."""

from datetime import UTC, datetime
from typing import Self

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from moviecrawler import timestamps
from moviecrawler.items import Dropped, Item, Movie, Show
from moviecrawler.policy.documents.content_filter import ContentFilter
from moviecrawler.runtime import Commits, Runtime
from moviecrawler.spider_protocol import spider_of


class ContentFilterPipeline:
    """A dropped title is stored with its reason, so that it is not fetched again within 30 days."""

    def __init__(self, content: ContentFilter, commits: Commits) -> None:
        self._content, self._commits = content, commits

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(spider_of(crawler).content, Runtime.of(crawler).commits)

    async def process_item(self, item: Item) -> Item:
        if not isinstance(item, Movie | Show) or not item.context.listed:
            return item
        now = datetime.now(UTC)
        verdict = self._content.judge(item, now)
        if verdict.keep:
            return item
        assert item.id is not None, "the detail page of a title has its id"
        dropped = Dropped(
            kind=item.kind,
            id=item.id,
            title=item.title,
            reason=verdict.reason or "",
            threshold=verdict.threshold,
            genre_ids=item.genre_ids,
            at=timestamps.iso(now),
        )
        await self._commits.add(dropped)
        raise DropItem(f"{item.kind}/{item.id}: {verdict.reason}")
