"""Finds the document of an item. An item with an id names it itself; the films of a table are looked up together."""

from typing import Self

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from moviecrawler.exceptions import StoreError
from moviecrawler.ingest.matching import Matches, match_titles
from moviecrawler.ingest.reassign import reassign
from moviecrawler.items import Item, Movie, Title, TitleTable
from moviecrawler.pipelines.group_commit import GroupCommit


class ResolvePipeline:
    """A film of a table without a matching title becomes an ``unmatched`` record, stored in the table's own batch.

    Answers that an earlier table assigned to another film are reassigned, or removed if no film matches.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._commits = GroupCommit.of_crawler(crawler)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def process_item(self, item: Item) -> Item:
        if isinstance(item, TitleTable):
            matches = await self._match(item.titles, item.at)
            item.set_matches(matches.ids, matches.unmatched, matches.found)
        elif isinstance(item, Title) and item.id is None:
            matches = await self._match([item], item.context.fetched_at) if isinstance(item, Movie) else Matches()
            item.id = matches.ids.get(item.source_id)
            for unmatched in matches.unmatched:
                await self._commits.add(unmatched)
            if item.id is None:
                raise DropItem(f"{item.source} {item.source_id}: no matching title")
        return item

    async def _match(self, titles: list[Movie], at: str) -> Matches:
        store, policies = self._crawler.store, self._crawler.policies
        try:
            matches = await self._crawler.run.retry_store(lambda: match_titles(store, titles, at))
            known = {"languages": policies.languages, "refresh": policies.refresh}
            await self._crawler.run.retry_store(lambda: reassign(store, matches.reassignments, **known))
            return matches
        except StoreError as error:
            raise DropItem(str(error)) from None
