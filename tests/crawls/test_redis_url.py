"""``REDIS_URL`` at the start and in the log: refused in one line, warned about with the remedy, no password."""

import re
from collections.abc import Callable, Iterator

import pytest
from redis import Redis

from tests.support.crawl import Home
from tests.support.redis_server import RedisServer, redis_server
from tests.support.sandbox import Sandbox
from tests.support.waiting import until

SANDBOX = ("--movies", "600")
PASSWORD = "hush-hush-4711"

NewMachine = Callable[..., Home]


@pytest.fixture(scope="module")
def redis() -> Iterator[RedisServer]:
    with redis_server("--requirepass", PASSWORD) as server:
        yield server


@pytest.fixture
def machine(make_home: NewMachine, redis: RedisServer) -> NewMachine:
    url = redis.uri.replace("//", f"//:{PASSWORD}@")
    return lambda name, **settings: make_home(name, REDIS_URL=url, **settings)


def titles(start: int, stop: int) -> str:
    return "ids=" + ",".join(map(str, range(5_000_000 + start, 5_000_000 + stop)))


def loaded(ended: str) -> set[str]:
    """The packages in what ``python -X importtime`` says."""
    return {line.rpartition("|")[2].strip().partition(".")[0] for line in re.findall(r"^import time:.*$", ended, re.M)}


def test_without_redis_url_no_redis_code_is_loaded(home: Home, machine: NewMachine) -> None:
    clients = {"redis", "scrapy_redis"}
    alone, shared = (
        one.crawl("tmdb_titles", titles(0, 1), PYTHONPROFILEIMPORTTIME="1") for one in (home, machine("one"))
    )
    assert (alone.status, shared.status) == (0, 0)
    assert "scrapy" in loaded(alone.stderr)
    assert not clients & loaded(alone.stderr)
    assert clients <= loaded(shared.stderr)


@pytest.mark.parametrize(
    ("user", "why"),
    [
        ("", "wrong user or password"),
        (":secret-but-wrong@", "wrong user or password"),
        ("nobody:secret-but-wrong@", "wrong user or password"),
    ],
)
def test_a_redis_that_does_not_let_us_in_is_one_line(
    sandbox: Sandbox, machine: NewMachine, redis: RedisServer, user: str, why: str
) -> None:
    ended = machine("one").crawl("tmdb_trending", REDIS_URL=redis.uri.replace("//", f"//{user}"))
    assert (ended.status, ended.stdout) == (2, "")
    (line,) = ended.lines
    assert line == f"REDIS_URL: Redis 127.0.0.1:{redis.port}/0: {why}"
    assert sandbox.log() == []


def test_what_other_machines_cannot_see_is_said_at_the_start_with_the_remedy(
    machine: NewMachine, redis: RedisServer
) -> None:
    ended = machine("one", IMAGES_ENABLED="1").crawl("tmdb_titles", titles(0, 1))
    warnings = [line for line in ended.lines if "WARNING" in line]
    assert ended.status == 0
    assert [
        remedy for remedy in ("STORE_URI=mongodb://", "IMAGES_STORE") if not any(remedy in one for one in warnings)
    ] == []
    assert len(warnings) == 2
    assert PASSWORD not in ended.stderr


def test_the_password_is_in_no_log_whatever_happens(sandbox: Sandbox, machine: NewMachine, redis: RedisServer) -> None:
    home = machine("one", LOG_LEVEL="DEBUG", TMDB_RATE="20", TMDB_BURST="1")
    crawl = home.start_crawl("tmdb_titles", titles(0, 40))
    until(lambda: len(sandbox.log()) >= 5)
    with Redis.from_url(redis.uri, password=PASSWORD) as client:
        client.client_kill_filter(_type="normal", skipme=True)
    ended = Home.wait(crawl)
    assert ended.status == 0, ended.stderr
    assert PASSWORD not in ended.stderr + ended.stdout
    assert len(home.documents()) == 40
