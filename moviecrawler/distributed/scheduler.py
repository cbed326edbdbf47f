"""The scheduler of a crawl with many workers: a queue in Redis, and a local one for what only the seeder can send."""

import asyncio
import json
import logging
import os
import secrets
import socket
import time
from collections.abc import Awaitable
from typing import Any, NoReturn, Self

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider
from scrapy.utils.defer import maybe_deferred_to_future
from scrapy_redis.scheduler import Scheduler as RedisScheduler
from twisted.internet.defer import Deferred

from moviecrawler.distributed import serializer
from moviecrawler.distributed.crawl_key import base_key, describe_differences, worker_facts
from moviecrawler.distributed.dupefilter import DupeFilter
from moviecrawler.distributed.queue import LeasedQueue
from moviecrawler.distributed.queue_calls import QueueCalls
from moviecrawler.distributed.redis_client import RedisClient
from moviecrawler.distributed.worker_queue import WorkerQueue
from moviecrawler.policy.network.redis_errors import explain_error
from moviecrawler.runtime import Runtime
from moviecrawler.scheduling.delayed import Scheduler as LocalScheduler
from moviecrawler.scheduling.in_progress import in_progress

logger = logging.getLogger(__name__)

TURN_INTERVAL = 0.01
"""Seconds from one exchange with Redis to the next at least: what is done meanwhile is one round trip."""

POLL_INTERVAL = 0.1
"""Seconds after which an idle worker looks for work that others have pushed."""

UPKEEP_INTERVAL = 0.5
"""Seconds between two turns of the upkeep: renew, requeue what lost workers left, count."""

PROBE_INTERVAL = 0.5
"""Seconds between two attempts to reach a server that is away."""


class Scheduler(RedisScheduler):  # type: ignore[misc]  # scrapy-redis has no types
    """scrapy-redis's scheduler over a :class:`LeasedQueue`.

    Requests with ``meta["local"]`` carry state of the spider: they stay in this process, which is the seeder's, and go
    through Scrapy's own scheduler. All others go through :class:`WorkerQueue`.

    What Scrapy calls never waits for Redis. One task speaks to it, from :meth:`open` to :meth:`close`: it is woken by
    what the engine does, and by a timer.
    """

    def __init__(self, crawler: Crawler) -> None:
        runtime = Runtime.of(crawler)
        assert runtime.worker_group is not None, "this scheduler is for crawls with REDIS_URL"
        assert isinstance(runtime.redis, RedisClient)
        super().__init__(server=runtime.redis.client, persist=True, serializer=serializer)
        self.stats = crawler.stats
        self._crawler = crawler
        self._sharing, self._lifecycle, self._group = runtime.worker_group, runtime.lifecycle, runtime.group
        self._local = LocalScheduler.from_crawler(crawler)
        self._calls = QueueCalls(
            runtime.redis,
            self.stats,
            final_dead_count=lambda: self.queue.final_dead_count(),
            on_end=self._crawl_ended,
        )
        self._task: asyncio.Task[None] | None = None
        self._wake, self._turn_done = asyncio.Event(), asyncio.Event()
        self._is_closing = self._has_failed = False
        self._wants_seeding = self._is_seeding = self._start_has_ended = False
        self._seeding = ""
        self._is_count_wanted = False
        self._busy_at = time.monotonic()
        self._kept_up_at = self._polled_at = float("-inf")

    @classmethod
    def from_crawler(cls, crawler: Any) -> Self:
        return cls(crawler)

    # --- the crawl ----------------------------------------------------------------------------------------------

    def open(self, spider: Any) -> "Deferred[None]":
        """The spider is closed as soon as it is open when Redis fails, or the other workers have other settings."""
        return Deferred.fromFuture(asyncio.ensure_future(self._open(spider)))

    async def _open(self, spider: Any) -> None:
        self.spider = spider
        if (opening := self._local.open(spider)) is not None:
            await maybe_deferred_to_future(opening)
        base = base_key(spider.name, spider.arguments)
        worker = f"{socket.gethostname()}/{os.getpid()}/{secrets.token_hex(3)}"
        lease, deliveries = self._sharing.lease, self._sharing.deliveries
        self.queue = LeasedQueue(
            self.server, spider, base, serializer, worker=worker, lease=lease, deliveries=deliveries
        )
        self._worker_queue = WorkerQueue(self._crawler, self.queue, self._calls, lease, self._wake.set)
        ours = worker_facts(spider)
        try:
            joined = await self.queue.join(json.dumps(ours))
            different = describe_differences(json.loads(joined.facts), ours)
        except Exception as error:  # noqa: BLE001 - an odd answer can raise anything in the client, and in us
            trouble = explain_error(error)
            logger.error("REDIS_URL: Redis cannot be used: %s", "; ".join(filter(None, trouble[:2])))
            self._refuse_to_run(CloseSpider("redis_failed"))
            return
        if different:
            logger.error("the crawl %s is under way with other settings: %s", base, different)
            await self._calls.call(lambda: self.queue.leave(), 0)
            self._refuse_to_run(CloseSpider("other_crawl"))
            return
        if joined.left:
            logger.warning("a crawl that lost all its workers left %d requests; start() finds them again", joined.left)
        logger.info("%s the crawl %s as %s", "begun" if joined.begun else "joined", base, worker)
        self.df = DupeFilter(self.server, f"{base}:{joined.generation}:seen")
        spider.backpressure.wait_for(self._wait_for_room)
        self._task = asyncio.ensure_future(self._work())
        self._task.add_done_callback(self._work_ended)

    def _refuse_to_run(self, refusal: CloseSpider) -> None:
        """Close the spider once it is open: Scrapy closes cleanly only what it has opened completely."""
        self._calls.is_over = True

        def refuse() -> None:
            raise refusal

        self._crawler.signals.connect(refuse, signals.spider_opened, weak=False)

    async def become_seeder(self) -> bool:
        """True once this worker has to run ``start()``; False when it has been run to its end."""
        self._wants_seeding, self._kept_up_at = True, float("-inf")
        self._wake.set()
        while not (self._seeding or self._is_over):
            await self._turn_done.wait()
        return self._is_seeding

    def mark_start_ended(self) -> None:
        """``start()`` has yielded everything; not so in a run that ends early, and another worker runs it anew."""
        self._start_has_ended = not self._lifecycle.is_stopping
        self._wake.set()

    def close(self, reason: str) -> "Deferred[None]":
        """Release what is not done, for the others; the last worker deletes the keys of the crawl."""
        return Deferred.fromFuture(asyncio.ensure_future(self._close(reason)))

    async def _close(self, reason: str) -> None:
        if self._task is not None:
            self._is_closing = True
            self._wake.set()
            await asyncio.wait([self._task])  # cancelled, the client could take that for a timeout of its own
            await self._guard(self._worker_queue.exchange())
            await self._guard(self._worker_queue.release_all())
            await self._calls.call(lambda: self.queue.leave(for_all=not self._sharing.idle), 0)
            self._worker_queue.report_dead_letters()
        if (closing := self._local.close(reason)) is not None:
            await maybe_deferred_to_future(closing)

    # --- requests -----------------------------------------------------------------------------------------------

    def enqueue_request(self, request: Request) -> bool:
        """False, and the run ends, for a request that cannot be queued: Scrapy would wait for its callback for ever."""
        if request.meta.get("local"):
            return self._local.enqueue_request(request)
        delay = request.meta.pop("delay", 0)
        try:
            self._worker_queue.add(request, self.df.request_fingerprint(request), delay)
        except Exception as error:  # noqa: BLE001 - a bug of ours, whatever it raises
            self._report(error, "a request could not be queued")
            return False
        return True

    def next_request(self) -> Request | None:
        """Of what is leased; nothing is sent while Redis is away, since it could not be acknowledged."""
        if self._calls.is_away or self._is_over:
            return None
        if self._worker_queue.wants_more and (request := self._local.next_request()) is not None:
            return request
        return self._worker_queue.next_request()

    def has_pending_requests(self) -> bool:
        """Whether this crawl can still have work, in any of its workers.

        It can until a count says otherwise that was asked for after the last change; one is asked for here.
        """
        if self._is_over:
            return False
        self._is_count_wanted = True
        if not self._worker_queue.is_over or self._local.has_pending_requests():
            self._busy_at = time.monotonic()
            if self._worker_queue.has_news:
                self._wake.set()
            return True
        if time.monotonic() - self._busy_at < self._sharing.idle:
            return True
        self._worker_queue.report_dead_letters()
        return False

    def __len__(self) -> int:
        return max(0, len(self._local) + self._worker_queue.backlog)  # others may have taken what we have counted

    def flush(self) -> NoReturn:
        raise NotImplementedError("the queue belongs to all workers: scrapy queue --clear deletes it")

    @classmethod
    def from_settings(cls, settings: Any) -> NoReturn:
        raise NotImplementedError("the scheduler shares the crawler's connection: from_crawler")

    async def _wait_for_room(self) -> None:
        """Return when ``start()`` may yield another title."""
        while not (self._worker_queue.wants_more or self._is_over):
            await self._turn_done.wait()

    @property
    def _is_over(self) -> bool:
        """The crawl no longer exists, or the task that speaks to Redis has failed."""
        return self._calls.is_over or self._has_failed

    # --- the task that speaks to Redis ----------------------------------------------------------------------------

    async def _work(self) -> None:
        loop = asyncio.get_running_loop()
        while not self._is_closing:
            begun = loop.time()
            await self._turn()
            self._turn_done.set()
            self._turn_done.clear()
            timer = loop.call_later(POLL_INTERVAL, self._wake.set)
            await self._wake.wait()
            timer.cancel()
            pause = PROBE_INTERVAL if self._calls.is_away else TURN_INTERVAL
            await asyncio.sleep(begun + pause - loop.time())
            self._wake.clear()

    async def _turn(self) -> None:
        if self._calls.is_over:
            return
        if self._calls.is_away:
            if not await self._calls.probe():
                return
            await self._worker_queue.renew()
            self._kept_up_at = float("-inf")
        now = time.monotonic()
        is_poll = now - self._polled_at >= POLL_INTERVAL
        if is_poll:
            self._polled_at = now
            self._worker_queue.expect_more()
        has_more = await self._worker_queue.exchange()
        if self._is_closing:
            return
        await self._finish_seeding()
        is_count_wanted, self._is_count_wanted = self._is_count_wanted, False
        if now - self._kept_up_at >= UPKEEP_INTERVAL:
            self._kept_up_at = now
            await self._elect_seeder()
            await self._worker_queue.keep_up()
        elif is_count_wanted:
            await self._worker_queue.count()
        if has_more or is_poll or self._calls.is_over or (is_count_wanted and self._worker_queue.is_over):
            self._wake_engine()

    def _wake_engine(self) -> None:
        if slot := self._crawler.engine._slot:  # there is no public way to wake the engine before its 5 s are over
            slot.nextcall.schedule()

    async def _elect_seeder(self) -> None:
        """Of the crawls of one process (``scrapy collect``) the first one is decided first: the worker that seeds it
        seeds the others too, and knows what all of them have requested.
        """
        if self._seeding or not self._wants_seeding:
            return
        first = self._group.first
        if first is not self._crawler and first.crawling and not self._group.seeding_decided.is_set():
            return
        seeding = await self._calls.call(lambda: self.queue.elect_seeder(), "")
        if seeding:
            self._group.seeding_asked.add(self._crawler)
        if seeding in ("mine", "done"):
            self._seeding = seeding
            if first is self._crawler:
                self._group.seeding_decided.set()
            self._is_seeding = seeding == "mine"

    async def _finish_seeding(self) -> None:
        """The seeder's part is done once ``start()`` has ended, and so have the requests that only it can send."""
        engine = self._crawler.engine
        if not (self._is_seeding and self._start_has_ended):
            return
        if self._worker_queue.has_unsent or self._local.has_pending_requests():
            return
        others = set(self._group.crawlers) - self._group.seeding_asked
        if self._crawler is self._group.first and any(crawler.crawling for crawler in others):
            return  # another process would see that this crawl is seeded, and seed the others beside us
        if self._lifecycle.is_running and not any(request.meta.get("local") for request in in_progress(engine)):
            self._is_seeding = await self._calls.call(lambda: self.queue.finish_seeding(), None) is None

    def _crawl_ended(self, dead: int | None) -> None:
        """The crawl has ended without this worker, which the others held to be lost; or Redis has lost it (None)."""
        self._worker_queue.discard_all()
        if dead is not None:
            self._worker_queue.note_dead_letters(dead)
            self._worker_queue.report_dead_letters()
            return
        self._lifecycle.stop(
            "queue_lost", "the queue in Redis is gone, unfinished; what is not stored stays due: run again"
        )

    # --- failures of ours -----------------------------------------------------------------------------------------

    def _work_ended(self, task: "asyncio.Task[None]") -> None:
        """End the run when the task has failed, whatever it raised, or was cancelled: nobody else would notice."""
        error = asyncio.CancelledError() if task.cancelled() else task.exception()
        if error is None:
            return
        self._has_failed = True
        self._turn_done.set()
        self._report(error)

    async def _guard(self, act: Awaitable[object]) -> None:
        try:
            await act
        except Exception as error:  # noqa: BLE001 - a bug of ours; what comes next is done all the same
            self._report(error)

    def _report(self, error: BaseException, what: str = "the upkeep of the shared queue failed") -> None:
        logger.debug(what, exc_info=error)
        line = f"{what} ({type(error).__name__}: {error}); please report it"
        self._lifecycle.stop("redis_failed", line)
