"""Both ledgers by one name, and a process that sends as often as its ledger lets it.

``python -m tests.support.rate_limit_backends WHERE RATE BURST SECONDS`` says "ready", waits for a line, and at the end
prints the places that it took.
"""

import asyncio
import json
import logging
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

from moviecrawler.config import Config
from moviecrawler.distributed.rate_limit import RedisRateLimitBackend
from moviecrawler.distributed.redis_client import RedisClient
from moviecrawler.downloader.rate_limit import RateLimitBackend, SqliteRateLimitBackend
from moviecrawler.policy.network.rate_limit import RateLimit
from moviecrawler.policy.network.worker_group import WorkerGroup
from tests.support.sandbox import ROOT
from tests.support.waiting import patient


def redis_of(url: str) -> RedisClient:
    """The client of a crawl with this REDIS_URL; how it ends the run goes to the log."""
    sharing = WorkerGroup.of(Config.from_settings({"REDIS_URL": url}).queue)
    assert sharing is not None
    return RedisClient(sharing, SimpleNamespace(stop=lambda reason, line: logging.error("%s: %s", reason, line)))


@asynccontextmanager
async def open_ledger(where: str, longest_pause: float = 900) -> AsyncIterator[RateLimitBackend]:
    """Of a path or a ``redis:`` URL."""
    if where.startswith("redis:"):
        redis = redis_of(where)
        yield RedisRateLimitBackend(redis, longest_pause)
        await redis.close()
    else:
        ledger = SqliteRateLimitBackend(Path(where), longest_pause)
        yield ledger
        ledger.close()


class Taken(NamedTuple):
    """A place, taken between two moments of ``time.monotonic``: a busy machine may let much time pass there."""

    asked: float
    told: float


async def send(where: str, budget: RateLimit, seconds: float) -> list[Taken]:
    """The places that were taken by who always wants one."""
    taken: list[Taken] = []
    async with open_ledger(where) as ledger:
        end = time.monotonic() + seconds
        while (now := time.monotonic()) < end:
            wait = await ledger.take("tmdb", budget)
            if wait <= 0:
                taken.append(Taken(now, time.monotonic()))
            else:
                await asyncio.sleep(min(wait, end - now))
    return taken


def send_together(processes: int, where: str, rate: float, burst: int, seconds: float) -> list[list[Taken]]:
    """The places of each of several processes, which begin at the same moment and want a place all the time."""
    command = [sys.executable, "-m", __name__, where, str(rate), str(burst), str(seconds)]
    running = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, text=True)
        for _ in range(processes)
    ]
    for process in running:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in running:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    said = [process.communicate(timeout=patient(seconds + 30))[0] for process in running]
    return [[Taken(*taken) for taken in json.loads(one)] for one in said]


def most_above(places: Sequence[Taken], rate: float, burst: int) -> float:
    """Over all windows, the largest number of places that were surely taken in it, beyond ``burst + rate * t``.

    >>> most_above([Taken(0.0, 0.0), Taken(0.0, 0.0), Taken(0.0, 0.0), Taken(1.0, 1.0)], rate=1, burst=2)
    1.0
    """
    most = float("-inf")
    for start in {place.asked for place in places}:
        ends = sorted(place.told for place in places if place.asked >= start)
        most = max(most, *(count - burst - rate * (end - start) for count, end in enumerate(ends, start=1)))
    return most


if __name__ == "__main__":
    place, *numbers = sys.argv[1:]
    rate, burst, seconds = map(float, numbers)
    print("ready", flush=True)
    sys.stdin.readline()
    print(json.dumps(asyncio.run(send(place, RateLimit(rate, int(burst), 10), seconds))))
