"""What the shared queue costs: CPU per request beside scrapy-redis's own, and Redis's memory per entry."""

import asyncio
import os
import resource
import time
from collections import deque
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from redis import Redis
from scrapy import Request
from scrapy_redis.dupefilter import RFPDupeFilter
from scrapy_redis.queue import PriorityQueue

from tests.distributed.conftest import SPIDER, BlockingQueue, WholeWorker, film
from tests.support.redis_server import redis_server

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(300)]

PER_PAGE = 20
REQUESTS = 4000
IN_FLIGHT, ANSWER = 10, 0.02
"""So many requests at a time, each answered after so many seconds: 500 a second at most."""

REST_OF_A_CRAWL = 0.77e-3
"""Seconds of CPU that a request costs apart from its queue (docs/performance.md)."""

SLOT = "https://api.themoviedb.org"
TITLE = (
    "?append_to_response=credits,external_ids,images,keywords,release_dates,translations,alternative_titles,videos"
    "&include_image_language=en,null,xx&include_video_language=en,null,xx&language=en-US"
)


@pytest.fixture(scope="module")
def redis() -> Iterator["Redis"]:
    with redis_server() as server, Redis.from_url(server.uri) as client:
        yield client


def title(id: int) -> Request:
    """As the spiders make them: with all that a callback needs."""
    request = film(id, priority=10, listed=True, fetch_reason="due", trending=None)
    target = {"source": "tmdb", "kind": "movies", "id": id}
    return request.replace(
        url=f"{SLOT}/3/movie/{id}{TITLE}",
        dont_filter=True,
        meta={
            "download_slot": SLOT,
            "local": False,
            "target": target,
            "cache_revalidate": False,
        },
    )


def cpu(act: Callable[[], Any]) -> float:
    """Seconds of CPU of this process."""
    before = resource.getrusage(resource.RUSAGE_SELF)
    act()
    after = resource.getrusage(resource.RUSAGE_SELF)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def scrapy_redis(redis: "Redis") -> None:
    """A page of titles is pushed, each after a look at the dupefilter; then each is popped."""
    queue, seen = PriorityQueue(redis, SPIDER, "plain:requests"), RFPDupeFilter(redis, "plain:dupefilter")
    for first in range(1, REQUESTS + 1, PER_PAGE):
        for id in range(first, first + PER_PAGE):
            request = title(id)
            if not seen.request_seen(request):
                queue.push(request)
        for _ in range(PER_PAGE):
            assert queue.pop() is not None


def leased(redis: "Redis") -> None:
    """The same by a whole worker, whose requests are answered one by one; a page is pushed once the last is sent."""
    asyncio.run(_crawl(WholeWorker(uri(redis), DOWNLOAD_SLOTS={SLOT: {"concurrency": IN_FLIGHT}})))


class NoQueue:
    """In place of a worker: the same requests, which go through nothing."""

    def __init__(self) -> None:
        self.scheduler = self
        self.engine, self.taken = SimpleNamespace(), set[Request]()
        self._waiting: deque[Request] = deque()
        self.enqueue_request = self._waiting.append

    async def open(self) -> None: ...

    async def close(self) -> None: ...

    def next_request(self) -> Request | None:
        return self._waiting.popleft() if self._waiting and len(self.taken) < IN_FLIGHT else None


def only_engine(redis: "Redis") -> None:
    asyncio.run(_crawl(NoQueue()))


def only_requests(redis: "Redis") -> None:
    for id in range(1, REQUESTS + 1):
        title(id)


def uri(redis: "Redis") -> str:
    options = redis.connection_pool.connection_kwargs
    return f"redis://{options['host']}:{options['port']}/0"


async def _crawl(worker: Any) -> None:
    loop, left, all_done = asyncio.get_running_loop(), iter(range(1, REQUESTS + 1)), asyncio.Event()
    waiting = sent = 0

    def schedule() -> None:
        """What the engine does: it takes what it gets."""
        nonlocal waiting, sent
        while request := worker.scheduler.next_request():
            worker.taken.add(request)
            waiting, sent = waiting - 1, sent + 1
            loop.call_later(ANSWER, answered, request)

    def answered(request: Request) -> None:
        nonlocal waiting
        worker.taken.discard(request)
        if not waiting:
            page = [title(id) for _, id in zip(range(PER_PAGE), left, strict=False)]
            for request in page:
                request.meta["dedup_key"] = request.url
                worker.scheduler.enqueue_request(request)
            waiting = len(page)
            if not (page or worker.taken):
                all_done.set()
        schedule()

    worker.engine._slot = SimpleNamespace(nextcall=SimpleNamespace(schedule=schedule))
    await worker.open()
    answered(title(1))
    await all_done.wait()
    await worker.close()
    assert sent == REQUESTS


def test_a_request_costs_no_more_cpu_than_with_scrapy_redis(redis: "Redis") -> None:
    """Without what the requests themselves cost: making them, and in ``leased`` the timers that answer them."""
    acts = (scrapy_redis, only_requests, leased, only_engine)
    figures: dict[str, list[float]] = {act.__name__: [] for act in acts}
    for _ in range(3):
        for act in acts:
            redis.flushall()
            figures[act.__name__].append(cpu(lambda act=act: act(redis)) / REQUESTS)  # type: ignore[misc]
    least = {name: min(some) for name, some in figures.items()}
    theirs, ours = least["scrapy_redis"] - least["only_requests"], least["leased"] - least["only_engine"]
    ratio = (REST_OF_A_CRAWL + ours) / (REST_OF_A_CRAWL + theirs)
    print(
        f"\nCPU per request, push + pop + acknowledge: {1e6 * ours:.0f} us, scrapy-redis (push + pop, which a kill "
        f"loses) {1e6 * theirs:.0f} us, ratio {ours / theirs:.2f}; in a crawl of {1e3 * REST_OF_A_CRAWL:.2f} ms "
        f"a request: {ratio:.2f}"
    )
    assert ours / theirs <= 0.6


def used(redis: "Redis") -> int:
    redis.execute_command("MEMORY", "PURGE")
    time.sleep(0.1)
    return int(redis.info("memory")["used_memory"])


def test_bytes_per_entry(redis: "Redis") -> None:
    redis.flushall()
    number = int(os.environ.get("BENCH_ENTRIES", "100000"))
    queue = BlockingQueue(uri(redis), key="moviecrawler:{bench:0}", worker="one", lease=60, deliveries=5)
    queue.join("{}")
    before = used(redis)
    for first in range(1, number + 1, 500):
        queue.push_many([queue.prepare(title(id)) for id in range(first, min(first + 500, number + 1))])
    queued = used(redis) - before
    seen_key = f"{queue.key}:{queue.generation}:seen"
    before = used(redis)
    for first in range(0, number, 1000):
        redis.sadd(seen_key, *(f"tmdb/movies/{id}" for id in range(first, first + 1000)))
    seen = used(redis) - before
    theirs = f"{queue.key}:theirs"
    before = used(redis)
    plain = RFPDupeFilter(redis, theirs)
    for first in range(0, number, 1000):
        redis.sadd(theirs, *(plain.request_fingerprint(title(id)) for id in range(first, first + 1000)))
    fingerprints = used(redis) - before
    says = redis.memory_usage(seen_key, samples=0)
    print(
        f"\nRedis memory, {number:,} entries: {queued / number:.0f} B per queued request, {seen / number:.0f} B per "
        f"seen title (MEMORY USAGE: {says / number:.0f} B); a fingerprint of scrapy-redis {fingerprints / number:.0f} B"
    )
    assert queued / number < 1500
    assert seen < fingerprints
    queue.close()
