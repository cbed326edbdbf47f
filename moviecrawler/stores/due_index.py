"""What ``due`` and ``stats`` are indexed by: which sources of a title are to be refreshed, when, and in which order."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from moviecrawler.documents import Document, SourceSlot
from moviecrawler.policy.freshness.refresh import AGE_CLASSES, AGE_LIMITS, ORDERS, rank
from moviecrawler.sources import source_named
from moviecrawler.timestamps import parse

ALWAYS = ""
"""Sorts before every timestamp."""


class DueEntry(NamedTuple):
    """A source's order: lower ``priority_class`` first, then higher ``rank``, then lower id."""

    priority_class: int
    rank: float
    never: bool
    next_refresh_at: str


def due_entries(document: Document, order: str = ORDERS[0]) -> dict[str, DueEntry]:
    """By source, for each source that can be asked; the rank is that of ``order``.

    >>> slots = {"tmdb": {"next_refresh_at": "2026-11-21T08:15:30.123Z"}, "omdb": {"next_refresh_at": None}}
    >>> due_entries({"release_date": "0001-01-02", "sources": slots})
    {'tmdb': DueEntry(priority_class=0, rank=2.0, never=True, next_refresh_at='2026-11-21T08:15:30.123Z')}
    """
    found = {}
    for source, slot in filled_slots(document).items():
        if timestamp := slot.get("next_refresh_at"):
            never = not slot.get("fetched_at")
            found[source] = DueEntry(priority_class(source, never), _rank(source, document, order), never, timestamp)
    return found


def priority_class(source: str, never: bool) -> int:
    """0 for a title that comes before all titles that the source was already asked about, else 1."""
    return 0 if never and source_named(source).unasked_first else 1


def _rank(source: str, document: Document, order: str) -> float:
    newest_first = source_named(source).newest_first
    return rank(document, "popular" if order == "newest" and not newest_first else order)


def incomplete_since(due_entries: Iterable[DueEntry]) -> str | None:
    """The time from which some source that can be asked lacks a fresh answer; None when none can be asked."""
    return min((ALWAYS if entry.never else entry.next_refresh_at for entry in due_entries), default=None)


def filled_slots(document: Document) -> dict[str, SourceSlot]:
    """The document's slots, without the empty ones."""
    return {source: slot for source, slot in (document.get("sources") or {}).items() if slot}


def first_day_by_age(now: str) -> dict[str, str]:
    """The first day of each age class, youngest class first; a title without a date is ``unknown``.

    >>> first_day_by_age("2026-11-21T08:15:30.123Z")  # doctest: +NORMALIZE_WHITESPACE
    {'unreleased': '2026-11-22', 'to_60': '2026-09-22', 'to_180': '2026-05-25', 'to_365': '2025-11-21',
     'older': '0001-01-01'}
    """
    today, last = parse(now).toordinal(), date.max.toordinal()
    days = (min(max(day, 1), last) for day in (today + 1, *(today - limit for limit in AGE_LIMITS), 1))
    return {name: date.fromordinal(day).isoformat() for name, day in zip(AGE_CLASSES, days, strict=False)}
