"""Films and shows by id: ``scrapy crawl tmdb_titles -a ids=603,movies/550,shows/1396``."""

from collections.abc import AsyncIterator

from scrapy import Request

from moviecrawler.base_spiders.arguments import Argument
from moviecrawler.base_spiders.tmdb import TmdbSpider
from moviecrawler.policy.identity.title_ids import parse_title_arg


def parse_ids(text: str) -> list[tuple[str, int]]:
    """``603,movies/550,shows/1396`` -> kinds and ids, each once; a bare number is a film. ValueError for anything else.

    >>> parse_ids("603, shows/1396,movies/603")
    [('movies', 603), ('shows', 1396)]
    """
    return list(dict.fromkeys(map(parse_title_arg, text.split(","))))


class TmdbTitles(TmdbSpider):
    """Yields the given titles, without filter, due or not. API paths: ``/movie/{id}``, ``/tv/{id}``."""

    name = "tmdb_titles"
    accepted_arguments = {
        "ids": Argument(
            parse_ids, "TMDB ids such as 603,movies/550,shows/1396", (), "films and shows to request", required=True
        ),
    }
    ids: list[tuple[str, int]]

    async def start(self) -> AsyncIterator[Request]:
        self.crawler.stats.inc_value("titles/found", len(self.ids))
        self.crawler.stats.set_value("titles/expected", len(self.ids))
        for kind, id in self.ids:
            yield self.title_request(kind, id, listed=False, fetch_reason="manual")
