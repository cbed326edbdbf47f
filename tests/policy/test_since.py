"""What --since takes."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moviecrawler.policy.since import parse_since
from moviecrawler.timestamps import parse

NOW = datetime(2026, 11, 21, 8, 15, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "since"),
    [
        ("12h", "2026-11-20T20:15:30.000Z"),
        ("7d", "2026-11-14T08:15:30.000Z"),
        (" 2 W ", "2026-11-07T08:15:30.000Z"),
        ("0h", "2026-11-21T08:15:30.000Z"),
        ("999999w", "0001-01-01T00:00:00.000Z"),
        ("2026-11-20", "2026-11-20T00:00:00.000Z"),
        ("2026-11-20T08:15", "2026-11-20T08:15:00.000Z"),
        ("2026-11-20 08:15:30", "2026-11-20T08:15:30.000Z"),
        ("2026-11-20T08:15:30.123Z", "2026-11-20T08:15:30.123Z"),
        ("2026-11-20T08:15+08:00", "2026-11-20T00:15:00.000Z"),
    ],
)
def test_a_time_is_read(text: str, since: str) -> None:
    assert parse_since(text, NOW) == since


@pytest.mark.parametrize(
    "text",
    ["", "7", "d", "-7d", "7m", "7 days", "yesterday", "2026", "2026-11", "2026-02-30", "2026-11-20T25:00", "٧d"],
)
def test_another_text_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        parse_since(text, NOW)


@given(text=st.one_of(st.text(), st.from_regex(r"\A[0-9]{1,4}-[0-9]{2}-[0-9]{2}([T ].{0,12})?\Z")))
def test_whatever_is_typed_is_a_time_or_refused(text: str) -> None:
    try:
        since = parse_since(text, NOW)
    except ValueError:
        return
    assert parse(since)
