"""The queue as one worker or several see it, on a real redis-server."""

import asyncio
import inspect
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from redis.asyncio import Redis
from scrapy import Request, Spider
from scrapy.http import Response
from scrapy.utils.test import get_crawler

from moviecrawler.config import Config
from moviecrawler.distributed import scheduler, serializer
from moviecrawler.distributed.queue import LeasedQueue
from moviecrawler.distributed.redis_client import RedisClient
from moviecrawler.policy.network.worker_group import WorkerGroup
from tests.support.crawler import install_runtime
from tests.support.waiting import patient

BASE = "moviecrawler:{films:0123456789}"
SITE, CDN = "http://site", "http://cdn"


class Films(Spider):
    name = "films"

    def parse_film(self, response: Response, id: int, **more: Any) -> None:
        raise NotImplementedError

    def failed(self, failure: Any) -> None:
        raise NotImplementedError

    def title_request(self, kind: str, id: int, *, listed: bool, fetch_reason: str) -> Request:
        return film(id, self, kind=kind, fetch_reason=fetch_reason)


SPIDER = Films()


def film(id: int, spider: Spider = SPIDER, *, priority: int = 0, slot: str = SITE, **kwargs: Any) -> Request:
    return Request(
        f"{slot}/movie/{id}",
        spider.parse_film,  # type: ignore[attr-defined]
        errback=spider.failed,  # type: ignore[attr-defined]
        priority=priority,
        meta={"download_slot": slot},
        cb_kwargs={"id": id, **kwargs},
    )


def ids(requests: list[Request]) -> list[int]:
    return [request.cb_kwargs["id"] for request in requests]


class BlockingQueue:
    """A worker's queue, each of its calls run to the end on a loop and a connection of its own."""

    def __init__(self, uri: str, **options: Any) -> None:
        self._loop = asyncio.new_event_loop()
        self._server = Redis.from_url(uri)
        self._queue = LeasedQueue(self._server, SPIDER, serializer=serializer, **options)

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._queue, name)
        if not inspect.iscoroutinefunction(found):
            return found
        return lambda *args, **kwargs: self._loop.run_until_complete(found(*args, **kwargs))

    def __len__(self) -> int:
        counts = self.count()
        return int(counts.pending + counts.leased + counts.delayed + counts.handed_in)

    @property
    def generation(self) -> str:
        return self._queue.generation

    @generation.setter
    def generation(self, value: str) -> None:
        self._queue.generation = value

    def close(self) -> None:
        self._loop.run_until_complete(self._server.aclose())
        self._loop.close()


def push(queue: BlockingQueue, *numbers: int, dedup: bool = False, delay: float = 0, priority: int = 0) -> int:
    return queue.push_many(
        [queue.prepare(film(id, priority=priority), f"film/{id}" if dedup else "", delay) for id in numbers]
    )


def pop(queue: BlockingQueue, limit: int = 100, slot: str = SITE) -> list[int]:
    return ids(queue.pop_many([(slot, limit)], limit))


NewWorker = Callable[..., BlockingQueue]


@pytest.fixture
def worker(redis_uri: str) -> Iterator[NewWorker]:
    """Makes the queue of a worker, which has joined the crawl unless ``joins`` is False."""
    made = []

    def make(
        name: str = "one", *, lease: float = 60, deliveries: int = 5, joins: bool = True, base: str = BASE
    ) -> BlockingQueue:
        queue = BlockingQueue(redis_uri, key=base, worker=name, lease=lease, deliveries=deliveries)
        made.append(queue)
        if joins:
            queue.join("{}")
        return queue

    yield make
    for queue in made:
        queue.close()


class Run:
    """Records what a crawler's run is told."""

    def __init__(self) -> None:
        self.reasons: list[str] = []
        self.given_up: dict[str, str] = {}
        self.is_stopping, self.is_running = False, True

    def stop(self, reason: str, line: str) -> None:
        self.reasons.append(reason)

    def stop_incomplete(self, what: str, line: str) -> None:
        self.stop("incomplete", line)

    def give_up(self, what: str, line: str) -> None:
        self.given_up[what] = line


class Engine:
    """What a scheduler sees of Scrapy's engine. ``taken``: the requests in the downloader; without more, all else is
    done with them as soon as they leave it.
    """

    def __init__(self) -> None:
        self.running, self.is_full = True, False
        self.taken: set[Request] = set()
        self.downloader = SimpleNamespace(active=self.taken, slots={})
        self.scraper = SimpleNamespace(slot=SimpleNamespace(active=set(), queue=[]))
        self._slot = None

    def needs_backout(self) -> bool:
        return self.is_full


class WholeWorker:
    """A scheduler, without the rest of a crawl."""

    def __init__(self, uri: str, *, lease: float = 60, **settings: Any) -> None:
        sharing = WorkerGroup.of(Config.from_settings({"REDIS_URL": uri}).queue)
        assert sharing is not None
        sharing = replace(sharing, lease=lease)
        crawler: Any = get_crawler(Films, {"DOWNLOAD_SLOTS": {}, **settings})
        self.run, self.engine, self.crawler = Run(), Engine(), crawler
        self.spider: Any = crawler._create_spider()
        self.spider.arguments, self.spider.backpressure = {}, SimpleNamespace(wait_for=lambda wait: None)
        hosts, languages = SimpleNamespace(hosts=()), SimpleNamespace(preferred=())
        self.redis = RedisClient(sharing, self.run)
        crawler.spider = self.spider
        install_runtime(
            crawler,
            worker_group=sharing,
            lifecycle=self.run,
            redis=self.redis,
            policies=SimpleNamespace(hosts=hosts, languages=languages),
            store=SimpleNamespace(describe="store"),
        )
        crawler.engine = self.engine
        self.scheduler = scheduler.Scheduler(crawler)
        self.taken = self.engine.taken
        self.is_closed = False

    async def open(self) -> None:
        await self.scheduler.open(self.spider).asFuture(asyncio.get_running_loop())
        self.queue = self.scheduler.queue

    async def close(self) -> None:
        if not self.is_closed:
            self.is_closed = True
            await self.scheduler.close("finished").asFuture(asyncio.get_running_loop())
            await self.redis.close()

    def enqueue(self, *numbers: int, slot: str = SITE, **more: Any) -> None:
        for number in numbers:
            request = film(number, self.spider, slot=slot)
            request.meta.update(more)
            assert self.scheduler.enqueue_request(request)

    async def turn(self) -> None:
        """All that the upkeep does, and then what the engine calls: it takes all that it gets."""
        waiting = asyncio.ensure_future(self.scheduler._turn_done.wait())
        self.scheduler._kept_up_at = self.scheduler._worker_queue._renewed_at = float("-inf")
        self.scheduler._wake.set()
        await asyncio.wait_for(waiting, patient(10))
        while request := self.scheduler.next_request():
            self.taken.add(request)
        self.scheduler.has_pending_requests()

    async def until(self, holds: Callable[[], Any]) -> None:
        """Turns, until it holds; ``holds`` may be a coroutine function."""
        async with asyncio.timeout(patient(10)):
            while not (await found if inspect.isawaitable(found := holds()) else found):
                await self.turn()

    async def all_done(self) -> bool:
        """Whether nothing is left, once all that was given out is done."""
        self.taken.clear()
        counts = await self.queue.count()
        return not (counts.leased or counts.pending or counts.handed_in)


@pytest.fixture
async def open_worker(redis_uri: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Callable[..., Any]]:
    """Opens a :class:`WholeWorker`, whose waits are short."""
    for name in ("PROBE_INTERVAL", "POLL_INTERVAL", "TURN_INTERVAL"):
        monkeypatch.setattr(scheduler, name, 0.002)
    opened = []

    async def make(**settings: Any) -> WholeWorker:
        opened.append(worker := WholeWorker(redis_uri, **settings))
        await worker.open()
        return worker

    yield make
    for worker in opened:
        await worker.close()
