"""Redis is full, read-only, busy, forgetful, or refuses: what passes is waited out, all else ends in one line."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Thread

import pytest
from redis import Redis
from redis.exceptions import RedisError

from tests.crawls.test_interruptions import until
from tests.support.crawl import ROOT, Ended, Home
from tests.support.redis_server import RedisServer, redis_server
from tests.support.sandbox import Sandbox
from tests.support.workers import Workers, keys, number_of_workers

SANDBOX = ("--movies", "160", "--shows", "1")
DISCOVER = ("tmdb_discover", "start_year=1980", "end_year=2024", "min_votes=0")
WAITS = "the crawl waits for it"


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    with redis_server() as server:
        yield server


@pytest.fixture
def client(redis: RedisServer) -> Iterator["Redis"]:
    with Redis.from_url(redis.uri) as client:
        yield client


@pytest.fixture
def home(make_home: Callable[..., Home], redis: RedisServer) -> Home:
    return make_home("shared", REDIS_URL=redis.uri, QUEUE_LEASE_SECONDS="5")


def errors(ended: Ended) -> list[str]:
    return [line for line in ended.lines if " ERROR: " in line]


@contextmanager
def full(client: "Redis") -> Iterator[None]:
    client.config_set("maxmemory", 1)
    yield
    client.config_set("maxmemory", 0)


@contextmanager
def too_few_replicas(client: "Redis") -> Iterator[None]:
    client.config_set("min-replicas-to-write", 1)
    yield
    client.config_set("min-replicas-to-write", 0)


@contextmanager
def replica(client: "Redis") -> Iterator[None]:
    client.execute_command("REPLICAOF", "127.0.0.1", "9")
    yield
    client.execute_command("REPLICAOF", "NO", "ONE")


@contextmanager
def busy(client: "Redis") -> Iterator[None]:
    client.config_set("lua-time-limit", 100)

    def never_ends() -> None:
        with suppress(RedisError):
            client.eval("while true do end", 0)

    thread = Thread(target=never_ends)
    thread.start()
    yield
    client.script_kill()
    thread.join()


@contextmanager
def forgetful(client: "Redis") -> Iterator[None]:
    """Scripts are gone, and connections."""
    client.script_flush()
    client.client_kill_filter(_type="normal", skipme=True)
    yield


PASSING = (full, too_few_replicas, replica, busy, forgetful)


def test_a_temporary_redis_failure_is_waited_for_and_nothing_is_lost(
    sandbox: Sandbox, redis: RedisServer, client: "Redis", home: Home
) -> None:
    """One kind after the other, while two workers are at it."""
    sandbox.settings(latency=200)
    workers = Workers(sandbox, home, *DISCOVER, TMDB_CONCURRENCY="4")
    until(lambda: number_of_workers(redis) == 2)
    for trouble in PASSING:
        asked = len(sandbox.log())
        until(lambda asked=asked: len(sandbox.log()) > asked + 5)  # type: ignore[misc]
        with trouble(client):
            time.sleep(0.5)
    for ended in workers.wait():
        assert errors(ended) == []
        assert 1 <= sum(WAITS in line for line in ended.lines) <= len(PASSING)
        assert sum("is back; the crawl continues" in line for line in ended.lines) == sum(
            WAITS in line for line in ended.lines
        )
    assert keys(redis) == []
    sandbox.settings(latency=0)
    sandbox.clear_log()
    stored = home.documents().keys()
    assert home.crawl(*DISCOVER, REDIS_URL="").status == 0
    assert home.documents().keys() == stored
    assert sandbox.log(path="/3/movie/") == []


def of_another_type(name: str) -> Callable[["Redis"], None]:
    def spoil(client: "Redis") -> None:
        (key,) = client.scan_iter(f"*:{name}")
        client.set(key, "not what it was")

    return spoil


def budget_of_another_type(client: "Redis") -> None:
    client.set("moviecrawler:budget:tmdb", "not what it was")


def without_a_right(client: "Redis") -> None:
    client.execute_command("ACL", "SETUSER", "default", "-zadd")


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        pytest.param(of_another_type("seen"), "WRONGTYPE", id="seen-set"),
        pytest.param(of_another_type("leases"), "WRONGTYPE", id="leases"),
        pytest.param(budget_of_another_type, "WRONGTYPE", id="budget"),
        pytest.param(without_a_right, "ACL LOG", id="right"),
    ],
)
def test_a_permanent_redis_failure_ends_the_run_with_one_line(
    sandbox: Sandbox, client: "Redis", home: Home, spoil: Callable[["Redis"], None], says: str
) -> None:
    sandbox.settings(latency=100)
    worker = home.start_crawl(*DISCOVER, TMDB_RATE="50")
    until(lambda: len(sandbox.log(path="/3/movie/")) > 10, worker)
    spoil(client)
    ended = home.wait(worker, 15)
    assert ended.status == 1
    (line,) = errors(ended)
    assert says in line
    assert "Traceback" not in ended.stderr
    assert home.last_run["finish_reason"] == "redis_failed"


def test_patience_has_an_end(sandbox: Sandbox, redis: RedisServer, client: "Redis", home: Home) -> None:
    sandbox.settings(latency=100)
    worker = home.start_crawl(*DISCOVER, REDIS_PATIENCE="1")
    until(lambda: len(sandbox.log(path="/3/movie/")) > 10, worker)
    client.config_set("maxmemory", 1)
    ended = home.wait(worker, 20)
    assert ended.status == 1
    (line,) = errors(ended)
    assert "its memory is full, for " in line
    assert "REDIS_PATIENCE" in line
    assert home.last_run["finish_reason"] == "incomplete"
    assert home.last_run["incomplete"] == [line.partition(" ERROR: ")[2]]


def test_sigterm_while_redis_stands_still(sandbox: Sandbox, redis: RedisServer, home: Home) -> None:
    sandbox.settings(latency=100)
    worker = home.start_crawl(*DISCOVER)
    until(lambda: len(sandbox.log(path="/3/movie/")) > 10, worker)
    redis.process.send_signal(signal.SIGSTOP)
    worker.terminate()
    asked = time.monotonic()
    ended = home.wait(worker, 20)
    redis.process.send_signal(signal.SIGCONT)
    assert time.monotonic() - asked < 10
    assert ended.status == 130
    assert "Traceback" not in ended.stderr


# --- Dead letters, and workers of two versions -----------------------------------------------------------------------


def test_dead_letters_of_whatever_origin_are_named_by_every_worker(
    sandbox: Sandbox, redis: RedisServer, client: "Redis", home: Home
) -> None:
    sandbox.settings(latency=200)
    arguments = ("tmdb_trending", "pages=2")
    workers = Workers(sandbox, home, *arguments, TMDB_CONCURRENCY="2")
    until(lambda: number_of_workers(redis) == 2 and len(sandbox.log()) > 6)
    (queue,) = client.scan_iter("*:queue:*")
    crawl_key, _, slot = queue.partition(b":queue:")
    base = crawl_key.rpartition(b":")[0]
    client.zadd(queue, {b"m1 0000000000aa 0 0 %s {}" % slot: -1000, b"m2 0000000000ab 0 0 %s {}" % slot: -1000})
    client.rpush(base + b":inbox", b"garbage", b'-20 %s {"title":["movies",3]}' % slot)
    ended = [Home.wait(process) for process in workers.running]
    for one in ended:
        assert one.status == 1, one.stderr
        (line,) = errors(one)
        assert "3 requests of this crawl are dead letters: scrapy queue" in line
        assert line.partition(" ERROR: ")[2] in one.stderr.partition("  incomplete ")[2], "and in the summary"
    assert {run["finish_reason"] for run in home.records("runs").values()} == {"incomplete"}
    assert {run["stats"]["queue/dead"] for run in home.records("runs").values()} == {3}
    stored = home.documents().keys()
    assert home.crawl(*arguments, REDIS_URL="").status == 0
    assert home.documents().keys() == stored, "nothing else is missing"
    mended = home.scrapy("queue", "--retry-dead").stdout
    assert "1 dead letters are queued again" in mended
    assert "2 cannot be" in mended


def test_what_died_yesterday_is_not_today_s_failure(
    sandbox: Sandbox, redis: RedisServer, client: "Redis", home: Home
) -> None:
    assert home.crawl("tmdb_titles", "ids=603", WORKER_IDLE_SECONDS="0").status == 0
    (ended_key,) = client.scan_iter("*:ended")
    base = ended_key.rsplit(b":", 2)[0]
    client.hset(base + b":dead", "1:00000000000a", b"1795246456.5\ndelivered 5 times\ngarbage")
    assert home.crawl("tmdb_titles", "ids=603").status == 0


OLDER = """
from moviecrawler.distributed import crawl_key

known = crawl_key.worker_facts


def facts(spider):
    ours = known(spider)
    del ours["version"]
    return ours | {"languages": ours.pop("titles in")}


crawl_key.worker_facts = facts
"""
"""As ``sitecustomize``: a worker that does not know yet of a version."""

OTHER = """
from moviecrawler.distributed import crawl_key

crawl_key.worker_version = lambda: "0.2.0/m2/0badcode"
"""


def test_workers_of_other_versions_are_refused(sandbox: Sandbox, redis: RedisServer, home: Home) -> None:
    crawl = ("tmdb_titles", "ids=603")
    worker = home.start_crawl(*crawl, WORKER_IDLE_SECONDS="60")
    until(lambda: keys(redis), worker)
    for code, says in ((OTHER, "version is '0."), (OLDER, "languages is None")):
        (home.folder / "sitecustomize.py").write_text(code)
        refused = home.crawl(*crawl, PYTHONPATH=f"{home.folder}:{ROOT}")
        assert refused.status == 1
        (line,) = errors(refused)
        assert "is under way with other settings" in line
        assert says in line
    worker.terminate()
    assert home.wait(worker).status == 130
    assert keys(redis) == []
