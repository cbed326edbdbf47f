"""What a broken CDN, a flaky network and a throttling API cost: each beside the same crawl where all is well.

All are whole crawls, as a user starts them. Films get a poster of the smallest size and no backdrop, so that the time
is the network's and not Pillow's.
"""

import json
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.support.crawl import FAST, Home
from tests.support.sandbox import LogEntry, Sandbox

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(900)]

FILMS = 2000
LATENCY = 0.25  # seconds; 16 pictures at a time then take longer than one cool-down of 30 s
COOL_DOWN = 30.0
PATIENCE = 5.0

SETTINGS = {
    **FAST,
    "IMAGES_ENABLED": "1",
    "IMAGES_POSTER_SIZES": "w92",
    "FILTER_ENABLED": "0",
    "TMDB_CONCURRENCY": "16",
    "RETRY_BASE": "0.5",
    "RETRY_CAP": "60",
}


class Crawl(NamedTuple):
    seconds: float
    films: int
    pictures: int
    log: list[LogEntry]
    stats: dict[str, Any]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox("--quiet", "--movies", "3000") as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def ids(sandbox: Sandbox) -> list[int]:
    """Films with a poster of their own; their backdrops are taken away."""
    posters: dict[int, str] = {}
    page = 0
    while len(posters) < FILMS:
        page += 1
        address = f"{sandbox.api}/discover/movie?sort_by=popularity.desc&page={page}&api_key=any"
        with urllib.request.urlopen(address) as answer:
            rows = json.load(answer)["results"]
        posters |= {row["id"]: row["poster_path"] for row in rows if row["poster_path"]}
    for id, poster in posters.items():
        sandbox.patch("movie", id, backdrop_path=None, images={"posters": [{"file_path": poster}], "backdrops": []})
    return list(posters)[:FILMS]


def crawl(sandbox: Sandbox, folder: Path, ids: list[int], **settings: str) -> Crawl:
    sandbox.clear_log()
    home = Home(folder, {**SETTINGS, **sandbox.env, **settings})
    started = time.monotonic()
    ended = home.crawl("tmdb_titles", f"ids={','.join(map(str, ids))}", seconds=800)
    seconds = time.monotonic() - started
    assert ended.status == 0, ended.stderr
    print(ended.stderr)
    films = home.documents()
    files = [film["images"]["poster"]["file"] for film in films.values() if "poster" in film["images"]]
    there = sum((home.data / "images" / file).is_file() for file in files)
    return Crawl(seconds, len(films), there, sandbox.log(), home.stats)


@pytest.fixture(scope="module")
def healthy(sandbox: Sandbox, ids: list[int], tmp_path_factory: pytest.TempPathFactory) -> Crawl:
    sandbox.faults([])
    sandbox.settings(latency=LATENCY * 1000, rate=0)
    crawl(sandbox, tmp_path_factory.mktemp("warm"), ids[:40])  # the sandbox draws its pictures when first asked
    whole = crawl(sandbox, tmp_path_factory.mktemp("healthy"), ids)
    assert (whole.films, whole.pictures) == (FILMS, FILMS)
    return whole


@pytest.mark.parametrize(
    ("fault", "most", "noticed"),
    [
        ("500", 1.15, LATENCY),
        ("reset", 1.15, LATENCY),
        ("html", 1.15, LATENCY),
        ("slow", 1.5, PATIENCE),
    ],
)
def test_a_dead_cdn_costs_little(
    sandbox: Sandbox, ids: list[int], healthy: Crawl, tmp_path: Path, fault: str, most: float, noticed: float
) -> None:
    sandbox.settings(latency=LATENCY * 1000, rate=0)
    sandbox.faults([{"kind": fault, "target": "cdn1"}])
    broken = crawl(sandbox, tmp_path, ids)
    dead = [entry["at"] for entry in broken.log if entry["server"] == "cdn1"]
    opened = dead[2] + noticed + 0.5  # the third failure, seen when its answer came or was given up
    after = [entry for entry in broken.log if entry["server"].startswith("cdn") and entry["at"] > opened]
    share = sum(entry["server"] == "cdn1" for entry in after) / len(after)
    ratio = broken.seconds / healthy.seconds
    print(f"\none CDN {fault}: {broken.seconds:.1f} s, both healthy {healthy.seconds:.1f} s, ratio {ratio:.2f}")
    print(f"{len(dead)} requests to the dead one, after the breaker opened {share:.2%} of {len(after)}")
    assert (broken.films, broken.pictures) == (FILMS, FILMS)
    assert broken.log[-1]["at"] - opened > COOL_DOWN, "shorter than one cool-down"
    assert ratio <= most
    assert share < 0.01


def test_a_tenth_of_all_answers_broken_loses_nothing(sandbox: Sandbox, ids: list[int], tmp_path: Path) -> None:
    sandbox.settings(latency=0, rate=0)
    kinds = ("500", "503", "reset", "truncate")
    sandbox.faults([{"kind": kind, "rate": 0.0264} for kind in kinds])  # together a tenth
    flaky = crawl(sandbox, tmp_path, ids[:1000])
    struck = sum(entry["fault"] is not None for entry in flaky.log) / len(flaky.log)
    ratio = len(flaky.log) / 2000
    print(f"\n{struck:.1%} of the answers broken: {len(flaky.log)} requests instead of 2000, ratio {ratio:.3f}")
    assert struck > 0.08
    assert (flaky.films, flaky.pictures) == (1000, 1000)
    assert ratio <= 1.15


def test_an_api_that_allows_half_of_the_budget_is_used_well(sandbox: Sandbox, ids: list[int], tmp_path: Path) -> None:
    allowed = 10.0
    sandbox.faults([])
    sandbox.settings(latency=50, rate=allowed, burst=10)
    throttled = crawl(sandbox, tmp_path, ids[:1500], IMAGES_ENABLED="0", TMDB_RATE="20", TMDB_BURST="40")
    sandbox.settings(latency=0, rate=0)
    start, end = throttled.log[0]["at"] + 60, throttled.log[-1]["at"]
    late = [entry for entry in throttled.log if entry["at"] > start]
    statuses = Counter(entry["status"] for entry in late)
    refused, used = statuses[429] / len(late), statuses[200] / (end - start) / allowed
    everything = Counter(entry["status"] for entry in throttled.log)
    print(
        f"\nafter a minute, over {end - start:.0f} s: {refused:.2%} answered 429, {used:.3f} of the allowed rate used"
    )
    print(f"in all: {dict(everything)}, {everything[200] / (end - start + 60) / allowed:.3f} of the allowed rate")
    assert throttled.films == 1500
    assert end - start > 60
    assert refused < 0.02
    assert used >= 0.9
