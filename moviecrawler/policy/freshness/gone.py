"""When a title counts as gone from TMDB: on its word of two days, and never on the word of a site that lost too many.

A wrong base URL, or a site in trouble, calls every title gone. A tombstone is never asked about again, so it takes
more than one answer; what the daily export lists, or lacks, is a second witness.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from moviecrawler.timestamps import iso, trusted

FIRST = 10
"""Answers of a run: when so many say "gone" before any title has come, none of it is believed."""

FEW, SHARE = 5, 0.1
"""From so many titles on, none of them is believed when they are more than this share of all answers about titles."""


def is_implausible(gone: int, answers: int, first: int) -> bool:
    """Whether a run's word of ``gone`` titles is not believed; ``first`` of them came before any other answer.

    What was called gone before, or what the daily export lacks, too, is not among them: that is a second witness.

    >>> doubted(gone=5, answers=5, first=5), doubted(gone=4, answers=4, first=4), doubted(gone=5, answers=60, first=0)
    (True, False, False)
    """
    return first >= FIRST or (gone >= FEW and gone > SHARE * answers)


def gone_fields(source: str, slot: Mapping[str, Any], at: str, now: datetime) -> dict[str, str | None]:
    """What a slot keeps of the word "gone": of TMDB a note on the first day, a tombstone on a later one (UTC)."""
    if source != "tmdb" or slot["gone_at"]:
        return {"gone_at": slot["gone_at"] or at}
    first = trusted(slot["gone_noted_at"], now) or at
    if first[:10] < at[:10]:
        return {"gone_at": first, "gone_noted_at": None}
    return {"gone_noted_at": first}


def is_called_gone(slot: Mapping[str, Any]) -> bool:
    """Whether the source has called the title gone before.

    >>> is_noted({"gone_at": None}), is_noted({"gone_at": None, "gone_noted_at": "2026-11-21T08:15:30.123Z"})
    (False, True)
    """
    return bool(slot["gone_at"] or slot.get("gone_noted_at"))


def recheck_at(last: datetime) -> str:
    """From when on a title is asked for again whose last question came to nothing, and that was called gone.

    >>> from datetime import UTC
    >>> second_look(datetime(2026, 11, 21, 23, 59, tzinfo=UTC))
    '2026-11-22T00:00:00.000Z'
    """
    return iso((last + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0))
