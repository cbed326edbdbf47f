"""All workers know within a second that one has opened a breaker, through a real Redis."""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
from redis import Redis
from scrapy import signals
from scrapy.signalmanager import SignalManager

from moviecrawler.config.groups import FailoverConfig
from moviecrawler.distributed.breaker_sync import KEY, SharedBreakers
from moviecrawler.policy.network.host_pool import HostPools
from moviecrawler.policy.network.hosts import Hosts
from moviecrawler.policy.network.source_breaker import SourceBreakers
from tests.support.crawler import stand_in
from tests.support.rate_limit_backends import redis_of
from tests.support.redis_server import RedisServer, redis_server
from tests.support.waiting import patient

HOSTS = Hosts.build({"TMDB_IMAGE_BASE_URLS": ("tmdb", "cdn", "https://a.example/t/p,https://b.example/t/p")})
A, B = HOSTS.hosts

NewWorker = Callable[[], Any]


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    with redis_server() as server:
        yield server


@pytest.fixture
async def new_worker(server: RedisServer) -> AsyncIterator[NewWorker]:
    """Makes workers that are open; ``ring`` is the host pool of the pictures."""
    workers: list[Any] = []
    with Redis.from_url(server.uri) as client:
        client.flushall()

    def make() -> Any:
        pools = HostPools(HOSTS, FailoverConfig())
        breakers = SourceBreakers(HOSTS, secrets.token_hex(4), 600.0)
        redis = redis_of(server.uri)
        crawler = stand_in(host_pools=pools, breakers=breakers, redis=redis)
        crawler.host_pools, crawler.breakers, crawler.redis, crawler.pool = pools, breakers, redis, pools.of(A)
        crawler.signals = SignalManager(crawler)  # without a sender, each would hear the others' signals
        crawler.extension = SharedBreakers.from_crawler(crawler)
        crawler.signals.send_catch_log(signals.spider_opened)
        workers.append(crawler)
        return crawler

    yield make
    for crawler in workers:
        await crawler.signals.send_catch_log_async(signals.spider_closed)
        await crawler.redis.close()


def fail(worker: Any, times: int = 3) -> None:
    for _ in range(times):
        now = time.monotonic()
        worker.pool.record(A, False, sent=now, now=now, seconds=None, reason="failed/500")


async def until(holds: Callable[[], object]) -> None:
    async with asyncio.timeout(patient(5)):
        while not holds():
            await asyncio.sleep(0.02)


async def wait_until_it_chooses(worker: Any, host: Any) -> None:
    await until(lambda: worker.pool.choose(time.monotonic()) == host)


async def test_an_open_breaker_is_known_to_all_workers(new_worker: NewWorker) -> None:
    one, other = new_worker(), new_worker()
    await asyncio.sleep(0.1)
    fail(one)
    await wait_until_it_chooses(other, B)


async def test_a_later_worker_knows_that_a_source_is_down_and_when_it_is_back(
    new_worker: NewWorker,
) -> None:
    one, other = (worker.breakers.of(A) for worker in (new_worker(), new_worker()))
    one.record_success(time.monotonic())
    for number in range(10):
        one.record_failure(f"/{number}", None, time.monotonic())
    for _ in range(4):  # its next probe is 16 seconds away
        one.end_probe(time.monotonic(), failed=True)
    await until(lambda: other.is_open)
    assert not other.try_start_probe(time.monotonic())
    one.record_success(time.monotonic())
    await until(lambda: other.try_start_probe(time.monotonic()))


async def test_a_later_worker_knows_open_breakers_at_once(
    new_worker: NewWorker, server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail(one := new_worker())
    with Redis.from_url(server.uri) as client:
        await until(lambda: client.exists(KEY))
    monkeypatch.setattr("moviecrawler.distributed.breaker_sync.EXCHANGE_INTERVAL", 600.0)
    await wait_until_it_chooses(new_worker(), B)
    assert one.pool.choose(time.monotonic()) == B


async def test_without_redis_each_worker_knows_its_own_breakers_and_the_exchange_continues_when_it_is_back(
    new_worker: NewWorker, server: RedisServer
) -> None:
    one, other = new_worker(), new_worker()
    await asyncio.sleep(0.1)
    server.kill()
    fail(one)
    assert one.pool.choose(time.monotonic()) == B
    assert other.pool.choose(time.monotonic()) == A
    await asyncio.sleep(1.2)
    server.restart()
    await wait_until_it_chooses(other, B)


async def test_garbage_in_the_hash_is_deleted(new_worker: NewWorker, server: RedisServer) -> None:
    with Redis.from_url(server.uri) as client:
        client.hset(KEY, mapping={"open tmdb/cdn https://a.example/t/p": "no number", "\xff": "1"})
        worker = new_worker()
        await until(lambda: not client.exists(KEY))
    assert worker.pool.choose(time.monotonic()) == A
