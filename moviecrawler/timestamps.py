"""The moments we store: UTC, milliseconds, one width. Lexical order is time order, in every store and index.

A stored moment that lies ahead of now comes from a clock that was wrong, and has no age that anybody knows: it is older
than any moment that can be, and what follows from it is due.
"""

from datetime import UTC, datetime, timedelta

MAX_CLOCK_SKEW = timedelta(minutes=5)
"""By which the clocks of two machines may differ; only what lies further ahead is wrong."""


def iso(moment: datetime) -> str:
    """The stored form of an aware datetime; ValueError for a naive one (it would mean the machine's own zone).

    >>> iso(datetime(2026, 11, 21, 8, 15, 30, 123456, tzinfo=UTC))
    '2026-11-21T08:15:30.123Z'
    """
    if moment.tzinfo is not UTC:
        moment = _utc(moment)
    return f"{moment.isoformat(timespec='milliseconds')[:-6]}Z"


def parse(text: str) -> datetime:
    """The aware datetime of a stored moment; ValueError for anything else.

    >>> parse("2026-11-21T08:15:30.123Z")
    datetime.datetime(2026, 11, 21, 8, 15, 30, 123000, tzinfo=datetime.timezone.utc)
    """
    return _utc(datetime.fromisoformat(text))


def latest_trusted(now: datetime) -> str:
    """The last moment that a right clock can have stored by now."""
    return iso(now + MAX_CLOCK_SKEW) if now < datetime.max.replace(tzinfo=UTC) - MAX_CLOCK_SKEW else iso(now)


def trusted(moment: str | None, now: datetime | str) -> str:
    """The moment to compare: itself, or one before all others where it lies ahead of ``now``, or is None.

    >>> now = "2026-11-21T08:15:30.123Z"
    >>> past("2026-11-21T08:17:00.000Z", now), past("2029-11-21T08:17:00.000Z", now), past(None, now)
    ('2026-11-21T08:17:00.000Z', '', '')
    """
    if not moment:
        return ""
    if isinstance(now, str):
        if moment <= now:
            return moment
        now = parse(now)
    return moment if moment <= latest_trusted(now) else ""


def day(moment: datetime) -> str:
    """The UTC day of an aware datetime.

    >>> day(parse("2026-11-21T23:59:59.999Z"))
    '2026-11-21'
    """
    return iso(moment)[:10]


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError(f"{moment.isoformat()} has no time zone")
    return moment.astimezone(UTC)
