"""The values of a filter: numbers with ``k``, ``m`` and ``bn``, days, how long ago, ranges. Each becomes bounds."""

import re
from datetime import date, timedelta
from decimal import Decimal

from moviecrawler.policy.filters.expressions import Ago, Bound, Within

NUMBERS = "a number such as 7.5, 100k, 20m or 1.5bn"
TIMES = "a day such as 2020, 2020-05 or 2020-05-17, or how long ago: 7d, 3w, 6mo, 1y, or now"
MOST = 2**63 - 1

_NUMBER = re.compile(r"([+-]?[0-9]{1,20}(?:\.[0-9]{1,20})?)(k|m|b|bn)?", re.IGNORECASE)
_FACTOR = {"": 1, "k": 10**3, "m": 10**6, "b": 10**9, "bn": 10**9}
_AGO = re.compile(r"([0-9]{1,6})(h|d|w|mo|y)", re.IGNORECASE)
_HOURS = {"h": 1, "d": 24, "w": 7 * 24, "mo": 30 * 24, "y": 365 * 24}
_MOST_HOURS = 500 * 365 * 24
_DAY = re.compile(r"([12][0-9]{3})(?:-([0-9]{2})(?:-([0-9]{2})(?:T([0-9]{2}:[0-9]{2}))?)?)?", re.IGNORECASE)


class WrongValue(ValueError):
    """Says what is allowed, in words for the user."""


def compared(operator: str, text: str, *, is_time: bool) -> Within:
    """The bounds that are meant by an operator and a value, which may be a range; WrongValue.

    >>> compared(">", "100m", is_time=False)
    Within(low=100000000, high=None, includes_low=False, includes_high=True)
    >>> compared(":", "2010..2019", is_time=False)
    Within(low=2010, high=2019, includes_low=True, includes_high=True)
    >>> compared("<=", "2020-02", is_time=True)
    Within(low=None, high='2020-03-01', includes_low=True, includes_high=False)
    >>> compared("<", "7d", is_time=True)
    Within(low=Ago(hours=168), high=None, includes_low=False, includes_high=True)
    """
    first, dots, last = text.partition("..")
    if dots:
        if operator not in (":", "="):
            raise WrongValue(f"{text!r} is a range: write {':'!r} before it")
        return _range(first, last, is_time=is_time)
    if is_time:
        return _ago(operator, text) or _period(operator, *_bounds_of_day(text))
    return _period(operator, number := _number(text), number, ends_within=True)


def _range(first: str, last: str, *, is_time: bool) -> Within:
    if not first and not last:
        raise WrongValue("a range needs a beginning or an end: 2010..2019, 2010.., ..2019")
    low = compared(">=", first, is_time=is_time) if first else Within()
    high = compared("<=", last, is_time=is_time) if last else Within()
    if is_time and (isinstance(low.high, Ago) or isinstance(high.low, Ago)):
        raise WrongValue("a range has days at its ends, not how long ago")
    return Within(low.low, high.high, low.includes_low, high.includes_high)


def _period(operator: str, start: Bound, end: Bound, *, ends_within: bool = False) -> Within:
    """``end`` is the first one after the value, unless it ``ends_within``."""
    match operator:
        case "<":
            return Within(high=start, includes_high=False)
        case "<=":
            return Within(high=end, includes_high=ends_within)
        case ">":
            return Within(low=end, includes_low=not ends_within)
        case ">=":
            return Within(low=start)
    return Within(start, end, includes_high=ends_within)


def _number(text: str) -> int | float:
    if not (found := _NUMBER.fullmatch(text)):
        raise WrongValue(f"{text!r}: must be {NUMBERS}")
    number = Decimal(found[1]) * _FACTOR[(found[2] or "").lower()]
    if abs(number) > MOST:
        raise WrongValue(f"{text!r}: too large a number")
    return int(number) if number == number.to_integral_value() else float(number)


def _ago(operator: str, text: str) -> Within | None:
    """``<7d``: less than seven days ago, or still to come; ``<now``: before the present moment."""
    is_now = text.lower() == "now"
    found = _AGO.fullmatch(text)
    if not found and not is_now:
        return None
    hours = int(found[1]) * _HOURS[found[2].lower()] if found else 0
    if hours > _MOST_HOURS:
        raise WrongValue(f"{text!r}: too long ago")
    if operator not in ("<", "<=", ">", ">="):
        raise WrongValue(f"{text!r} is no day, but a moment: compare it with < or >")
    includes = operator.endswith("=")
    if (operator[0] == "<") is not is_now:
        return Within(low=Ago(hours), includes_low=includes)
    return Within(high=Ago(hours), includes_high=includes)


def _bounds_of_day(text: str) -> tuple[Bound, Bound]:
    """The beginning of a year, month, day or minute, and that of the next."""
    if not (found := _DAY.fullmatch(text)):
        raise WrongValue(f"{text!r}: must be {TIMES}")
    year, month, day, minute = found.groups()
    try:
        start = date(int(year), int(month or 1), int(day or 1))
        if minute:
            hours, minutes = map(int, minute.split(":"))
            return _minutes(start, 60 * hours + minutes)
    except ValueError:
        raise WrongValue(f"{text!r}: there is no such day or time") from None
    if day:
        return start.isoformat(), (start + timedelta(1)).isoformat()
    if month:
        return start.isoformat(), (start + timedelta(32)).replace(day=1).isoformat()
    return start.isoformat(), date(start.year + 1, 1, 1).isoformat()


def _minutes(day: date, minute: int) -> tuple[str, str]:
    if minute >= 24 * 60:
        raise ValueError(minute)
    ends = (minute, minute + 1)
    first, last = (f"{day + timedelta(one // 1440)}T{one % 1440 // 60:02}:{one % 60:02}" for one in ends)
    return first, last
