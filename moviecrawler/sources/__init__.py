"""Sites with data about titles: payload -> item, and the addresses to ask. No I/O, no clock, no Scrapy.

Each folder (or file) has its parsers, and ``SOURCE``, which describes the source to the rest of the project.
"""

from functools import cache
from importlib import import_module
from typing import cast

from moviecrawler.documents import SOURCES
from moviecrawler.sources.descriptor import Source


@cache
def source_named(name: str) -> Source:
    """The source, loaded when it is first asked for; its parsers take a while. KeyError for a name that is none."""
    if name not in SOURCES:
        raise KeyError(name)
    return cast(Source, import_module(f"{__name__}.{name}").SOURCE)


def all_sources() -> dict[str, Source]:
    """By name, in the order of ``SOURCES``."""
    return {name: source_named(name) for name in SOURCES}
