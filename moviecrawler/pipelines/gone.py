"""Titles that TMDB calls gone: kept until the end of the run, which shows whether that can be believed."""

import asyncio
import logging

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from moviecrawler.exceptions import StoreError
from moviecrawler.items import Item, Miss, Title
from moviecrawler.pipelines.commit import GroupCommit
from moviecrawler.policy.gone import doubted
from moviecrawler.stores.base import Key

logger = logging.getLogger(__name__)

_BATCH = 500


class GoneTitles:
    """The misses of a run that could become tombstones. A run that is killed forgets them: they are due again."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._commits = GroupCommit.of_crawler(crawler)
        self._held: dict[Key, Miss] = {}
        self._first: set[Key] = set()
        self._found = 0
        crawler.run.accounts.insert(0, self.settle)  # what is linked, and how far the feed was read, comes after

    def holds(self, item: Item) -> bool:
        """Whether the item is kept here for now; all others of TMDB are counted."""
        if isinstance(item, Title):
            self._found += item.source == "tmdb"
        elif isinstance(item, Miss) and (item.source, item.reason) == ("tmdb", "gone"):
            self._held[item.kind, item.id] = item
            if not self._found:
                self._first.add((item.kind, item.id))
            return True
        return False

    async def settle(self) -> None:
        """Called when everything else is stored: all are made durable, or none."""
        try:
            stored = await self._stored()
            listed = {key: self._crawler.spider.listed(*key) for key in stored}
            alone = [key for key in stored if listed[key] is not False]
            if doubted(len(alone), len(alone) + self._found, len(self._first.intersection(alone))):
                self._doubt(len(alone))
                return
            for key in stored:
                if listed[key]:
                    self._held[key] = self._held[key].model_copy(update={"reason": "listed"})
            await asyncio.gather(*(self._commits.add(self._held[key]) for key in stored))
        except (StoreError, DropItem) as error:
            logger.error("what TMDB calls gone could not be noted, and stays due: %s", error)

    async def _stored(self) -> list[Key]:
        keys = list(self._held)
        pages = [keys[start : start + _BATCH] for start in range(0, len(keys), _BATCH)]
        return [key for page in pages for key in await self._crawler.store.documents.get_many(page)]

    def _doubt(self, gone: int) -> None:
        base = self._crawler.policies.hosts.bases("tmdb", "api")[0]
        self._crawler.run.give_up(
            "gone",
            f"{base} says of {gone} of {gone + self._found} titles that they are gone, which is not believed: no "
            "tombstone is made, they stay due. Check TMDB_BASE_URL; what the daily export lacks, too, is believed",
        )
