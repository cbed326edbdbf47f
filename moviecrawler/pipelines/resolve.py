"""Finds the document of an item. An item with an id names it itself; the films of a table are looked up together."""

from typing import Self

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from moviecrawler.exceptions import StoreError
from moviecrawler.ingest.matching import Matches, match_titles
from moviecrawler.ingest.reassign import reassign
from moviecrawler.items import Item, Movie, Title, TitleTable
from moviecrawler.lifecycle import CrawlLifecycle
from moviecrawler.policy.documents.compose import Composer
from moviecrawler.policy.freshness.refresh import Refresh
from moviecrawler.runtime import Commits, Runtime
from moviecrawler.stores.base import Store


class ResolvePipeline:
    """A film of a table without a matching title becomes an ``unmatched`` record, stored in the table's own batch.

    Answers that an earlier table assigned to another film are reassigned, or removed if no film matches.
    """

    def __init__(
        self, *, store: Store, composer: Composer, refresh: Refresh, commits: Commits, lifecycle: CrawlLifecycle
    ) -> None:
        self._store, self._composer, self._refresh = store, composer, refresh
        self._commits, self._lifecycle = commits, lifecycle

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        runtime = Runtime.of(crawler)
        return cls(
            store=runtime.store,
            composer=runtime.policies.composer,
            refresh=runtime.policies.refresh,
            commits=runtime.commits,
            lifecycle=runtime.lifecycle,
        )

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
        try:
            matches = await self._lifecycle.retry_store(lambda: match_titles(self._store, titles, at))
            await self._lifecycle.retry_store(lambda: self._reassign(matches))
            return matches
        except StoreError as error:
            raise DropItem(str(error)) from None

    async def _reassign(self, matches: Matches) -> None:
        await reassign(self._store, matches.reassignments, composer=self._composer, refresh=self._refresh)
