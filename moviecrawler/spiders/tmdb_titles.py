"""Films and shows by id: ``scrapy crawl tmdb_titles -a ids=603,shows/1396,tt0133093``, or ``-a ids=@list.csv``."""

from collections.abc import AsyncIterator

from scrapy import Request

from moviecrawler.base_spiders.arguments import Argument, flag
from moviecrawler.base_spiders.lookups import LookupSpider
from moviecrawler.base_spiders.title_files import checked_path
from moviecrawler.policy.identity.references import Reference, parse_reference

_FILE = "@"


def parse_ids(text: str) -> list[tuple[str, int] | str] | str:
    """Ids of TMDB (kind and number; a bare one is a film) and of IMDb, each once; or ``@`` and the path of a list.

    ValueError for anything else, and for a list that cannot be read.

    >>> parse_ids("603, shows/1396,movies/603,https://www.imdb.com/title/tt0133093/")
    [('movies', 603), ('shows', 1396), 'tt0133093']
    """
    if text.startswith(_FILE):
        return _FILE + checked_path(text.removeprefix(_FILE))
    return list(dict.fromkeys(map(parse_reference, text.split(","))))


class TmdbTitles(LookupSpider):
    """Yields the given titles, without filter: of ``ids=`` due or not, of a list those that are due.

    API paths: ``/movie/{id}``, ``/tv/{id}``, and ``/find/{imdb_id}`` for an IMDb id that the store does not know.
    """

    name = "tmdb_titles"
    accepted_arguments = {
        "ids": Argument(
            parse_ids,
            "ids or addresses of TMDB and IMDb such as 603,movies/550,shows/1396,tt0133093, or @FILE to read them from "
            "(@- for a pipe)",
            (),
            "films and shows to request; of a list those that are new or due",
            required=True,
        ),
        "force": flag(help="request titles of a list that are not due, too"),
    }
    ids: list[Reference] | str

    @property
    def always(self) -> bool:
        return not isinstance(self.ids, str)

    async def start(self) -> AsyncIterator[Request]:
        async for request in self.backpressure.limit(self._wanted()):
            yield request

    async def _wanted(self) -> AsyncIterator[Request]:
        if isinstance(self.ids, str):
            async for request in self.from_file(self.ids.removeprefix(_FILE), names=False):
                yield request
            return
        self.crawler.stats.set_value("titles/expected", len(self.ids))
        async for request in self.look_up(self.ids):
            yield request
