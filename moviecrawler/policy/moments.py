"""The moments we store: UTC, milliseconds, one width. Lexical order is time order, in every store and index."""

from datetime import UTC, datetime


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
