"""What the response cache saves, each figure beside its baseline of the same run."""

import gc
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from scrapy import Request
from scrapy.extensions.httpcache import FilesystemCacheStorage
from scrapy.http import JsonResponse, Response
from scrapy.settings import Settings

from moviecrawler.caching.sqlite import SqliteTier
from moviecrawler.caching.storage import TieredCacheStorage
from tests.support.cache_entries import key
from tests.support.caching_site import BASE, crawler
from tests.support.crawl import FAST, ROOT, Ended, Home
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.benchmark

LATENCY = 50  # ms
FILMS = 300
ROUNDS = 15

REPEATS = """
import random

from moviecrawler.base_spiders.tmdb import TmdbSpider


class Repeats(TmdbSpider):
    name = "repeats"

    async def start(self):
        order = random.Random(1)
        ids = [film["id"] for film in {films}]
        wanted = ids + order.choices(ids, k=int({share} * len(ids) / (1 - {share})))
        order.shuffle(wanted)
        for id in wanted:
            yield self.request(f"{{self.base}}/movie/{{id}}", self.seen, priority=0, dont_filter=True)

    def seen(self, response):
        assert response.json()["id"]
"""


def timed(home: Home, *arguments: str, **settings: str) -> tuple[float, float]:
    """Seconds of the whole process, and of the crawl alone."""
    began = time.perf_counter()
    ended: Ended = home.crawl("tmdb_trending", *arguments, **settings)
    seconds = time.perf_counter() - began
    assert ended.status == 0, ended.stderr
    return seconds, home.stats["elapsed_time_seconds"]


@pytest.mark.parametrize(
    ("budget", "pages"), [({}, 4), ({"TMDB_RATE": "0"}, 10)], ids=["the default budget", "no budget at all"]
)
def test_the_same_crawl_again_with_an_empty_store(tmp_path: Path, budget: dict[str, str], pages: int) -> None:
    with Sandbox("--quiet", "--movies", str(FILMS), "--latency", str(LATENCY)) as sandbox:
        settings = {**sandbox.env, "IMAGES_ENABLED": "0", "CACHE_URI": f"sqlite:///{tmp_path}/cache.db", **budget}
        first, second = Home(tmp_path / "first", settings), Home(tmp_path / "second", settings)
        before = timed(first, f"pages={pages}")
        asked = len(sandbox.log())
        sandbox.clear_log()
        after = timed(second, f"pages={pages}")
        assert sandbox.log() == []
        kept = timed(second, f"pages={pages}")
        assert sandbox.log() == []
    stats = second.stats
    ratios = [late / early for late, early in zip(after, before, strict=True)]
    print(
        f"\n{pages} pages, {asked} requests of {LATENCY} ms, {budget or 'default budget'}: "
        f"crawl {before[1]:.2f} s, again with an empty store {after[1]:.2f} s, ratio {ratios[1]:.2f}; "
        f"whole process {before[0]:.2f} s, {after[0]:.2f} s, ratio {ratios[0]:.2f}; with the store kept {kept[1]:.2f} s"
    )
    assert stats["cache/hit"] == pages, "with the store kept, no title is even asked of the cache"
    assert "cache/miss" not in stats
    assert len(second.documents()) == len(first.documents())
    if not budget:  # without one, both are as quick as this machine can store films; that figure has no target
        assert max(ratios) <= 0.25


def test_a_crawl_that_repeats_60_percent_of_its_urls(tmp_path: Path) -> None:
    share = 0.6
    with Sandbox("--quiet", "--movies", "1000", "--latency", "20") as sandbox:
        home = Home(tmp_path / "home", {**FAST, **sandbox.env, "CACHE_URI": "sqlite:"})
        films = [{"id": id} for id in _ids(sandbox)]
        sandbox.clear_log()
        (home.folder / "repeats.py").write_text(REPEATS.format(films=films, share=share))
        ended = home.scrapy("runspider", "repeats.py")
        assert ended.status == 0, ended.stderr
        asked = len(sandbox.log())
    stats = home.stats
    total = stats["cache/hit"] + stats["cache/miss"]
    rate, best = stats["cache/hit"] / total, 1 - len(films) / total
    print(f"\n{total} requests for {len(films)} answers, 64 at once: hit rate {rate:.4f}, theoretical {best:.4f}")
    assert asked == stats["cache/miss"]
    assert rate >= best - 0.01


def _ids(sandbox: Sandbox) -> list[int]:
    import urllib.request

    ids: list[int] = []
    for page in range(1, 21):
        url = f"{sandbox.api}/discover/movie?page={page}"
        request = urllib.request.Request(url, headers={"Authorization": "Bearer x"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            ids += [row["id"] for row in json.load(answer)["results"]]
    return list(dict.fromkeys(ids))


@pytest.mark.parametrize("size", [7_000, 35_000])
async def test_a_warm_hit_beside_scrapys_own_storage_in_files(tmp_path: Path, size: int) -> None:
    made: Any = crawler(SqliteTier(tmp_path / "cache.db"))
    spider: Any = made.spider
    spider.crawler = made
    memory, sqlite = (TieredCacheStorage.from_crawler(made) for _ in range(2))
    plain: Any = FilesystemCacheStorage(Settings({"HTTPCACHE_DIR": str(tmp_path / "files")}))
    plain.open_spider(spider)
    await memory.open_spider(spider)
    await sqlite.open_spider(spider)
    for request, response in zip(_requests(), _responses(size), strict=True):
        plain.store_response(spider, request, response)
        await memory.store_response(spider, request, response)
    await memory.flush()

    async def from_files() -> None:
        for request in _requests():
            assert plain.retrieve_response(spider, request).status == 200

    async def from_memory() -> None:
        for request in _requests():
            assert memory.retrieve_response(spider, request).status == 200  # type: ignore[union-attr]

    async def from_sqlite() -> None:
        for request in _requests():
            response = sqlite.retrieve_response(spider, request)
            assert isinstance(response, Awaitable)
            assert (await response).status == 200  # type: ignore[union-attr]
            sqlite._memory.drop(next(iter(sqlite._memory._entries)))

    took = await _medians([from_files, from_memory, from_sqlite])
    base, *ours = (seconds / FILMS * 1e6 for seconds in took)
    ratios = [one / base for one in ours]
    print(
        f"\nan answer of {size / 1000:.0f} KB, median of {ROUNDS} alternating rounds: files {base:.0f} us; "
        f"memory {ours[0]:.0f} us, ratio {ratios[0]:.2f}; SQLite {ours[1]:.0f} us, ratio {ratios[1]:.2f}"
    )
    await memory.close_spider(spider)
    await sqlite.close_spider(spider)
    assert ratios[0] <= 0.8


WRITER = """
import asyncio, sys, time
from pathlib import Path

from moviecrawler.caching.sqlite import SqliteTier
from moviecrawler.caching.tier import Answer
from tests.support.cache_entries import entry, key


async def write():
    tier = SqliteTier(Path(sys.argv[1]))
    await tier.open()
    packed = entry(bytes(range(256)) * 28).pack()
    for number in range(10**9):
        await tier.put([PackedEntry(key(number % {films}), packed, time.time(), retention=60.0)])
        if number == {films}:
            print("all are there", flush=True)


asyncio.run(write())
"""


async def test_a_look_up_in_sqlite_does_not_hold_up_the_loop(tmp_path: Path) -> None:
    """It happens on the event loop, so its worst times count: beside another process that never stops writing."""
    path = tmp_path / "cache.db"
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER.format(films=FILMS), str(path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    try:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "all are there\n"
        tier = SqliteTier(path)
        await tier.open()
        took = []
        for number in range(20 * FILMS):
            began = time.perf_counter()
            assert await tier.get(key(number % FILMS))
            took.append(time.perf_counter() - began)
        await tier.close()
    finally:
        writer.kill()
        writer.wait()
    took.sort()
    p50, p99, worst = (took[int(len(took) * share)] * 1e3 for share in (0.5, 0.99, 0.999))
    print(f"\na look-up in SQLite beside a busy writer: p50 {p50:.3f} ms, p99 {p99:.3f} ms, p99.9 {worst:.3f} ms")
    assert p99 < 1


def _requests() -> list[Request]:
    """New ones each time, as in a crawl: a fingerprint is remembered by request."""
    query = "language=en-US&append_to_response=credits,external_ids,images,keywords,release_dates,translations"
    return [Request(f"{BASE}/movie/{id}?{query}") for id in range(FILMS)]


def _responses(size: int) -> list[Response]:
    cast = [
        {"name": f"Somebody {n}", "character": f"Role {n * n}", "credit_id": f"{n * 7919:024x}"} for n in range(size)
    ]
    body = json.dumps({"id": 603, "cast": cast[: size // 95]}).encode()
    assert 0.8 < len(body) / size < 1.2
    headers = {"ETag": 'W/"1f"', "Content-Type": "application/json;charset=utf-8", "Date": "x", "Vary": "y", "Age": "7"}
    return [JsonResponse(request.url, headers=headers, body=body, request=request) for request in _requests()]


async def _medians(works: list[Callable[[], Awaitable[None]]]) -> list[float]:
    times: list[list[float]] = [[] for _ in works]
    gc.collect()
    gc.freeze()
    for _ in range(ROUNDS):
        for work, seconds in zip(works, times, strict=True):
            began = time.perf_counter()
            await work()
            seconds.append(time.perf_counter() - began)
    gc.unfreeze()
    return [statistics.median(seconds) for seconds in times]
