"""What a running crawl says of itself, and how it is shown."""

import doctest
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moviecrawler.documents.records import RunLive, RunRecord
from moviecrawler.policy.documents.shape import defect
from moviecrawler.policy.jobs import live as live_module
from moviecrawler.policy.jobs.live import RATE_SECONDS, RecentRates, doing, live
from moviecrawler.policy.jobs.live_page import live_lines
from moviecrawler.policy.jobs.run_report import run_report
from moviecrawler.policy.terminal import COLUMNS, width

START, BEAT = "2026-11-21T08:15:30.000Z", "2026-11-21T08:17:30.000Z"
NOW = datetime(2026, 11, 21, 8, 17, 31, tzinfo=UTC)
STATS = {
    **{"titles/found": 20, "titles/expected": 50, "titles/inserted": 9, "titles/updated": 3, "titles/unchanged": 1},
    **{"titles/tmdb/inserted": 9, "refresh/skipped/not_due": 2, "refresh/skipped/frozen": 1, "filter/dropped/votes": 4},
    **{"misses/tmdb/gone": 2, "pictures/wanted": 8, "pictures/made": 6, "requests/https://a": 30, "requests/b": 1},
    **{"retry/count": 5, "rejects/gone": 2, "rejects/parse": 1, "cache/hit": 7, "cache/hit/memory": 7},
    **{"quota/omdb/used": 3, "quota/omdb/left": 97, "item_scraped_count": 33, "finish_reason": "x", "start_time": NOW},
}


def told(stats: dict[str, Any] | None = None, **changes: Any) -> RunLive:
    facts: dict[str, Any] = {
        **{"doing": "crawling", "queued": 14, "in_flight": 10, "cpu_seconds": 10.0, "heartbeat_seconds": 0.01},
        "rates": [
            {"source": "tmdb", "per_second": 3.9, "limit": 4.0},
            {"source": "images", "per_second": 8, "limit": None},
        ],
        "hosts": [
            {"host": "https://a", "requests": 30, "failures": 0, "health": 1.0, "state": "closed"},
            {"host": "https://b", "requests": 9, "failures": 6, "health": 0.25, "state": "open"},
        ],
    }
    return live(STATS if stats is None else stats, **facts | changes)


def row(**changes: Any) -> RunRecord:
    record = {
        **{"_id": f"{START}/omdb/host/1", "spider": "omdb", "arguments": {"limit": 100}, "started_at": START},
        **{"host": "cellar", "pid": 4711, "beat_at": BEAT, "finished_at": None, "finish_reason": None},
        **{"incomplete": [], "stats": {}, "live": told()},
    }
    return cast("RunRecord", record | changes)


def test_counts_come_from_the_stats() -> None:
    made = told()
    assert made["titles"] == {
        **{"found": 20, "expected": 50, "new": 9, "changed": 3, "unchanged": 1},
        **{"skipped": 3, "dropped": 4, "failed": 2},
    }
    assert made["pictures"] == {"wanted": 8, "made": 6}
    assert (made["items"], made["requests"], made["retries"], made["rejects"]) == (33, 31, 5, 3)
    assert made["cache"] == {"hits": 7}
    assert made["quotas"] == [{"source": "omdb", "used": 3, "left": 97}]


def test_a_record_with_it_has_the_shape_that_is_documented() -> None:
    assert defect("runs", row()) is None
    assert defect("runs", row(live=told({}))) is None
    assert defect("runs", row(live=None)) is None
    assert defect("runs", row(live={"doing": 1})) is not None


def test_a_crawl_that_has_not_begun_has_counted_nothing() -> None:
    made = told({})
    assert (made["titles"], made["requests"], made["items"], made["quotas"]) == ({}, 0, 0, [])


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "crawling"),
        ({"queued": 0}, "crawling"),
        ({"queued": 0, "in_flight": 0}, "storing"),
        ({"queued": 0, "in_flight": 0, "requests": 0}, "starting"),
        ({"waits_for": ["TMDB"]}, "waiting for TMDB"),
        ({"ending": True, "waits_for": ["TMDB"]}, "ending"),
    ],
)
def test_what_a_crawl_does(changes: dict[str, Any], words: str) -> None:
    facts: dict[str, Any] = {"ending": False, "waits_for": [], "queued": 3, "in_flight": 1, "requests": 7}
    assert doing(**facts | changes) == words


def test_a_rate_is_that_of_the_last_seconds() -> None:
    rates = RecentRates()
    assert rates.add({}, 0.0) == {}
    for second in range(2, 100, 2):
        assert rates.add({"tmdb": 4 * second}, float(second))["tmdb"] == 4.0
    for second in range(100, 114, 2):
        last = rates.add({"tmdb": 4 * 98}, float(second))
    assert last == {"tmdb": 0.0}, "what came before the last seconds no longer counts"


@given(st.lists(st.tuples(st.floats(0, 60), st.integers(0, 100)), max_size=40))
def test_rates_are_never_negative_and_keep_little(steps: list[tuple[float, int]]) -> None:
    rates, now, total = RecentRates(), 0.0, 0
    for seconds, more in steps:
        now, total = now + seconds, total + more
        assert rates.add({"a": total}, now)["a"] >= 0
        assert now - rates._seen[0][0] <= max(RATE_SECONDS, seconds) + 60
    assert len(rates._seen) <= len(steps)


def shown(record: RunRecord, state: Any = "running", now: datetime = NOW) -> list[str]:
    lines = list(live_lines(record, run_report(record, state), now))
    assert max(map(width, lines)) <= COLUMNS
    return lines


def test_a_run_that_is_on_is_shown_with_all_that_it_told() -> None:
    assert shown(row()) == [
        "omdb: crawling, 2 m 01 s, on cellar, process 4711",
        "  arguments  limit=100",
        "  titles     20 found, 50 expected, 9 new, 3 changed, 1 unchanged, 3 skipped, 4",
        "             dropped, 2 failed",
        "  pictures   8 wanted, 6 made",
        "  requests   31, 5 retried, 3 rejected",
        "             TMDB: 3.9 of 4 a second",
        "             pictures: 8.0 a second",
        "  quota      OMDB: 3 used, 97 left today",
        "  queue      14 waiting, 10 in flight",
        "  cache      7 hits",
        "  trouble    https://b: 6 of 9 failed, health 25%, left alone",
        "  CPU        10.0 s, heartbeats 0.10% of it",
    ]


@pytest.mark.parametrize(
    ("changes", "state", "lines"),
    [
        ({"live": None, "arguments": {}}, "running", ["omdb: running, 2 m 01 s, on cellar, process 4711"]),
        (
            {"finish_reason": "finished", "finished_at": BEAT, "live": None},
            "ended",
            ["omdb: complete, 2 m 00 s, on cellar, process 4711"],
        ),
        (
            {},
            "lost",
            [
                "omdb: lost, 2 m 00 s, on cellar, process 4711",
                "  its process was killed, or lost its store; last heard of at 2026-11-21",
                "  08:17:30",
            ],
        ),
    ],
    ids=["of an older version", "ended", "lost"],
)
def test_a_run_that_is_not_on_is_shown_with_its_end(changes: dict[str, Any], state: str, lines: list[str]) -> None:
    assert shown(row(**changes), state) == lines


@pytest.mark.parametrize(
    ("beat_at", "line"),
    [
        ("2026-11-21T08:17:22.000Z", None),
        ("2026-11-21T08:17:01.000Z", "  silent     for 30.0 s"),
        ("2026-11-21T08:19:31.000Z", "  clock      2 m 00 s ahead of this one"),
    ],
)
def test_silence_is_said(beat_at: str, line: str | None) -> None:
    lines = shown(row(beat_at=beat_at))
    assert [one for one in lines if one.startswith(("  silent", "  clock"))] == ([line] if line else [])


def test_counts_of_a_run_that_is_on_or_was_lost_are_its_last() -> None:
    for state in ("running", "lost"):
        report = run_report(row(), state)  # type: ignore[arg-type]
        assert (report.items, report.requests) == (33, 31)


def test_the_examples_in_the_docstrings_run() -> None:
    found = doctest.testmod(live_module)
    assert found.attempted
    assert not found.failed
