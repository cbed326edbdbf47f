"""The scheduler of a crawl with many workers: one queue in Redis, and what only the seeder can ask for at hand."""

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
from moviecrawler.distributed.crawl_key import base_key, differences, facts
from moviecrawler.distributed.dupefilter import DupeFilter
from moviecrawler.distributed.queue import NOTHING, LeasedQueue
from moviecrawler.distributed.redis_client import RedisClient
from moviecrawler.distributed.server import connect
from moviecrawler.distributed.worker_queue import WorkerQueue
from moviecrawler.policy.network.redis_errors import read_error
from moviecrawler.scheduling.delayed import Scheduler as LocalScheduler
from moviecrawler.scheduling.in_progress import in_progress

logger = logging.getLogger(__name__)

LOOK = 0.1
"""Seconds after which a worker with nothing to do looks for work that others have found."""

TICK = 0.5
"""Seconds between two turns of the upkeep: renew, take up what lost workers left, count."""


class Scheduler(RedisScheduler):
    """scrapy-redis's scheduler over a :class:`LeasedQueue`.

    Requests with ``meta["local"]`` carry state of the spider: they stay in this process, which holds the seat of the
    seeder, and go through Scrapy's own scheduler. All others are :class:`WorkerQueue`.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._sharing = crawler.sharing
        super().__init__(server=connect(self._sharing.url), persist=True, serializer=serializer)
        self.stats = crawler.stats
        self._crawler = crawler
        self._local = LocalScheduler.from_crawler(crawler)
        self._link = RedisClient(
            self.server,
            crawler.redis,
            self.stats,
            back=lambda: self._guarded(self._is_back),
            fate=lambda: self.queue.fate(),
            ended=self._is_over,
        )
        self._loop = create_looping_call(self._look)
        self._ticked = asyncio.Event()
        self._seeding = self._start_ended = False
        self._busy = self._kept_up = time.monotonic()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    # --- the crawl ----------------------------------------------------------------------------------------------

    def open(self, spider: Any) -> None:
        """Refuses, once the spider is open, when Redis cannot be asked or the crawl's workers ask other hosts."""
        self.spider = spider
        self._local.open(spider)
        base = base_key(spider.name, spider.arguments)
        worker = f"{socket.gethostname()}/{os.getpid()}/{secrets.token_hex(3)}"
        lease, deliveries = self._sharing.lease, self._sharing.deliveries
        self.queue = LeasedQueue(
            self.server, spider, base, serializer, worker=worker, lease=lease, deliveries=deliveries
        )
        self._shared = WorkerQueue(self._crawler, self.queue, self._link, lease)
        ours = facts(spider)
        try:
            joined = self.queue.join(json.dumps(ours))
            different = differences(json.loads(joined.facts), ours)
        except Exception as error:  # noqa: BLE001 - an odd answer can make anything of the client, and of us
            trouble = read_error(error)
            logger.error("REDIS_URL: Redis cannot be used: %s", "; ".join(filter(None, trouble[:2])))
            self._refuse(CloseSpider("redis_failed"))
            return
        if different:
            logger.error("the crawl %s is under way with other settings: %s", base, different)
            self._link.ask(self.queue.leave, 0)
            self._refuse(CloseSpider("other_crawl"))
            return
        if joined.left:
            logger.warning("a crawl that lost all its workers left %d requests; start() finds them again", joined.left)
        logger.info("%s the crawl %s as %s", "begun" if joined.begun else "joined", base, worker)
        self.df = DupeFilter(self.server, f"{base}:{joined.generation}:seen")
        spider.backpressure.wait_for(self._wait_for_room)
        self._loop.start(LOOK, now=False)

    def _refuse(self, refusal: CloseSpider) -> None:
        """Scrapy closes neatly only what it has opened completely."""
        self._link.over = True

        def refuse() -> None:
            raise refusal

        self._crawler.signals.connect(refuse, signals.spider_opened, weak=False)

    async def take_seat(self) -> bool:
        """True when this worker has to run ``start()``; False when it has been run to its end.

        Of the crawls of one process (``scrapy collect``) the first one goes first: whoever has its seat gets those of
        the others too, and knows what all of them have asked for.
        """
        first = self._crawler.group.crawlers[0]
        while not self._link.over:
            waits = first is not self._crawler and first.crawling and not hasattr(first, "seat")
            seat = "" if waits else self._link.ask(self.queue.seat, "")
            if seat in ("mine", "done"):
                self._crawler.seat = seat
                self._seeding = seat == "mine"
                return self._seeding
            await self._ticked.wait()
        return False

    def start_has_ended(self) -> None:
        """``start()`` has yielded all; a run that ends early has not, and another worker runs it anew."""
        self._start_ended = not self._crawler.run.is_stopping

    def close(self, reason: str) -> Any:
        """What is not done goes back for the others; the last worker takes the crawl's keys away."""
        if self._loop.running:
            self._loop.stop()
            self._guarded(self._shared.settle)
            self._shared.give_all_back()
            self._link.ask(lambda: self.queue.leave(for_all=not self._sharing.idle), 0)
            self._shared.report_dead()
        self._link.close()
        return self._local.close(reason)

    # --- requests -----------------------------------------------------------------------------------------------

    def enqueue_request(self, request: Request) -> bool:
        """ValueError for a request that is no JSON."""
        if request.meta.get("local"):
            return self._local.enqueue_request(request)
        delay = request.meta.pop("delay", 0)
        self._shared.add(request, self.df.request_fingerprint(request), delay)
        return True

    def next_request(self) -> Request | None:
        if not self._shared.send() or self._link.over:
            return None
        if self._shared.wants_more and (request := self._local.next_request()) is not None:
            return request
        return self._shared.next()

    def has_pending_requests(self) -> bool:
        """Whether this crawl can still have work, in any of its workers."""
        if self._link.over:
            return False
        self._shared.settle()
        self._tell_that_all_is_asked_for()
        counts = self._shared.count(NOTHING)
        if self._local.has_pending_requests() or self._shared.ready or not counts.over:
            self._busy = time.monotonic()
            return not self._link.over
        if time.monotonic() - self._busy < self._sharing.idle:
            return True
        self._shared.report_dead()
        return False

    def __len__(self) -> int:
        return len(self._local) + self._shared.backlog

    async def _wait_for_room(self) -> None:
        """Return when ``start()`` may ask for another title."""
        while not self._shared.wants_more:
            await self._ticked.wait()

    # --- upkeep -------------------------------------------------------------------------------------------------

    def _look(self) -> None:
        self._guarded(self._look_after)

    def _guarded(self, act: Callable[[], None]) -> None:
        """What fails here would stop the upkeep for ever, in silence; so it ends the run."""
        try:
            act()
        except Exception as error:
            logger.debug("the upkeep of the queue failed", exc_info=True)
            line = f"the shared queue cannot be kept up ({type(error).__name__}: {error}); please report it"
            self._crawler.run.stop("redis_failed", line)

    def _look_after(self) -> None:
        if time.monotonic() - self._kept_up >= TICK:
            self._keep_up()
        else:
            self._shared.settle()
        self._shared.look_again()
        if slot := self._crawler.engine._slot:  # there is no public way to wake the engine before its 5 s are over
            slot.nextcall.schedule()

    def _keep_up(self) -> None:
        self._kept_up = time.monotonic()
        if not (self._link.over or self._link.away):
            self._shared.keep_up()
            self._tell_that_all_is_asked_for()
        self._ticked.set()
        self._ticked.clear()

    def _tell_that_all_is_asked_for(self) -> None:
        """The seeder's part is done when start() has ended, and all that it alone could ask for."""
        engine, run = self._crawler.engine, self._crawler.run
        if not (self._seeding and self._start_ended) or self._shared.unsent or self._local.has_pending_requests():
            return
        if (
            engine.running
            and not run.is_stopping
            and not any(request.meta.get("local") for request in in_progress(engine))
        ):
            self._seeding = self._link.ask(self.queue.seeded, None) is None

    def _is_back(self) -> None:
        self._shared.renew()
        self._keep_up()

    def _is_over(self, dead: int | None) -> None:
        """The crawl has ended without this worker, which had been lost for the others; or Redis has forgotten it."""
        self._shared.drop_all()
        if dead is not None:
            self._shared.see_dead(dead)
            self._shared.report_dead()
            return
        self._crawler.run.stop(
            "queue_lost", "the queue in Redis is gone, unfinished; what is not stored stays due: run again"
        )
