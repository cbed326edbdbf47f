"""/movie/changes and /tv/changes: which titles changed in a window of at most 14 days, 100 a page.

Before a test changes anything, every title has changed once within the last 30 days before the start; like the real
feed it also holds rows whose id or whose ``adult`` is null.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from typing import Any

from moviecrawler.sandbox.catalogue.index import Catalogue
from moviecrawler.sandbox.catalogue.works import Kind
from moviecrawler.sandbox.faults.errors import ApiError
from moviecrawler.sandbox.tmdb.listings import page_number

PAGE = 100
_LONGEST = dt.timedelta(days=14)
_BACK = 30 * 24 * 3600
_NULL_EVERY = 41


class Feed:
    """The changes feed of a catalogue; ``started`` is the moment that the past counts from."""

    def __init__(self, catalogue: Catalogue, started: dt.datetime) -> None:
        self._catalogue = catalogue
        self._started = started
        self._past: dict[Kind, list[tuple[int, int]]] = {}

    def changes(self, kind: Kind, query: Mapping[str, str], now: dt.datetime) -> dict[str, Any]:
        """One page, the newest first. Raises ``ApiError`` 20 for a longer or unreadable window, 22 for a wrong page."""
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
        past = self._past_of(kind)
        newest = bisect_left(past, ((self._started - end).total_seconds(), 0))
        oldest = bisect_right(past, ((self._started - start).total_seconds(), 0))
        known = self._catalogue.rows(kind)
        rows: list[dict[str, Any]] = []
        for identity in dict.fromkeys([*edits, *(identity for _, identity in past[newest:oldest])]):
            if identity not in known:
                continue
            rows.append({"id": identity, "adult": None if identity % 13 == 0 else False})
            if len(rows) % _NULL_EVERY == _NULL_EVERY - 1:
                rows.append({"id": None, "adult": None})
        return rows

    def _past_of(self, kind: Kind) -> list[tuple[int, int]]:
        """(seconds before the start, id) of every title, sorted."""
        if kind not in self._past:
            rows = self._catalogue.rows(kind)
            self._past[kind] = sorted(
                (self._catalogue.dice("changed", kind, number) % _BACK, number) for number in rows
            )
        return self._past[kind]


def _window(query: Mapping[str, str], now: dt.datetime) -> tuple[dt.datetime, dt.datetime]:
    try:
        end = _moment(query["end_date"]) + dt.timedelta(days=1) if "end_date" in query else now
        start = _moment(query["start_date"]) if "start_date" in query else end - dt.timedelta(days=1)
    except ValueError:
        raise ApiError(20) from None
    # Both ends are whole days, so 14 of them and the end's own day make a window that the API still takes.
    if end - start > _LONGEST + dt.timedelta(days=1):
        raise ApiError(20)
    return start, end


def _moment(text: str) -> dt.datetime:
    moment = dt.datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
