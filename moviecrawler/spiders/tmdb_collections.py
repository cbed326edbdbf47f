"""The missing films of collections that are begun: ``scrapy crawl tmdb_collections``."""

from collections import Counter
from collections.abc import AsyncIterator

from scrapy import Request
from scrapy.http import TextResponse

from moviecrawler.base_spiders.arguments import flag, whole_number
from moviecrawler.base_spiders.movie_spider import LISTING
from moviecrawler.base_spiders.tmdb import TmdbSpider
from moviecrawler.exceptions import StoreError
from moviecrawler.sources import tmdb


class TmdbCollections(TmdbSpider):
    """Yields a Movie per film that the store lacks of a collection of which it has a part.

    API path: ``/collection/{id}``, one request for each collection, those with the most stored parts first.
    """

    name = "tmdb_collections"
    may_lack_pages = True  # TMDB deletes collections
    accepted_arguments = {
        "limit": whole_number(None, help="how many collections, those with the most stored films first"),
        "force": flag(help="request films that the filter has refused before, too"),
    }
    limit: int | None

    async def start(self) -> AsyncIterator[Request]:
        async for request in self.backpressure.limit(self._collections()):
            yield request

    async def _collections(self) -> AsyncIterator[Request]:
        parts: Counter[int] = Counter()
        async for document in self.stored("movies"):
            if collection := document["collection"]:
                parts[collection["id"]] += 1
        self.logger.info("%d collections are begun", len(parts))
        for id, _ in parts.most_common(self.limit):
            yield self.request(
                tmdb.collection_url(self.base, id, self.language),
                self.parse_collection,
                priority=LISTING,
                dont_filter=True,
                meta={"local": False, "cache_revalidate": self.force, "dedup_key": f"tmdb/collection/{id}"},
                cb_kwargs={"collection": id},
            )

    async def parse_collection(self, response: TextResponse, collection: int) -> AsyncIterator[Request]:
        rows = {row.id: row for row in tmdb.parse_collection(response.json(), collection)}
        try:
            lacking = await self.lacking("movies", list(rows))
        except StoreError:
            return  # it has stopped the run and was logged
        self.crawler.stats.inc_value("titles/found", len(rows) - len(lacking))
        for request in self.follow(rows[id] for id in lacking):
            yield request
