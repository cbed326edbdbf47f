"""What became of a run, and how two differ."""

from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moviecrawler.documents.records import RunRecord
from moviecrawler.policy.jobs.run_report import (
    DONE,
    Figure,
    Outcome,
    different,
    duration,
    figures,
    run_report,
)
from moviecrawler.policy.jobs.runs import RunState
from moviecrawler.run import SUCCESSFUL

START, END = "2026-11-21T08:15:30.000Z", "2026-11-21T08:17:30.000Z"


def run(**changes: Any) -> RunRecord:
    record = {
        **{"_id": f"{START}/omdb/host/1", "spider": "omdb", "arguments": {"limit": 100}, "started_at": START},
        **{"beat_at": END, "finished_at": END, "finish_reason": "finished", "incomplete": []},
        "stats": {"item_scraped_count": 60, "requests/https://a": 20, "requests/https://b": 40, "finish_reason": "x"},
    }
    return cast("RunRecord", record | changes)


UNFINISHED = {"finished_at": None, "finish_reason": None, "stats": {}}


@pytest.mark.parametrize(
    ("changes", "state", "outcome", "why"),
    [
        ({}, "ended", "complete", []),
        ({"finish_reason": "quota"}, "ended", "complete", ["the quota of the day is used up; what is left stays due"]),
        ({"incomplete": ["2 titles got no answer"]}, "ended", "incomplete", ["2 titles got no answer"]),
        ({"finish_reason": "incomplete", "incomplete": ["a", "b"]}, "ended", "incomplete", ["a", "b"]),
        ({"finish_reason": "shutdown"}, "ended", "interrupted", ["it was stopped (Ctrl-C, SIGTERM)"]),
        ({"finish_reason": "wrong_key", "incomplete": ["a"]}, "ended", "failed", ["wrong_key", "a"]),
        (UNFINISHED, "running", "running", []),
        (UNFINISHED, "lost", "lost",
         ["its process was killed, or lost its store; last heard of at 2026-11-21 08:17:30"]),
        ({**UNFINISHED, "beat_at": None}, "ended", "lost", ["its process was killed, or lost its store"]),
    ],
)  # fmt: skip
def test_the_outcome_and_why(changes: dict[str, Any], state: RunState, outcome: Outcome, why: list[str]) -> None:
    report = run_report(run(**changes), state)
    assert (report.outcome, list(report.why)) == (outcome, why)


def test_a_run_that_ends_well_is_the_one_whose_exit_status_is_0() -> None:
    assert DONE == SUCCESSFUL


def test_counts_and_time_are_those_of_the_record() -> None:
    report = run_report(run(), "ended")
    assert (report.items, report.requests, report.seconds) == (60, 60, 120)
    running = run_report(run(**UNFINISHED, beat_at="2026-11-21T08:15:40.000Z"), "running")
    assert (running.items, running.requests, running.seconds) == (None, None, 10)
    backwards = run_report(run(finished_at="2026-11-21T08:15:00.000Z"), "ended")
    assert backwards.seconds == 0, "a clock that was put back makes no negative time"


def test_a_record_of_an_older_version_can_be_read() -> None:
    old = cast("RunRecord", {"_id": START, "spider": "omdb", "started_at": START, "stats": {}})
    report = run_report(old, "ended")
    assert (report.outcome, report.arguments, report.seconds) == ("lost", {}, 0)


def compared(first: RunRecord, second: RunRecord) -> dict[str, tuple[float | None, float | None, float | None]]:
    reports = [run_report(row, "ended") for row in (first, second)]
    return {one.name: (one.first, one.second, one.difference) for one in figures(first, second, reports)}


def test_two_runs_are_compared_in_counts_and_rates() -> None:
    first = run(stats={"item_scraped_count": 60, "requests/https://a": 240, "retry/failed": 4, "titles/found": 9})
    stats = {"item_scraped_count": 90, "requests/https://a": 120, "rejects/parse": 1, "titles/found": 9}
    stats |= {"timing/parse/sum": 3, "log_count/INFO": 8, "downloader/request_count": 120, "feed/named": 0}
    second = run(stats={**stats, "finish_reason": "finished"}, finished_at="2026-11-21T08:16:30.000Z")
    assert compared(first, second) == {
        "seconds": (120, 60, -60),
        "items": (60, 90, 30),
        "items a minute": (30, 90, 60),
        "requests": (240, 120, -120),
        "requests a second": (2, 2, 0),
        "rejects/parse": (0, 1, 1),
        "requests/https://a": (240, 120, -120),
        "retry/failed": (4, 0, -4),
        "titles/found": (9, 9, 0),
    }


def test_a_run_that_did_not_end_has_no_counts_to_compare() -> None:
    found = compared(run(), run(**UNFINISHED))
    assert found["items"] == (60, None, None)
    assert found["requests a second"] == (0.5, None, None)
    assert not [name for name in found if "/" in name]


def test_a_run_without_duration_has_no_rates() -> None:
    assert compared(run(finished_at=START), run())["items a minute"] == (None, 30, None)


def test_arguments_that_differ_are_named() -> None:
    assert list(different({"a": 1, "b": 2}, {"a": 1, "b": 3, "c": None})) == [("b", 2, 3)]
    assert list(different({"a": 1}, {"b": 2})) == [("a", 1, None), ("b", None, 2)]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0.0 s"),
        (59.94, "59.9 s"),
        (59.96, "1 m 00 s"),
        (3599, "59 m 59 s"),
        (3599.6, "1 h 00 m"),
        (90_000, "25 h 00 m"),
    ],
)
def test_a_duration_is_readable(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@given(
    stats=st.dictionaries(
        st.text(max_size=12) | st.sampled_from(["item_scraped_count", "requests/x"]),
        st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5) | st.booleans(),
    )
)
def test_odd_stats_can_be_compared(stats: dict[str, Any]) -> None:
    found = compared(run(stats=stats), run())
    assert all(one is None or isinstance(one, int | float) for values in found.values() for one in values)


def test_a_difference_is_the_second_minus_the_first() -> None:
    assert Figure("items", 3, 1).difference == -2
