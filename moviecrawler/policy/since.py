"""A time in the past as a person types it: how long ago, or a day, or a minute of it."""

import re
from datetime import UTC, datetime, timedelta

from moviecrawler.timestamps import iso

ALLOWED = "a time such as 12h, 7d, 4w, 2026-11-20 or 2026-11-20T08:15 (UTC)"

_AGO = re.compile(r"([0-9]{1,6})\s*([hdw])", re.IGNORECASE)
_HOURS = {"h": 1, "d": 24, "w": 7 * 24}
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9:.]+(Z|[+-][0-9]{2}:?[0-9]{2})?)?")


def parse_since(text: str, now: datetime) -> str:
    """The timestamp that is meant; ValueError for text that is none. Without a zone it is UTC.

    >>> now = datetime(2026, 11, 21, 8, 15, tzinfo=UTC)
    >>> parse_since("7d", now), parse_since("2026-11-20", now)
    ('2026-11-14T08:15:00.000Z', '2026-11-20T00:00:00.000Z')
    """
    text = text.strip()
    if found := _AGO.fullmatch(text):
        try:
            return iso(now - timedelta(hours=int(found[1]) * _HOURS[found[2].lower()]))
        except OverflowError:
            return iso(datetime.min.replace(tzinfo=UTC))
    if not _DATE.fullmatch(text):
        raise ValueError(text)
    try:
        time = datetime.fromisoformat(text)
        return iso(time if time.tzinfo else time.replace(tzinfo=UTC))
    except OverflowError:
        raise ValueError(text) from None
