"""TMDB's trending titles of the day or week: ``scrapy crawl tmdb_trending``."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

from scrapy import Request
from scrapy.http import Response

from moviecrawler.items import ChartPage, ChartRow
from moviecrawler.policy.windows import LAST_PAGE
from moviecrawler.sources import tmdb
from moviecrawler.spiders.arguments import choice, flag, whole
from moviecrawler.spiders.base import LISTING, now
from moviecrawler.spiders.tmdb import TmdbSpider


class TmdbTrending(TmdbSpider):
    """Yields a ChartPage per page and a Movie or Show per title that is new or due.

    API path: ``/trending/{media}/{window}``, 20 titles a page.
    """

    name = "tmdb_trending"
    arguments = {
        "media": choice("movie", "tv", "all", help="films, shows or both"),
        "window": choice("day", "week", help="trending today or this week"),
        "pages": whole(1, most=500, help="how many pages of 20 titles"),
        "limit": whole(None, most=10_000, help="how many titles; overrides pages"),
        "force": flag(help="ask again for what is not due"),
    }

    async def start(self) -> AsyncIterator[Request]:
        self._followed = 0
        yield self._listing(1)

    def _listing(self, page: int) -> Request:
        url = tmdb.trending_url(self.base, self.media, self.window, page, self.language)
        return self.request(url, self.parse_page, priority=LISTING, cb_kwargs={"page": page})

    def parse_page(self, response: Response, page: int) -> Iterator[Any]:
        rows = tmdb.parse_trending(response.json(), page, self.media)
        if self.limit is not None:
            rows = rows[: self.limit - self._followed]
        at = now()
        yield ChartPage(
            chart=f"trending/{self.media}/{self.window}",
            date=at[:10],
            page=page,
            at=at,
            rows=[ChartRow(rank=row.rank, kind=row.kind, id=row.id, title=row.title) for row in rows],
        )
        self._followed += len(rows)
        yield from self.follow(rows, trending={"window": self.window, "at": at})
        more = page < self.pages if self.limit is None else self._followed < self.limit
        if rows and more and page < LAST_PAGE:
            yield self._listing(page + 1)
