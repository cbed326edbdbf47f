"""Films or shows by name: ``scrapy crawl tmdb_search -a query="The Thing" -a year=1982``, or ``-a file=titles.txt``."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

from scrapy import Request

from moviecrawler.base_spiders.arguments import Argument, ArgumentError, flag, media, whole_number
from moviecrawler.base_spiders.lookups import LookupSpider
from moviecrawler.base_spiders.title_files import checked_path
from moviecrawler.policy.identity.references import Named, parse_name


class TmdbSearch(LookupSpider):
    """Yields the titles of these names, if it is certain which are meant and they are new or due; without filter.

    Those that may be several become ``unmatched`` records, for ``scrapy match``. API paths: ``/search/movie``,
    ``/search/tv``.
    """

    name = "tmdb_search"
    accepted_arguments = {
        "query": Argument(
            parse_name, 'a title such as "The Thing" or "The Thing (1982)"', None, "the title to look for"
        ),
        "year": whole_number(None, least=1870, most=2150, help="its year"),
        "file": Argument(
            checked_path,
            "a file of titles that can be read, or - for a pipe",
            None,
            'titles such as "The Thing (1982)", one a line, or a CSV with the columns title and year',
        ),
        "media": media("movies", "shows", help="films or shows", old_name="kind"),
        "force": flag(help="request titles that are not due, too"),
    }
    file: str | None
    media: str

    @classmethod
    def parse_arguments(cls, given: Mapping[str, str]) -> dict[str, Any]:
        values = super().parse_arguments(given)
        if (values["query"] is None) == (values["file"] is None):
            raise ArgumentError(f"{cls.name}: give either query or file")
        if values["file"] and values["year"]:
            raise ArgumentError(f"{cls.name}: argument year is for query; in a file each title has its own")
        if query := values.pop("query"):
            year = values["year"] or query.year
            values |= {"query": query.title, "year": year}
        return {name: values.get(name) for name in cls.accepted_arguments}

    async def start(self) -> AsyncIterator[Request]:
        async for request in self.backpressure.limit(self._wanted()):
            yield request

    async def _wanted(self) -> AsyncIterator[Request]:
        if self.file is not None:
            requests = self.from_file(self.file, names=True, kind=self.media)
        else:
            self.crawler.stats.set_value("titles/expected", 1)
            requests = self.look_up([Named(self.media, self.arguments["query"], self.arguments["year"])])
        async for request in requests:
            yield request
