"""Everything in one process: ``scrapy collect``, and ``scrapy crawl collect`` for who can only start a spider."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

from scrapy import Request

from moviecrawler.base_spiders.arguments import Argument, ArgumentError, flag, whole_number
from moviecrawler.base_spiders.movie_spider import MovieSpider
from moviecrawler.exceptions import ConfigurationError
from moviecrawler.policy.freshness.refresh import SOURCES

_OF_DISCOVERY = ("end_year", "max_pages", "min_votes")


def read_sources(value: str) -> tuple[str, ...]:
    """Names between commas; ValueError for an unknown one, and for none.

    >>> read_sources("omdb, tmdb")
    ('omdb', 'tmdb')
    """
    names = tuple(name.strip() for name in value.split(",") if name.strip())
    if not names or not set(names) <= set(SOURCES):
        raise ValueError(value)
    return names


class Collect(MovieSpider):
    """Is several spiders, its ``parts``, which the commands start in its place; yields nothing itself."""

    name = "collect"
    required_sources = ()
    accepted_arguments = {
        "start_year": whole_number(None, least=1874, most=2100, help="discover films released from this year on"),
        "end_year": whole_number(None, least=1874, most=2100, help="to this year; start_year if not given"),
        "max_pages": whole_number(None, help="listing pages of 20 films in all"),
        "min_votes": whole_number(200, least=0, help="discover films with at least so many votes"),
        "refresh_limit": whole_number(100, least=0, help="titles to refresh at each source; 0: all"),
        "refresh_only": flag(help="no discovery"),
        "sources": Argument(read_sources, ", ".join(SOURCES), ",".join(SOURCES), "which sources are asked"),
    }

    @classmethod
    def parse_arguments(cls, given: Mapping[str, str]) -> dict[str, Any]:
        values = super().parse_arguments(given)
        if values["start_year"] is None:
            if lost := [name for name in _OF_DISCOVERY if name in given]:
                raise ArgumentError(f"{cls.name}: {lost[0]} is for discovery, which start_year asks for")
        elif values["refresh_only"]:
            raise ArgumentError(f"{cls.name}: either start_year or refresh_only")
        elif "tmdb" not in values["sources"]:
            raise ArgumentError(f"{cls.name}: start_year asks TMDB, which sources leaves out")
        return values

    @classmethod
    def members(cls, given: Mapping[str, str]) -> dict[str, dict[str, str]]:
        """Spider -> arguments, in the order in which they start."""
        values = cls.parse_arguments(given)
        job = {name: value for name, value in given.items() if name not in cls.accepted_arguments}
        limit = {"limit": str(values["refresh_limit"]), **job}
        refresh = {"tmdb": "tmdb_refresh", "omdb": "omdb", "the_numbers": "the_numbers"}
        parts = {spider: limit for source, spider in refresh.items() if source in values["sources"]}
        if values["start_year"] is None:
            return parts
        discovery = ("start_year", *_OF_DISCOVERY)
        return {"tmdb_discover": {**{name: given[name] for name in discovery if name in given}, **job}, **parts}

    async def start(self) -> AsyncIterator[Request]:
        raise ConfigurationError("collect is several spiders: scrapy collect, or scrapy crawl collect, starts them")
        yield
