"""All of TMDB, popular titles first: ``scrapy crawl tmdb_catalogue``."""

from array import array
from collections.abc import AsyncIterator
from functools import partial

from scrapy import Request

from moviecrawler.base_spiders.arguments import Argument, media, whole_number
from moviecrawler.base_spiders.exports import ExportSpider
from moviecrawler.exceptions import StoreError

_LOOK_UP = 500  # ids
_ID_BITS = 32
_THOUSANDTHS = 1000  # of popularity, by which titles are ordered


def parse_popularity(text: str) -> float:
    """A number from 0 on; ValueError otherwise.

    >>> parse_popularity("2.5")
    2.5
    """
    number = float(text)
    if not 0 <= number <= 1e6:
        raise ValueError(text)
    return number


class TmdbCatalogue(ExportSpider):
    """Yields a Movie or Show per title of TMDB's daily id export that is neither stored nor recently filtered out.

    Titles stored as tombstones are requested again if the export lists them.

    Files: ``movie_ids_MM_DD_YYYY.json.gz``, ``tv_series_ids_MM_DD_YYYY.json.gz``. Stored titles are not requested, so
    the next run continues an interrupted one. Uses eight bytes of memory per title that is popular enough.
    """

    name = "tmdb_catalogue"
    reads_listing = True
    accepted_arguments = {
        "media": media("movies", "shows", help="films or shows", old_name="kind"),
        "min_popularity": Argument(
            parse_popularity, "a number, 0 or more", 1.0, "titles less popular than this are not requested"
        ),
        "limit": whole_number(None, help="how many titles, the most popular ones"),
    }
    media: str
    min_popularity: float
    limit: int | None

    async def start(self) -> AsyncIterator[Request]:
        async for request in self.fetch_export(self.media):
            yield request
        ranked = await self._ranked()
        self.logger.info("%d %s in the export are popular enough", len(ranked), self.media)
        try:
            gone = await self.runtime.lifecycle.retry_store(
                partial(self.runtime.store.documents.gone, self.media, "tmdb")
            )
            self._gone = {id for id, _ in gone}
            async for request in self.backpressure.limit(self._unknown(ranked)):
                yield request
        except StoreError:
            return  # it has stopped the run and was logged

    async def _ranked(self) -> "array[int]":
        """Popularity and id of each title packed into one number, the most popular first."""
        found = array("Q")
        async for rows in self.export_rows(self.media):
            for row in rows:
                if row.popularity >= self.min_popularity and not row.adult and not row.video:
                    found.append(round(row.popularity * _THOUSANDTHS) << _ID_BITS | row.id)
        return array("Q", sorted(found, reverse=True))

    async def _unknown(self, ranked: "array[int]") -> AsyncIterator[Request]:
        left, stats = self.limit or len(ranked), self.crawler.stats
        for start in range(0, len(ranked), _LOOK_UP):
            ids = [number & (1 << _ID_BITS) - 1 for number in ranked[start : start + _LOOK_UP]]
            wanted = await self.lacking(self.media, ids, self._gone)
            stats.inc_value("titles/found", len(ids) - len(wanted))
            # Skipped titles do not count towards the limit.
            expected = stats.get_value("titles/found") + left
            stats.set_value("titles/expected", min(expected, len(ranked)))
            for id in wanted:
                if left < 1:
                    return
                left -= 1
                stats.inc_value("titles/found")
                yield self.title_request(self.media, id, listed=id not in self._gone)
