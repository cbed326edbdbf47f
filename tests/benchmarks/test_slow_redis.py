"""A Redis that answers after half a second: the crawl is slower, but its event loop is never late."""

import json
from collections.abc import Iterator
from pathlib import Path
from statistics import quantiles

import pytest

from tests.benchmarks.crawls import UNLIMITED, is_detail, ours
from tests.support.redis_server import RedisServer
from tests.support.sandbox import Sandbox
from tests.support.slow_redis import slow_redis

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(300)]

LATE = 0.5  # seconds
FILMS = [5_000_000 + n for n in range(120) if n % 37]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox("--movies", "600", "--quiet") as sandbox:
        yield sandbox


def test_the_event_loop_is_never_late_while_redis_answers_after_half_a_second(
    sandbox: Sandbox, redis: RedisServer, tmp_path: Path
) -> None:
    arguments = {"ids": ",".join(map(str, FILMS))}
    with slow_redis(redis, LATE) as url:
        crawl = ours(
            tmp_path / "crawl", sandbox, "tmdb_titles", arguments, {**UNLIMITED, "REDIS_URL": url},
            module="tests.benchmarks.probe", env={"PROBE_FILE": str(tmp_path / "lag"), "PROBE_FILMS": "1"},
        )  # fmt: skip
        cost = crawl.wait()
    delays = [1000 * delay for delay in json.loads((tmp_path / "lag").read_text())]
    films = [entry for entry in sandbox.log() if is_detail(entry)]
    seconds = films[-1]["at"] - films[0]["at"]
    p99 = quantiles(delays, n=100)[98]
    print(
        f"\nevent-loop lag while Redis answers after {LATE} s: p99 {p99:.1f} ms, most {max(delays):.1f} ms, in "
        f"{seconds:.1f} s; {len(films) / seconds:.1f} films a second"
    )
    assert len(films) == len(FILMS)
    assert cost.films > 90  # the others are not in the sandbox
    assert p99 < 30
