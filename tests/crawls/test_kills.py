"""Workers, their seeder, Redis and MongoDB die or freeze in mid-crawl: nothing is lost, little is asked for twice."""

import os
import signal
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from redis import Redis

from moviecrawler.pipelines.group_commit import ENOUGH
from tests.crawls.test_mongodb import exported, on_disk
from tests.support.crawl import ROOT, Home, timeless
from tests.support.mongo_server import mongo_server
from tests.support.redis_server import RedisServer, redis_server
from tests.support.sandbox import Sandbox
from tests.support.waiting import patient, until
from tests.support.workers import Workers, asked, documents, keys, number_of_workers, stop_and_kill

SANDBOX = ("--movies", "160")
LEASE = {"QUEUE_LEASE_SECONDS": "3"}
DISCOVER = ("tmdb_discover", "start_year=1980", "end_year=2024", "min_votes=0")
IN_FLIGHT = 10 + ENOUGH
"""TMDB_CONCURRENCY titles travel, and a batch of so many at most waits to be stored."""


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    """One that keeps what it was told, also when it is killed."""
    folder = tmp_path / "redis"
    folder.mkdir()
    with redis_server("--dir", str(folder), "--appendonly", "yes", "--appendfsync", "always") as server:
        yield server


@pytest.fixture
def home(make_home: Callable[..., Home], redis: RedisServer) -> Home:
    return make_home("shared", REDIS_URL=redis.uri, **LEASE)


def films(sandbox: Sandbox) -> dict[str, int]:
    """How often each film was asked for."""
    return {path: count for (_, path, _), count in asked(sandbox).items() if path.startswith("/3/movie/")}


def nothing_is_missing(home: Home, *crawl: str) -> None:
    """A crawl without Redis, in the same home, finds nothing to ask for; all documents are whole."""
    before = documents(home)
    ended = home.crawl(*crawl, REDIS_URL="")
    assert ended.status == 0, ended.stderr
    assert documents(home) == before


def seeder(redis: RedisServer) -> str:
    with Redis.from_url(redis.uri) as client:
        return next((str(client.get(key)) for key in client.scan_iter("*:seeder")), "")


def test_the_seeder_is_killed_in_mid_seed_and_the_other_goes_on(
    sandbox: Sandbox, redis: RedisServer, home: Home
) -> None:
    """The other worker's death, and ten random moments: tests/benchmarks/test_kills.py."""
    sandbox.settings(latency=200)
    workers = Workers(sandbox, home, *DISCOVER)
    until(lambda: number_of_workers(redis) == 2 and len(films(sandbox)) > 20)
    (victim,) = [process for process in workers.running if f"/{process.pid}/" in seeder(redis)]
    in_flight = stop_and_kill(victim, redis)
    workers.wait()
    twice = [path for path, count in films(sandbox).items() if count > 1]
    assert len(twice) <= in_flight
    assert 0 < in_flight <= IN_FLIGHT
    sandbox.settings(latency=0)
    nothing_is_missing(home, *DISCOVER)
    assert keys(redis) == []


def test_all_are_killed_and_the_same_command_goes_on(sandbox: Sandbox, redis: RedisServer, home: Home) -> None:
    sandbox.settings(latency=150)
    workers = Workers(sandbox, home, *DISCOVER)
    until(lambda: len(films(sandbox)) > 40)
    in_flight = sum(stop_and_kill(process, redis) for process in workers.running)
    assert in_flight > 0
    Workers(sandbox, home, *DISCOVER).wait()
    assert len([path for path, count in films(sandbox).items() if count > 1]) <= in_flight
    sandbox.settings(latency=0)
    nothing_is_missing(home, *DISCOVER)
    assert keys(redis) == []


def test_redis_is_killed_and_started_again(sandbox: Sandbox, redis: RedisServer, home: Home) -> None:
    sandbox.settings(latency=150)
    workers = Workers(sandbox, home, *DISCOVER)
    until(lambda: len(films(sandbox)) > 40)
    redis.kill()
    time.sleep(1)
    redis.restart()
    for ended in workers.wait():
        away = sum("the crawl waits for it" in line for line in ended.lines)
        assert 1 <= away <= 3, "one line, not one per request; an answer that comes late looks like another outage"
        assert sum("is back; the crawl continues" in line for line in ended.lines) == away
    assert len([path for path, count in films(sandbox).items() if count > 1]) <= 2 * IN_FLIGHT
    sandbox.settings(latency=0)
    nothing_is_missing(home, *DISCOVER)
    assert keys(redis) == []


def test_redis_stands_still_longer_than_a_lease(sandbox: Sandbox, redis: RedisServer, home: Home) -> None:
    sandbox.settings(latency=150)
    workers = Workers(sandbox, home, *DISCOVER)
    until(lambda: len(films(sandbox)) > 40)
    os.kill(redis.process.pid, signal.SIGSTOP)
    time.sleep(3.5)
    still = len(sandbox.log())
    time.sleep(0.5)
    assert len(sandbox.log()) == still, "nothing is asked for that could not be acknowledged"
    os.kill(redis.process.pid, signal.SIGCONT)
    workers.wait()
    assert max(films(sandbox).values()) == 1, "the leases did not run out while nobody could renew them"
    sandbox.settings(latency=0)
    nothing_is_missing(home, *DISCOVER)
    assert keys(redis) == []


def test_mongodb_is_killed_and_started_again(
    sandbox: Sandbox, redis: RedisServer, make_home: Callable[..., Home], home: Home
) -> None:
    alone = make_home("alone")
    assert alone.crawl(*DISCOVER).status == 0
    sandbox.clear_log()
    sandbox.settings(latency=150)
    options = on_disk(home.folder)
    with mongo_server(*options) as server:
        uri = f"{server}/films"
        workers = Workers(sandbox, home, *DISCOVER, STORE_URI=uri)
        until(lambda: len(films(sandbox)) > 60 and number_of_workers(redis) == 2)
    # It has been killed, and comes back.
    time.sleep(1)
    assert {process.poll() for process in workers.running} == {None}
    with mongo_server(*options):
        workers.wait()
        stored, rejects = exported(home, "movies", uri), exported(home, "rejects", uri)
    assert timeless(stored) == timeless(alone.documents())
    assert rejects == {}
    assert max(films(sandbox).values()) == 1, "no film is asked for twice because its store was away"
    assert keys(redis) == []


def test_while_redis_is_away_ctrl_c_works(sandbox: Sandbox, redis: RedisServer, home: Home) -> None:
    sandbox.settings(latency=150)
    worker = home.start_crawl(*DISCOVER)
    until(lambda: len(films(sandbox)) > 20, worker)
    os.kill(redis.process.pid, signal.SIGSTOP)
    until(lambda: len(sandbox.log()) == (time.sleep(0.5), len(sandbox.log()))[1])
    worker.send_signal(signal.SIGINT)
    ended = home.wait(worker, 15)
    os.kill(redis.process.pid, signal.SIGCONT)
    assert ended.status == 130
    assert "Traceback" not in ended.stderr


def test_a_redis_that_forgot_everything_is_one_line_and_no_success(
    sandbox: Sandbox, redis: RedisServer, home: Home
) -> None:
    sandbox.settings(latency=150)
    worker = home.start_crawl(*DISCOVER)
    until(lambda: len(films(sandbox)) > 20, worker)
    with Redis.from_url(redis.uri) as client:
        client.flushall()
    ended = home.wait(worker, 20)
    assert ended.status == 1
    assert "the queue in Redis is gone" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert home.last_run["finish_reason"] == "queue_lost"


POISON = """
    from moviecrawler.settings import *

    import os

    ITEM_PIPELINES = {**ITEM_PIPELINES, "poison.Poison": 1}


    class Poison:
        def process_item(self, item):
            if getattr(item, "id", None) == 603:
                os.kill(os.getpid(), 9)
            return item
"""


def test_a_request_that_kills_its_worker_each_time_becomes_a_dead_letter(
    sandbox: Sandbox, redis: RedisServer, home: Home
) -> None:
    (home.folder / "poison.py").write_text(textwrap.dedent(POISON))
    (home.folder / "scrapy.cfg").write_text("[settings]\ndefault = poison\n")
    # A lease that is longer than the next worker takes to start: without any worker a crawl is over.
    lease = {"QUEUE_MAX_DELIVERIES": "2", "QUEUE_LEASE_SECONDS": str(patient(2))}
    crawl = ("tmdb_titles", "ids=603,550,680")
    deaths = 0
    while (ended := home.wait(home.start_crawl(*crawl, **lease), 30)).status == -9 and deaths < 9:
        deaths += 1
    assert deaths == 2
    assert ended.status == 1, ended.stderr
    assert "1 requests of this crawl are dead letters: scrapy queue" in ended.stderr
    assert home.last_run["finish_reason"] == "incomplete"
    assert home.documents().keys() == {550, 680}, "what was in work beside it is not lost with it"
    with Redis.from_url(redis.uri) as client:
        (letter,) = [value for key in client.scan_iter("*:dead") for value in client.hvals(key)]
    assert b"delivered 2 times" in letter
    assert b"/movie/603" in letter
    assert keys(redis)[0].endswith(":dead"), "it is there to be looked at"


def test_a_worker_whose_clock_is_an_hour_off(sandbox: Sandbox, redis: RedisServer, home: Home) -> None:
    sandbox.settings(latency=150)
    for folder, offset in (("early", -3600), ("late", 3600)):
        (home.folder / folder).mkdir()
        (home.folder / folder / "sitecustomize.py").write_text(WRONG_CLOCK.format(offset=offset))
    workers = Workers(sandbox, home, *DISCOVER, number=1, PYTHONPATH=f"{ROOT}:{ROOT}")  # none starts faster than others
    for folder in ("early", "late"):
        path = f"{home.folder / folder}:{ROOT}"
        workers.running.append(home.start_crawl(*DISCOVER, PYTHONPATH=path))
    workers.wait()
    assert max(films(sandbox).values()) == 1
    assert keys(redis) == []


WRONG_CLOCK = """
import datetime
import time

import twisted.python.runtime  # before: its timers go by this clock

true_time = time.time


def wrong():
    return true_time() + {offset}


class Wrong(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return datetime.datetime.fromtimestamp(wrong(), tz)


time.time = wrong
datetime.datetime = Wrong
"""


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("redis://127.0.0.1:9/0", "no connection"),
        ("redis://:wr0ng-s3cret@{host}/0", "wrong user or password"),
        ("redis://{host}/0", "wrong user or password"),
        ("http://127.0.0.1/0", "REDIS_URL: not the address of a Redis"),
    ],
)
def test_a_redis_that_cannot_be_used_is_one_line_before_anything_is_asked(
    sandbox: Sandbox, redis: RedisServer, home: Home, url: str, says: str
) -> None:
    with Redis.from_url(redis.uri) as client:
        client.config_set("requirepass", "another")
    ended = home.crawl(*DISCOVER, REDIS_URL=url.format(host=f"127.0.0.1:{redis.port}"))
    assert (ended.status, len(ended.lines)) == (2, 1), ended.stderr
    assert says in ended.stderr
    assert "wr0ng" not in ended.stderr
    assert sandbox.log() == []
