"""Successive reads of the changes feed miss no change, and read no window for ever."""

import doctest
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moviecrawler import timestamps
from moviecrawler.policy.freshness import changes_feed
from moviecrawler.policy.freshness.changes_feed import (
    MAX_GAP,
    MAX_WINDOW_DAYS,
    FetchedForDay,
    covers,
    export_days,
    feed_windows,
)
from moviecrawler.policy.freshness.date_windows import Window

DAY = timedelta(days=1)
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
MOMENTS = st.datetimes(datetime(2001, 1, 1), datetime(2099, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
GAPS = st.timedeltas(timedelta(0), MAX_GAP)


def days(*spans: tuple[int, int]) -> list[Window]:
    """Windows by days before the 21st of November."""
    return [Window(NOON.date() - first * DAY, NOON.date() - last * DAY) for first, last in spans]


@pytest.mark.parametrize(
    ("gap", "windows"),
    [
        (None, days((1, 0))),
        (timedelta(0), days((1, 1), (0, 0))),
        (timedelta(hours=12), days((1, 1), (0, 0))),
        (timedelta(hours=13), days((2, 2), (1, 0))),
        (timedelta(days=1), days((2, 2), (1, 0))),
        (timedelta(days=13), days((14, 14), (13, 0))),
        (timedelta(days=14), days((15, 15), (14, 1), (1, 0))),
        (timedelta(days=30), days((31, 31), (30, 17), (17, 4), (4, 0))),
        (timedelta(days=4000), feed_windows(timestamps.iso(NOON - MAX_GAP), NOON).windows),
        (timedelta(days=-3), days((1, 1), (0, 0))),
    ],
)
def test_windows_after_a_gap(gap: timedelta | None, windows: list[Window]) -> None:
    cursor = None if gap is None else timestamps.iso(NOON - gap)
    assert feed_windows(cursor, NOON).windows == windows


@given(now=MOMENTS, gap=GAPS, share=st.floats(0, 1))
def test_no_time_since_the_cursor_is_left_out(now: datetime, gap: timedelta, share: float) -> None:
    moment = (now - gap * share).date()
    windows = feed_windows(timestamps.iso(now - gap), now).windows
    assert any(window.first <= moment <= window.last for window in windows)


@given(now=MOMENTS, share=st.floats(0, 1))
def test_without_a_cursor_the_last_24_hours_are_read(now: datetime, share: float) -> None:
    moment = (now - DAY * share).date()
    assert any(window.first <= moment <= window.last for window in feed_windows(None, now).windows)


@given(now=MOMENTS, gap=GAPS)
def test_no_window_is_longer_than_tmdb_allows_and_none_ends_tomorrow(now: datetime, gap: timedelta) -> None:
    windows = feed_windows(timestamps.iso(now - gap), now).windows
    assert all(1 <= window.days <= MAX_WINDOW_DAYS for window in windows)
    assert windows[-1].last == now.date()


@given(start=MOMENTS, gaps=st.lists(GAPS, min_size=1, max_size=4), back=GAPS)
def test_successive_reads_leave_no_day_out_even_if_windows_exclude_their_last_day(
    start: datetime, gaps: list[timedelta], back: timedelta
) -> None:
    cursor, now, read = timestamps.iso(start - back), start, set()
    for gap in [timedelta(0), *gaps]:
        now += gap
        plan = feed_windows(cursor, now)
        for window in plan.windows:
            read |= {window.first + number * DAY for number in range(window.days - 1)}
        cursor = plan.cursor
    missing = {start.date() + number * DAY for number in range((now.date() - start.date()).days)} - read
    assert not missing


@given(now=MOMENTS, gap=GAPS)
def test_the_next_cursor_is_the_time_before_the_first_page(now: datetime, gap: timedelta) -> None:
    assert feed_windows(timestamps.iso(now - gap), now).cursor == feed_windows(None, now).cursor == timestamps.iso(now)


@given(now=MOMENTS, gap=GAPS)
def test_windows_follow_one_another_and_share_a_day(now: datetime, gap: timedelta) -> None:
    before, *missing = feed_windows(timestamps.iso(now - gap), now).windows
    assert before == Window(missing[0].first - DAY, missing[0].first - DAY)
    assert all(one.last == other.first for one, other in pairwise(missing))


def test_days_are_utc_in_every_time_zone() -> None:
    there = datetime(2026, 11, 22, 7, 59, tzinfo=timezone(timedelta(hours=8)))
    assert feed_windows("2026-11-21T23:00:00.000Z", there) == feed_windows(
        "2026-11-21T23:00:00.000Z", there.astimezone(UTC)
    )
    assert export_days(there) == (date(2026, 11, 21), date(2026, 11, 20))


YESTERDAY = days((1, 1))[0]


@pytest.mark.parametrize(
    ("fetched_at", "known"),
    [
        (None, False),
        ("2026-11-19T23:59:59.999Z", False),
        ("2026-11-20T00:00:00.000Z", False),
        ("2026-11-20T23:59:59.999Z", False),
        ("2026-11-21T00:00:00.000Z", True),
        ("2026-11-21T06:00:00.000Z", True),
    ],
)
def test_an_answer_covers_a_window_that_ended_before_it(fetched_at: str | None, known: bool) -> None:
    assert covers(fetched_at, YESTERDAY) is known


def test_what_was_read_and_fetched_yesterday_costs_no_second_request_today() -> None:
    """A run at the same hour every day: the titles of the overlap are all known, those of the day itself are not."""
    cursor = fetched_at = timestamps.iso(NOON - DAY)
    overlap, since = feed_windows(cursor, NOON).windows
    assert covers(fetched_at, overlap)
    assert not covers(fetched_at, since)


MORNING, EVENING, TOMORROW = NOON - timedelta(hours=6), NOON + timedelta(hours=6), NOON + DAY


@pytest.mark.parametrize(
    ("readings", "now", "left_alone"),
    [
        ([], NOON, set()),
        ([(MORNING, {1, 2})], NOON, {1, 2}),
        ([(MORNING, {1, 2}), (NOON, {2, 3})], EVENING, {1, 2, 3}),
        ([(MORNING, {1, 2})], TOMORROW, set()),
        ([(MORNING, {1, 2}), (TOMORROW, {2, 3})], TOMORROW, {3}),
        ([(MORNING, {1, 2}), (TOMORROW, {2, 3}), (TOMORROW, {2})], TOMORROW, {2, 3}),
        ([(NOON + 4000 * DAY, {1})], NOON, set()),
    ],
)
def test_titles_not_fetched_again_on_a_day_that_is_not_over(
    readings: list[tuple[datetime, set[int]]], now: datetime, left_alone: set[int]
) -> None:
    asked = FetchedForDay.parse(None)
    for at, named in readings:
        asked = FetchedForDay.parse(asked.after(named, at).dump())
    assert asked.today(now) == left_alone


@pytest.mark.parametrize(
    ("now", "newest"),
    [
        (datetime(2026, 11, 21, 8, tzinfo=UTC), date(2026, 11, 21)),
        (datetime(2026, 11, 21, 7, 59, 59, tzinfo=UTC), date(2026, 11, 20)),
        (datetime(2026, 11, 21, 23, 59, tzinfo=UTC), date(2026, 11, 21)),
        (datetime(2027, 1, 1, 0, 0, tzinfo=UTC), date(2026, 12, 31)),
        (datetime(2024, 3, 1, 9, 0, tzinfo=UTC), date(2024, 3, 1)),
    ],
)
def test_an_export_is_ready_at_eight(now: datetime, newest: date) -> None:
    assert export_days(now) == (newest, newest - DAY)


def test_the_examples_in_the_docstrings_run() -> None:
    found = doctest.testmod(changes_feed)
    assert found.attempted
    assert not found.failed
