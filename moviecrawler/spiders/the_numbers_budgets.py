"""Budgets and box office of thousands of films: ``scrapy crawl the_numbers_budgets``."""

from collections.abc import AsyncIterator, Iterator

from scrapy import Request
from scrapy.http import Response
from twisted.python.failure import Failure

from moviecrawler.base_spiders.arguments import whole_number
from moviecrawler.base_spiders.errback import is_dropped, request_of
from moviecrawler.base_spiders.movie_spider import LISTING, fetched_at
from moviecrawler.exceptions import ParseError
from moviecrawler.items import Item
from moviecrawler.sources import the_numbers
from moviecrawler.spiders.the_numbers import TheNumbersSpider, html

FILMS_A_PAGE = 100
_MAX_BROKEN_PAGES = 3  # in a row; then the table is given up


class TheNumbersBudgets(TheNumbersSpider):
    """Yields a TitleTable per page of 100 films. Paths: ``/movie/budgets/all``, ``/movie/budgets/all/101`` ...

    After an interruption the pages read so far come from the response cache (CACHE_TTL_THE_NUMBERS).
    """

    name = "the_numbers_budgets"
    reads_listing = True
    accepted_arguments = {"pages": whole_number(None, help="how many pages of 100 films; all if not given")}
    pages: int | None

    async def start(self) -> AsyncIterator[Request]:
        yield self._page(1, 1)

    def parse_page(self, response: Response, start: int, page: int, broken: int) -> Iterator[Item | Request]:
        text = html(response)
        try:
            table = the_numbers.parse_budgets(text, response.url, fetched_at(response))
            following = the_numbers.next_budgets_start(text)
        except ParseError:
            yield from self._pass_over(start, page, broken)
            raise
        stats = self.crawler.stats
        stats.inc_value("titles/found", len(table.titles))
        if self.pages is not None:
            more = FILMS_A_PAGE * (self.pages - page) if following else 0
            stats.set_value("titles/expected", stats.get_value("titles/found") + more)
        yield table
        if following is not None and following > start:  # a next link that leads back is not followed
            yield from self._next(following, page)

    def page_failed(self, failure: Failure) -> Iterator[Item | Request]:
        yield from self.failed(failure)
        if not is_dropped(failure):
            yield from self._pass_over(**request_of(failure).cb_kwargs)

    def _pass_over(self, start: int, page: int, broken: int) -> Iterator[Request]:
        """Request the page after a broken one."""
        if broken + 1 < _MAX_BROKEN_PAGES:
            yield from self._next(start + FILMS_A_PAGE, page, broken + 1)

    def _next(self, start: int, page: int, broken: int = 0) -> Iterator[Request]:
        if self.pages is None or page < self.pages:
            yield self._page(start, page + 1, broken)

    def _page(self, start: int, page: int, broken: int = 0) -> Request:
        return self.request(
            the_numbers.budgets_url(self.base, start),
            self.parse_page,
            errback=self.page_failed,
            priority=LISTING,
            meta={"retry_longer": not broken},
            cb_kwargs={"start": start, "page": page, "broken": broken},
        )
