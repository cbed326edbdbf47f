"""The daily id exports: every id that TMDB has, as gzipped JSON lines.

https://developer.themoviedb.org/docs/daily-id-exports: ready by 08:00 UTC, kept for three months, no key needed.
"""

import json
from datetime import date
from typing import Literal, NamedTuple

from moviecrawler.sources.fields import MAX_POPULARITY, amount, boolean, count

MAX_LINE_BYTES = 10_000
"""Bytes; the longest line of 2026 has 600."""

MAX_LINES = 5_000_000
"""Of one file; that of films had 1.3 million in 2026."""

MAX_ID = 2**31 - 1

_FILES = {"movies": "movie_ids", "shows": "tv_series_ids"}


class ExportRow(NamedTuple):
    """Rows of shows have neither ``adult`` nor ``video``; the title, which all have, is not needed."""

    id: int
    popularity: float
    adult: bool | None
    video: bool | None


def export_url(base: str, kind: Literal["movies", "shows"], day: date) -> str:
    """The file of one day.

    >>> export_url("https://files.tmdb.org/p/exports", "shows", date(2026, 5, 1))
    'https://files.tmdb.org/p/exports/tv_series_ids_05_01_2026.json.gz'
    """
    return f"{base.rstrip('/')}/{_FILES[kind]}_{day:%m_%d_%Y}.json.gz"


def parse_export_line(line: bytes) -> ExportRow | None:
    """One line of the unpacked file; None for one that is not a row, or has impossible numbers.

    An unknown popularity counts as 0.

    >>> parse_export_line(b'{"adult": false, "id": 603, "popularity": 9.5, "video": false}')
    ExportRow(id=603, popularity=9.5, adult=False, video=False)
    >>> parse_export_line(b"{") is parse_export_line(b'{"id": 603, "popularity": 9e12}') is None
    True
    """
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(row, dict) or (number := count(row.get("id"))) is None or number > MAX_ID:
        return None
    said = row.get("popularity")
    popularity = amount(said, most=MAX_POPULARITY)
    if popularity is None and (type(said) in (int, float) or amount(said) is not None):
        return None
    return ExportRow(number, popularity or 0.0, boolean(row.get("adult")), boolean(row.get("video")))
