"""The scheduler of a crawl with many workers: a queue in Redis, and a local one for what only the seeder can send."""

import asyncio
import json
import logging
import os
import secrets
import socket
import time
from collections.abc import Callable
from typing import Any, Self

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider
from scrapy.utils.asyncio import create_looping_call
from scrapy_redis.scheduler import Scheduler as RedisScheduler

from moviecrawler.distributed import serializer
from moviecrawler.distributed.crawl_key import base_key, describe_differences, worker_facts
from moviecrawler.distributed.dupefilter import DupeFilter
from moviecrawler.distributed.queue import UNKNOWN, LeasedQueue
from moviecrawler.distributed.redis_client import AsyncRedisClient, RedisClient, connect
from moviecrawler.distributed.worker_queue import WorkerQueue
from moviecrawler.policy.network.redis_errors import explain_error
from moviecrawler.runtime import Runtime
from moviecrawler.scheduling.delayed import Scheduler as LocalScheduler
from moviecrawler.scheduling.in_progress import in_progress

logger = logging.getLogger(__name__)

POLL_INTERVAL = 0.1
"""Seconds after which an idle worker looks for work that others have pushed."""

UPKEEP_INTERVAL = 0.5
"""Seconds between two turns of the upkeep: renew, requeue what lost workers left, count."""


class Scheduler(RedisScheduler):
    """scrapy-redis's scheduler over a :class:`LeasedQueue`.

    Requests with ``meta["local"]`` carry state of the spider: they stay in this process, which is the seeder's, and go
    through Scrapy's own scheduler. All others go through :class:`WorkerQueue`.
    """

    def __init__(self, crawler: Crawler) -> None:
        runtime = Runtime.of(crawler)
        assert runtime.worker_group is not None, "this scheduler is for crawls with REDIS_URL"
        assert isinstance(runtime.redis, AsyncRedisClient)
        self._sharing, self._lifecycle, self._group = runtime.worker_group, runtime.lifecycle, runtime.group
        super().__init__(server=connect(self._sharing.url), persist=True, serializer=serializer)
        self.stats = crawler.stats
        self._crawler = crawler
        self._local = LocalScheduler.from_crawler(crawler)
        self._redis = RedisClient(
            self.server,
            runtime.redis,
            self.stats,
            on_return=lambda: self._guard(self._redis_returned),
            final_dead_count=lambda: self.queue.final_dead_count(),
            on_end=self._crawl_ended,
        )
        self._loop = create_looping_call(self._poll)
        self._upkeep_done = asyncio.Event()
        self._is_seeding = self._start_has_ended = False
        self._busy_at = self._kept_up_at = time.monotonic()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    # --- the crawl ----------------------------------------------------------------------------------------------

    def open(self, spider: Any) -> None:
        """The spider is closed as soon as it is open when Redis fails, or the other workers have other settings."""
        self.spider = spider
        self._local.open(spider)
        base = base_key(spider.name, spider.arguments)
        worker = f"{socket.gethostname()}/{os.getpid()}/{secrets.token_hex(3)}"
        lease, deliveries = self._sharing.lease, self._sharing.deliveries
        self.queue = LeasedQueue(
            self.server, spider, base, serializer, worker=worker, lease=lease, deliveries=deliveries
        )
        self._worker_queue = WorkerQueue(self._crawler, self.queue, self._redis, lease)
        ours = worker_facts(spider)
        try:
            joined = self.queue.join(json.dumps(ours))
            different = describe_differences(json.loads(joined.facts), ours)
        except Exception as error:  # noqa: BLE001 - an odd answer can raise anything in the client, and in us
            trouble = explain_error(error)
            logger.error("REDIS_URL: Redis cannot be used: %s", "; ".join(filter(None, trouble[:2])))
            self._refuse(CloseSpider("redis_failed"))
            return
        if different:
            logger.error("the crawl %s is under way with other settings: %s", base, different)
            self._redis.call(self.queue.leave, 0)
            self._refuse(CloseSpider("other_crawl"))
            return
        if joined.left:
            logger.warning("a crawl that lost all its workers left %d requests; start() finds them again", joined.left)
        logger.info("%s the crawl %s as %s", "begun" if joined.begun else "joined", base, worker)
        self.df = DupeFilter(self.server, f"{base}:{joined.generation}:seen")
        spider.backpressure.wait_for(self._wait_for_room)
        self._loop.start(POLL_INTERVAL, now=False)

    def _refuse(self, refusal: CloseSpider) -> None:
        """Close the spider once it is open: Scrapy closes cleanly only what it has opened completely."""
        self._redis.is_over = True

        def refuse() -> None:
            raise refusal

        self._crawler.signals.connect(refuse, signals.spider_opened, weak=False)

    async def become_seeder(self) -> bool:
        """True once this worker has to run ``start()``; False when it has been run to its end.

        Of the crawls of one process (``scrapy collect``) the first one is decided first: the worker that seeds it seeds
        the others too, and knows what all of them have requested.
        """
        first = self._group.first
        while not self._redis.is_over:
            must_wait = first is not self._crawler and first.crawling and not self._group.seeding_decided.is_set()
            seeding = "" if must_wait else self._redis.call(self.queue.elect_seeder, "")
            if seeding in ("mine", "done"):
                if first is self._crawler:
                    self._group.seeding_decided.set()
                self._is_seeding = seeding == "mine"
                return self._is_seeding
            await self._upkeep_done.wait()
        return False

    def mark_start_ended(self) -> None:
        """``start()`` has yielded everything; not so in a run that ends early, and another worker runs it anew."""
        self._start_has_ended = not self._lifecycle.is_stopping

    def close(self, reason: str) -> Any:
        """Release what is not done, for the others; the last worker deletes the keys of the crawl."""
        if self._loop.running:
            self._loop.stop()
            self._guard(self._worker_queue.acknowledge_done)
            self._worker_queue.release_all()
            self._redis.call(lambda: self.queue.leave(for_all=not self._sharing.idle), 0)
            self._worker_queue.report_dead_letters()
        self._redis.close()
        return self._local.close(reason)

    # --- requests -----------------------------------------------------------------------------------------------

    def enqueue_request(self, request: Request) -> bool:
        """ValueError for a request that cannot be queued."""
        if request.meta.get("local"):
            return self._local.enqueue_request(request)
        delay = request.meta.pop("delay", 0)
        self._worker_queue.add(request, self.df.request_fingerprint(request), delay)
        return True

    def next_request(self) -> Request | None:
        if not self._worker_queue.flush() or self._redis.is_over:
            return None
        if self._worker_queue.wants_more and (request := self._local.next_request()) is not None:
            return request
        return self._worker_queue.next_request()

    def has_pending_requests(self) -> bool:
        """Whether this crawl can still have work, in any of its workers."""
        if self._redis.is_over:
            return False
        self._worker_queue.acknowledge_done()
        self._finish_seeding()
        counts = self._worker_queue.count(UNKNOWN)
        if self._local.has_pending_requests() or self._worker_queue.has_ready or not counts.is_over:
            self._busy_at = time.monotonic()
            return not self._redis.is_over
        if time.monotonic() - self._busy_at < self._sharing.idle:
            return True
        self._worker_queue.report_dead_letters()
        return False

    def __len__(self) -> int:
        return len(self._local) + self._worker_queue.backlog

    async def _wait_for_room(self) -> None:
        """Return when ``start()`` may yield another title."""
        while not self._worker_queue.wants_more:
            await self._upkeep_done.wait()

    # --- upkeep -------------------------------------------------------------------------------------------------

    def _poll(self) -> None:
        self._guard(self._poll_once)

    def _guard(self, act: Callable[[], None]) -> None:
        """End the run when ``act()`` fails: the exception would stop the upkeep for good, and unnoticed."""
        try:
            act()
        except Exception as error:
            logger.debug("the upkeep of the queue failed", exc_info=True)
            line = f"the upkeep of the shared queue failed ({type(error).__name__}: {error}); please report it"
            self._lifecycle.stop("redis_failed", line)

    def _poll_once(self) -> None:
        if time.monotonic() - self._kept_up_at >= UPKEEP_INTERVAL:
            self._keep_up()
        else:
            self._worker_queue.acknowledge_done()
        self._worker_queue.expect_more()
        if slot := self._crawler.engine._slot:  # there is no public way to wake the engine before its 5 s are over
            slot.nextcall.schedule()

    def _keep_up(self) -> None:
        self._kept_up_at = time.monotonic()
        if not (self._redis.is_over or self._redis.is_away):
            self._worker_queue.keep_up()
            self._finish_seeding()
        self._upkeep_done.set()
        self._upkeep_done.clear()

    def _finish_seeding(self) -> None:
        """The seeder's part is done once ``start()`` has ended, and so have the requests that only it can send."""
        engine = self._crawler.engine
        if not (self._is_seeding and self._start_has_ended):
            return
        if self._worker_queue.has_unsent or self._local.has_pending_requests():
            return
        if self._lifecycle.is_running and not any(request.meta.get("local") for request in in_progress(engine)):
            self._is_seeding = self._redis.call(self.queue.finish_seeding, None) is None

    def _redis_returned(self) -> None:
        self._worker_queue.renew()
        self._keep_up()

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
