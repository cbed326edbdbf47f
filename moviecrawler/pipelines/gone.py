"""What a source calls gone: kept until the end of the run, which shows whether that can be believed."""

import asyncio
from collections.abc import Hashable, Iterable
from typing import Any

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from moviecrawler.exceptions import StoreError
from moviecrawler.items import Artwork, Item, Miss, Title
from moviecrawler.pipelines.commit import GroupCommit
from moviecrawler.policy.gone import doubted, is_noted
from moviecrawler.policy.pictures import was_gone
from moviecrawler.stores.base import Document, Key

_BATCH = 500


class Heard:
    """How many things of a kind came in a run, and which are gone; ``first`` of them before any came."""

    def __init__(self) -> None:
        self.found = 0
        self.gone: dict[Any, list[Item]] = {}
        self.first: set[Any] = set()

    def add(self, key: Hashable, item: Item) -> None:
        self.gone.setdefault(key, []).append(item)
        if not self.found:
            self.first.add(key)

    def doubts(self, keys: Iterable[Any]) -> str:
        """``8 of 60`` when it cannot be believed that so many are gone, else empty."""
        gone = set(keys)
        answers = len(gone) + self.found
        return f"{len(gone)} of {answers}" if doubted(len(gone), answers, len(self.first & gone)) else ""


class Gone:
    """The titles that TMDB calls gone, and the pictures that its CDN has not got.

    A run that is killed forgets them: they stay due.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._commits = GroupCommit.of_crawler(crawler)
        self._titles, self._pictures = Heard(), Heard()
        crawler.run.accounts.insert(0, self.settle)  # what is linked, and how far the feed was read, comes after

    def holds(self, item: Item) -> bool:
        """Whether the item is kept here for now; what came is counted."""
        if isinstance(item, Title):
            self._titles.found += item.source == "tmdb"
        elif isinstance(item, Miss) and (item.source, item.reason) == ("tmdb", "gone"):
            self._titles.add((item.kind, item.id), item)
            return True
        elif isinstance(item, Artwork) and not item.body:
            self._pictures.add(item.url, item)
            return True
        elif isinstance(item, Artwork):
            self._pictures.found += 1
        return False

    async def settle(self) -> None:
        """Called when everything else is stored: all of a kind are made durable, or none."""
        try:
            items = [*await self._believed_titles(), *await self._believed_pictures()]
            await asyncio.gather(*map(self._commits.add, items))
        except (StoreError, DropItem) as error:
            self._crawler.run.give_up("gone", f"what was called gone could not be noted, and stays due: {error}")

    async def _believed_titles(self) -> list[Item]:
        """Those that are stored; what the daily export lists is not gone.

        What a list has just shown raises doubts, too.
        """
        stored = await self._stored(self._titles.gone)
        listed = {key: self._crawler.spider.listed(*key) for key in stored}
        new = [key for key in stored if listed[key] is not False and not is_noted(stored[key]["sources"]["tmdb"])]
        shown = [key for key, items in self._titles.gone.items() if key not in stored and any(map(_is_shown, items))]
        if many := self._titles.doubts([*new, *shown]):
            place = self._crawler.policies.hosts.bases("tmdb", "api")[0]
            self._crawler.run.give_up(
                "gone",
                f"{place} says of {many} titles that they are gone, which is not believed: no tombstone is made, they "
                "stay due. Check TMDB_BASE_URL; what the daily export lacks, too, is believed",
            )
            return []
        return [
            item.model_copy(update={"reason": "listed"}) if listed[key] else item
            for key in stored
            for item in self._titles.gone[key]
        ]

    async def _believed_pictures(self) -> list[Item]:
        items = [item for items in self._pictures.gone.values() for item in items if isinstance(item, Artwork)]
        stored = await self._stored({(item.kind, item.id) for item in items})
        parts = [
            (item.url, stored[key]["images"].get(item.slot))
            for item in items
            if (key := (item.kind, item.id)) in stored
        ]
        if many := self._pictures.doubts(url for url, part in parts if not was_gone(part, url)):
            place = self._crawler.policies.hosts.bases("tmdb", "cdn")[0]
            self._crawler.run.give_up(
                "pictures",
                f"{place} has none of {many} pictures, which is not believed: they stay due. Check "
                "TMDB_IMAGE_BASE_URLS",
            )
            return []
        return [*items]

    async def _stored(self, keys: Iterable[Key]) -> dict[Key, Document]:
        wanted, found = list(keys), {}
        for start in range(0, len(wanted), _BATCH):
            found |= await self._crawler.store.documents.get_many(wanted[start : start + _BATCH])
        return found


def _is_shown(item: Item) -> bool:
    return isinstance(item, Miss) and item.discovered
