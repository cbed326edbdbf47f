"""TMDB's trending titles of the day or week: ``scrapy crawl tmdb_trending``."""

from collections.abc import AsyncIterator, Iterator
from typing import Any, Literal

from scrapy import Request
from scrapy.http import Response

from moviecrawler.base_spiders.arguments import choice, flag, media, whole_number
from moviecrawler.base_spiders.movie_spider import fetched_at
from moviecrawler.base_spiders.tmdb import TmdbSpider
from moviecrawler.items import ChartPage, ChartRow
from moviecrawler.policy.freshness.date_windows import LAST_PAGE
from moviecrawler.sources import tmdb


class TmdbTrending(TmdbSpider):
    """Yields a ChartPage per page and a Movie or Show per title that is new or due.

    API path: ``/trending/{media}/{window}``, 20 titles a page.
    """

    name = "tmdb_trending"
    accepted_arguments = {
        "media": media("movies", "shows", "all", help="films, shows or both"),
        "window": choice("day", "week", help="trending today or this week"),
        "pages": whole_number(1, most=500, help="how many pages of 20 titles"),
        "limit": whole_number(None, most=10_000, help="how many titles; overrides pages"),
        "force": flag(help="request titles that are not due, too"),
    }
    media: str
    window: Literal["day", "week"]
    pages: int
    limit: int | None

    async def start(self) -> AsyncIterator[Request]:
        self._followed = 0
        self._media_type = tmdb.MEDIA_TYPES[self.media]
        for request in self.next_page(page=0):
            yield request

    def next_page(self, *, page: int, unusable: int = 0) -> Iterator[Request]:
        more = page < self.pages if self.limit is None else self._followed < self.limit
        if more and page < LAST_PAGE:
            url = tmdb.trending_url(self.base, self._media_type, self.window, page + 1, self.language)
            yield self.listing_request(url, page=page + 1, unusable=unusable)

    def read_page(self, response: Response, payload: Any, *, page: int) -> Iterator[Any]:
        rows = self.unseen(tmdb.parse_trending(payload, page, self._media_type))
        at = fetched_at(response)
        yield ChartPage(
            chart=f"trending/{self._media_type}/{self.window}",
            date=at[:10],
            page=page,
            at=at,
            rows=[ChartRow(rank=row.rank, kind=row.kind, id=row.id, title=row.title) for row in rows],
        )
        wanted = rows if self.limit is None else rows[: self.limit - self._followed]
        self._followed += len(wanted)
        more = tmdb.PAGE_SIZE * (self.pages - page) if self.limit is None else self.limit - self._followed
        self.crawler.stats.set_value("titles/expected", self._followed + (more if rows else 0))
        yield from self.follow(wanted, trending={"window": self.window, "at": at})
        if rows:  # a page without anything new is the last one, or the site repeats itself
            yield from self.next_page(page=page)
