"""One budget in Redis for one to eight workers: all of it is used, and never more."""

import time
from collections.abc import Callable
from itertools import chain

import pytest

from tests.benchmarks.test_rate import achieved, most_above
from tests.support.crawl import Home
from tests.support.rate_limit_backends import send_together
from tests.support.redis_server import RedisServer
from tests.support.sandbox import Sandbox

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(300)]

SANDBOX = ("--movies", "1000")
BURST = 40
WORKERS = (1, 2, 4, 8)


@pytest.mark.parametrize("workers", WORKERS)
@pytest.mark.parametrize("rate", [4, 40, 200])
def test_processes_that_always_want_a_place(redis: RedisServer, rate: int, workers: int) -> None:
    """The budget alone, without a crawl around it; moments are read just after a place was taken."""
    burst, seconds = (10, 6) if rate == 4 else (BURST, 3)
    each = send_together(workers, redis.uri, rate, burst, seconds)
    moments = sorted(chain.from_iterable(each))
    ratio, above = achieved(moments, rate, burst), most_above(moments, rate, burst)
    fewest, most = min(map(len, each)), max(map(len, each))
    print(
        f"\n{rate}/s, burst {burst}, {workers} worker(s): {ratio:.3f} of what is allowed, at most {above:+.1f} "
        f"requests beyond the bound; {fewest} to {most} of {len(moments)} each"
    )
    assert above <= 0
    assert ratio >= 0.95
    if rate > 4:
        assert fewest > 0


@pytest.mark.parametrize("workers", WORKERS)
def test_workers_on_one_queue(
    sandbox: Sandbox, redis: RedisServer, make_home: Callable[..., Home], workers: int
) -> None:
    """Whole crawls; the site enforces the same budget."""
    rate, number = 40, BURST + 40 * 8
    sandbox.settings(rate=rate, burst=BURST, latency=50)
    home = make_home(REDIS_URL=redis.uri, TMDB_RATE=str(rate), TMDB_BURST=str(BURST))
    ids = "ids=" + ",".join(str(5_000_000 + n) for n in range(number))
    started = time.monotonic()
    crawls = [home.start_crawl("tmdb_titles", ids) for _ in range(workers)]
    assert [Home.wait(crawl, 120).status for crawl in crawls] == [0] * workers
    seconds = time.monotonic() - started
    log = sandbox.log()
    times = [entry["at"] for entry in log]
    ratio, above = achieved(times, rate, BURST), most_above(times, rate, BURST)
    throttled = sum(entry["status"] == 429 for entry in log)
    print(
        f"\n{rate}/s, burst {BURST}, {workers} worker(s): {len(log)} requests, {ratio:.3f} of what is allowed, at most "
        f"{above:+.1f} requests beyond the bound; {throttled} answers 429; {seconds:.1f} s with starts and ends"
    )
    assert len(log) == number
    assert len(home.documents()) == number
    assert throttled == 0
    assert above <= 0
    assert ratio >= 0.9
