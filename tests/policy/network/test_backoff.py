"""A failed request is retried with growing delays, a limited number of times, and not in step with others."""

import math
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moviecrawler.config import Config
from moviecrawler.config.groups import RetryConfig
from moviecrawler.exceptions import ConfigurationError
from moviecrawler.policy.network.backoff import Backoff, retry_after

NOW = datetime(2026, 11, 21, 8, 15, 30, 500000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "again"),
    [
        ("throttled", True), ("garbage", True), ("failed", True), ("ok", False), ("auth", True), ("quota", False),
        ("gone", False), ("blocked", True), ("refused", False),
    ],
)  # fmt: skip
def test_only_temporary_failures_are_retried(kind: str, again: bool) -> None:
    assert Backoff().is_retried(kind) is again


@pytest.mark.parametrize(("tried", "longest"), [(1, 0.5), (2, 1.0), (3, 2.0), (4, 4.0)])
def test_the_maximum_delay_doubles_from_half_a_second(tried: int, longest: float) -> None:
    assert Backoff().delay(tried, None, lambda: 1.0) == longest
    assert Backoff().delay(tried, None, lambda: 0.0) == 0.0


def test_five_tries_and_no_more() -> None:
    assert Backoff().delay(5, None, lambda: 0.0) is None
    assert Backoff().delay(5, 1.0, lambda: 0.0) is None
    assert Backoff(RetryConfig(tries=1)).delay(1, None, lambda: 0.0) is None


@given(st.integers(1, 10_000), st.floats(0, 1, exclude_max=True))
def test_no_delay_is_over_the_cap(tried: int, draw: float) -> None:
    delay = Backoff(RetryConfig(tries=100_000, cap=60)).delay(tried, None, lambda: draw)
    assert delay is not None
    assert 0 <= delay <= 60


def test_retry_after_takes_precedence_within_its_limit() -> None:
    backoff = Backoff()
    assert backoff.delay(1, 0.0, lambda: 1.0) == 0.0
    assert backoff.delay(1, 900.0, lambda: 1.0) == 900.0
    assert backoff.delay(1, 900.5, lambda: 1.0) is None


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120.0),
        (b" 0 ", 0.0),
        ("1.5", 1.5),
        ("Sat, 21 Nov 2026 08:16:00 GMT", 29.5),
        (b"Sat, 21 Nov 2026 08:16:00 GMT", 29.5),
        ("Sat, 21 Nov 2026 08:16:00", 29.5),
        ("Saturday, 21-Nov-26 08:16:00 GMT", 29.5),
        ("Sat, 21 Nov 2026 03:16:00 -0500", 29.5),
        ("Sat Nov 21 08:16:00 2026", 29.5),
        ("Sat, 21 Nov 2020 08:16:00 GMT", 0.0),
        (None, None),
        ("", None),
        ("-1", None),
        ("nan", None),
        ("inf", None),
        ("1e9", None),
        ("١٢٠", None),
        ("soon", None),
        ("Sat, 99 Nov 2026 08:16:00 GMT", None),
        ("9" * 5000, None),
        (b"\xff\xfe", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(header: bytes | str | None, seconds: float | None) -> None:
    assert retry_after(header, NOW) == seconds


@given(st.one_of(st.text(), st.binary(), st.from_regex(r"[-+0-9.eE:, GMT]+")))
def test_any_header_can_be_parsed(header: bytes | str) -> None:
    seconds = retry_after(header, NOW)
    assert seconds is None or (seconds >= 0 and math.isfinite(seconds))


@given(st.timedeltas(timedelta(0), timedelta(days=3000)))
def test_a_date_is_read_as_the_seconds_until_then(ahead: timedelta) -> None:
    moment = (NOW + ahead).replace(microsecond=0)
    assert retry_after(format_datetime(moment, usegmt=True), NOW) == max(0.0, (moment - NOW).total_seconds())


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("RETRY_TRIES", "0"), ("RETRY_TRIES", "many"), ("RETRY_TRIES", "1.5"), ("RETRY_LISTING_TRIES", "0"),
        ("RETRY_BASE", "-1"),
        ("RETRY_BASE", "nan"),        ("RETRY_CAP", "inf"), ("RETRY_CAP", ""), ("RETRY_AFTER_CAP", "15 min"),
    ],
)  # fmt: skip
def test_a_wrong_setting_is_one_line_that_names_it(setting: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=rf"\A{setting}=.*must be .*\Z"):
        Config.from_settings({setting: value})


def test_a_retry_after_date_is_compared_with_the_servers_clock() -> None:
    ours = datetime(2026, 11, 21, tzinfo=UTC)
    theirs, until = "Sun, 22 Nov 2026 00:00:00 GMT", "Sun, 22 Nov 2026 00:00:30 GMT"
    assert retry_after(until, ours, theirs) == 30.0
    assert retry_after(until.encode(), ours, theirs.encode()) == 30.0
    assert retry_after(until, ours, "no date") == 86_430.0
    assert retry_after("120", ours, theirs) == 120.0


def test_a_listing_waits_at_least_for_retry_after() -> None:
    backoff = Backoff(RetryConfig(base=1.0))
    assert [backoff.delay(tried, 1.0, lambda: 0.5, listing=True) for tried in (1, 2, 5)] == [1.0, 1.0, 7.5]
    assert backoff.delay(5, 20.0, lambda: 0.5, listing=True) == 20.0
    assert backoff.delay(1, 901.0, lambda: 0.5, listing=True) is None
