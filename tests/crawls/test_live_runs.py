"""Crawls watched from beside: what they do now, and which of them were lost."""

import json
import os
import pty
import signal
import sqlite3
import subprocess
import sys
import termios
from collections.abc import Callable
from typing import Any

import pytest

from tests.crawls.test_mongodb import on_disk
from tests.support.crawl import ROOT, Home
from tests.support.mongo_server import mongo_server
from tests.support.sandbox import Sandbox
from tests.support.waiting import until

SANDBOX = ("--movies", "300")


def live(home: Home, **settings: str) -> list[Any]:
    ended = home.scrapy("runs", "--live", "--json", **settings)
    assert ended.status == 0, ended.stderr
    return [json.loads(line) for line in ended.stdout.splitlines()]


def told(home: Home) -> Any:
    """What the run said last in its record; empty before its first heartbeat."""
    return next(iter(home.records("runs").values()), {}).get("live") or {}


def test_a_crawl_is_watched_from_its_start_to_its_end(sandbox: Sandbox, home: Home) -> None:
    process = home.start_crawl("tmdb_trending", "pages=3", TMDB_RATE="2", TMDB_BURST="1")
    until(lambda: told(home).get("hosts") and told(home)["titles"].get("new", 0) > 3, process)
    (one,) = live(home)
    assert (one["spider"], one["outcome"], one["pid"]) == ("tmdb_trending", "running", process.pid)
    assert one["arguments"]["pages"] == 3
    now = one["live"]
    assert now["doing"] == "crawling"
    assert now["titles"]["found"] >= now["titles"]["new"] > 3
    assert now["queued"] + now["in_flight"] > 0
    (rate,) = now["rates"]
    assert (rate["source"], rate["limit"]) == ("tmdb", 2.0)
    assert 0 < rate["per_second"] < 10
    (host,) = now["hosts"]
    assert (host["failures"], host["state"]) == (0, "closed")
    assert one["requests"] == now["requests"] > 3
    assert "tmdb_trending: crawling, " in home.scrapy("runs", "--live").stdout
    process.send_signal(signal.SIGTERM)
    assert home.wait(process).status == 130
    assert live(home) == []
    run = home.last_run
    assert (run["finish_reason"], run["live"]) == ("shutdown", None)
    assert run["stats"]["heartbeat/count"] > 1
    assert 0 < run["stats"]["heartbeat/seconds"] < run["stats"]["elapsed_time_seconds"]
    assert 0 < run["stats"]["heartbeat/share"] < 1


def test_a_killed_crawl_is_lost_once_it_has_been_silent(sandbox: Sandbox, home: Home) -> None:
    process = home.start_crawl("tmdb_trending", "pages=3", TMDB_RATE="2", TMDB_BURST="1")
    until(lambda: told(home).get("requests", 0) > 3, process)
    process.kill()
    process.communicate()
    assert [one["outcome"] for one in live(home)] == ["running"], "its last words may be on their way"
    silent_since_yesterday(home)
    assert live(home) == []
    (found,) = map(json.loads, home.scrapy("runs", "--json").stdout.splitlines())
    assert found["outcome"] == "lost"
    assert found["requests"] > 3, "what it told last is kept"
    assert "1 was lost" in home.scrapy("runs", "--live").stdout


def test_a_record_says_with_what_the_run_was_made_and_what_it_stored(sandbox: Sandbox, home: Home) -> None:
    assert home.crawl("tmdb_trending", "limit=4", TMDB_RATE="50").status == 0
    run = home.last_run
    assert run["versions"].keys() == {"moviecrawler", "python", "scrapy"}
    assert run["settings"]["TMDB_RATE"] == "50"
    assert run["settings"]["TMDB_ACCESS_TOKEN"] == "set"
    assert "TMDB_BURST" not in run["settings"], "it is as by default"
    assert run["expected"] == run["stats"]["titles/expected"]
    films = run["coverage"]["movies"]
    assert films["titles"] == films["fields"]["title"] == run["stats"]["titles/inserted"] == 4
    assert films["fields"]["runtime"] <= 4


def silent_since_yesterday(home: Home) -> None:
    """Set the last heartbeat back, since no test waits for 30 seconds."""
    with sqlite3.connect(home.database) as connection:
        beat_at = "replace(json_extract(record, '$.beat_at'), '20', '19')"
        connection.execute(f"UPDATE records SET record = json_set(record, '$.beat_at', {beat_at}) WHERE kind = 'runs'")
    connection.close()


@pytest.mark.parametrize("fault", [{"kind": "503"}, {"kind": "429", "seconds": 60}], ids=["down", "a pause"])
def test_a_source_that_gives_no_answer_is_what_a_crawl_waits_for(fault: Any, sandbox: Sandbox, home: Home) -> None:
    sandbox.faults([{"target": "/3/movie", **fault}])
    process = home.start_crawl("tmdb_trending", "pages=3")
    until(lambda: told(home).get("doing") == "waiting for TMDB", process)
    process.send_signal(signal.SIGTERM)
    home.wait(process)


def test_over_mongodb_a_store_that_goes_away_is_no_end(sandbox: Sandbox, make_home: Callable[..., Home]) -> None:
    home = make_home()
    options = on_disk(home.folder)
    with mongo_server(*options) as uri:
        store = {"STORE_URI": f"{uri}/films"}
        process = home.start_crawl("tmdb_trending", "pages=5", TMDB_RATE="2", TMDB_BURST="1", **store)
        until(lambda: home.scrapy("runs", "--live", "--json", **store).stdout, process)
        (before,) = live(home, **store)
    # It has been killed, and comes back.
    with mongo_server(*options):
        until(lambda: [one for one in live(home, **store) if one["beat_at"] > before["beat_at"]], process)
        process.send_signal(signal.SIGTERM)
        ended = home.wait(process)
        assert live(home, **store) == []
    assert ended.status == 130, ended.stderr
    assert "heartbeat" not in ended.stderr


def test_on_a_terminal_it_is_refreshed_until_it_is_interrupted(sandbox: Sandbox, home: Home) -> None:
    crawl = home.start_crawl("tmdb_trending", "pages=3", TMDB_RATE="2", TMDB_BURST="1")
    until(lambda: told(home).get("requests", 0) > 3, crawl)
    terminal, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 100))
    watching = subprocess.Popen(
        [sys.executable, "-m", "scrapy", "runs", "--live"],
        cwd=home.folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "CACHE_URI": "", "TERM": "xterm", **home.settings},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    said = b""
    while said.count(b"tmdb_trending: crawling") < 2:
        said += os.read(terminal, 65536)
    crawl.send_signal(signal.SIGTERM)
    home.wait(crawl)
    while b"tmdb_trending: interrupted" not in said:
        said += os.read(terminal, 65536)
    watching.send_signal(signal.SIGINT)
    assert watching.wait(timeout=60) == 0
    os.close(terminal)
    assert b"\x1b[J" in said
    assert b"Traceback" not in said
