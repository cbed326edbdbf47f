"""A stored moment sorts by time, whatever zone it came from, and comes back as it was."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moviecrawler.timestamps import day, iso, parse

ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29), timezones=ZONES)  # noqa: DTZ001 (the zone is drawn)


@pytest.mark.parametrize(
    ("moment", "stored"),
    [
        (datetime(2026, 11, 21, 8, 15, 30, 123000, UTC), "2026-11-21T08:15:30.123Z"),
        (datetime(2026, 11, 21, 8, 15, 30, 999999, UTC), "2026-11-21T08:15:30.999Z"),
        (datetime(2026, 1, 1, 2, 0, tzinfo=timezone(timedelta(hours=8))), "2025-12-31T18:00:00.000Z"),
        (datetime(888, 1, 1, tzinfo=UTC), "0888-01-01T00:00:00.000Z"),
    ],
)
def test_a_moment_is_stored_in_utc_with_milliseconds(moment: datetime, stored: str) -> None:
    assert iso(moment) == stored
    assert day(moment) == stored[:10]


@given(MOMENTS, MOMENTS)
def test_lexical_order_is_time_order(one: datetime, other: datetime) -> None:
    if one <= other:
        assert iso(one) <= iso(other)
    if other - one >= timedelta(milliseconds=1):
        assert iso(one) < iso(other)


@given(MOMENTS)
def test_a_stored_moment_comes_back_to_the_millisecond(moment: datetime) -> None:
    assert timedelta(0) <= moment - parse(iso(moment)) < timedelta(milliseconds=1)
    assert iso(parse(iso(moment))) == iso(moment)


@pytest.mark.parametrize("text", ["2026-11-21", "2026-11-21T08:15:30", "yesterday", ""])
def test_a_moment_without_a_zone_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse(text)


def test_a_naive_datetime_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        iso(datetime(2026, 11, 21))  # noqa: DTZ001
