"""A range of dates splits into windows that cover each day once."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moviecrawler.policy.freshness.date_windows import LAST_PAGE, Window


@given(first=st.dates(date(1900, 1, 1), date(2099, 1, 1)), days=st.integers(1, 4000), pages=st.integers(0, 60_000))
def test_the_parts_are_the_whole(first: date, days: int, pages: int) -> None:
    window = Window(first, first + timedelta(days=days - 1))
    parts = window.split(pages)
    assert (parts[0].first, parts[-1].last) == (window.first, window.last)
    assert all(before.last + timedelta(days=1) == after.first for before, after in pairwise(parts))
    assert all(part.days >= 1 for part in parts)


@pytest.mark.parametrize(
    ("pages", "parts"), [(0, 1), (1, 1), (LAST_PAGE - 1, 1), (LAST_PAGE, 2), (700, 2), (1000, 3), (58_321, 146)]
)
def test_how_many_parts(pages: int, parts: int) -> None:
    assert len(Window.of_years(2024, 2024).split(pages)) == parts


def test_a_day_is_never_split() -> None:
    day = Window(date(2024, 1, 1), date(2024, 1, 1))
    assert day.split(60_000) == [day]
