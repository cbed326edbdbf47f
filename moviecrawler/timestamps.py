"""Stored timestamps: UTC, milliseconds, fixed width. Lexical order is time order, in every store and index.

A stored timestamp that is later than now comes from a clock that was ahead. Its true age is unknown, so it counts as
older than every possible timestamp, and whatever depends on it is due.
"""

from datetime import UTC, datetime, timedelta

MAX_CLOCK_SKEW = timedelta(minutes=5)
"""Clocks of two machines may differ by this much; only a timestamp further ahead than this is wrong."""


def iso(time: datetime) -> str:
    """The stored form of an aware datetime; ValueError for a naive one, which would mean the machine's own time zone.

    >>> iso(datetime(2026, 11, 21, 8, 15, 30, 123456, tzinfo=UTC))
    '2026-11-21T08:15:30.123Z'
    """
    if time.tzinfo is not UTC:
        time = _utc(time)
    return f"{time.isoformat(timespec='milliseconds')[:-6]}Z"


def parse(text: str) -> datetime:
    """The aware datetime of a stored timestamp; ValueError for anything else.

    >>> parse("2026-11-21T08:15:30.123Z")
    datetime.datetime(2026, 11, 21, 8, 15, 30, 123000, tzinfo=datetime.timezone.utc)
    """
    return _utc(datetime.fromisoformat(text))


def latest_trusted(now: datetime) -> str:
    """The latest timestamp that a correct clock can have stored by ``now``."""
    return iso(now + MAX_CLOCK_SKEW) if now < datetime.max.replace(tzinfo=UTC) - MAX_CLOCK_SKEW else iso(now)


def trusted(timestamp: str | None, now: datetime | str) -> str:
    """The timestamp for comparisons: unchanged, or ``""`` (before all others) if it is None or ahead of ``now``.

    >>> now = "2026-11-21T08:15:30.123Z"
    >>> trusted("2026-11-21T08:17:00.000Z", now), trusted("2029-11-21T08:17:00.000Z", now), trusted(None, now)
    ('2026-11-21T08:17:00.000Z', '', '')
    """
    if not timestamp:
        return ""
    if isinstance(now, str):
        if timestamp <= now:
            return timestamp
        now = parse(now)
    return timestamp if timestamp <= latest_trusted(now) else ""


def day(time: datetime) -> str:
    """The UTC day of an aware datetime.

    >>> day(parse("2026-11-21T23:59:59.999Z"))
    '2026-11-21'
    """
    return iso(time)[:10]


def _utc(time: datetime) -> datetime:
    if time.tzinfo is None:
        raise ValueError(f"{time.isoformat()} has no time zone")
    return time.astimezone(UTC)
