"""What it costs to time every stage: CPU per film of crawls with and without it, interleaved.

The crawl is the one in which it weighs most: films alone, no pictures, no cache, no rate limit. What else the machine
does costs more than that, so a round is two crawls side by side, which suffer the same, and the median of the rounds'
ratios is what counts.
"""

import statistics
import timeit
from collections.abc import Callable, Iterator, Sequence

import pytest

from moviecrawler.policy.histogram import Histogram
from tests.benchmarks.cpu import FILE
from tests.support.crawl import Home
from tests.support.sandbox import Sandbox

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(900)]

FILMS = 1500
ROUNDS = 15
TARGET = 1.03
MICROSECONDS = 2  # to record one duration

IDS = "ids=" + ",".join(str(5_000_000 + number) for number in range(FILMS))


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox("--movies", str(FILMS + 500), "--quiet") as running:
        yield running


def cpu_per_film(homes: Sequence[Home]) -> list[float]:
    """Milliseconds of CPU in each home, of crawls that run at the same time."""
    options = ("-s", "STATS_CLASS=tests.benchmarks.cpu.CpuStats")
    processes = [home.start_crawl("tmdb_titles", IDS, options=options) for home in homes]
    for home, process in zip(homes, processes, strict=True):
        ended = home.wait(process, seconds=300)
        assert ended.status == 0, ended.stderr
        assert home.stats["titles/inserted"] == FILMS
    return [1000 * float((home.folder / FILE).read_text()) / FILMS for home in homes]


def test_timing_costs_at_most_three_per_cent_of_the_cpu(make_home: Callable[..., Home]) -> None:
    timed, untimed = [], []
    for number in range(ROUNDS):
        homes = [make_home(f"{number}-{switch}", TIMING_ENABLED=switch, CACHE_URI="") for switch in "10"]
        # Who starts first has the machine to itself for a moment.
        costs = cpu_per_film(homes[::-1])[::-1] if number % 2 else cpu_per_film(homes)
        timed.append(costs[0])
        untimed.append(costs[1])
    ratios = [one / other for one, other in zip(timed, untimed, strict=True)]
    ratio = statistics.median(ratios)
    with_it, without = statistics.median(timed), statistics.median(untimed)
    print(f"\nCPU per film: {with_it:.3f} ms timed, {without:.3f} ms untimed, ratio {ratio:.3f} (target {TARGET})")
    print("ratios of the rounds: " + " ".join(f"{one:.3f}" for one in sorted(ratios)))
    assert ratio <= TARGET


def test_recording_a_duration_takes_microseconds() -> None:
    histogram, times = Histogram(), 200_000
    best = min(timeit.repeat(lambda: histogram.record(0.0123), number=times, repeat=5)) / times * 1e6
    print(f"\none duration: {best:.2f} µs (target {MICROSECONDS})")
    assert best <= MICROSECONDS
