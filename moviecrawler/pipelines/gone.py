"""What a source calls gone: kept until the end of the run, which shows whether that can be believed.

Names and moments are kept, no items and no documents: a wrong address calls the whole catalogue gone.
"""

import asyncio
from collections.abc import AsyncIterator, Collection, Hashable, Iterable, Iterator
from itertools import islice
from typing import Any, Literal, NamedTuple, TypeVar

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from moviecrawler.exceptions import StoreError
from moviecrawler.items import Artwork, FailedLookup, Item, Title
from moviecrawler.pipelines.group_commit import GroupCommit
from moviecrawler.policy.documents import images as pictures
from moviecrawler.policy.freshness.gone import doubted, is_noted
from moviecrawler.stores.base import Document

T = TypeVar("T")

_BATCH = 200


class Place(NamedTuple):
    """Where a picture is missing; ``at``: when its CDN said so."""

    kind: Literal["movies", "shows"]
    id: int
    slot: Literal["poster", "backdrop"]
    source_path: str
    at: str


class Heard:
    """How many things of a kind came in a run, and which are gone: the ``first`` ones of them before any came."""

    def __init__(self) -> None:
        self.found = self.first = 0
        self.gone: dict[Any, Any] = {}

    def add(self, key: Hashable, what: Any) -> None:
        self.gone[key] = what
        if not self.found:
            self.first = len(self.gone)

    def doubts(self, gone: Collection[Any]) -> str:
        """``8 of 60`` when it cannot be believed that so many are gone, else empty."""
        answers, first = len(gone) + self.found, sum(key in gone for key in islice(self.gone, self.first))
        return f"{len(gone)} of {answers}" if doubted(len(gone), answers, first) else ""


class Gone:
    """The titles that TMDB calls gone, and the pictures that its CDN has not got.

    A run that is killed forgets them: they stay due.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._commits = GroupCommit.of_crawler(crawler)
        self._titles, self._pictures = Heard(), Heard()
        crawler.run.on_close.insert(0, self.settle)  # what is linked, and how far the feed was read, comes after

    def holds(self, item: Item) -> bool:
        """Whether the item is kept here for now; what came is counted."""
        if isinstance(item, Title):
            self._titles.found += item.source == "tmdb"
        elif isinstance(item, FailedLookup) and (item.source, item.reason) == ("tmdb", "gone"):
            self._titles.add((item.kind, item.id), (item.at, item.discovered))
            return True
        elif isinstance(item, Artwork) and not item.body:
            place = Place(item.kind, item.id, item.slot, item.source_path, item.parts[item.slot]["gone"]["at"])
            self._pictures.add(item.url, [*self._pictures.gone.get(item.url, ()), place])
            return True
        elif isinstance(item, Artwork):
            self._pictures.found += 1
        return False

    async def settle(self) -> None:
        """Called when everything else is stored: all of a kind are made durable, or none."""
        try:
            noted = await self._settle_titles()
            # Those of which nothing is kept had no answer either: batches.py counts the others.
            if forgotten := len(self._titles.gone) - noted:
                self._crawler.stats.inc_value("misses/tmdb/gone", forgotten)
            await self._settle_pictures()
        except (StoreError, DropItem) as error:
            self._crawler.run.give_up("gone", f"what was called gone could not be noted, and stays due: {error}")

    async def _settle_titles(self) -> int:
        """Number of those noted: they are stored. What the daily export lists is not gone.

        What a list has just shown raises doubts, too.
        """
        stored: dict[Any, bool | None] = {}
        new = set()
        async for key, document in self._stored((key, key) for key in self._titles.gone):
            stored[key] = listed = self._crawler.spider.listed(*key)
            if listed is not False and not is_noted(document["sources"]["tmdb"]):
                new.add(key)
        new |= {key for key, (_, shown) in self._titles.gone.items() if shown and key not in stored}
        if many := self._titles.doubts(new):
            place = self._crawler.policies.hosts.bases("tmdb", "api")[0]
            self._crawler.run.give_up(
                "gone",
                f"{place} says of {many} titles that they are gone, which is not believed: no tombstone is made, they "
                "stay due. Check TMDB_BASE_URL; what the daily export lacks, too, is believed",
            )
            return 0
        for some in _batches(stored.items()):
            await self._commit(
                FailedLookup(
                    source="tmdb",
                    kind=kind,
                    id=id,
                    reason="listed" if listed else "gone",
                    at=self._titles.gone[kind, id][0],
                )
                for (kind, id), listed in some
            )
        return len(stored)

    async def _settle_pictures(self) -> None:
        new = set()
        async for (url, place), document in self._stored(self._places()):
            if not pictures.was_gone(document["images"].get(place.slot), url):
                new.add(url)
        if many := self._pictures.doubts(new):
            base = self._crawler.policies.hosts.bases("tmdb", "cdn")[0]
            self._crawler.run.give_up(
                "pictures",
                f"{base} has none of {many} pictures, which is not believed: they stay due. Check TMDB_IMAGE_BASE_URLS",
            )
            return
        items: list[Item] = []
        async for (url, place), document in self._stored(self._places()):
            items.append(_noted(url, place, document))
            if len(items) == _BATCH:
                await self._commit(items)
                items = []
        await self._commit(items)

    def _places(self) -> Iterator[tuple[Any, tuple[str, Place]]]:
        for url, places in self._pictures.gone.items():
            for place in places:
                yield (place.kind, place.id), (url, place)

    async def _stored(self, keyed: Iterable[tuple[Any, T]]) -> AsyncIterator[tuple[T, Document]]:
        """Each of these whose title is stored, and its document."""
        for some in _batches(keyed):
            documents = await self._crawler.store.documents.get_many(key for key, _ in some)
            for key, what in some:
                if key in documents:
                    yield what, documents[key]

    async def _commit(self, items: Iterable[Item]) -> None:
        await asyncio.gather(*map(self._commits.add, items))


def _noted(url: str, place: Place, document: Document) -> Artwork:
    missing = Artwork(kind=place.kind, id=place.id, slot=place.slot, source_path=place.source_path, url=url, body=b"")
    missing.made({place.slot: pictures.gone(document["images"].get(place.slot), url, place.at)})
    return missing


def _batches(values: Iterable[T]) -> Iterator[list[T]]:
    values = iter(values)
    while some := list(islice(values, _BATCH)):
        yield some
