"""A person sees when each source is asked about a title again, and why."""

from datetime import UTC, datetime
from typing import Any

import pytest

from moviecrawler.documents import SOURCES
from moviecrawler.policy.documents.source_slots import EMPTY_SLOT
from moviecrawler.policy.freshness.plan import PlannedRefresh, refresh_plan
from moviecrawler.timestamps import iso
from tests.support.policies import refresh

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
ALL = refresh(THE_NUMBERS_ENABLED="1")
ASKED = {"fetched_at": "2026-11-01T00:00:00.000Z"}


def _film(**tmdb: Any) -> dict[str, Any]:
    """A film of 1999 with this slot of TMDB; the other sources were never asked."""
    slots = {source: dict(EMPTY_SLOT) for source in SOURCES}
    slots["tmdb"] |= tmdb
    return {"release_date": "1999-03-31", "imdb_id": "tt0133093", "sources": slots}


def _planned(document: dict[str, Any], source: str = "tmdb", kind: str = "movies") -> PlannedRefresh:
    return refresh_plan(ALL, kind, document, NOW)[source]


@pytest.mark.parametrize(
    ("slot", "day", "why"),
    [
        ({}, "2026-11-21", "never asked"),
        (ASKED, "2027-01-30", "every 90 days for a title that was 10,077 days old when it was asked about"),
        (ASKED | {"frozen_at": ASKED["fetched_at"]}, "2027-04-30", "frozen: it no longer changes"),
        (ASKED | {"recheck_at": "2026-11-02T08:00:00.000Z"}, "2026-11-02", "the changes feed listed it"),
        (ASKED | {"recheck_at": "2027-06-01T08:00:00.000Z"}, "2027-01-30", "every 90 days"),
        (ASKED | {"failures": 3, "failed_at": "2026-11-20T00:00:00.000Z"}, "2026-11-24", "(3 times in a row)"),
        ({"fetched_at": "2027-11-01T00:00:00.000Z"}, "2026-11-21", "from a clock that was ahead"),
    ],
)  # fmt: skip
def test_the_slot_decides(slot: dict[str, Any], day: str, why: str) -> None:
    planned = _planned(_film(**slot))
    assert planned.due_at
    assert planned.due_at[:10] == day
    assert planned.is_due == (planned.due_at <= iso(NOW))
    assert why in planned.why


def test_a_gone_title_is_asked_about_on_another_day_when_that_was_noted_only() -> None:
    noted = _film(**ASKED, failures=1, failed_at="2026-11-20T12:00:00.000Z", gone_noted_at="2026-11-20T12:00:00.000Z")
    assert _planned(noted).why == "the source said that it is gone, and is asked again on another day"
    gone = _film(**ASKED, gone_at="2026-11-20T12:00:00.000Z")
    assert {refresh_plan(ALL, "movies", gone, NOW)[source] for source in SOURCES} == {
        PlannedRefresh(None, False, "it is gone from TMDB")
    }


@pytest.mark.parametrize(
    ("dates", "why"),
    [
        ({"release_date": None}, "every 5 days for a title without a date"),
        ({"release_date": "2027-03-01"}, "every 5 days for a title that was not released when it was asked about"),
        ({"release_date": "2026-10-30"}, "every 5 days for a title that was 2 days old when it was asked about"),
    ],
)
def test_the_age_decides(dates: dict[str, str | None], why: str) -> None:
    assert _planned(_film(**ASKED) | dates) == PlannedRefresh("2026-11-06T00:00:00.000Z", True, why)


def test_a_source_that_cannot_be_asked_says_why() -> None:
    film = _film(**ASKED) | {"imdb_id": None}
    assert _planned(film, "omdb") == PlannedRefresh(None, False, "it has no IMDb id")
    assert _planned(film, "the_numbers", "shows").why == "The Numbers has films only"
    assert refresh_plan(refresh(), "movies", film, NOW)["the_numbers"].why == "THE_NUMBERS_ENABLED is 0"
