"""Holds back what a source calls gone until the end of the run, which shows whether the report is plausible.

Only ids and timestamps are kept, no items and no documents: a wrong base URL calls the whole catalogue gone.
"""

import asyncio
from collections.abc import AsyncIterator, Collection, Hashable, Iterable, Iterator
from itertools import islice
from typing import Any, NamedTuple, Self, TypeVar

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem
from scrapy.statscollectors import StatsCollector

from moviecrawler.documents import Document, Kind, PictureRole
from moviecrawler.exceptions import StoreError
from moviecrawler.items import Artwork, FailedLookup, Item, Title
from moviecrawler.lifecycle import CrawlLifecycle
from moviecrawler.policy.documents import images as pictures
from moviecrawler.policy.freshness.gone import is_called_gone, is_implausible
from moviecrawler.policy.network.hosts import Hosts
from moviecrawler.runtime import Commits, Runtime
from moviecrawler.spider_protocol import CrawlSpider, spider_of
from moviecrawler.stores.base import Documents

T = TypeVar("T")

_BATCH = 200


class MissingPicture(NamedTuple):
    """A picture that is missing; ``at``: when its CDN said so."""

    kind: Kind
    id: int
    role: PictureRole
    source_path: str
    at: str


class GoneTally:
    """How many things of a kind arrived in a run, and which are gone; ``first`` of these before any arrived."""

    def __init__(self) -> None:
        self.found = self.first = 0
        self.gone: dict[Any, Any] = {}

    def add(self, key: Hashable, what: Any) -> None:
        self.gone[key] = what
        if not self.found:
            self.first = len(self.gone)

    def doubts(self, gone: Collection[Any]) -> str:
        """``8 of 60`` when it is implausible that so many are gone, else empty."""
        answers, first = len(gone) + self.found, sum(key in gone for key in islice(self.gone, self.first))
        return f"{len(gone)} of {answers}" if is_implausible(len(gone), answers, first) else ""


class GoneReports:
    """The titles that TMDB calls gone, and the pictures that its CDN does not have.

    A run that is killed loses them: they stay due.
    """

    def __init__(
        self,
        *,
        spider: CrawlSpider,
        hosts: Hosts,
        documents: Documents,
        commits: Commits,
        lifecycle: CrawlLifecycle,
        stats: StatsCollector,
    ) -> None:
        self._spider, self._hosts, self._documents = spider, hosts, documents
        self._commits, self._lifecycle, self._stats = commits, lifecycle, stats
        self._titles, self._pictures = GoneTally(), GoneTally()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        runtime = Runtime.of(crawler)
        reports = cls(
            spider=spider_of(crawler),
            hosts=runtime.policies.hosts,
            documents=runtime.store.documents,
            commits=runtime.commits,
            lifecycle=runtime.lifecycle,
            stats=crawler.stats,
        )
        # Before tombstones are linked and the feed's cursor is set.
        runtime.lifecycle.on_close.insert(0, reports.settle)
        return reports

    def hold_back(self, item: Item) -> bool:
        """Count the item; True if it is held back until the end of the run."""
        if isinstance(item, Title):
            self._titles.found += item.source == "tmdb"
        elif isinstance(item, FailedLookup) and (item.source, item.reason) == ("tmdb", "gone"):
            self._titles.add((item.kind, item.id), (item.at, item.listed))
            return True
        elif isinstance(item, Artwork) and not item.body:
            at = item.context.images[item.role]["gone"]["at"]
            picture = MissingPicture(item.kind, item.id, item.role, item.source_path, at)
            self._pictures.add(item.url, [*self._pictures.gone.get(item.url, ()), picture])
            return True
        elif isinstance(item, Artwork):
            self._pictures.found += 1
        return False

    async def settle(self) -> None:
        """Called when everything else is stored: all reports of a kind are made durable, or none."""
        try:
            recorded = await self._settle_titles()
            # Titles that were not recorded are counted here; batches.py counts the others.
            if forgotten := len(self._titles.gone) - recorded:
                self._stats.inc_value("misses/tmdb/gone", forgotten)
            await self._settle_pictures()
        except (StoreError, DropItem) as error:
            self._lifecycle.give_up("gone", f"reports of what is gone could not be stored; it stays due: {error}")

    async def _settle_titles(self) -> int:
        """Returns how many were recorded, that is, are stored titles. A title that the daily export lists is not gone.

        A title that a listing has just shown also raises doubts.
        """
        stored: dict[Any, bool | None] = {}
        new = set()
        async for key, document in self._stored((key, key) for key in self._titles.gone):
            stored[key] = listed = self._spider.listed(*key)
            if listed is not False and not is_called_gone(document["sources"]["tmdb"]):
                new.add(key)
        new |= {key for key, (_, shown) in self._titles.gone.items() if shown and key not in stored}
        if many := self._titles.doubts(new):
            place = self._hosts.bases("tmdb", "api")[0]
            self._lifecycle.give_up(
                "gone",
                f"{place} reports {many} titles as gone, which is not plausible: no tombstone is made, they stay due. "
                "Check TMDB_BASE_URL; a title that the daily export lacks as well is accepted as gone",
            )
            return 0
        for batch in _batches(stored.items()):
            await self._commit(
                FailedLookup(
                    source="tmdb",
                    kind=kind,
                    id=id,
                    reason="listed" if listed else "gone",
                    at=self._titles.gone[kind, id][0],
                )
                for (kind, id), listed in batch
            )
        return len(stored)

    async def _settle_pictures(self) -> None:
        new = set()
        async for (url, picture), document in self._stored(self._missing_pictures()):
            if not pictures.was_picture_gone(document["images"].get(picture.role), url):
                new.add(url)
        if many := self._pictures.doubts(new):
            base = self._hosts.bases("tmdb", "cdn")[0]
            self._lifecycle.give_up(
                "pictures",
                f"{base} reports {many} pictures as missing, which is not plausible: they stay due. "
                "Check TMDB_IMAGE_BASE_URLS",
            )
            return
        items: list[Item] = []
        async for (url, picture), document in self._stored(self._missing_pictures()):
            items.append(_with_note(url, picture, document))
            if len(items) == _BATCH:
                await self._commit(items)
                items = []
        await self._commit(items)

    def _missing_pictures(self) -> Iterator[tuple[Any, tuple[str, MissingPicture]]]:
        for url, missing in self._pictures.gone.items():
            for picture in missing:
                yield (picture.kind, picture.id), (url, picture)

    async def _stored(self, keyed: Iterable[tuple[Any, T]]) -> AsyncIterator[tuple[T, Document]]:
        """Each of these whose title is stored, with its document."""
        for batch in _batches(keyed):
            documents = await self._documents.get_many(key for key, _ in batch)
            for key, what in batch:
                if key in documents:
                    yield what, documents[key]

    async def _commit(self, items: Iterable[Item]) -> None:
        await asyncio.gather(*map(self._commits.add, items))


def _with_note(url: str, picture: MissingPicture, document: Document) -> Artwork:
    kind, id, role, source_path, at = picture
    missing = Artwork(kind=kind, id=id, role=role, source_path=source_path, url=url, body=b"")
    missing.context.images = {role: pictures.with_gone_note(document["images"].get(role), url, at)}
    return missing


def _batches(values: Iterable[T]) -> Iterator[list[T]]:
    values = iter(values)
    while batch := list(islice(values, _BATCH)):
        yield batch
