"""TMDB's own lists: ``scrapy crawl tmdb_list -a name=now_playing``."""

from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any, Literal

from scrapy import Request
from scrapy.http import Response

from moviecrawler.base_spiders.arguments import Argument, ArgumentError, choice, flag
from moviecrawler.base_spiders.pages import PagesSpider
from moviecrawler.sources import tmdb

_KINDS = {
    "popular": ("movies", "shows"),
    "top_rated": ("movies", "shows"),
    "now_playing": ("movies",),
    "upcoming": ("movies",),
    "airing_today": ("shows",),
    "on_the_air": ("shows",),
}
"""The kinds that have a list of this name, the usual one first."""

_MEDIA = {"movies": "movies", "shows": "shows", "movie": "movies", "tv": "shows"}


class TmdbList(PagesSpider):
    """Yields a Movie or Show per title of the list that is new or due.

    API paths: ``/movie/{name}``, ``/tv/{name}``, 20 titles a page.
    """

    name = "tmdb_list"
    reads_listing = True
    accepted_arguments = {
        "name": choice(*_KINDS, help="which list"),
        "media": Argument(
            _MEDIA.__getitem__,
            "movies or shows",
            None,
            "films or shows, where both have such a list; movies if not given",
            old_name="kind",
        ),
        **PagesSpider.page_arguments,
        "force": flag(help="request titles that are not due, too"),
    }
    media: str

    @classmethod
    def parse_arguments(cls, given: Mapping[str, str]) -> dict[str, Any]:
        values = super().parse_arguments(given)
        kinds = _KINDS[values["name"]]
        values["media"] = values["media"] or kinds[0]
        if values["media"] not in kinds:
            raise ArgumentError(
                f"{cls.name}: argument media={values['media']!r}: {values['name']} is a list of {kinds[0]}"
            )
        return values

    async def start(self) -> AsyncIterator[Request]:
        for request in self.next_page(page=0):
            yield request

    def page_url(self, page: int) -> str:
        return tmdb.list_url(self.base, self._media_type, self.arguments["name"], page, self.language)

    def read_page(self, response: Response, payload: Any, *, page: int) -> Iterator[Any]:
        listing = tmdb.parse_listing(payload, self._media_type, self.arguments["name"])
        rows = self.unseen(listing.rows)
        yield from self.follow(self.within_limit(rows, page))
        if rows and page < listing.total_pages:
            yield from self.next_page(page=page)

    @property
    def _media_type(self) -> Literal["movie", "tv"]:
        return "movie" if self.media == "movies" else "tv"
