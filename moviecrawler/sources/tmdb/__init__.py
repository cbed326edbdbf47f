"""TMDB: the addresses to ask, and what the answers say. No I/O, no clock.

``movie_url`` and ``show_url`` ask for everything about a title in one request; ``parse_movie`` and ``parse_show`` read
the answer. ``changes_url`` names a page of what was edited, ``export_url`` the file of all ids, whose lines
``read_line`` reads. Every ``parse_*`` takes decoded JSON of any quality: a field of the wrong type counts as absent, a
payload that is not what was asked for is a ParseError of one line.
"""

from moviecrawler.sources.tmdb.changes import ChangesPage, changes_url, parse_changes
from moviecrawler.sources.tmdb.details import parse_movie, parse_show
from moviecrawler.sources.tmdb.errors import parse_error
from moviecrawler.sources.tmdb.export import MOST_LINE, MOST_LINES, ExportRow, export_url, read_line
from moviecrawler.sources.tmdb.listings import (
    PAGE_SIZE,
    Listing,
    ListingRow,
    is_hole,
    parse_discover,
    parse_genres,
    parse_trending,
)
from moviecrawler.sources.tmdb.urls import (
    MEDIA_TYPES,
    discover_url,
    image_size,
    image_url,
    movie_url,
    show_url,
    trending_url,
)

__all__ = [
    "MEDIA_TYPES",
    "MOST_LINE",
    "MOST_LINES",
    "PAGE_SIZE",
    "ChangesPage",
    "ExportRow",
    "Listing",
    "ListingRow",
    "changes_url",
    "discover_url",
    "export_url",
    "image_size",
    "image_url",
    "is_hole",
    "movie_url",
    "parse_changes",
    "parse_discover",
    "parse_error",
    "parse_genres",
    "parse_movie",
    "parse_show",
    "parse_trending",
    "read_line",
    "show_url",
    "trending_url",
]
