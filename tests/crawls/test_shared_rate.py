"""Workers on several machines, which share nothing but a Redis: one budget, one pause, one quota of the day."""

import os
import signal
import time
from collections.abc import Callable
from itertools import pairwise

import pytest

from tests.crawls.test_rate import ENFORCED, paused, within_budget
from tests.support.crawl import Home
from tests.support.redis_server import RedisServer
from tests.support.sandbox import Sandbox
from tests.support.waiting import patient, until

SANDBOX = ("--movies", "600")

NewMachine = Callable[..., Home]


@pytest.fixture
def machine(make_home: NewMachine, redis: RedisServer) -> NewMachine:
    """A folder of its own for each: own DATA_DIR, own store; all have the same REDIS_URL."""
    return lambda name, **settings: make_home(name, REDIS_URL=redis.uri, **settings)


def titles(start: int, stop: int) -> str:
    return "ids=" + ",".join(map(str, range(5_000_000 + start, 5_000_000 + stop)))


def test_two_machines_and_a_restart_share_one_budget(sandbox: Sandbox, machine: NewMachine) -> None:
    budget = {"TMDB_RATE": "25", "TMDB_BURST": "5"}
    sandbox.settings(**ENFORCED)
    one, other = machine("one", **budget), machine("other", **budget)
    crawls = [one.start_crawl("tmdb_titles", titles(0, 25)), other.start_crawl("tmdb_titles", titles(25, 50))]
    assert [Home.wait(crawl).status for crawl in crawls] == [0, 0]
    first = sandbox.log()
    assert len(first) == 50
    assert one.crawl("tmdb_titles", titles(50, 70)).status == 0
    log = sandbox.log()
    assert len(log) == 70
    assert [entry for entry in log if entry["status"] != 200] == [], "a site that enforces the budget has no complaint"
    assert within_budget(log, 25, 5)
    spent = max(entry["at"] for entry in first) - min(entry["at"] for entry in first)
    assert spent < patient(45 / 25), "and it is used, not merely kept"


def test_a_pause_is_of_all_machines(sandbox: Sandbox, machine: NewMachine) -> None:
    sandbox.faults([{"kind": "429", "seconds": 2, "times": 1}])
    homes = [machine(name, TMDB_RATE="50", TMDB_BURST="2") for name in ("one", "other")]
    crawls = [
        home.start_crawl("tmdb_titles", titles(start, start + 40)) for home, start in zip(homes, (0, 40), strict=True)
    ]
    assert [Home.wait(crawl).status for crawl in crawls] == [0, 0]
    log = sandbox.log(path="/3/movie")
    assert len(log) == 81
    throttled = next(entry for entry in log if entry["status"] == 429)
    assert len(paused([entry["at"] for entry in log], throttled["at"], 2)) <= 20
    assert within_budget([entry for entry in log if entry["at"] >= throttled["at"] + 2], 50, 2)


def test_a_redis_that_stands_still_pauses_the_crawl_which_then_ends_well(
    sandbox: Sandbox, machine: NewMachine, redis: RedisServer
) -> None:
    home = machine("one", TMDB_RATE="20", TMDB_BURST="5")
    crawl = home.start_crawl("tmdb_titles", titles(0, 60))
    until(lambda: len(sandbox.log()) >= 15)
    os.kill(redis.process.pid, signal.SIGSTOP)
    try:
        time.sleep(4)
        assert crawl.poll() is None
    finally:
        os.kill(redis.process.pid, signal.SIGCONT)
    ended = Home.wait(crawl)
    assert ended.status == 0, ended.stderr
    assert 1 <= sum("the crawl waits for it" in line for line in ended.lines) <= 3, ended.stderr
    assert len([line for line in ended.lines if "the crawl continues" in line]) == 1, ended.stderr
    assert len(home.documents()) == 60
    log = sandbox.log()
    assert max(later["at"] - earlier["at"] for earlier, later in pairwise(log)) > 3.5, "it sent nothing meanwhile"
    assert within_budget(log, 20, 5)
    assert len(log) == 60


def test_the_quota_of_a_day_is_of_all_machines(sandbox: Sandbox, machine: NewMachine) -> None:
    homes = [machine(name, OMDB_DAILY_QUOTA="10") for name in ("one", "other")]
    for home, start in zip(homes, (0, 15), strict=True):
        assert home.crawl("tmdb_titles", titles(start, start + 15)).status == 0
    # Of two stores, so two crawls and not one: they differ in an argument.
    crawls = [home.start_crawl("omdb", f"limit={limit}") for home, limit in zip(homes, (100, 101), strict=True)]
    assert [Home.wait(crawl).status for crawl in crawls] == [0, 0]
    assert len(sandbox.log(server="omdb")) == 10
