"""`scrapy runs`, as a user runs it."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from moviecrawler.documents.records import RUNS
from moviecrawler.policy.terminal import COLUMNS, width
from moviecrawler.stores.live import this_process
from moviecrawler.timestamps import iso
from tests.commands.stored import Stored
from tests.commands.test_show import EVIL, OBEYED

NOW = datetime.now(UTC)


def run(days: float, spider: str = "omdb", **changes: Any) -> Any:
    """A run of a minute, so many days ago."""
    start = iso(NOW - timedelta(days=days))
    end = iso(NOW - timedelta(days=days) + timedelta(minutes=1))
    return {
        **{"_id": f"{start}/{spider}/host/1", "spider": spider, "arguments": {"limit": 100}, "job": None},
        **{"host": "host", "pid": 1, "process_started": None, "started_at": start, "beat_at": end},
        **{"finished_at": end, "finish_reason": "finished", "incomplete": []},
        "stats": {"item_scraped_count": 1200, "requests/https://o.example": 1300, "titles/found": 1200},
    } | changes


LIVE: Any = {
    **{"doing": "crawling", "items": 7, "titles": {"found": 9}, "pictures": {}, "requests": 8, "retries": 0},
    **{"rejects": 0, "cache": {}, "queued": 2, "in_flight": 1, "rates": [], "quotas": []},
    **{"cpu_seconds": 1.5, "heartbeat_seconds": 0.001},
    "hosts": [{"host": EVIL, "requests": 3, "failures": 1, "health": 0.5, "state": "open"}],
}
UNFINISHED = {"finished_at": None, "finish_reason": None, "stats": {}}
ON = run(0, "tmdb_refresh", **UNFINISHED, **this_process(), beat_at=iso(NOW + timedelta(seconds=20)))
KILLED = run(3, "the_numbers_budgets", **UNFINISHED)
GAVE_UP = run(2, incomplete=["2 titles got no answer", EVIL], arguments={"limit": 50}, stats={"titles/found": 3})
ROWS = [run(4), KILLED, GAVE_UP, run(1), ON]


@pytest.fixture
def runs(stored: Stored) -> Stored:
    stored.fill(lambda store: store.records.put(RUNS, ROWS))
    return stored


def test_runs_are_listed_with_their_outcome(runs: Stored) -> None:
    lines = runs.done("runs").splitlines()
    table = [re.split(r" {2,}", line.strip()) for line in lines if re.match(r"\d  ", line)]
    assert [(row[0], row[2], row[-1]) for row in table] == [
        ("1", "tmdb_refresh", "running"),
        ("2", "omdb", "complete"),
        ("3", "omdb", "incomplete"),
        ("4", "the_numbers_budgets", "lost"),
        ("5", "omdb", "complete"),
    ]
    assert table[1][3:6] == ["1 m 00 s", "1,200", "1,300"]
    assert table[0][4:6] == ["-", "-"]
    assert "2 titles got no answer" in lines[lines.index(next(line for line in lines if line.startswith("3"))) + 1]
    assert "its process was killed, or lost its store; last heard of at" in " ".join(" ".join(lines).split())
    assert max(map(width, lines)) <= COLUMNS
    assert not OBEYED.search("".join(lines))


def test_as_many_runs_as_are_wanted(runs: Stored) -> None:
    assert [one["id"] for one in runs.json("runs", "2")] == [ON["_id"], ROWS[3]["_id"]]
    found = runs.json("runs")
    assert len(found) == 5
    assert found[1] | {"started_at": 0, "finished_at": 0} == {
        **{"id": ROWS[3]["_id"], "spider": "omdb", "arguments": {"limit": 100}, "started_at": 0, "finished_at": 0},
        **{"seconds": 60.0, "items": 1200, "requests": 1300, "outcome": "complete", "why": []},
    }


@pytest.mark.parametrize(
    "name", [lambda id: "2", lambda id: id, lambda id: id[:20], lambda id: id[:19].replace("T", " ")]
)
def test_one_run_is_named_by_its_number_or_its_start(name: Any, runs: Stored) -> None:
    wanted = ROWS[3]["_id"]
    words = [name(wanted)] if name(wanted) != "2" else ["2", "2"]
    (found,) = runs.json("runs", *words)
    first = found["runs"][0] if "runs" in found else found
    assert first["id"] == wanted


def test_one_run_is_shown_with_its_counts(runs: Stored) -> None:
    lines = runs.done("runs", GAVE_UP["_id"]).splitlines()
    assert lines[0] == GAVE_UP["_id"]
    shown = {line.split()[0]: line.split()[1:] for line in lines[1:] if line.strip()}
    assert shown["outcome"] == ["incomplete"]
    assert shown["arguments"] == ["limit=50"]
    assert shown["titles/found"] == ["3"]
    assert not OBEYED.search("".join(lines))


KNOWN = {
    "versions": {"moviecrawler": "0.1.0", "python": "3.11.7"},
    "settings": {"TMDB_RATE": "8", "OMDB_API_KEY": "set"},
    "expected": 1250,
    "coverage": {"movies": {"titles": 40, "fields": {"runtime": 30, "title": 40}}},
}


def test_one_run_is_shown_with_what_it_ran_with_and_what_it_stored(runs: Stored) -> None:
    one = run(5, **KNOWN)
    runs.fill(lambda store: store.records.put(RUNS, [one]))
    lines = runs.done("runs", one["_id"]).splitlines()
    shown = {line.split()[0]: " ".join(line.split()[1:]) for line in lines[1:] if line.strip()}
    assert shown["expected"] == "1,250 titles"
    assert shown["settings"] == "TMDB_RATE=8, OMDB_API_KEY=set"
    assert shown["versions"] == "moviecrawler 0.1.0, python 3.11.7"
    assert "fields of 40 answers about movies" in lines
    assert (shown["runtime"], shown["title"]) == ("75%", "100%")
    (found,) = runs.json("runs", one["_id"])
    assert {name: found[name] for name in KNOWN} == KNOWN
    assert runs.json("runs", GAVE_UP["_id"])[0]["versions"] is None, "a record of an older version"


def test_settings_and_versions_that_differ_are_named(runs: Stored) -> None:
    before, after = run(6, **KNOWN), run(5, **KNOWN | {"settings": {}, "versions": {"python": "3.12.1"}})
    runs.fill(lambda store: store.records.put(RUNS, [before, after]))
    lines = runs.done("runs", before["_id"], after["_id"]).splitlines()
    assert "setting TMDB_RATE=8, then none" in lines
    assert "version of python=3.11.7, then 3.12.1" in lines


def test_two_runs_are_compared_the_earlier_one_first(runs: Stored) -> None:
    (found,) = runs.json("runs", "2", "3")
    assert [one["id"] for one in found["runs"]] == [GAVE_UP["_id"], ROWS[3]["_id"]]
    figures = {one["name"]: one for one in found["figures"]}
    assert figures["titles/found"] == {"name": "titles/found", "first": 3, "second": 1200, "difference": 1197}
    lines = runs.done("runs", "2", "3").splitlines()
    assert "argument limit=50, then 100" in lines
    row = next(line for line in lines if line.startswith("titles/found"))
    assert row.split() == ["titles/found", "3", "1,200", "+1,197", "(+39900%)"]
    assert max(map(width, lines)) <= COLUMNS
    assert runs.done("runs", "3", "2").splitlines() == lines


def test_a_run_that_goes_on_can_be_compared(runs: Stored) -> None:
    (found,) = runs.json("runs", "1", "2")
    assert {one["name"]: one["difference"] for one in found["figures"]}["items"] is None


@pytest.mark.parametrize("words", [("9", "9"), ("1999-01-01",), ("202", "1")])
def test_a_run_that_is_not_there_is_said(words: tuple[str, ...], runs: Stored) -> None:
    assert runs.refused(1, "runs", *words).startswith("scrapy runs: ")


def test_a_beginning_of_several_runs_lists_them(runs: Stored) -> None:
    line = runs.refused(1, "runs", f"{NOW.year}-", "1") if NOW.timetuple().tm_yday > 5 else "5 runs begin with"
    assert "5 runs begin with" in line


@pytest.mark.parametrize("words", [("0",), ("10000",), ("1", "2", "3"), ("",), ("--last",)])
def test_wrong_usage_is_one_line(words: tuple[str, ...], stored: Stored) -> None:
    assert stored.refused(2, "runs", *words).startswith("scrapy runs: ")


def test_nothing_stored_is_said(stored: Stored) -> None:
    assert "nothing is stored there yet" in stored.refused(1, "runs")


def test_a_store_without_runs_says_so(stored: Stored) -> None:
    stored.fill(lambda store: store.state.set("a", 1))
    assert stored.done("runs").startswith("no run is recorded in ")
    assert stored.json("runs") == []


def test_the_runs_that_are_on_are_shown_once_where_there_is_no_terminal(runs: Stored) -> None:
    runs.fill(lambda store: store.records.put(RUNS, [{**ON, "live": LIVE}]))
    lines = runs.done("runs", "--live").splitlines()
    assert lines[0].startswith("tmdb_refresh: crawling, ")
    assert "  titles     9 found" in lines
    assert "  queue      2 waiting, 1 in flight" in lines
    assert not [line for line in lines if line.startswith(("omdb", "the_numbers_budgets"))]
    assert max(map(width, lines)) <= COLUMNS
    assert not OBEYED.search("".join(lines))


def test_the_runs_that_are_on_as_json(runs: Stored) -> None:
    runs.fill(lambda store: store.records.put(RUNS, [{**ON, "live": LIVE}]))
    (found,) = runs.json("runs", "--live")
    assert (found["id"], found["outcome"], found["items"], found["requests"]) == (ON["_id"], "running", 7, 8)
    assert (found["live"], found["pid"], found["beat_at"]) == (LIVE, ON["pid"], ON["beat_at"])


def test_no_run_that_is_on_is_said_and_how_many_were_lost(stored: Stored) -> None:
    lost = run(0.5, **UNFINISHED)
    stored.fill(lambda store: store.records.put(RUNS, [run(1), lost]))
    first, _, last = stored.done("runs", "--live").splitlines()
    assert first.startswith("no crawl is running in ")
    assert last == "of the runs of the last day 1 was lost: scrapy runs"
    assert stored.json("runs", "--live") == []


def test_a_run_is_not_asked_for_with_those_that_are_on(stored: Stored) -> None:
    assert "takes no run" in stored.refused(2, "runs", "--live", "3")
