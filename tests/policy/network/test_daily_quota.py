"""The daily quota: one counter per UTC day, reserved in small blocks."""

import doctest
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moviecrawler.config import Config
from moviecrawler.exceptions import ConfigurationError
from moviecrawler.policy.network import daily_quota
from moviecrawler.policy.network.daily_quota import MAX_RESERVATION, Quota

TAIPEI = timezone(timedelta(hours=8))


@pytest.mark.parametrize(
    ("moment", "counter_name"),
    [
        (datetime(2026, 11, 21, tzinfo=UTC), "quota/omdb/2026-11-21"),
        (datetime(2026, 11, 21, 23, 59, 59, 999999, tzinfo=UTC), "quota/omdb/2026-11-21"),
        (datetime(2026, 11, 22, 7, 59, tzinfo=TAIPEI), "quota/omdb/2026-11-21"),
        (datetime(2026, 11, 22, 8, 0, tzinfo=TAIPEI), "quota/omdb/2026-11-22"),
    ],
)
def test_a_day_is_a_utc_day(moment: datetime, counter_name: str) -> None:
    assert Quota("omdb", 1000).counter_name(moment) == counter_name


@given(st.integers(0, 10**9))
def test_a_reservation_is_small_and_never_more_than_the_quota(daily: int) -> None:
    block = Quota("omdb", daily).reservation
    assert block <= min(MAX_RESERVATION, daily)
    assert (block > 0) == (daily > 0) == bool(Quota("omdb", daily))
    assert block == MAX_RESERVATION or block * 10 < daily + 10


@pytest.mark.parametrize("value", ["1000", 1000, " 1000 "])
def test_a_setting_is_text_or_a_number(value: object) -> None:
    assert Config.from_settings({"OMDB_DAILY_QUOTA": value}).omdb.daily_quota == 1000


@pytest.mark.parametrize("value", ["", "many", "-1", "1.5", "nan", None])
def test_a_wrong_setting_is_named_with_what_is_allowed(value: object) -> None:
    with pytest.raises(ConfigurationError, match=r"^OMDB_DAILY_QUOTA=.*: must be "):
        Config.from_settings({"OMDB_DAILY_QUOTA": value})


def test_the_examples_in_the_docstrings_run() -> None:
    found = doctest.testmod(daily_quota)
    assert found.attempted
    assert not found.failed
