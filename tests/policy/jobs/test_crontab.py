"""Cron expressions mean what crontab(5) says, although the trigger counts its weekdays from Monday."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from apscheduler.triggers.combining import OrTrigger
from apscheduler.triggers.cron import CronTrigger
from hypothesis import given
from hypothesis import strategies as st

from moviecrawler.policy.jobs.crontab import parse_crontab

SATURDAY = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)


def _next(text: str, after: datetime, timezone: str = "UTC") -> datetime:
    trigger = OrTrigger([CronTrigger(**fields, timezone=timezone) for fields in parse_crontab(text)])
    found = trigger.get_next_fire_time(None, after + timedelta(microseconds=1))
    assert found
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0 3 * * *", "2026-11-22 03:00"),
        ("*/15 * * * *", "2026-11-21 08:15"),
        ("0 8 * * *", "2026-11-22 08:00"),  # strictly after
        ("0 3 * * 0", "2026-11-22 03:00"),  # Sunday
        ("0 3 * * 7", "2026-11-22 03:00"),
        ("0 3 * * sun", "2026-11-22 03:00"),
        ("0 3 * * 1", "2026-11-23 03:00"),
        ("0 3 * * 1-5", "2026-11-23 03:00"),
        ("0 3 * * MON-FRI", "2026-11-23 03:00"),
        ("0 3 * * 2,4", "2026-11-24 03:00"),
        ("0 3 * * 5-7", "2026-11-22 03:00"),
        ("0 3 * * tue-thu/2", "2026-11-24 03:00"),
        ("0 3 * * */3", "2026-11-22 03:00"),  # 0, 3, 6
        ("0 9 * * sat-mon", "2026-11-21 09:00"),
        ("0 3 * * sat-mon", "2026-11-22 03:00"),
        ("0 3 1 * *", "2026-12-01 03:00"),
        ("0 3 1 * 3", "2026-11-25 03:00"),  # either the first, or a Wednesday
        ("0 3 24 * 3", "2026-11-24 03:00"),
        ("0 3 */2 * 3", "2026-11-25 03:00"),  # begins with *: both
        ("0 0 29 2 *", "2028-02-29 00:00"),
    ],
)
def test_the_next_run(text: str, expected: str) -> None:
    assert f"{_next(text, SATURDAY):%Y-%m-%d %H:%M}" == expected


@given(st.sets(st.integers(0, 7), min_size=1))
def test_any_set_of_weekdays_is_that_set(days: set[int]) -> None:
    text = f"0 0 * * {','.join(map(str, sorted(days)))}"
    seen, moment = set(), SATURDAY
    for _ in range(8):
        moment = _next(text, moment)
        seen.add(moment.isoweekday() % 7)
    assert seen == {day % 7 for day in days}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "0 fields"),
        ("0 3 * *", "4 fields"),
        ("0 0 3 * * *", "6 fields"),
        ("@daily", "1 fields"),
        ("0 3 * * 8", "'8': a weekday must be"),
        ("0 3 * * monday", "'monday': a weekday must be"),
        ("0 3 * * -1", "'': a weekday must be"),
        ("0 3 * * 1/2", "a step must follow a range"),
        ("0 3 * * */0", "a step must follow a range"),
        ("0 3 * * 1,,2", "'': a weekday must be"),
    ],
)
def test_an_invalid_cron_expression_is_an_error(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        parse_crontab(text)


def test_a_night_without_that_hour_still_has_its_run_and_a_long_one_has_two() -> None:
    """As docs/scheduling.md says of time zones with summer time."""
    berlin = ZoneInfo("Europe/Berlin")
    spring = _next("30 2 * * *", datetime(2027, 3, 28, 0, 0, tzinfo=berlin), "Europe/Berlin")
    assert spring.astimezone(UTC) == datetime(2027, 3, 28, 1, 30, tzinfo=UTC)
    first = _next("30 2 * * *", datetime(2026, 10, 25, 0, 0, tzinfo=berlin), "Europe/Berlin")
    second = _next("30 2 * * *", first.astimezone(UTC), "Europe/Berlin")
    assert second.astimezone(UTC) - first.astimezone(UTC) == timedelta(hours=1)
