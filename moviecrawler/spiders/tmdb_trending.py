"""TMDB's trending titles of the day or week: ``scrapy crawl tmdb_trending``."""

from collections.abc import AsyncIterator, Iterator
from typing import Any, Literal

from scrapy import Request
from scrapy.http import Response

from moviecrawler.base_spiders.arguments import choice, flag, media
from moviecrawler.base_spiders.movie_spider import fetched_at
from moviecrawler.base_spiders.pages import PagesSpider
from moviecrawler.items import ChartPage, ChartRow
from moviecrawler.sources import tmdb


class TmdbTrending(PagesSpider):
    """Yields a ChartPage per page and a Movie or Show per title that is new or due.

    API path: ``/trending/{media}/{window}``, 20 titles a page.
    """

    name = "tmdb_trending"
    reads_listing = True
    accepted_arguments = {
        "media": media("movies", "shows", "all", help="films, shows or both"),
        "window": choice("day", "week", help="trending today or this week"),
        **PagesSpider.page_arguments,
        "force": flag(help="request titles that are not due, too"),
    }
    media: str
    window: Literal["day", "week"]

    async def start(self) -> AsyncIterator[Request]:
        self._media_type = tmdb.MEDIA_TYPES[self.media]
        for request in self.next_page(page=0):
            yield request

    def page_url(self, page: int) -> str:
        return tmdb.trending_url(self.base, self._media_type, self.window, page, self.language)

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
        yield from self.follow(self.within_limit(rows, page), trending={"window": self.window, "at": at})
        if rows:  # a page without anything new is the last one, or the site repeats itself
            yield from self.next_page(page=page)
