"""A stored moment that lies ahead of now is older than all that can be, wherever moments are compared."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moviecrawler import timestamps
from moviecrawler.documents import Document
from moviecrawler.ingest.versions import items_by_key, next_versions
from moviecrawler.items import ChartPage, ChartRow, FailedLookup
from moviecrawler.policy.documents import images as pictures
from moviecrawler.policy.documents import merge
from moviecrawler.policy.documents.content_filter import is_still_dropped
from moviecrawler.policy.freshness import changes_feed
from moviecrawler.policy.freshness.refresh import is_due
from moviecrawler.policy.jobs.runs import run_state
from moviecrawler.policy.jobs.schedule import Job
from tests.support.answers import COMPOSER, NOW, REFRESH, answer, document_of, later
from tests.support.policies import cache_policy

AHEAD = NOW + timedelta(days=3 * 365)
THEN = timestamps.iso(AHEAD)


def of_then(source: str = "tmdb", **fields: Any) -> Document:
    """A document that a clock has written that was three years ahead."""
    return document_of(answer(source, AHEAD, **{"runtime": 170, **fields}))


def now_merged(stored: Document, *args: Any, **fields: Any) -> merge.Merged:
    new = answer(*args, **fields)
    return merge.merge(stored, new, composer=COMPOSER, refresh=REFRESH, now=later(hours=1))


def test_an_answer_of_now_is_newer() -> None:
    made = now_merged(of_then(), runtime=171)
    assert (made.outcome, made.document["runtime"]) == ("updated", 171)
    assert made.document["sources"]["tmdb"]["fetched_at"] == timestamps.iso(NOW)
    assert now_merged(made.document, at=later(-1), runtime=172).outcome == "older", "and then all is as always"


def test_an_answer_of_another_source_makes_the_first_one_due() -> None:
    made = now_merged(of_then(), "omdb", awards="Won").document
    assert made["sources"]["tmdb"]["next_refresh_at"] == timestamps.iso(later(1))


def test_the_parts_of_a_page() -> None:
    stored = document_of(answer("the_numbers", AHEAD, part="budgets", source_id="then", runtime=170))
    made = now_merged(stored, "the_numbers", part="chart", source_id="now", runtime=171).document
    slot = made["sources"]["the_numbers"]
    assert (slot["data"]["runtime"], slot["source_id"]) == (171, "now")
    assert now_merged(made, "the_numbers", part="budgets", runtime=172).outcome != "older"


def test_a_miss_of_now_counts_and_a_failure_of_then_does_not() -> None:
    lookup = FailedLookup(source="tmdb", kind="movies", id=949, reason="failed", at=timestamps.iso(NOW))
    made = merge.with_failed_lookup(of_then(), lookup, refresh=REFRESH, now=NOW)
    assert (made["sources"]["tmdb"]["failures"], made["sources"]["tmdb"]["failed_at"]) == (1, lookup.at)
    failed = document_of(answer(runtime=170))
    failed["sources"]["tmdb"] |= {"failures": 3, "failed_at": THEN}
    assert now_merged(failed, at=later(1), runtime=170).document["sources"]["tmdb"]["failures"] == 0
    next_lookup = lookup.model_copy(update={"at": timestamps.iso(later(1))})
    assert merge.with_failed_lookup(failed, next_lookup, refresh=REFRESH, now=later(1)) is not failed


def test_the_rank_of_a_title() -> None:
    stored = document_of(answer(runtime=170))
    stored["trending"] = {"window": "day", "rank": 1, "at": THEN}
    row = ChartRow(kind="movies", id=949, rank=7, title="Heat")
    page = ChartPage(chart="trending/movie/day", date="2026-11-21", page=1, at=timestamps.iso(NOW), rows=[row])
    made = next_versions(items_by_key([page]), {("movies", 949): stored}, composer=COMPOSER, refresh=REFRESH, now=NOW)
    assert made.documents["movies", 949]["trending"]["rank"] == 7
    new = answer(runtime=170, at=later(1))
    new.set_fetch(timestamps.iso(later(1)), trending={"window": "day", "rank": 8, "at": timestamps.iso(later(1))})
    ranked = merge.merge(stored, new, composer=COMPOSER, refresh=REFRESH, now=later(1)).document
    assert ranked["trending"]["rank"] == 8


def test_what_was_frozen_or_to_be_looked_at_again_then() -> None:
    old = {"release_date": "1995-12-15", "imdb_id": "tt0113277"}
    stored = document_of(answer(**old))
    stored["sources"]["tmdb"] |= {"frozen_at": THEN, "recheck_at": timestamps.iso(AHEAD + timedelta(hours=8))}
    slot = now_merged(stored, at=later(1), **old).document["sources"]["tmdb"]
    assert (slot["frozen_at"], slot["recheck_at"]) == (None, None)


def test_a_source_that_was_never_asked() -> None:
    stored = document_of(answer(imdb_id="tt0113277"))
    stored["sources"]["omdb"]["next_refresh_at"] = THEN
    planned = merge.with_new_refresh_dates("movies", stored, REFRESH, NOW)
    assert planned["sources"]["omdb"]["next_refresh_at"] == timestamps.iso(NOW)


PLACES: dict[str, Callable[[str], bool]] = {
    "due": lambda at: is_due({"fetched_at": at, "next_refresh_at": timestamps.iso(AHEAD + timedelta(days=5))}, NOW),
    "postponed": lambda at: is_due(
        {"failed_at": at, "next_refresh_at": timestamps.iso(AHEAD + timedelta(days=5))}, NOW
    ),
    "dropped": lambda at: not is_still_dropped(at, NOW),
    "a picture that is gone": lambda at: not pictures.is_picture_gone(pictures.with_gone_note(None, "u", at), "u", NOW),
    "the feed's cursor": lambda at: changes_feed.feed_windows(at, NOW).windows[-1].last == NOW.date(),
    "the schedule": lambda at: _JOB.handled_until({"cron": "0 3 * * * UTC", "at": at}, NOW) is None,
    "a cached answer": lambda at: not cache_policy().is_fresh(timestamps.parse(at).timestamp(), NOW.timestamp(), "api"),
    "the beat of a run": lambda at: run_state({"finish_reason": None, "beat_at": at}, NOW, alive=False) == "lost",
}
_JOB = Job("nightly", "0 3 * * *", "UTC", "omdb", {}, {}, "skip", 0)


@pytest.mark.parametrize("place", PLACES)
def test_what_follows_from_a_moment_of_then(place: str) -> None:
    assert PLACES[place](THEN)


def test_clocks_that_differ_a_little_are_right() -> None:
    seconds = timestamps.iso(NOW + timestamps.MAX_CLOCK_SKEW)
    assert timestamps.trusted(seconds, NOW) == seconds
    assert timestamps.trusted(timestamps.iso(NOW + timestamps.MAX_CLOCK_SKEW + timedelta(milliseconds=1)), NOW) == ""
    assert timestamps.trusted(timestamps.iso(datetime.max.replace(tzinfo=UTC)), datetime.max.replace(tzinfo=UTC))
    assert changes_feed.feed_windows(seconds, NOW).windows[-1].last == date(2026, 11, 21)


@given(st.permutations([-2, -1, 0, 24 * 365, 24 * 366, 24 * 900]))
def test_no_order_of_right_and_wrong_clocks_matters(hours: list[int]) -> None:
    stored = None
    for hour in hours:
        new = answer(at=later(hour), runtime=1000 + hour)
        stored = merge.merge(stored, new, composer=COMPOSER, refresh=REFRESH, now=NOW).document
    assert stored is not None
    assert (stored["runtime"], stored["sources"]["tmdb"]["fetched_at"]) == (1000, timestamps.iso(NOW))
