"""What hooks are told, and of what."""

import json
from typing import Any, cast

import pytest

from moviecrawler.documents.records import RunRecord
from moviecrawler.policy.jobs.notifications import MAX_CHANGES, Notification, change_events, of_health, of_runs
from moviecrawler.policy.jobs.run_report import run_report

START, END = "2026-11-21T08:15:30.000Z", "2026-11-21T08:16:00.000Z"
BROKEN = {"monitor": "min_found", "line": "3 titles were found, fewer than 20", "hint": "look"}


def row(spider: str = "tmdb_list", **changes: Any) -> RunRecord:
    record = {
        **{"_id": f"{START}/{spider}/host/1", "spider": spider, "arguments": {}, "started_at": START, "beat_at": END},
        **{"finished_at": END, "finish_reason": "finished", "incomplete": [], "monitors": []},
        "stats": {"item_scraped_count": 3, "titles/found": 3, "titles/tmdb/inserted": 3},
    }
    return cast("RunRecord", record | changes)


def change(title: str = "Heat", events: tuple[str, ...] = ("changed:title",), **part: Any) -> dict[str, Any]:
    diff = [{"path": "title", "old": "Heat 2", "new": title, **part}]
    return {"kind": "movies", "id": 949, "title": title, "source": "tmdb", "at": END, "diff": diff, "events": events}


def told(*rows: RunRecord, on: str, changes: Any = (), more: int = 0) -> Notification | None:
    ended = [(one, run_report(one, "ended")) for one in rows]
    return of_runs(ended, changes, more, on.split(","), at=END, host="here")


@pytest.mark.parametrize(
    ("changes", "events"),
    [
        ({}, ["finished"]),
        ({"finish_reason": "quota"}, ["finished"]),
        ({"finish_reason": "wrong_key"}, ["failed"]),
        ({"finish_reason": "incomplete", "incomplete": ["a page"]}, ["failed"]),
        ({"monitors": [BROKEN]}, ["unhealthy"]),
        ({"finish_reason": "incomplete", "incomplete": ["a page"], "monitors": [BROKEN]}, ["failed", "unhealthy"]),
        ({"finish_reason": "shutdown"}, None),
        ({"finish_reason": "shutdown", "monitors": [BROKEN]}, None),
    ],
)
def test_a_run_is_one_of_these_events(changes: dict[str, Any], events: list[str] | None) -> None:
    message = told(row(**changes), on="finished,failed,unhealthy")
    assert (message and message["events"]) == events


def test_nothing_is_told_of_what_nobody_wants() -> None:
    assert told(row(), on="failed,unhealthy,released") is None


def test_several_runs_are_one_message() -> None:
    message = told(row(), row("omdb", finish_reason="wrong_key"), on="finished,failed")
    assert message
    assert message["events"] == ["finished", "failed"]
    assert message["title"] == "moviecrawler: tmdb_list complete, omdb failed"
    assert [run["spider"] for run in message["runs"]] == ["tmdb_list", "omdb"]
    assert message["runs"][0]["titles"] == {"found": 3}


def test_a_broken_monitor_comes_with_its_hint() -> None:
    message = told(row(monitors=[BROKEN]), on="unhealthy")
    assert message
    assert message["text"] == (
        "tmdb_list: unhealthy after 30.0 s, 3 items\n  3 titles were found, fewer than 20 -> look"
    )
    assert message["runs"][0]["monitors"] == [BROKEN]


def test_a_film_that_is_out_is_the_title_of_its_message() -> None:
    out = change(events=("released",), path="status", old="Post Production", new="Released")
    message = told(row(), on="failed,released", changes=[out])
    assert message
    assert message["title"] == "moviecrawler: 1 film released"
    assert message["text"] == "Heat (movies/949): status: Post Production -> Released"


def test_a_message_stays_short() -> None:
    many = [change("x" * 1000) for _ in range(MAX_CHANGES)]
    message = told(row(), on="changed:title", changes=many, more=7)
    assert message
    assert message["title"] == "moviecrawler: 57 titles changed"
    assert message["text"].endswith("\nand 45 more")
    assert message["more_changes"] == 7
    assert len(json.dumps(message)) < 100_000


@pytest.mark.parametrize(
    ("part", "events"),
    [
        ({"path": "status", "old": "In Production", "new": "Released"}, ["changed", "changed:status", "released"]),
        ({"path": "status", "old": "In Production", "new": "Canceled"}, ["changed", "changed:status"]),
        ({"path": "people.cast", "old": [], "new": [1]}, ["changed", "changed:people"]),
        ({"path": "titles", "old": {}, "new": {"de": "x"}}, ["changed"]),  # it only begins like title
    ],
)
def test_a_change_is_the_events_that_name_its_field(part: dict[str, Any], events: list[str]) -> None:
    wanted = ("failed", "changed", "changed:title", "changed:status", "changed:people", "released")
    assert [*change_events([part], wanted)] == events


def test_health_tells_what_it_has_found() -> None:
    finding = {"check": "lost", "severity": "problem", "count": 2, "sample": ["a"], "repair": "run it again"}
    message = of_health({"score": 90, "findings": [finding]}, True, at=END, host="here")
    assert (message["events"], message["title"]) == (["unhealthy"], "moviecrawler: health 90 of 100")
    assert message["text"] == "problem lost: 2; run it again"
