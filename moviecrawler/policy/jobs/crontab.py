"""Cron's five fields, translated for a trigger that counts weekdays from Monday and wants all fields to match.

Source of the rules: crontab(5).
"""

from moviecrawler.policy.setting_values import one_of

FIELDS = ("minute", "hour", "day", "month", "day_of_week")

_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
"""By cron's number; 7 is Sunday as well."""


def parse_crontab(text: str) -> list[dict[str, str]]:
    """One set of fields; or two, either of which may match, if both day of the month and weekday are restricted.

    ValueError says what is wrong with the number of fields or the weekday; the trigger checks the other fields.

    >>> parse_crontab("30 4 1 * 5-7")[0]
    {'minute': '30', 'hour': '4', 'month': '*', 'day': '1', 'day_of_week': '*'}
    >>> parse_crontab("30 4 1 * 5-7")[1]
    {'minute': '30', 'hour': '4', 'month': '*', 'day': '*', 'day_of_week': 'sun,fri,sat'}
    """
    parts = text.split()
    if len(parts) != len(FIELDS):
        raise ValueError(f"{len(parts)} fields: must be minute, hour, day, month, weekday")
    fields = dict(zip(FIELDS, parts, strict=True))
    day, weekday = fields.pop("day"), _weekdays(fields.pop("day_of_week"))
    if day.startswith("*") or parts[-1].startswith("*"):
        return [{**fields, "day": day, "day_of_week": weekday}]
    return [{**fields, "day": day, "day_of_week": "*"}, {**fields, "day": "*", "day_of_week": weekday}]


def _weekdays(field: str) -> str:
    """The weekdays of numbers, ranges, steps and names, as a list of names."""
    if field == "*":
        return field
    chosen = {day % 7 for part in field.lower().split(",") for day in _span(part)}
    return ",".join(_DAYS[day] for day in sorted(chosen))


def _span(part: str) -> range:
    """``mon-fri``, ``5-7``, ``*/2``, ``sat-sun`` or one day; the numbers may go beyond 6."""
    span, slash, step = part.partition("/")
    first, dash, last = ("0", "-", "6") if span == "*" else span.partition("-")
    begin = _day(first)
    end = _day(last) if dash else begin
    if (slash and not dash) or (slash and not (step.isdecimal() and int(step))):
        raise ValueError(f"{part!r}: a step must follow a range of weekdays, such as mon-fri/2")
    return range(begin, (end if end >= begin else end + 7) + 1, int(step) if slash else 1)


def _day(text: str) -> int:
    if text in _DAYS:
        return _DAYS.index(text)
    if text.isdecimal() and int(text) <= len(_DAYS):
        return int(text)
    raise ValueError(f"{text!r}: a weekday must be 0 (Sunday) to 7, or {one_of(_DAYS)}")
