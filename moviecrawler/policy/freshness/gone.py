"""When a title counts as gone from TMDB: reported on two days, and not if too many titles are reported at once.

A wrong base URL, or a site in trouble, calls every title gone. A tombstone is never fetched again, so it takes more
than one answer; the daily export, which lists a title or lacks it, is a second witness.
"""

from datetime import datetime, timedelta
from typing import TypedDict

from moviecrawler.documents import SourceSlot
from moviecrawler.timestamps import iso, trusted

MAX_GONE_FIRST = 10
"""Answers of a run: if this many report "gone" before any title arrives, none of them is accepted."""

MIN_GONE_DOUBTED, MAX_GONE_SHARE = 5, 0.1
"""From this many titles on, none is accepted if they are more than this share of all answers about titles."""


def is_implausible(gone: int, answers: int, first: int) -> bool:
    """Whether a run's reports of ``gone`` titles are rejected; ``first`` of them came before any other answer.

    Titles that were called gone before, or that the daily export lacks as well, do not count: those have a second
    witness.

    >>> is_implausible(gone=5, answers=5, first=5), is_implausible(gone=4, answers=4, first=4)
    (True, False)
    >>> is_implausible(gone=5, answers=60, first=0)
    False
    """
    return first >= MAX_GONE_FIRST or (gone >= MIN_GONE_DOUBTED and gone > MAX_GONE_SHARE * answers)


class GoneFields(TypedDict, total=False):
    """The fields of a slot that a report of "gone" sets."""

    gone_at: str | None
    gone_noted_at: str | None


def gone_fields(source: str, slot: SourceSlot, at: str, now: datetime) -> GoneFields:
    """The fields of a slot after a report of "gone".

    For TMDB a note on the first day, a tombstone on a later day (UTC).
    """
    if source != "tmdb" or slot["gone_at"]:
        return {"gone_at": slot["gone_at"] or at}
    first = trusted(slot.get("gone_noted_at"), now) or at
    if first[:10] < at[:10]:
        return {"gone_at": first, "gone_noted_at": None}
    return {"gone_noted_at": first}


def is_called_gone(slot: SourceSlot) -> bool:
    """Whether the source has called the title gone before.

    >>> slot = {"gone_at": None, "gone_noted_at": "2026-11-21T08:15:30.123Z"}
    >>> is_called_gone({"gone_at": None}), is_called_gone(slot)
    (False, True)
    """
    return bool(slot["gone_at"] or slot.get("gone_noted_at"))


def recheck_at(last: datetime) -> str:
    """When a title is fetched again whose last fetch failed and that was called gone: at midnight UTC.

    >>> from datetime import UTC
    >>> recheck_at(datetime(2026, 11, 21, 23, 59, tzinfo=UTC))
    '2026-11-22T00:00:00.000Z'
    """
    return iso((last + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0))
