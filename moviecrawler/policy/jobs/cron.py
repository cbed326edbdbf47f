"""When a cron expression fires in a time zone. cronsim reads the expression; the zone's clock changes are ours.

The five fields mean what crontab(5) says. cronsim is asked about wall clocks without a zone: with one, it loses the
first hours of a day that begins at 1:00, and whole runs where the clock changes by half an hour.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from moviecrawler.policy.jobs.schedule import FireTimes

_FIELDS: Final = {
    "minute": "0 to 59",
    "hour": "0 to 23",
    "day of the month": "1 to 31",
    "month": "1 to 12 or jan to dec",
    "weekday": "0 (Sunday) to 7 (Sunday again) or sun to sat",
}
_WEEKDAYS: Final = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_RANGE: Final = re.compile(r"(\w+)-(\w+)(?:/(\d+))?", re.ASCII)

_LARGEST_CHANGE: Final = timedelta(hours=3)
"""No zone's clock is put forward or back by more at once."""

_ANY_YEAR: Final = datetime(2000, 1, 1)  # noqa: DTZ001 -- a wall clock


def parse_cron(expression: str, timezone: str) -> FireTimes:
    """The fire times of five cron fields on the wall clock of ``timezone``.

    A time that the clock leaves out when it is put forward fires as much later as the clock was put forward; one that
    comes twice when it is put back fires twice. ``ValueError`` names the field that is wrong.

    >>> parse_cron("30 4 1 * fri-sun", "Europe/Berlin")(datetime(2026, 11, 24, tzinfo=UTC))
    datetime.datetime(2026, 11, 27, 3, 30, tzinfo=datetime.timezone.utc)
    """
    fields = expression.lower().split()
    if len(fields) != len(_FIELDS):
        raise ValueError(f"{len(fields)} fields: must be {len(_FIELDS)}: {', '.join(_FIELDS)}")
    fields[-1] = ",".join(map(_unwrap, fields[-1].split(",")))
    for position, (name, numbers) in enumerate(_FIELDS.items()):
        alone = ["*"] * len(_FIELDS)
        alone[position] = fields[position]
        try:
            CronSim(" ".join(alone), _ANY_YEAR)
        except (CronSimError, ValueError):
            given = expression.split()[position]
            raise ValueError(f"{name}={given!r}: must be {numbers}, as *, numbers, ranges, lists or steps") from None
    cron, zone = " ".join(fields), ZoneInfo(timezone)
    try:
        next(CronSim(cron, _ANY_YEAR))
    except (CronSimError, StopIteration):
        raise ValueError("there is no such day") from None

    def first_after(moment: datetime) -> datetime | None:
        return _first_after(moment, cron, zone)

    return first_after


def _first_after(moment: datetime, cron: str, zone: ZoneInfo) -> datetime | None:
    """The earliest one, which need not be the first on the wall clock within ``_LARGEST_CHANGE`` of a change."""
    found: list[datetime] = []
    last = None
    for wall in CronSim(cron, moment.astimezone(zone).replace(tzinfo=None) - _LARGEST_CHANGE):
        if last and wall > last:
            break
        if later := [at for at in _moments(wall, zone) if at > moment]:
            found += later
            last = last or wall + _LARGEST_CHANGE
    return min(found, default=None)


def _moments(wall: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    """The moments at which the zone's clock shows ``wall``: one or two, or the one that replaces a time left out."""
    first, second = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    yield first
    if second > first:  # it is earlier where the time is left out (PEP 495)
        yield second


def _unwrap(weekdays: str) -> str:
    """``sat-mon``, which cronsim refuses, as a list of days; anything else as it is.

    >>> _unwrap("sat-mon"), _unwrap("fri-mon/2"), _unwrap("mon-fri")
    ('6,0,1', '5,0', 'mon-fri')
    """
    if not (match := _RANGE.fullmatch(weekdays)):
        return weekdays
    first, last = (_WEEKDAYS.index(day) if day in _WEEKDAYS else day for day in match.group(1, 2))
    try:
        begin, end, step = int(first), int(last), int(match[3] or 1)
    except ValueError:
        return weekdays
    if not (0 <= end < begin <= len(_WEEKDAYS) and step):
        return weekdays
    return ",".join(str(day % 7) for day in range(begin, end + 8, step))
