"""What TMDB recommends beside many stored titles, and the store lacks: ``scrapy crawl tmdb_recommended``."""

from array import array
from collections.abc import AsyncIterator, Sequence

from scrapy import Request

from moviecrawler.base_spiders.arguments import flag, media, whole_number
from moviecrawler.base_spiders.tmdb import TmdbSpider
from moviecrawler.exceptions import StoreError
from moviecrawler.items import KINDS
from moviecrawler.policy.freshness.id_counts import IdCounts
from moviecrawler.policy.identity.title_ids import MAX_ID
from moviecrawler.stores.base import Key

_LOOK_UP = 500  # ids
_ID_BITS = 32


class TmdbRecommended(TmdbSpider):
    """Yields a Movie or Show per title that at least so many stored ones recommend, those that most do first.

    The recommendations are those of the stored documents, so nothing but the titles is requested. Reads one document at
    a time, and counts in two bytes per id.
    """

    name = "tmdb_recommended"
    accepted_arguments = {
        "media": media("all", *KINDS, help="films, shows or both", old_name="kind"),
        "at_least": whole_number(3, help="how many stored titles must recommend one"),
        "limit": whole_number(None, help="how many titles, those that most recommend first"),
        "force": flag(help="request titles that the filter has refused before, too"),
    }
    media: str
    at_least: int
    limit: int | None

    async def start(self) -> AsyncIterator[Request]:
        async for request in self.backpressure.limit(self._wanted()):
            yield request

    async def _wanted(self) -> AsyncIterator[Request]:
        ranked, stats = await self._ranked(), self.crawler.stats
        self.logger.info("%d titles are recommended by %d stored ones or more", len(ranked), self.at_least)
        left = self.limit or len(ranked)
        for start in range(0, len(ranked), _LOOK_UP):
            keys = [
                (KINDS[number >> _ID_BITS & 1], number & (1 << _ID_BITS) - 1)
                for number in ranked[start : start + _LOOK_UP]
            ]
            try:
                lacking = {(kind, id) for kind in KINDS for id in await self._lacking(kind, keys)}
            except StoreError:
                return  # it has stopped the run and was logged
            stats.inc_value("titles/found", len(keys) - len(lacking))
            stats.set_value("titles/expected", min(stats.get_value("titles/found") + left, len(ranked)))
            for key in keys:
                if key not in lacking:
                    continue
                if left < 1:
                    return
                left -= 1
                stats.inc_value("titles/found")
                if self.claim(key):
                    yield self.title_request(*key, listed=True, fetch_reason="manual" if self.force else "due")
                else:
                    stats.inc_value("refresh/skipped/asked_already")

    async def _ranked(self) -> "array[int]":
        """Count, kind and id of each title packed into one number, those that most recommend first."""
        found, uncounted = array("Q"), 0
        for place, kind in enumerate(KINDS):
            if self.media not in (kind, "all"):
                continue
            counts = IdCounts()
            async for document in self.stored(kind):
                uncounted += sum(not counts.add(id) for id in set(document.get("recommendations") or ()))
            found.extend(
                (count << 1 | place) << _ID_BITS | id for id, count in counts.at_least(self.at_least) if id <= MAX_ID
            )
        if uncounted:
            self.logger.warning("%d recommendations have impossible ids, and were not counted", uncounted)
        return array("Q", sorted(found, reverse=True))

    async def _lacking(self, kind: str, keys: Sequence[Key]) -> list[int]:
        ids = [id for of, id in keys if of == kind]
        return await self.lacking(kind, ids) if ids else []
