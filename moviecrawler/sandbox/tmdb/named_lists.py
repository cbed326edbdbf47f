"""The lists that TMDB itself keeps: /movie/popular, /tv/on_the_air and so on.

A catalogue has no films of this week. "Today" is therefore 21 days before its last release, so that the lists are the
same on every day, and "upcoming" is not empty.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from moviecrawler.sandbox.catalogue.index import Catalogue
from moviecrawler.sandbox.catalogue.works import IndexRow, Kind

NAMES: dict[Kind, tuple[str, ...]] = {
    "movie": ("popular", "top_rated", "now_playing", "upcoming"),
    "tv": ("popular", "top_rated", "airing_today", "on_the_air"),
}
# As recorded: the last film that is playing may be released on the day on which the first one is upcoming.
_PLAYING, _UPCOMING = dt.timedelta(days=42), dt.timedelta(days=21)
_MIN_VOTES = {"movie": 300, "tv": 200}
_LONGEST_RUN = dt.timedelta(days=6 * 330)  # of an invented show


class Window(NamedTuple):
    """The release dates of a list, both inclusive."""

    minimum: str
    maximum: str


def window(catalogue: Catalogue, name: str) -> Window | None:
    """The dates that "now_playing" and "upcoming" are limited to; None for the other lists."""
    if name not in ("now_playing", "upcoming"):
        return None
    today = _last_day(catalogue, "movie") - _UPCOMING
    days = (today - _PLAYING, today) if name == "now_playing" else (today, today + _UPCOMING)
    return Window(*(day.isoformat() for day in days))


def find(catalogue: Catalogue, kind: Kind, name: str) -> list[int]:
    """The ids of a list, in its order."""
    rows: Iterable[IndexRow] = catalogue.rows(kind).values()
    if limits := window(catalogue, name):
        rows = (row for row in rows if limits.minimum <= row.date <= limits.maximum)
    if name == "top_rated":
        rows = (row for row in rows if row.votes >= _MIN_VOTES[kind])
        return [row.id for row in sorted(rows, key=lambda row: (-row.average, -row.votes, row.id))]
    if name in ("on_the_air", "airing_today"):
        rows = _running(catalogue)
    ids = [row.id for row in sorted(rows, key=lambda row: (-row.popularity, row.id))]
    return ids[::3] if name == "airing_today" else ids


def _running(catalogue: Catalogue) -> Iterator[IndexRow]:
    """The shows that have a next episode: only those that may still run need to be made."""
    earliest = (_last_day(catalogue, "tv") - _LONGEST_RUN).isoformat()
    real = {work.id for work in catalogue.real_works("tv")}
    for row in catalogue.rows("tv").values():
        if row.id in real or row.date >= earliest:
            work = catalogue.get("tv", row.id)
            if work and work.is_running:
                yield row


def _last_day(catalogue: Catalogue, kind: Kind) -> dt.date:
    days = [row.date for row in catalogue.rows(kind).values() if row.date]
    return dt.date.fromisoformat(max(days, default="2000-01-01"))
