"""When each source is asked about a title again, and why: for people and scripts."""

from datetime import datetime
from typing import NamedTuple

from moviecrawler.config.fields import MAX_CACHE_DAYS
from moviecrawler.documents import SOURCES, Document, age
from moviecrawler.policy.freshness.refresh import Refresh, is_ahead
from moviecrawler.timestamps import iso, parse


class PlannedRefresh(NamedTuple):
    """``due_at``: the timestamp from which on the source is asked, None if it cannot be asked.

    ``is_due``: whether that time has come; ``why``: the reason, as a phrase for people.
    """

    due_at: str | None
    is_due: bool
    why: str


def refresh_plan(refresh: Refresh, kind: str, document: Document, now: datetime) -> dict[str, PlannedRefresh]:
    """When each source is asked about a stored title (``kind``: ``movies`` or ``shows``), by source.

    By these rules. The dates in the store are of the rules at the last write, until ``scrapy due --recompute``.

    >>> from datetime import UTC
    >>> from moviecrawler.config.groups import RefreshConfig
    >>> from moviecrawler.policy.freshness.refresh import RefreshRule
    >>> asked = {"fetched_at": "2026-11-01T00:00:00.000Z", "frozen_at": None, "gone_at": None}
    >>> never = {**asked, "fetched_at": None, "next_refresh_at": None}
    >>> film = {"release_date": "2026-10-20", "imdb_id": None}
    >>> film["sources"] = {"tmdb": asked, "omdb": never, "the_numbers": never}
    >>> rule, off = RefreshRule((5, 15, 30, 90), lambda *title: ""), RefreshRule((5, 15, 30, 90), str, "it is off")
    >>> refresh = Refresh(RefreshConfig(), {"tmdb": rule, "omdb": off, "the_numbers": off})
    >>> for source, planned in refresh_plan(refresh, "movies", film, datetime(2026, 11, 3, tzinfo=UTC)).items():
    ...     print(source, *planned)
    tmdb 2026-11-06T00:00:00.000Z False every 5 days for a title that was 12 days old when it was asked about
    omdb None False it is off
    the_numbers None False it is off
    """
    plan = {}
    for source in SOURCES:
        due_at = refresh.next_refresh_at(source, kind, document, iso(now))
        is_due = due_at is not None and due_at <= iso(now)
        plan[source] = PlannedRefresh(due_at, is_due, _why(refresh, source, kind, document, due_at, now))
    return plan


def _why(refresh: Refresh, source: str, kind: str, document: Document, due_at: str | None, now: datetime) -> str:
    """In the order in which ``Refresh.next_refresh_at`` decides."""
    slot = document["sources"][source]
    if why_not := refresh.why_not(source, kind, document):
        return why_not
    if is_ahead(slot, now):
        return "its last answer is from a clock that was ahead"
    if slot.get("failures"):
        if slot.get("gone_noted_at"):
            return "the source said that it is gone, and is asked again on another day"
        return f"it could not be fetched ({slot['failures']} times in a row)"
    if slot["fetched_at"] is None:
        return "never asked"
    if slot.get("recheck_at") == due_at:
        return "the changes feed listed it, and the answer had not changed yet"
    if slot["frozen_at"]:
        return f"frozen: it no longer changes, and is asked every {MAX_CACHE_DAYS} days"
    fetched = parse(slot["fetched_at"])
    days, every = age(document, fetched), refresh.interval(source, document, fetched).days
    if days is None:
        return f"every {every} days for a title without a date"
    if days < 0:
        return f"every {every} days for a title that was not released when it was asked about"
    return f"every {every} days for a title that was {days:,} days old when it was asked about"
