"""/movie/changes and /tv/changes: the works that changed in a window of at most 14 days, 100 per page.

Initially every work has changed once within the 30 days before the start. Like the real feed, it also contains rows
whose id or ``adult`` is null.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from typing import Any

from moviecrawler.sandbox.catalogue.index import Catalogue
from moviecrawler.sandbox.catalogue.works import Kind
from moviecrawler.sandbox.faults.errors import TmdbError
from moviecrawler.sandbox.tmdb.listings import page_number

PAGE = 100
_LONGEST_WINDOW = dt.timedelta(days=14)
_HISTORY_SECONDS = 30 * 24 * 3600
_NULL_EVERY = 41


class ChangesFeed:
    """The changes feed of a catalogue; the initial changes lie before ``started``."""

    def __init__(self, catalogue: Catalogue, started: dt.datetime) -> None:
        self._catalogue = catalogue
        self._started = started
        self._initial: dict[Kind, list[tuple[int, int]]] = {}

    def changes(self, kind: Kind, query: Mapping[str, str], now: dt.datetime) -> dict[str, Any]:
        """One page, the newest first. Raises ``TmdbError`` 20 for an invalid window, 22 for an invalid page."""
        start, end = _window(query, now)
        page = page_number(query)
        rows = self._rows(kind, start, end)
        return {
            "results": rows[(page - 1) * PAGE : page * PAGE],
            "page": page,
            "total_pages": max(1, -(-len(rows) // PAGE)),
            "total_results": len(rows),
        }

    def _rows(self, kind: Kind, start: dt.datetime, end: dt.datetime) -> list[dict[str, Any]]:
        edits = [identity for at, identity in reversed(self._catalogue.edits[kind]) if start <= at <= end]
        past = self._initial_changes(kind)
        newest = bisect_left(past, ((self._started - end).total_seconds(), 0))
        oldest = bisect_right(past, ((self._started - start).total_seconds(), 0))
        rows: list[dict[str, Any]] = []
        for identity in dict.fromkeys([*edits, *(identity for _, identity in past[newest:oldest])]):
            if not self._catalogue.exists(kind, identity):
                continue
            rows.append({"id": identity, "adult": None if identity % 13 == 0 else False})
            if len(rows) % _NULL_EVERY == _NULL_EVERY - 1:
                rows.append({"id": None, "adult": None})
        return rows

    def _initial_changes(self, kind: Kind) -> list[tuple[int, int]]:
        """(seconds before the start, id) of every work, sorted."""
        if kind not in self._initial:
            rows = self._catalogue.rows(kind)
            self._initial[kind] = sorted(
                (self._catalogue.random_bits("changed", kind, number) % _HISTORY_SECONDS, number) for number in rows
            )
        return self._initial[kind]


def _window(query: Mapping[str, str], now: dt.datetime) -> tuple[dt.datetime, dt.datetime]:
    try:
        end = _timestamp(query["end_date"]) + dt.timedelta(days=1) if "end_date" in query else now
        start = _timestamp(query["start_date"]) if "start_date" in query else end - dt.timedelta(days=1)
    except ValueError:
        raise TmdbError(20) from None
    # Both ends are whole days: the API accepts 14 days plus the day of the end.
    if end - start > _LONGEST_WINDOW + dt.timedelta(days=1):
        raise TmdbError(20)
    return start, end


def _timestamp(text: str) -> dt.datetime:
    parsed = dt.datetime.fromisoformat(text)
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=dt.UTC)
