"""Two workers on one queue beside one, and Redis beside none, budgets off: throughput, or CPU per film on few cores."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import NamedTuple

import pytest

from tests.benchmarks.cpu import FILE
from tests.benchmarks.crawls import UNLIMITED
from tests.support.crawl import FAST, Home
from tests.support.redis_server import RedisServer
from tests.support.sandbox import Sandbox
from tests.support.workers import keys

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(300)]

YEAR, FILMS, ROUNDS = 2024, 1500, 3
CORES = 4
"""One for each of two workers, one for the sandbox, one for Redis and this process."""

SPEED_UP, CPU_OF_TWO, CPU_WITH_REDIS = 1.7, 1.25, 1.35


class Run(NamedTuple):
    """Milliseconds of CPU per film, all workers together and without their start; films per second on the wall."""

    cpu: float
    speed: float


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox("--movies", str(FILMS), "--years", f"{YEAR}-{YEAR}", "--quiet") as sandbox:
        yield sandbox


def crawl(sandbox: Sandbox, folder: Path, workers: int, **settings: str) -> Run:
    """One crawl by so many workers; each has a folder of its own, and all the same store."""
    common = {**FAST, **UNLIMITED, **sandbox.env, **settings, "DATA_DIR": str(folder / "data")}
    homes = [Home(folder / str(worker), common) for worker in range(workers)]
    sandbox.clear_log()
    options = ("-s", "STATS_CLASS=tests.benchmarks.cpu.CpuStats")
    arguments = ("tmdb_discover", f"start_year={YEAR}", "min_votes=0")
    running = [home.start_crawl(*arguments, options=options) for home in homes]
    for process in running:
        ended = Home.wait(process, 120)
        assert ended.status == 0, ended.stderr
    films = sandbox.log(path="/3/movie/")
    assert len(films) == len({entry["path"] for entry in films}) > FILMS / 2
    seconds = films[-1]["at"] - films[0]["at"]
    cpu = sum(float((home.folder / FILE).read_text()) for home in homes)
    return Run(1000 * cpu / len(films), len(films) / seconds)


def test_two_workers_beside_one_and_redis_beside_none(sandbox: Sandbox, redis: RedisServer, tmp_path: Path) -> None:
    shared = {"REDIS_URL": redis.uri, "WORKER_IDLE_SECONDS": "1"}
    crawls: dict[str, Callable[[Path], Run]] = {
        "without Redis": lambda folder: crawl(sandbox, folder, 1),
        "one": lambda folder: crawl(sandbox, folder, 1, **shared),
        "two": lambda folder: crawl(sandbox, folder, 2, **shared),
    }
    crawls["without Redis"](tmp_path / "first")  # the sandbox makes its answers now, not while we measure
    runs: dict[str, list[Run]] = {name: [] for name in crawls}
    for turn in range(ROUNDS):
        for name, act in crawls.items():
            runs[name].append(act(tmp_path / f"{name} {turn}"))
    assert keys(redis) == []
    cpu = {name: median(run.cpu for run in some) for name, some in runs.items()}
    speed = {name: median(run.speed for run in some) for name, some in runs.items()}
    two, with_redis = cpu["two"] / cpu["one"], cpu["one"] / cpu["without Redis"]
    faster, cores = speed["two"] / speed["one"], os.cpu_count() or 1
    print(f"\nmedian of {ROUNDS}, CPU per film and films a second:")
    for name in crawls:
        print(f"  {name:14} {cpu[name]:.2f} ms, {speed[name]:.0f}/s")
    print(f"  CPU of two / one {two:.2f}, of one with Redis / without {with_redis:.2f}")
    if cores < CORES:
        print(f"  {cores} cores for two workers, the sandbox and Redis: no speed-up can be measured ({faster:.2f})")
    else:
        print(f"  speed-up {faster:.2f}")
        assert faster >= SPEED_UP
    assert two <= CPU_OF_TWO
    assert with_redis <= CPU_WITH_REDIS
