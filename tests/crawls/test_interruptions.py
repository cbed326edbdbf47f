"""Ctrl-C, SIGTERM and kill -9, at bad moments: nothing half, nothing acknowledged lost, and the next run goes on."""

import random
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing

import pytest

from tests.support.crawl import ROOT, Home, paths, timeless
from tests.support.sandbox import Sandbox
from tests.support.waiting import until

SANDBOX = ("--movies", "400")


INTERRUPTED_AT = """
import os
import signal
import sys


class Interruption:
    def find_spec(self, name, path=None, target=None):
        if name == "{module}":
            if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # of a shell with `&`
                signal.signal(signal.SIGINT, signal.default_int_handler)
            os.kill(os.getpid(), signal.{signal})


sys.meta_path.insert(0, Interruption())
"""
"""As ``sitecustomize``: Ctrl-C at the moment at which this module is imported."""


@pytest.mark.parametrize(
    "module",
    ["commands.crawl", "addons", "stores.sqlite.store", "downloadermiddlewares.retry", "observability.summary"],
)
@pytest.mark.parametrize(("name", "status"), [("SIGINT", 130), ("SIGTERM", 143)], ids=["interrupt", "terminate"])
def test_before_the_first_title_it_ends_without_a_traceback(
    sandbox: Sandbox, home: Home, module: str, name: str, status: int
) -> None:
    code = INTERRUPTED_AT.format(module=f"moviecrawler.{module}", signal=name)
    (home.folder / "sitecustomize.py").write_text(code)
    ended = home.crawl("tmdb_trending", PYTHONPATH=f"{home.folder}:{ROOT}", seconds=10)
    # Negative: the signal has ended the process. Once Scrapy is there, it is the status of every interrupted run.
    assert ended.status in (status, 128 - status, 130), ended.stderr
    assert "Traceback" not in ended.stderr
    assert sandbox.log(path="/3/movie") == [], "a spider that opens just then may have asked for its listing, no more"


SLOW_TO_OPEN = """
import asyncio

import scrapy.core.engine

engine = scrapy.core.engine.ExecutionEngine
open_spider = engine.open_spider_async


async def open_slowly(self):
    from twisted.internet import reactor, task

    reactor.addSystemEventTrigger("before", "shutdown", lambda: task.deferLater(reactor, 2))
    await open_spider(self)
    await asyncio.sleep(0.3)


engine.open_spider_async = open_slowly
"""
"""As ``sitecustomize``: what a busy machine does to a start and to an end. A signal comes before the engine runs."""


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_a_signal_while_the_spider_opens_is_not_lost(sandbox: Sandbox, home: Home, name: str) -> None:
    code = INTERRUPTED_AT.format(module="moviecrawler.observability.summary", signal=name)
    (home.folder / "sitecustomize.py").write_text(code + SLOW_TO_OPEN)
    ended = home.crawl("tmdb_trending", PYTHONPATH=f"{home.folder}:{ROOT}", seconds=10)
    assert ended.status == 130, ended.stderr
    assert "Traceback" not in ended.stderr
    assert sandbox.log() == []


@pytest.mark.parametrize("module", ["settings", "commands.stats", "stores.sqlite.store"])
def test_another_command_ends_without_a_traceback_too(home: Home, module: str) -> None:
    code = INTERRUPTED_AT.format(module=f"moviecrawler.{module}", signal="SIGINT")
    (home.folder / "sitecustomize.py").write_text(code)
    ended = home.scrapy("stats", PYTHONPATH=f"{home.folder}:{ROOT}", seconds=10)
    assert ended.status in (130, -signal.SIGINT)
    assert ended.stderr == ""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_once_what_is_in_flight_is_stored_and_the_summary_printed(
    sandbox: Sandbox, home: Home, number: signal.Signals
) -> None:
    sandbox.settings(latency=150)
    # Of a shell with `&`, or under nohup, some of them would be ignored.
    process = home.start_crawl("tmdb_trending", "pages=20", limit=lambda: signal.signal(number, signal.SIG_DFL))
    until(lambda: len(sandbox.log()) > 40, process)
    process.send_signal(number)
    ended = home.wait(process, seconds=10)
    assert ended.status == 130
    assert "Traceback" not in ended.stderr
    asked = Counter(paths(sandbox.log(path="/3/movie")))
    assert home.documents().keys() == {int(path.rpartition("/")[2]) for path in asked}
    assert len(asked) < 100, "it stopped"
    assert home.integrity() == "ok"
    assert home.last_run["finish_reason"] == "shutdown"
    assert home.stats["titles/inserted"] == len(asked)
    assert any(line.startswith("tmdb_trending: shutdown in ") for line in ended.lines)
    assert any(line.split()[:2] == [str(len(asked)), "new,"] for line in ended.lines)
    sandbox.settings(latency=0)
    sandbox.clear_log()
    assert home.crawl("tmdb_trending", "pages=5").status == 0
    assert not set(paths(sandbox.log())) & set(asked), "what was stored is not asked for again"


def test_twice_it_stops_at_once_and_the_database_is_whole(sandbox: Sandbox, home: Home) -> None:
    sandbox.faults([{"kind": "slow", "target": "/3/movie", "rate": 0.3, "seconds": 60}])
    log = home.folder / "run.log"
    process = home.start_crawl("tmdb_trending", "pages=20", options=(f"--logfile={log}",), IMAGES_ENABLED="1")
    until(lambda: len(home.documents()) > 5 and sandbox.log(server="cdn1"), process)
    process.send_signal(signal.SIGINT)
    until(lambda: "Send again to force" in log.read_text(), process)
    process.send_signal(signal.SIGINT)
    ended = home.wait(process, seconds=10)
    assert ended.status != 0
    assert home.integrity() == "ok"
    assert home.last_run["finish_reason"] == "shutdown"
    assert home.stats["titles/inserted"] == len(home.documents())
    assert any(line.startswith("tmdb_trending: shutdown in ") for line in ended.lines), "the summary, as far as can be"
    assert any(line.split()[:2] == [str(len(home.documents())), "new,"] for line in ended.lines)
    assert all(film["title"] and film["revision"] >= 1 for film in home.documents().values())
    sandbox.faults([])
    assert home.crawl("tmdb_trending", "pages=2").status == 0


SLOW_END = """
import asyncio
import sys

import moviecrawler.pipelines.store as store

async def close_spider(self):
    print("closing", file=sys.stderr, flush=True)
    await asyncio.sleep(0.7)

store.StorePipeline.close_spider = close_spider
"""
"""As ``sitecustomize``: a close that takes a while, and says when it begins."""


@pytest.mark.parametrize(
    "signals",
    [(signal.SIGINT,), (signal.SIGTERM,), (signal.SIGINT, signal.SIGINT)],
    ids=["interrupt", "terminate", "twice"],
)
def test_while_it_closes_the_close_goes_on(sandbox: Sandbox, home: Home, signals: tuple[signal.Signals, ...]) -> None:
    (home.folder / "sitecustomize.py").write_text(SLOW_END)
    process = home.start_crawl("tmdb_trending", "limit=2", PYTHONPATH=f"{home.folder}:{ROOT}")
    assert process.stderr is not None
    assert any(line == "closing\n" for line in process.stderr)
    for number in signals:
        process.send_signal(number)
        time.sleep(0.1)
    ended = home.wait(process, seconds=10)
    assert "Traceback" not in ended.stderr
    assert (home.last_run["finish_reason"], home.stats["titles/inserted"]) == ("finished", 2)
    assert "tmdb_trending: finished in" in ended.stderr, "the summary is printed, too"
    assert ended.status == 0, "all was done"


def test_a_killed_run_leaves_a_record_without_an_end(sandbox: Sandbox, home: Home) -> None:
    sandbox.faults([{"kind": "slow", "target": "/3/movie", "seconds": 60}])
    process = home.start_crawl("tmdb_trending", "limit=2")
    until(lambda: sandbox.log(path="/3/movie"), process)
    (running,) = home.records("runs").values()
    assert (running["spider"], running["pid"], running["finish_reason"]) == ("tmdb_trending", process.pid, None)
    process.kill()
    process.communicate()
    told = {"beat_at": None, "live": None}  # it may have told more meanwhile
    assert home.last_run | told == running | told
    for kind in ("jsonl", "csv"):
        assert home.scrapy("export", "runs", "-o", f"runs.{kind}").status == 0


def test_a_pause_of_a_minute_does_not_hold_up_the_end(sandbox: Sandbox, home: Home) -> None:
    sandbox.faults([{"kind": "429", "target": "/3/movie", "seconds": 60}])
    process = home.start_crawl("tmdb_trending", TMDB_RATE="50")
    until(lambda: sandbox.log(path="/3/movie"), process)
    time.sleep(0.5)
    process.send_signal(signal.SIGTERM)
    ended = home.wait(process, seconds=10)
    assert ended.status == 130
    assert home.records("rejects") == {}, "what was not asked to the end is no reject"
    assert "Traceback" not in ended.stderr


def test_killed_between_films_and_pictures(sandbox: Sandbox, home: Home) -> None:
    sandbox.faults([{"kind": "slow", "target": "cdn", "seconds": 60}])
    settings = {"IMAGES_ENABLED": "1", "IMAGES_BACKDROP_SIZES": "w300", "IMAGES_POSTER_SIZES": "w92"}
    process = home.start_crawl("tmdb_trending", "limit=6", **settings)
    until(lambda: len(home.documents()) == 6 and sandbox.log(server="cdn1"), process)
    process.kill()
    process.communicate()
    before = home.documents()
    assert all(film["images"] == {} for film in before.values())
    sandbox.faults([])
    sandbox.clear_log()
    ended = home.crawl("tmdb_trending", "limit=6", **settings)
    assert ended.status == 0, ended.stderr
    assert paths(sandbox.log(server="api")) == ["/trending/movie/day"]
    after = home.documents()
    assert home.stats["refresh/skipped/not_due"] == 6
    for id, film in after.items():
        for image in film["images"].values():
            assert (home.data / "images" / image["file"]).stat().st_size == next(iter(image["files"].values()))["bytes"]
        assert film["images"].keys() == {"poster", "backdrop", "title_backdrop"}
        assert film["sources"] == before[id]["sources"]
    sandbox.clear_log()
    assert home.crawl("tmdb_trending", "limit=6", **settings).status == 0
    assert len(sandbox.log()) == 1, "nothing is missing any more"


def test_killed_at_random_moments(sandbox: Sandbox, make_home: Callable[..., Home]) -> None:
    clean, home = make_home("clean"), make_home("home")
    crawl = ("tmdb_trending", "pages=12")
    assert clean.crawl(*crawl).status == 0
    wanted = clean.documents()
    dice = random.Random(7)
    stored: set[int] = set()
    for _ in range(4):
        sandbox.clear_log()
        process = home.start_crawl(*crawl)
        requests = dice.randrange(2, 60)
        until(lambda at_least=requests: len(sandbox.log()) >= at_least, process)  # type: ignore[misc]
        time.sleep(dice.random() * 0.05)
        process.kill()
        process.communicate()
        films = home.documents()
        assert home.integrity() == "ok"
        assert stored <= films.keys(), "what was stored stays stored"
        assert not stored & {int(path.rpartition("/")[2]) for path in paths(sandbox.log(path="/3/movie"))}
        stored = set(films)
        assert {id: timeless(film) for id, film in films.items()} == {id: timeless(wanted[id]) for id in films}
    assert 0 < len(stored) < len(wanted)
    assert home.crawl(*crawl).status == 0
    assert {id: timeless(film) for id, film in home.documents().items()} == {
        id: timeless(film) for id, film in wanted.items()
    }


def test_an_immediate_exit_prints_a_summary_too(sandbox: Sandbox, home: Home) -> None:
    process = home.start_crawl("tmdb_trending", "pages=9", TMDB_RATE="5", TMDB_BURST="5")
    until(lambda: home.database.exists() and home.documents(), process)
    with closing(sqlite3.connect(home.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")  # for longer than anybody waits
        process.send_signal(signal.SIGTERM)
        ended = home.wait(process, seconds=60)
    assert ended.status == 130
    assert ended.lines[-1].startswith("the process was ended, 8 s after the signal")
    assert any(line.startswith("tmdb_trending: shutdown in ") for line in ended.lines)
    (new,) = [int(line.split()[0]) for line in ended.lines if line.split()[1:2] == ["new,"]]
    assert new <= len(home.documents()), "a batch counts when its records are stored, too; those may have had to wait"
    assert "Traceback" not in ended.stderr
