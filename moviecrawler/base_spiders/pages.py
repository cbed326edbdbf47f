"""A listing that is read from its first page on, up to a number of pages or of titles."""

from collections.abc import Iterator, Sequence

from scrapy import Request

from moviecrawler.base_spiders.arguments import Argument, whole_number
from moviecrawler.base_spiders.tmdb import TmdbSpider
from moviecrawler.policy.freshness.date_windows import LAST_PAGE
from moviecrawler.sources import tmdb


class PagesSpider(TmdbSpider):
    """Base of the spiders with ``pages`` and ``limit``: :meth:`page_url` says where a page is."""

    page_arguments: dict[str, Argument] = {
        "pages": whole_number(1, most=LAST_PAGE, help="how many pages of 20 titles"),
        "limit": whole_number(None, most=10_000, help="how many titles; overrides pages"),
    }
    pages: int
    limit: int | None

    def __init__(self, name: str | None = None, **given: str) -> None:
        super().__init__(name, **given)
        self._followed = 0

    def page_url(self, page: int) -> str:
        """The address of a page, from 1 on."""
        raise NotImplementedError

    def next_page(self, *, page: int, unusable: int = 0) -> Iterator[Request]:
        more = page < self.pages if self.limit is None else self._followed < self.limit
        if more and page < LAST_PAGE:
            yield self.listing_request(self.page_url(page + 1), page=page + 1, unusable=unusable)

    def within_limit(self, rows: Sequence[tmdb.ListingRow], page: int) -> Sequence[tmdb.ListingRow]:
        """The rows of this page that are wanted; sets how many titles there will be."""
        wanted = rows if self.limit is None else rows[: self.limit - self._followed]
        self._followed += len(wanted)
        more = tmdb.PAGE_SIZE * (self.pages - page) if self.limit is None else self.limit - self._followed
        self.crawler.stats.set_value("titles/expected", self._followed + (more if rows else 0))
        return wanted
