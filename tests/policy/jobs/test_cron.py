"""Cron expressions mean what crontab(5) says, on the wall clock of any zone."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from moviecrawler.policy.jobs.cron import parse_cron

SATURDAY = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)


def _next(text: str, after: datetime, timezone: str = "UTC") -> datetime:
    found = parse_cron(text, timezone)(after)
    assert found
    assert found.tzinfo is UTC
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
        ("0 3 * * 7-1", "2026-11-22 03:00"),
        ("0 3 * * wed,fri-sun/2", "2026-11-22 03:00"),
        ("0 3 1 * *", "2026-12-01 03:00"),
        ("0 3 1 jan *", "2027-01-01 03:00"),
        ("0 3 1 * 3", "2026-11-25 03:00"),  # either the first, or a Wednesday
        ("0 3 24 * 3", "2026-11-24 03:00"),
        ("0 3 */2 * 3", "2026-11-25 03:00"),  # begins with *: both
        ("0 0 29 2 *", "2028-02-29 00:00"),
        # Beyond crontab(5), as cronsim reads it
        ("0 3 L * *", "2026-11-30 03:00"),  # the last day of the month
        ("0 3 LW * *", "2026-11-30 03:00"),  # the last of its days from Monday to Friday
        ("0 3 * * 5L", "2026-11-27 03:00"),  # the last Friday
        ("0 3 * * sat#4", "2026-11-28 03:00"),  # the fourth Saturday
        ("0 3 * * 1/2", "2026-11-22 03:00"),  # 1, 3, 5, 7
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
        ("", "^0 fields: must be 5: minute, hour, day of the month, month, weekday$"),
        ("0 3 * *", "^4 fields"),
        ("0 0 3 * * *", "^6 fields"),
        ("@daily", "^1 fields"),
        ("61 3 * * *", "^minute='61': must be 0 to 59, as "),
        ("0 24 * * *", "^hour='24': must be 0 to 23, as "),
        ("0 22-2 * * *", "^hour='22-2': must be "),
        ("0 3 0 * *", "^day of the month='0': must be 1 to 31, as "),
        ("0 3 * juin *", "^month='juin': must be 1 to 12 or jan to dec, as "),
        ("0 3 * * 8", r"^weekday='8': must be 0 \(Sunday\) to 7 \(Sunday again\) or sun to sat, as "),
        ("0 3 * * Monday", "^weekday='Monday': must be "),
        ("0 3 * * -1", "^weekday='-1': must be "),
        ("0 3 * * 9-1", "^weekday='9-1': must be "),
        ("0 3 * * */0", r"^weekday='\*/0': must be "),
        ("0 3 * * sat-mon/0", "^weekday='sat-mon/0': must be "),
        ("0 3 * * 1,,2", "^weekday='1,,2': must be "),
        (f"*/{'9' * 5000} * * * *", "^minute='.*9': must be "),
        ("0 0 31 2 *", "^there is no such day$"),
        ("0 0 30 2 */2", "^there is no such day$"),
        ("0 0 31 4,6 *", "^there is no such day$"),
    ],
)
def test_what_is_no_expression_is_refused_with_the_field(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        parse_cron(text, "UTC")


@given(st.text(alphabet="0123456789*,-/#LWfrisatun ", max_size=20).map(lambda text: f"0 0 {text}"))
@example("0 0 L/2 * *")
@example("0 0 * * 5L/2")
@example("0 0 * * 1#1/2")
def test_any_text_has_a_next_run_or_is_refused(text: str) -> None:
    try:
        fire_times = parse_cron(text, "UTC")
    except ValueError:
        return
    found = fire_times(SATURDAY)
    assert found is None or found > SATURDAY


BERLIN = "Europe/Berlin"


def test_a_night_without_that_hour_still_has_its_run_and_a_long_one_has_two() -> None:
    """As docs/scheduling.md says of time zones with summer time."""
    berlin = ZoneInfo(BERLIN)
    spring = _next("30 2 * * *", datetime(2027, 3, 28, 0, 0, tzinfo=berlin), BERLIN)
    assert spring.astimezone(UTC) == datetime(2027, 3, 28, 1, 30, tzinfo=UTC)
    first = _next("30 2 * * *", datetime(2026, 10, 25, 0, 0, tzinfo=berlin), BERLIN)
    second = _next("30 2 * * *", first.astimezone(UTC), BERLIN)
    assert second.astimezone(UTC) - first.astimezone(UTC) == timedelta(hours=1)


@pytest.mark.parametrize(
    ("text", "timezone", "after", "expected"),
    [
        # The runs of the hour left out keep their order and their distance.
        ("15,45 2 * * *", BERLIN, "2027-03-28 03:15", "2027-03-28 03:45"),
        ("15,45 2 * * *", BERLIN, "2027-03-28 03:45", "2027-03-29 02:15"),
        ("*/15 * * * *", BERLIN, "2027-03-28 01:45", "2027-03-28 03:00"),
        ("*/15 * * * *", BERLIN, "2027-03-28 03:00", "2027-03-28 03:15"),
        # The day after the change, and the day that begins at 1:00.
        ("0 0 * * 1-5", "America/New_York", "2026-03-06 19:00", "2026-03-09 00:00"),
        ("59 0 1 * *", "Europe/London", "2026-03-28 17:49", "2026-04-01 00:59"),
        ("30 0 * * *", "Africa/Cairo", "2026-04-23 12:00", "2026-04-24 01:30"),
        ("30 1-3 * * *", "Asia/Beirut", "2027-03-27 07:37", "2027-03-28 01:30"),
        # A change of half an hour.
        ("0 23 * * *", "Australia/Lord_Howe", "2026-10-03 23:30", "2026-10-04 23:00"),
        ("15 2 * * *", "Australia/Lord_Howe", "2026-10-03 12:00", "2026-10-04 02:45"),
        # From one hour that comes twice to the other.
        ("*/30 2 * * *", BERLIN, "2026-10-25 01:59", "2026-10-25 02:00"),
    ],
)
def test_around_a_change_of_the_clock_nothing_is_lost(text: str, timezone: str, after: str, expected: str) -> None:
    zone = ZoneInfo(timezone)
    found = _next(text, datetime.fromisoformat(after).replace(tzinfo=zone), timezone)
    assert f"{found.astimezone(zone):%Y-%m-%d %H:%M}" == expected


def test_the_hour_that_comes_twice_is_gone_through_twice_in_order() -> None:
    seen, moment = [], datetime(2026, 10, 24, 23, 59, tzinfo=UTC)
    for _ in range(5):
        moment = _next("*/30 2 * * *", moment, BERLIN)
        seen.append(f"{moment:%d %H:%M}")
    assert seen == ["25 00:00", "25 00:30", "25 01:00", "25 01:30", "26 01:00"]
