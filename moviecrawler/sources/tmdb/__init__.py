"""TMDB: URLs of requests, and parsers of their answers. No I/O, no clock.

``movie_url`` and ``show_url`` request everything about a title at once; ``parse_movie`` and ``parse_show`` read the
answer. ``changes_url`` is a page of edited titles, ``export_url`` the file of all ids, with a line for
``parse_export_line`` each. ``search_url``, ``find_url`` and ``collection_url`` lead to titles by name, by IMDb id, and
to the parts of a collection. All other ``parse_*`` take decoded JSON of any quality: a field of the wrong type counts
as absent, a payload that is not what was requested is a ParseError of one line.
"""

from moviecrawler.sources.tmdb.changes import ChangesPage, changes_url, parse_changes
from moviecrawler.sources.tmdb.details import parse_movie, parse_show
from moviecrawler.sources.tmdb.errors import parse_error
from moviecrawler.sources.tmdb.export import MAX_LINE_BYTES, MAX_LINES, ExportRow, export_url, parse_export_line
from moviecrawler.sources.tmdb.listings import (
    PAGE_SIZE,
    Listing,
    ListingRow,
    is_unexpectedly_empty,
    parse_collection,
    parse_find,
    parse_listing,
    parse_trending,
)
from moviecrawler.sources.tmdb.source import SOURCE
from moviecrawler.sources.tmdb.urls import (
    MEDIA_TYPES,
    collection_url,
    discover_url,
    find_url,
    image_size,
    image_url,
    list_url,
    movie_url,
    search_url,
    show_url,
    trending_url,
)

__all__ = [
    "MAX_LINES",
    "MAX_LINE_BYTES",
    "MEDIA_TYPES",
    "PAGE_SIZE",
    "SOURCE",
    "ChangesPage",
    "ExportRow",
    "Listing",
    "ListingRow",
    "changes_url",
    "collection_url",
    "discover_url",
    "export_url",
    "find_url",
    "image_size",
    "image_url",
    "is_unexpectedly_empty",
    "list_url",
    "movie_url",
    "parse_changes",
    "parse_collection",
    "parse_error",
    "parse_export_line",
    "parse_find",
    "parse_listing",
    "parse_movie",
    "parse_show",
    "parse_trending",
    "search_url",
    "show_url",
    "trending_url",
]
