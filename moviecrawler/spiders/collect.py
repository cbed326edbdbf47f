"""Several spiders in one process: ``scrapy collect``, or ``scrapy crawl collect`` where only spiders can be started."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

from scrapy import Request

from moviecrawler.base_spiders.arguments import Argument, ArgumentError, flag, whole_number
from moviecrawler.base_spiders.movie_spider import MovieSpider
from moviecrawler.documents import SOURCES
from moviecrawler.exceptions import ConfigurationError
from moviecrawler.sources import all_sources

_DISCOVERY_ONLY = ("end_year", "max_pages", "min_votes")


def parse_sources(value: str) -> tuple[str, ...]:
    """The names of a comma-separated list; ValueError for an unknown name, and for none.

    >>> parse_sources("omdb, tmdb")
    ('omdb', 'tmdb')
    """
    names = tuple(name.strip() for name in value.split(",") if name.strip())
    if not names or not set(names) <= set(SOURCES):
        raise ValueError(value)
    return names


class Collect(MovieSpider):
    """Stands for several spiders, its :meth:`members`, which the commands start instead; yields nothing itself."""

    name = "collect"
    required_sources = ()
    accepted_arguments = {
        "start_year": whole_number(None, least=1874, most=2100, help="discover films released from this year on"),
        "end_year": whole_number(None, least=1874, most=2100, help="to this year; start_year if not given"),
        "max_pages": whole_number(None, help="listing pages of 20 films in all"),
        "min_votes": whole_number(200, least=0, help="discover films with at least this many votes"),
        "refresh_limit": whole_number(100, least=0, help="titles to refresh at each source; 0: all"),
        "refresh_only": flag(help="no discovery"),
        "pictures": flag(default=True, help="then make the pictures that stored titles lack"),
        "sources": Argument(
            parse_sources, f"some of {', '.join(SOURCES)}", ",".join(SOURCES), "which sources are requested"
        ),
    }

    @classmethod
    def parse_arguments(cls, given: Mapping[str, str]) -> dict[str, Any]:
        values = super().parse_arguments(given)
        if values["start_year"] is None:
            if unused := [name for name in _DISCOVERY_ONLY if name in given]:
                raise ArgumentError(f"{cls.name}: {unused[0]} is for discovery, which needs start_year")
        elif values["refresh_only"]:
            raise ArgumentError(f"{cls.name}: give either start_year or refresh_only")
        elif "tmdb" not in values["sources"]:
            raise ArgumentError(f"{cls.name}: start_year needs TMDB, which sources leaves out")
        return values

    @classmethod
    def members(cls, given: Mapping[str, str]) -> dict[str, dict[str, str]]:
        """Spider -> arguments, in the order in which they start; ArgumentError."""
        values = cls.parse_arguments(given)
        job = {name: value for name, value in given.items() if name not in cls.accepted_arguments}
        limit = {"limit": str(values["refresh_limit"]), **job}
        members = {source.refresh_spider: limit for name, source in all_sources().items() if name in values["sources"]}
        if values["pictures"]:
            members["pictures"] = {"recent": "1", **job}
        if values["start_year"] is None:
            return members
        discovery = ("start_year", *_DISCOVERY_ONLY)
        return {"tmdb_discover": {**{name: given[name] for name in discovery if name in given}, **job}, **members}

    async def start(self) -> AsyncIterator[Request]:
        raise ConfigurationError(
            "collect stands for several spiders: start them with scrapy collect or scrapy crawl collect"
        )
        yield
