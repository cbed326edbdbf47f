"""Films and shows by id: ``scrapy crawl tmdb_titles -a ids=603,movies/550,shows/1396``."""

from collections.abc import AsyncIterator

from scrapy import Request

from moviecrawler.items import KINDS
from moviecrawler.spiders.arguments import Argument
from moviecrawler.spiders.tmdb import TmdbSpider


def read_ids(text: str) -> list[tuple[str, int]]:
    """``603,movies/550,shows/1396`` -> kinds and ids, each once; a bare number is a film. ValueError otherwise.

    >>> read_ids("603, shows/1396,movies/603")
    [('movies', 603), ('shows', 1396)]
    """
    ids = []
    for part in text.split(","):
        kind, _, number = part.strip().rpartition("/")
        kind = kind or "movies"
        if kind not in KINDS or not number.isdecimal() or int(number) < 1:
            raise ValueError(part)
        ids.append((kind, int(number)))
    return list(dict.fromkeys(ids))


class TmdbTitles(TmdbSpider):
    """Asks for exactly what was named: no filter, due or not. API paths: ``/movie/{id}``, ``/tv/{id}``."""

    name = "tmdb_titles"
    arguments = {
        "ids": Argument(
            read_ids, "TMDB ids such as 603,movies/550,shows/1396", (), "films and shows to ask for", required=True
        ),
    }

    async def start(self) -> AsyncIterator[Request]:
        self.crawler.stats.inc_value("titles/found", len(self.ids))
        for kind, id in self.ids:
            yield self.title_request(kind, id, discovered=False, asked="by_hand")
