"""Ten kills at random moments, of one of two and of two of four workers: nothing lost, little asked for twice."""

import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crawls.test_interruptions import until
from tests.support.crawl import FAST, Home
from tests.support.redis_server import RedisServer
from tests.support.sandbox import Sandbox
from tests.support.workers import Workers, asked, documents, keys, stop_and_kill

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(900)]

MOMENTS = 10
DISCOVER = ("tmdb_discover", "start_year=1980", "end_year=2024", "min_votes=0")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox("--quiet", "--movies", "300") as sandbox:
        yield sandbox


@pytest.mark.parametrize(("number", "victims"), [(2, 1), (4, 2)])
def test_killed_at_random_moments(
    sandbox: Sandbox, redis: RedisServer, tmp_path: Path, number: int, victims: int
) -> None:
    undisturbed = Home(tmp_path / "undisturbed", {**FAST, **sandbox.env})
    assert undisturbed.crawl(*DISCOVER).status == 0
    wanted, films = documents(undisturbed), len(undisturbed.documents())
    dice = random.Random(5)
    sandbox.settings(latency=100)
    lost, twice, in_flight = [], [], []
    for turn in range(MOMENTS):
        sandbox.clear_log()
        home = Home(
            tmp_path / f"turn{turn}", {**FAST, **sandbox.env, "REDIS_URL": redis.uri, "QUEUE_LEASE_SECONDS": "4"}
        )
        workers = Workers(sandbox, home, *DISCOVER, number=number)
        moment = dice.randrange(5, films - 80)
        until(lambda: len(sandbox.log(path="/3/movie/")) >= moment)  # noqa: B023
        time.sleep(dice.random() * 0.1)
        in_flight.append(sum(stop_and_kill(victim, redis) for victim in dice.sample(workers.running, victims)))
        workers.wait()
        found = documents(home)
        lost.append(len(wanted.keys() - found.keys()))
        twice.append(sum(count - 1 for (_, path, _), count in asked(sandbox).items() if path.startswith("/3/movie/")))
        assert found == wanted
        assert keys(redis) == []
    print(
        f"\n{victims} of {number} workers killed at {MOMENTS} moments, {films} films each time: lost {sum(lost)}; "
        f"in work when killed {in_flight}, asked for twice {twice}"
    )
    assert sum(lost) == 0
    assert all(again <= most for again, most in zip(twice, in_flight, strict=True))
