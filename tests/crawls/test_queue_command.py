"""`scrapy queue`: what is queued, what has died, and titles for workers that wait."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from redis import Redis

from moviecrawler.distributed.lua_scripts import ENTRY_VERSION
from tests.support.crawl import Home
from tests.support.redis_server import RedisServer
from tests.support.sandbox import Sandbox
from tests.support.waiting import until
from tests.support.workers import keys

SANDBOX = ("--movies", "60", "--shows", "10")
WAITING = {"WORKER_IDLE_SECONDS": "600"}


@pytest.fixture
def home(make_home: Callable[..., Home], redis: RedisServer) -> Home:
    with Redis.from_url(redis.uri) as client:
        client.flushall()
    return make_home(REDIS_URL=redis.uri)


def shown(home: Home, *words: str) -> list[dict[str, Any]]:
    ended = home.scrapy("queue", *words, "--json")
    assert ended.status == 0, ended.stderr
    return [json.loads(line) for line in ended.stdout.splitlines()]


def test_titles_are_pushed_to_workers_that_wait(sandbox: Sandbox, redis: RedisServer, home: Home) -> None:
    worker = home.start_crawl("tmdb_titles", "ids=603", **WAITING)
    until(lambda: 603 in home.documents(), worker)
    ended = home.scrapy("queue", "push", "tmdb_titles", "550", "shows/1396,movies/680")
    assert (ended.status, ended.stderr) == (0, "")
    assert "3 titles pushed" in ended.stdout
    until(lambda: len(home.documents()) == 3 and home.documents("shows"), worker)
    assert home.documents().keys() == {603, 550, 680}
    (crawl,) = shown(home)
    assert crawl["spider"] == "tmdb_titles"
    assert crawl["arguments"] == {"ids": "[('movies', 603)]", "force": "False"}
    assert (crawl["pending"], crawl["leased"], crawl["dead"], len(crawl["workers"])) == ({}, 0, [], 1)
    assert (crawl["seeder"], crawl["seen"]) == ("done", 1)
    worker.terminate()
    assert home.wait(worker).status == 130
    assert keys(redis) == []


def test_a_worker_waits_so_long_and_then_ends(sandbox: Sandbox, home: Home) -> None:
    assert home.crawl("tmdb_titles", "ids=603", WORKER_IDLE_SECONDS="1").status == 0


def test_without_a_waiting_worker_nothing_is_pushed(sandbox: Sandbox, home: Home) -> None:
    ended = home.scrapy("queue", "push", "tmdb_titles", "603")
    assert (ended.status, len(ended.lines)) == (1, 1)
    assert "no worker is waiting" in ended.stderr
    assert "WORKER_IDLE_SECONDS" in ended.stderr
    assert shown(home) == []
    assert home.scrapy("queue").stdout == "no crawl is queued\n"


def test_dead_letters_are_shown_and_run_again(sandbox: Sandbox, redis: RedisServer, home: Home) -> None:
    worker = home.start_crawl("tmdb_titles", "ids=603", **WAITING)
    until(lambda: 603 in home.documents(), worker)
    (crawl,) = shown(home)
    letter = f'{ENTRY_VERSION} 00000000000a 5 -10 {sandbox.api.removesuffix("/3")} {{"title":["movies",550]}}'
    with Redis.from_url(redis.uri) as client:
        client.hset(f"{crawl['crawl']}:dead", "00000000000a", f"1795246456.5\ndelivered 5 times\n{letter}")
        client.hset(f"{crawl['crawl']}:dead", "odd", b"\xff\xfe")
    dead = shown(home, "tmdb_titles")[0]["dead"]
    assert [one["reason"] for one in dead] == ["", "delivered 5 times"]
    assert dead[1]["at"].startswith("2026-11-21T")
    text = home.scrapy("queue", "tmdb_titles").stdout
    assert "delivered 5 times" in text
    assert "dead     2" in text
    assert "1 dead letters are queued again" in home.scrapy("queue", "tmdb_titles", "--retry-dead").stdout
    until(lambda: 550 in home.documents(), worker)
    worker.terminate()
    home.wait(worker)
    assert keys(redis) == [f"{crawl['crawl']}:dead"]


def test_clear_takes_everything_away_and_the_workers_end(sandbox: Sandbox, redis: RedisServer, home: Home) -> None:
    worker = home.start_crawl("tmdb_titles", "ids=603", **WAITING)
    until(lambda: 603 in home.documents(), worker)
    ended = home.scrapy("queue", "--clear")
    assert (ended.status, len(ended.lines)) == (2, 1)
    assert keys(redis)
    assert home.scrapy("queue", "tmdb_titles", "--clear", "--yes").status == 0
    assert home.wait(worker, 20).status == 0
    assert keys(redis) == []


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["push", "tmdb_titles"], "push SPIDER ID"),
        (["push", "tmdb_titles", "films/603"], "films/603"),
        (["push", "omdb", "603"], "tmdb_titles does"),
        (["nobody"], "no spider 'nobody'"),
        (["tmdb_titles", "omdb"], "one spider at a time"),
        (["--clear", "--yes", "--retry-dead"], "give only one of"),
    ],
)
def test_wrong_usage_is_one_line(home: Home, words: list[str], says: str) -> None:
    ended = home.scrapy("queue", *words)
    assert (ended.status, len(ended.lines)) == (2, 1), ended.stderr
    assert says in ended.stderr


def test_without_a_redis_it_says_so(home: Home) -> None:
    ended = home.scrapy("queue", REDIS_URL="")
    assert (ended.status, len(ended.lines)) == (2, 1)
    ended = home.scrapy("queue", REDIS_URL="redis://:s3cret@127.0.0.1:9/0")
    assert (ended.status, len(ended.lines)) == (1, 1)
    assert "s3cret" not in ended.stderr
