"""Monitors and hooks at the end of real crawls."""

import json
import shlex
import sys
from pathlib import Path
from typing import Any, cast

import pytest

from moviecrawler.documents.records import RunRecord
from moviecrawler.policy.jobs.run_report import run_report
from tests.support.crawl import Home
from tests.support.sandbox import Sandbox

SANDBOX = ("--movies", "120")
HUSH = "s3cret-token-0123456789"


@pytest.fixture
def hooked(home: Home) -> tuple[Home, Path]:
    """A home whose hook appends each message to a file, one a line."""
    file = home.folder / "told.jsonl"
    code = "import sys; open(sys.argv[1], 'ab').write(sys.stdin.buffer.read() + b'\\n')"
    command = shlex.join([sys.executable, "-c", code, str(file)])
    home.settings = {**home.settings, "NOTIFY_COMMAND": command}
    return home, file


def told(file: Path) -> list[Any]:
    """The messages so far."""
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def test_a_broken_monitor_is_in_the_record_the_summary_the_exit_status_and_the_hooks(
    hooked: tuple[Home, Path], sandbox: Sandbox
) -> None:
    home, file = hooked
    thresholds = {"MONITOR_MIN_FOUND": "100,tmdb_discover:5", "MONITOR_MIN_COVERAGE": "title:1,awards:0.5"}
    ended = home.crawl("tmdb_trending", "pages=1", **thresholds, NOTIFY_URL=f"{sandbox.api}/{HUSH}")
    assert ended.status == 1
    run = home.last_run
    assert (run["finish_reason"], [one["monitor"] for one in run["monitors"]]) == (
        "finished",
        ["min_found", "min_coverage"],
    )
    assert (run["stats"]["monitors/min_found"], run["stats"]["monitors/min_coverage"]) == (1, 1)
    line = f"{run['stats']['titles/found']} titles were found, fewer than 100"
    assert f"  monitors   {line} -> look whether the site" in ended.stderr
    (message,) = told(file)
    assert message["events"] == ["unhealthy"]
    assert message["runs"][0]["monitors"] == run["monitors"]
    warnings = [one for one in ended.lines if "the hook NOTIFY_URL was not told of unhealthy" in one]
    assert len(warnings) == 1
    assert HUSH not in ended.stderr + json.dumps(run)
    report = run_report(cast("RunRecord", run), "ended")
    assert (report.outcome, report.why[0]) == ("unhealthy", line)


def test_a_run_that_has_nothing_to_do_is_no_alarm_and_a_film_that_comes_out_is_told(
    hooked: tuple[Home, Path], sandbox: Sandbox
) -> None:
    home, file = hooked
    sandbox.patch("movie", 603, status="Post Production")
    strict = {
        "MONITOR_MIN_FOUND": "20",
        "MONITOR_MAX_REJECT_RATE": "0",
        "MONITOR_MIN_COVERAGE": "title:1",
        "MONITOR_MAX_SECONDS": "600",
        "NOTIFY_ON": "failed,unhealthy,released,changed:tagline",
    }
    assert home.crawl("tmdb_titles", "ids=603,19995", **strict).status == 0
    idle = home.crawl("tmdb_refresh", "feed=0", "export=0", **strict)
    assert (idle.status, home.last_run["monitors"], home.last_run["expected"]) == (0, [], 0), idle.stderr
    assert told(file) == []
    sandbox.patch("movie", 603, status="Released", tagline="Out at last.")
    sandbox.patch("movie", 19995, tagline="Again.")
    assert home.crawl("tmdb_titles", "ids=603,19995", **strict).status == 0
    (message,) = told(file)
    assert sorted(message["events"]) == ["changed:tagline", "released"]
    changes = {change["id"]: change for change in message["changes"]}
    assert changes[603]["events"] == ["released", "changed:tagline"]
    assert {part["path"] for part in changes[603]["diff"]} == {"status", "tagline"}
    assert changes[19995]["events"] == ["changed:tagline"]
    assert message["title"] == "moviecrawler: 2 titles changed"
