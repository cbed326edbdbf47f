"""The rate limit: all of it is used, by one process as by two together, and never more."""

import math
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.benchmarks.crawls import UNLIMITED, ours
from tests.support.sandbox import LogEntry, Sandbox

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(300)]

BURST = 40
SECONDS = 12
"""How long a run should take."""

YEARS = (2023, 2024)
"""One for each process, so that each has work of its own from its first page to its last."""


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox("--movies", "5600", "--years", f"{YEARS[0]}-{YEARS[1]}", "--quiet") as sandbox:
        yield sandbox


def achieved(times: Sequence[float], rate: float, burst: int) -> float:
    """Sent / allowed, from the first request to the last: the queue was never empty between them."""
    return len(times) / (burst + rate * (times[-1] - times[0]))


def most_above(times: Sequence[float], rate: float, burst: int) -> float:
    """Over all windows between two requests, the largest number of requests beyond ``burst + rate * t``.

    >>> most_above([0.0, 0.0, 0.0, 1.0], rate=1, burst=2)
    1.0
    """
    most, least_before = -math.inf, math.inf
    for count, at in enumerate(times):
        level = count - rate * at
        least_before = min(least_before, level)
        most = max(most, level - least_before + 1 - burst)
    return most


def years(log: Sequence[LogEntry]) -> dict[int, tuple[float, float]]:
    """Year -> when its first and its last listing page were asked for."""
    spans: dict[int, tuple[float, float]] = {}
    for entry in log:
        for year in YEARS:
            if f"primary_release_date.gte={year}" in entry["query"]:
                spans[year] = spans.get(year, (entry["at"], 0))[0], entry["at"]
    return spans


@pytest.mark.parametrize("processes", [1, 2])
@pytest.mark.parametrize("rate", [4, 40, 200])
def test_the_whole_budget_and_no_request_more(sandbox: Sandbox, tmp_path: Path, rate: int, processes: int) -> None:
    pages = math.ceil((BURST + rate * SECONDS) / 21 / processes)
    settings = {**UNLIMITED, "TMDB_RATE": rate, "TMDB_BURST": BURST, "DATA_DIR": tmp_path / "data"}
    sandbox.settings(rate=rate, burst=BURST, latency=100 if rate < 200 else 0)
    sandbox.clear_log()
    crawls = [
        ours(
            tmp_path / str(year), sandbox, "tmdb_discover", {"start_year": year, "min_votes": 0, "max_pages": pages},
            settings,
        )
        for year in YEARS[:processes]
    ]  # fmt: skip
    for crawl in crawls:
        crawl.wait()

    log = sandbox.log()
    times = [entry["at"] for entry in log]
    ratio, above = achieved(times, rate, BURST), most_above(times, rate, BURST)
    throttled = sum(entry["status"] == 429 for entry in log)
    print(
        f"\n{rate}/s, burst {BURST}, {processes} process(es): {len(times)} requests in {times[-1] - times[0]:.2f} s, "
        f"{ratio:.3f} of what is allowed; at most {above:+.1f} requests beyond the bound; {throttled} answers 429"
    )
    spans = years(log)
    assert len(spans) == processes
    assert max(first for first, _ in spans.values()) < min(last for _, last in spans.values()), "one after the other"
    assert len(times) == 21 * pages * processes
    assert throttled == 0
    assert above <= 0
    assert ratio >= 0.98
