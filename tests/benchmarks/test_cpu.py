"""CPU per stored film, beside a plain Scrapy project that asks for the same films by the same URLs."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

import pytest

import moviecrawler.settings
from tests.benchmarks.crawls import UNLIMITED, Cost, films_expected, ours, plain
from tests.support.sandbox import Sandbox

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(900)]

YEAR, ROUNDS, CONCURRENCY = 2024, 5, 10
TARGET = 0.7

PLAIN = {"CONCURRENT_REQUESTS": CONCURRENCY, "CONCURRENT_REQUESTS_PER_DOMAIN": CONCURRENCY, "LOG_LEVEL": "INFO"}
"""Scrapy's defaults but for the same concurrency, and no line per request and item, as we write none either."""


ENGINE = {
    **PLAIN,
    "CONCURRENT_ITEMS": moviecrawler.settings.CONCURRENT_ITEMS,
    "DOWNLOADER_MIDDLEWARES_BASE": moviecrawler.settings.DOWNLOADER_MIDDLEWARES_BASE,
    "SPIDER_MIDDLEWARES_BASE": moviecrawler.settings.SPIDER_MIDDLEWARES_BASE,
    "EXTENSIONS_BASE": moviecrawler.settings.EXTENSIONS_BASE,
    "EXTENSIONS": {"moviecrawler.extensions.garbage.GarbageCollection": 500},
    "REMOTE_CONTROL_ENABLED": 0,
    "TELNETCONSOLE_ENABLED": 0,
}
"""The plain project with what our settings change of Scrapy's engine; handler, spider and pipeline stay its own."""


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox("--movies", "3000", "--years", f"{YEAR}-{YEAR}", "--quiet") as sandbox:
        yield sandbox


def test_a_film_costs_less_cpu_than_in_a_plain_project(sandbox: Sandbox, tmp_path: Path) -> None:
    def crawl(name: str, **settings: object) -> Cost:
        arguments = {"start_year": YEAR, "min_votes": 0}
        return ours(
            tmp_path / name, sandbox, "tmdb_discover", arguments,
            {**UNLIMITED, "TMDB_CONCURRENCY": CONCURRENCY, **settings},
        ).wait()  # fmt: skip

    crawls: dict[str, Callable[[str], Cost]] = {
        "moviecrawler": crawl,
        "plain": lambda name: plain(tmp_path / name, sandbox, YEAR, PLAIN).wait(),
        "plain, our engine settings": lambda name: plain(tmp_path / name, sandbox, YEAR, ENGINE).wait(),
        "moviecrawler, answers cached": lambda name: crawl(name, CACHE_URI="sqlite:"),
    }
    films = films_expected(sandbox, YEAR, YEAR)
    assert films >= 2000
    asked = []
    for name in ("moviecrawler", "plain"):  # the sandbox makes its answers now, not while we measure
        sandbox.clear_log()
        assert crawls[name](f"{name} first").films == films
        asked.append(sorted((entry["path"], entry["query"]) for entry in sandbox.log(path="/3/movie/")))
    assert asked[0] == asked[1]

    costs: dict[str, list[float]] = {name: [] for name in crawls}
    for number in range(ROUNDS):
        for name, run in crawls.items():
            costs[name].append(run(f"{name} {number}").milliseconds)
    medians = {name: median(values) for name, values in costs.items()}
    base = medians["plain"]
    print(f"\nCPU per film, {films} films, {CONCURRENCY} in flight, no pictures, no budget; median (least) of {ROUNDS}")
    for name, value in medians.items():
        print(f"  {name:30} {value:.2f} ({min(costs[name]):.2f}) ms, {value / base:.2f} of plain")
    print(f"  plain: Scrapy's defaults, {json.dumps(PLAIN)}")
    print(f"  our engine settings: {json.dumps({name: ENGINE[name] for name in ENGINE if name not in PLAIN})}")
    assert medians["moviecrawler"] <= TARGET * base
