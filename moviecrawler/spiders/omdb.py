"""OMDB's data about stored titles: ``scrapy crawl omdb``."""

from collections.abc import AsyncIterator, Sequence
from functools import partial
from typing import Any

from scrapy import Request
from scrapy.http import Response

from moviecrawler.base_spiders.arguments import Argument, flag, whole_number
from moviecrawler.base_spiders.movie_spider import DETAIL, MovieSpider, fetched_at
from moviecrawler.exceptions import StoreError
from moviecrawler.imdb import imdb_id as parse_imdb_id
from moviecrawler.items import KINDS, Raw, Title
from moviecrawler.sources import omdb


def parse_imdb_ids(text: str) -> list[str]:
    """``tt0133093,tt0903747`` -> each id once; ValueError for anything else.

    >>> parse_imdb_ids("tt0133093, tt0903747,tt0133093")
    ['tt0133093', 'tt0903747']
    """
    ids = [parse_imdb_id(part) for part in text.split(",")]
    if None in ids:
        raise ValueError(text)
    return list(dict.fromkeys(filter(None, ids)))


class Omdb(MovieSpider):
    """Yields a Movie or Show per stored title that is due at OMDB: never requested ones first, then by REFRESH_ORDER.

    API path: ``/?i={imdb_id}&plot=full``. The day's quota goes to the first ones; the others stay due.
    """

    name = "omdb"
    required_sources = ("omdb",)
    accepted_arguments = {
        "limit": whole_number(100, least=0, help="how many titles; 0: all that are due"),
        "imdb_ids": Argument(
            parse_imdb_ids, "IMDb ids such as tt0133093,tt0903747", None, "stored titles to request, due or not"
        ),
        "force": flag(help="request titles that are not due, too, and bypass the response cache"),
    }
    limit: int
    imdb_ids: list[str] | None

    async def start(self) -> AsyncIterator[Request]:
        async for request in self.backpressure.limit(self._wanted()):
            self.crawler.stats.inc_value("titles/found")
            yield request

    async def _wanted(self) -> AsyncIterator[Request]:
        if self.imdb_ids:
            async for request in self._by_imdb_id(self.imdb_ids):
                yield request
            return
        async for titles in self.due_as_found("omdb", limit=self.limit or None, all_of_them=self.force):
            for title in titles:
                assert title.imdb_id is not None, "a title without an IMDb id is never due"
                yield self._request(title.kind, title.id, title.imdb_id)

    async def _by_imdb_id(self, imdb_ids: Sequence[str]) -> AsyncIterator[Request]:
        documents, retry_store = self.runtime.store.documents, self.runtime.lifecycle.retry_store
        known: set[str] = set()
        for kind in KINDS:
            try:
                found = await retry_store(partial(documents.by_imdb_id, kind, imdb_ids))
            except StoreError:
                return
            known |= found.keys()
            for imdb_id, ids in found.items():
                for id in ids:
                    yield self._request(kind, id, imdb_id)
        if unknown := [id for id in imdb_ids if id not in known]:
            self.logger.warning("no stored title has the IMDb id %s: crawl it first", ", ".join(unknown))

    def _request(self, kind: str, id: int, imdb_id: str) -> Request:
        return self.request(
            omdb.title_url(self.runtime.policies.hosts.bases("omdb", "api")[0], imdb_id),
            self.parse_title,
            priority=DETAIL,
            dont_filter=True,
            meta={
                "target": {"source": "omdb", "kind": kind, "id": id},
                "cache_revalidate": self.force,
                "dedup_key": f"omdb/{kind}/{id}",
            },
            cb_kwargs={"kind": kind, "id": id, "imdb_id": imdb_id},
        )

    async def parse_title(self, response: Response, kind: str, id: int, imdb_id: str) -> AsyncIterator[Title]:
        payload = omdb.SOURCE.decode(response.body)
        known = {} if omdb.answered_id(payload) == imdb_id else await self._known(kind, id)
        title = omdb.parse_title(payload, kind, imdb_id, **known)
        title.id = id
        is_manual = self.force or self.imdb_ids
        title.set_fetch(
            fetched_at(response),
            reason="manual" if is_manual else "due",
            raw=Raw(response.url, response.body),
        )
        yield title

    async def _known(self, kind: str, id: int) -> dict[str, Any]:
        """Titles and year of the stored title: an answer under another id must have the same."""
        documents = self.runtime.store.documents
        try:
            found = await self.runtime.lifecycle.retry_store(lambda: documents.get_many([(kind, id)]))
        except StoreError:
            return {}
        if (document := found.get((kind, id))) is None:
            return {"titles": (), "year": None}
        names = (document["title"], document["original_title"], *document["titles"].values())
        return {"titles": tuple(filter(None, names)), "year": document["year"]}
