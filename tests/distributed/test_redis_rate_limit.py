"""The script decides as ``policy.network.rate_limit`` does; the limit holds when Redis goes away, or loses its data."""

import asyncio
import itertools
import logging
import math
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis import Redis
from scrapy.exceptions import IgnoreRequest

from moviecrawler.distributed.lua_scripts import read_script
from moviecrawler.distributed.rate_limit import KEY, RedisRateLimitBackend, rate_limit_script
from moviecrawler.downloader.rate_limit import RateLimitBackend
from moviecrawler.downloader.throttle import Throttle
from moviecrawler.policy.network.rate_limit import RateLimit, RateLimitState
from tests.support.rate_limit_backends import Taken, most_above, open_ledger, redis_of
from tests.support.redis_server import RedisServer, redis_server
from tests.support.sandbox import ROOT
from tests.support.waiting import patient

LONGEST_PAUSE = 900.0
NAME = KEY.format("tmdb")
BUDGET = RateLimit(rate=100, burst=10, concurrency=10)

CLOCK_OF_THE_TEST = "local now = tonumber(ARGV[10])\n"


class Twin:
    """Runs script and policy side by side, with the test's clock instead of Redis's."""

    def __init__(self, raw_redis: "Redis") -> None:
        self._redis, self._script = (
            raw_redis,
            raw_redis.register_script(rate_limit_script().replace(read_script("clock"), CLOCK_OF_THE_TEST)),
        )
        self._state = RateLimitState()
        raw_redis.flushall()

    def step(self, budget: RateLimit, now: float, pause: float | None, age: float) -> None:
        """Take a place, or pause (seconds): both give the same wait, and the same state."""
        said = ["", ""] if pause is None else [pause, age]
        answer: Any = self._script([NAME], [budget.rate, budget.burst, LONGEST_PAUSE, *said, "", 0, 1, 0, now])
        state = self._state.clamp(budget, now, LONGEST_PAUSE)
        if pause is None:
            state, wait = state.take(budget, now)
            assert float(answer[0]) == pytest.approx(wait, rel=1e-12, abs=1e-6)
            assert (float(answer[0]) <= 0) == (wait <= 0)
        else:
            state = state.pause(budget, now, pause, now - age)
        self._state = state
        kept: Any = self._redis.hmget(NAME, "tat", "factor", "since")
        assert [float(value) for value in kept] == [state.tat, *state.adaptive]


@pytest.fixture(scope="module")
def client() -> Iterator["Redis"]:
    with redis_server() as server, Redis.from_url(server.uri) as client:
        yield client


BUDGETS = st.builds(
    RateLimit,
    rate=st.sampled_from([0.05, 0.7, 2.0, 4.0, 40.0, 200.0]),
    burst=st.sampled_from([1, 2, 5, 40]),
    concurrency=st.just(1),
)
STEPS = st.lists(
    st.tuples(
        st.one_of(
            st.sampled_from([0.0, 0.02, 0.25, 5.0, 60.0]), st.floats(-30, 4000)
        ),  # seconds; the clock may go back
        st.one_of(st.none(), st.none(), st.floats(0, 2000)),  # a place, or a pause
        st.floats(0, 100),  # how long ago the request was sent that brought the pause
    ),
    max_size=40,
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(budget=BUDGETS, start=st.floats(1.7e9, 1.9e9), steps=STEPS)
def test_the_script_does_what_the_policy_does(
    client: "Redis", budget: RateLimit, start: float, steps: list[tuple[float, float | None, float]]
) -> None:
    twin, now = Twin(client), start
    for passed, pause, age in steps:
        now += passed
        twin.step(budget, now, pause, age)


@pytest.mark.parametrize(("rate", "burst"), [(4, 40), (2, 5), (0.05, 1), (200, 40)])
def test_script_and_policy_agree_over_a_whole_day(client: "Redis", rate: float, burst: int) -> None:
    """A burst, the sustained rate, two pauses at once, recovery, and an hour without requests."""
    twin, budget, now = Twin(client), RateLimit(rate, burst, 1), 1_795_000_000.0
    for _ in range(60):
        twin.step(budget, now, None, 0)
        now += 0.4 / rate
    twin.step(budget, now, 20, 0.1)
    twin.step(budget, now + 0.2, 20, 0.4)
    for _ in range(100):
        now += 7.3
        twin.step(budget, now, None, 0)
    twin.step(budget, now, 1000, 0)
    twin.step(budget, now + 3600, None, 0)


def test_a_worker_whose_clock_is_an_hour_off_sends_at_the_same_rate(redis_uri: str) -> None:
    """Only this worker's ``time.time`` and ``time.monotonic`` are off; Redis's clock counts."""
    code = (
        "import time; wall, ticks = time.time, time.monotonic\n"
        "time.time, time.monotonic = lambda: wall() + 3600, lambda: ticks() + 3600\n"
        "import asyncio, sys; from moviecrawler.policy.network.rate_limit import RateLimit\n"
        "from tests.support.rate_limit_backends import send\n"
        "print(len(asyncio.run(send(sys.argv[1], RateLimit(100, 10, 10), 1))))"
    )
    taken = [
        int(subprocess.run([sys.executable, "-c", code, redis_uri], cwd=ROOT, capture_output=True, check=True).stdout)
        for _ in range(2)
    ]
    assert all(50 <= count <= 112 for count in taken), taken


@pytest.fixture
def server() -> Iterator[RedisServer]:
    with redis_server() as server:
        yield server


@pytest.fixture
async def ledger(server: RedisServer) -> AsyncIterator[RedisRateLimitBackend]:
    async with open_ledger(server.uri) as ledger:
        assert isinstance(ledger, RedisRateLimitBackend)
        yield ledger


async def test_without_redis_nothing_is_sent_and_one_line_says_so(
    server: RedisServer, ledger: RedisRateLimitBackend, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "moviecrawler")
    throttle = Throttle("tmdb", BUDGET, ledger, lambda: True, lambda seconds: None, needs_key=False)
    await pass_through(throttle)
    server.kill()
    waiting = asyncio.ensure_future(pass_through(throttle))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(asyncio.shield(waiting), 1.5)
    server.restart()
    await asyncio.wait_for(waiting, patient(5))
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]
    assert str(server.port) in caplog.text


async def test_a_run_that_ends_does_not_wait_for_redis(server: RedisServer, ledger: RedisRateLimitBackend) -> None:
    running = True
    throttle = Throttle("tmdb", BUDGET, ledger, lambda: running, lambda seconds: None, needs_key=False)
    server.kill()
    waiting = [
        asyncio.ensure_future(pass_through(throttle)),
        asyncio.ensure_future(throttle.pause(5, time.monotonic())),
    ]
    await asyncio.sleep(0.2)
    running = False
    ended = await asyncio.wait_for(asyncio.gather(*waiting, return_exceptions=True), patient(5))
    assert isinstance(ended[0], IgnoreRequest)
    assert ended[1] is None


async def test_a_redis_that_lost_its_data_does_not_refill_the_burst(server: RedisServer) -> None:
    budget = RateLimit(rate=10, burst=20, concurrency=1)
    taken: list[Taken] = []

    async def take(ledger: RateLimitBackend) -> None:
        asked = time.monotonic()
        if await ledger.take("tmdb", budget) <= 0:
            taken.append(Taken(asked, time.monotonic()))

    async with open_ledger(server.uri) as one, open_ledger(server.uri) as other:
        for _ in range(8):
            for ledger in (one, other):
                await take(ledger)
        server.kill()
        server.restart()
        end = time.monotonic() + 1
        for ledger in itertools.cycle((other, one)):
            await take(ledger)
            if time.monotonic() > end:
                break
    assert len(taken) > 20
    assert most_above(taken, 10, 20) <= 1


async def test_a_redis_that_lost_its_data_does_not_lift_a_pause(server: RedisServer) -> None:
    async with open_ledger(server.uri) as one, open_ledger(server.uri) as other:
        await one.pause("tmdb", BUDGET, 300, time.monotonic())
        server.kill()
        server.restart()
        assert await other.take("tmdb", BUDGET) <= 0, "it does not know of the pause"
        assert await one.take("tmdb", BUDGET) > 200
        assert await other.take("tmdb", BUDGET) > 200
        assert await other.pause("tmdb", BUDGET, 0, time.monotonic()) == pytest.approx(0.85), (
            "sent within the pause, so the rate is not reduced again"
        )


@pytest.mark.parametrize(
    "garbage", [{"tat": "nan"}, {"tat": "inf"}, {"factor": "-1"}, {"since": "x"}, {"tat": "1e300"}]
)
async def test_garbage_in_the_hash_neither_lifts_the_limit_nor_blocks_it(
    server: RedisServer, ledger: RedisRateLimitBackend, garbage: dict[str, str]
) -> None:
    with Redis.from_url(server.uri) as client:
        client.hset(NAME, mapping={"born": "1", "factor": "1", "since": "0", "tat": "0", **garbage})
    start = time.monotonic()
    waits = [await ledger.take("tmdb", BUDGET) for _ in range(20)]
    assert sum(wait <= 0 for wait in waits) <= 10 + 100 * (time.monotonic() - start)
    assert all(math.isfinite(wait) and wait < 2 for wait in waits)


async def test_a_key_of_another_type_ends_the_run_and_grants_nothing(
    server: RedisServer, ledger: RedisRateLimitBackend, caplog: pytest.LogCaptureFixture
) -> None:
    with Redis.from_url(server.uri) as client:
        client.set(NAME, "not ours")
        assert await ledger.take("tmdb", BUDGET) > 0
        client.delete(NAME)
    assert await ledger.take("tmdb", BUDGET) <= 0
    (line,) = [record.getMessage() for record in caplog.records]
    assert line.startswith("redis_failed: Redis ")
    assert "WRONGTYPE" in line


async def test_an_error_is_logged_once_though_other_calls_are_answered(
    server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    redis = redis_of(server.uri)
    refused, answered = redis.script("return redis.error_reply('OOM command not allowed')"), redis.script("return 1")
    for _ in range(3):
        assert await refused([], []) is None
        assert await answered([], []) == 1
    assert len(caplog.records) == 1
    await redis.close()


async def test_a_redis_that_answers_late_grants_nothing_twice(server: RedisServer) -> None:
    """It stands still for longer than the client waits; what it then grants is not sent."""
    budget = RateLimit(rate=0.01, burst=5, concurrency=1)
    async with open_ledger(server.uri) as ledger:
        taken = [await ledger.take("tmdb", budget) <= 0]
        os.kill(server.process.pid, signal.SIGSTOP)
        taken.append(await ledger.take("tmdb", budget) <= 0)
        os.kill(server.process.pid, signal.SIGCONT)
        taken += [await ledger.take("tmdb", budget) <= 0 for _ in range(8)]
    assert taken[:2] == [True, False]
    assert sum(taken) <= 5


async def pass_through(throttle: Throttle) -> None:
    async with throttle.acquire():
        pass
