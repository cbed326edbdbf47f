"""The changes feed: ids of edited titles, 100 per page (``/movie/changes``, ``/tv/changes``)."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from moviecrawler.exceptions import ParseError
from moviecrawler.sources.fields import count, rows, whole_number
from moviecrawler.sources.tmdb.errors import require_object
from moviecrawler.sources.tmdb.urls import address

_MEDIA = {"movies": "movie", "shows": "tv"}


@dataclass(frozen=True, slots=True)
class ChangesPage:
    """``ids`` in TMDB's order, each once; ``pages`` is TMDB's count for the whole window."""

    ids: list[int]
    pages: int


def changes_url(base: str, kind: Literal["movies", "shows"], start: date, end: date, page: int) -> str:
    """One page of what changed from ``start`` to ``end``, at most 14 days apart (TMDB's error 20).

    >>> changes_url("https://api.themoviedb.org/3", "movies", date(2026, 11, 20), date(2026, 11, 21), 1)
    'https://api.themoviedb.org/3/movie/changes?end_date=2026-11-21&page=1&start_date=2026-11-20'
    """
    return address(base, f"{_MEDIA[kind]}/changes", end_date=end, page=page, start_date=start)


def parse_changes(payload: Any) -> ChangesPage:
    """One page of :func:`changes_url`. Rows with a null id, which cannot be requested, are skipped.

    Raises ParseError if the payload is not such a page, or does not say how many there are: stopping early without an
    error would leave titles stale.
    """
    payload = require_object(payload, "changes")
    pages = whole_number(payload.get("total_pages"))
    if pages is None:
        raise ParseError("TMDB changes: total_pages is not a whole number")
    if not isinstance(payload.get("results"), list):
        raise ParseError("TMDB changes: results is not a list")
    numbers = (count(row.get("id")) for row in rows(payload["results"]))
    return ChangesPage(list(dict.fromkeys(number for number in numbers if number)), pages)
