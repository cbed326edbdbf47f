"""The scheduler of a crawl with many workers: one queue in Redis, and what only the seeder can ask for at hand."""

import asyncio
import json
import logging
import os
import secrets
import socket
import time
from collections import Counter, deque
from collections.abc import Iterable
from typing import Any, Self

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider
from scrapy.utils.asyncio import create_looping_call
from scrapy_redis.scheduler import Scheduler as RedisScheduler

from moviecrawler.scheduling import serializer
from moviecrawler.scheduling.delayed import Scheduler as LocalScheduler
from moviecrawler.scheduling.dupefilter import DupeFilter
from moviecrawler.scheduling.identity import base_key, differences, facts
from moviecrawler.scheduling.link import Link
from moviecrawler.scheduling.queue import NOTHING, LeasedQueue, Pushed
from moviecrawler.scheduling.server import AWAY, connect, reason
from moviecrawler.scheduling.slots import SlotsWithRoom
from moviecrawler.scheduling.work import in_work

logger = logging.getLogger(__name__)

LOOK = 0.1
"""Seconds after which a worker with nothing to do looks for work that others have found."""

TICK = 0.5
"""Seconds between two turns of the upkeep: acknowledge, renew, take up what lost workers left."""

AHEAD = 200
"""Titles per worker that wait in the shared queue before the seeder reads on."""

_NOT_STORED = "it could not be stored"


class Scheduler(RedisScheduler):
    """scrapy-redis's scheduler over a :class:`LeasedQueue`.

    Requests with ``meta["local"]`` carry state of the spider: they stay in this process, which holds the seat of the
    seeder, and go through Scrapy's own scheduler. All others are shared. What a callback yields is sent to Redis before
    its own request is acknowledged. While Redis is away nothing is popped, acknowledged or ended.
    """

    def __init__(self, crawler: Crawler) -> None:
        sharing = crawler.sharing
        super().__init__(server=connect(sharing.url), persist=True, serializer=serializer)
        self.stats = crawler.stats
        self._crawler = crawler
        self._lease, self._deliveries, self._idle = sharing.lease, sharing.deliveries, sharing.idle
        self._most = crawler.settings.getint("CONCURRENT_REQUESTS")
        self._local = LocalScheduler.from_crawler(crawler)
        self._link = Link(self.server, crawler.redis, self.stats, back=self._is_back, ended=self._is_over)
        self._slots = SlotsWithRoom(crawler)
        self._loop = create_looping_call(self._look)
        self._ticked = asyncio.Event()
        self._outbox: list[Pushed] = []
        self._slot_names: set[str] = set()
        self._ready: deque[Request] = deque()
        self._not_stored: set[Request] = set()
        self._counts, self._backlog, self._dry = NOTHING, 0, False
        self._seeding = self._start_ended = False
        self._renewed = self._busy = self._kept_up = time.monotonic()
        crawler.signals.connect(self._dropped, signals.item_dropped)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    # --- the crawl ----------------------------------------------------------------------------------------------

    def open(self, spider: Any) -> None:
        """Refuses, once the spider is open, when Redis cannot be asked or the crawl's workers ask other hosts."""
        self.spider = spider
        self._local.open(spider)
        base = base_key(spider.name, spider.chosen)
        worker = f"{socket.gethostname()}/{os.getpid()}/{secrets.token_hex(3)}"
        self.queue = LeasedQueue(
            self.server, spider, base, serializer, worker=worker, lease=self._lease, deliveries=self._deliveries
        )
        ours = facts(spider)
        try:
            joined = self.queue.join(json.dumps(ours))
        except AWAY as error:
            logger.error("REDIS_URL: Redis cannot be used: %s", reason(error))
            self._refuse(CloseSpider("redis_failed"))
            return
        self.df = DupeFilter(self.server, f"{base}:{joined.generation}:seen")
        if different := differences(json.loads(joined.facts), ours):
            logger.error("the crawl %s is under way with other settings: %s", base, different)
            self.queue.leave()
            self._refuse(CloseSpider("other_crawl"))
            return
        if joined.left:
            logger.warning("a crawl that lost all its workers left %d requests; start() finds them again", joined.left)
        logger.info("%s the crawl %s as %s", "begun" if joined.begun else "joined", base, worker)
        spider.pace.wait_for(self._room)
        self._loop.start(LOOK, now=False)

    def _refuse(self, refusal: CloseSpider) -> None:
        """Scrapy closes neatly only what it has opened completely."""
        self._link.over = True

        def refuse() -> None:
            raise refusal

        self._crawler.signals.connect(refuse, signals.spider_opened, weak=False)

    async def take_seat(self) -> bool:
        """True when this worker has to run ``start()``; False when it has been run to its end."""
        while not self._link.over:
            seat = self._link.ask(self.queue.seat, "")
            if seat == "mine":
                self._seeding = True
                return True
            if seat == "done":
                return False
            await self._ticked.wait()
        return False

    def start_has_ended(self) -> None:
        """``start()`` has yielded all; a run that ends early has not, and another worker runs it anew."""
        self._start_ended = not self._crawler.run.ended

    def close(self, reason: str) -> Any:
        """What is not done goes back for the others; the last worker takes the crawl's keys away."""
        if self._loop.running:
            self._loop.stop()
            self._settle()
            self._link.ask(lambda: self.queue.give_back(list(self.queue.held.values())), 0)
            self._link.ask(self.queue.leave, 0)
        self._link.close()
        return self._local.close(reason)

    # --- requests -----------------------------------------------------------------------------------------------

    def enqueue_request(self, request: Request) -> bool:
        """ValueError for a request that is no JSON."""
        if request.meta.get("local"):
            return self._local.enqueue_request(request)
        delay = request.meta.pop("delay", 0)
        self._outbox.append(self.queue.written(request, self.df.request_fingerprint(request), delay))
        self._backlog += 1
        return True

    def next_request(self) -> Request | None:
        if not self._send() or self._link.over:
            return None
        if self._wants_more() and (request := self._local.next_request()) is not None:
            return request
        if not self._ready and not self._dry:
            self._pop()
        return self._ready.popleft() if self._ready else None

    def has_pending_requests(self) -> bool:
        """Whether this crawl can still have work, in any of its workers."""
        if self._link.over:
            return False
        self._settle()
        self._tell_that_all_is_asked_for()
        counts = self._link.ask(self.queue.count, NOTHING)
        if self._local.has_pending_requests() or self._ready or not counts.over:
            self._busy = time.monotonic()
            return not self._link.over
        return time.monotonic() - self._busy < self._idle

    def __len__(self) -> int:
        return len(self._local) + len(self._outbox) + self._backlog

    def _send(self) -> bool:
        """Push what has gathered; False while Redis is away."""
        if self._outbox:
            seen = self._link.ask(lambda: self.queue.push_all(self._outbox), -1)
            if seen < 0:
                return False
            self.stats.inc_value("queue/pushed", len(self._outbox) - seen)
            self.stats.inc_value("queue/seen", seen)
            self._slot_names.update(pushed.slot for pushed in self._outbox)
            self._outbox.clear()
            self._dry = False
        return not self._link.away

    def _pop(self) -> None:
        """Lease as much as there is room for: of the slot with the fewest active requests first."""
        downloading = self._crawler.engine.downloader.active
        active = Counter(request.meta.get("download_slot") for request in downloading)
        wanted = sorted((active[slot], slot) for slot in self._slot_names if active[slot] < self._slots.at_once(slot))
        if not wanted:
            return
        rooms = [(slot, self._slots.at_once(slot) - taken) for taken, slot in wanted]
        done = self._done()
        ids = [self.queue.held[request] for request in done]
        found = self._link.ask(lambda: self.queue.pop_all(rooms, self._most - len(downloading), ids), [])
        self._forget(done)
        self._ready.extend(found)
        self._dry = not found
        self._backlog -= len(found)
        self.stats.inc_value("queue/popped", len(found))

    def _wants_more(self) -> bool:
        return self._backlog < AHEAD * max(1, self._counts.workers)

    async def _room(self) -> None:
        """Return when ``start()`` may ask for another title."""
        while not self._wants_more():
            await self._ticked.wait()

    # --- upkeep -------------------------------------------------------------------------------------------------

    def _dropped(self, item: Any, exception: Exception, response: Any) -> None:
        if getattr(exception, "comes_again", False) and response is not None:
            self._not_stored.add(response.request)

    def _done(self) -> list[Request]:
        """What can be acknowledged: what was let go, or could not be stored, has gone back."""
        held, working = self.queue.held, in_work(self._crawler.engine)
        done = [request for request in held if request not in working and request not in self._ready]
        let_go = [request for request in done if request.meta.get("let_go")]
        again = [request for request in done if request in self._not_stored]
        if let_go:
            self._link.ask(lambda: self.queue.give_back([held[request] for request in let_go]), 0)
            self._forget(let_go)
        if again:
            ids = [held[request] for request in again]
            self._report(self._link.ask(lambda: self.queue.give_back(ids, reason=_NOT_STORED, counts=True), 0))
            self._forget(again)
        return [request for request in done if request in held]

    def _forget(self, requests: Iterable[Request]) -> None:
        """Redis knows what became of them; unless it is away: then they are told of again."""
        if not self._link.away:
            for request in requests:
                del self.queue.held[request]
                self._not_stored.discard(request)

    def _settle(self) -> None:
        """Acknowledge what is done, after what it has yielded was sent."""
        if self._send() and (done := self._done()):
            self._link.ask(lambda: self.queue.acknowledge([self.queue.held[request] for request in done]), None)
            self._forget(done)

    def _look(self) -> None:
        if time.monotonic() - self._kept_up >= TICK:
            self._keep_up()
        else:
            self._settle()
        self._dry = False
        if slot := self._crawler.engine._slot:  # there is no public way to wake the engine before its 5 s are over
            slot.nextcall.schedule()

    def _keep_up(self) -> None:
        self._kept_up = time.monotonic()
        if not (self._link.over or self._link.away):
            if self._kept_up - self._renewed > self._lease / 3:
                self._renew()
            self._settle()
            self._take_up()
            self._tell_that_all_is_asked_for()
            self._counts = self._link.ask(self.queue.count, self._counts)
            self._backlog = self._counts.pending + len(self._outbox)
            self._slot_names.update(self._counts.slots)
        self._ticked.set()
        self._ticked.clear()

    def _renew(self) -> None:
        self._link.ask(self.queue.renew, None)
        self._link.ask(self.queue.beat, 0)
        self._renewed = time.monotonic()

    def _take_up(self) -> None:
        """What lost workers left, what had to wait, and what people handed in."""
        queued, dead = self._link.ask(self.queue.lapse, (0, 0))
        if queued:
            self.stats.inc_value("queue/lapsed", queued)
            logger.warning("%d requests of a lost worker are in the queue again", queued)
        self._report(dead)
        self._link.ask(self.queue.wake, 0)
        self._link.ask(self.queue.take_in, 0)

    def _report(self, dead: int) -> None:
        if dead:
            self.stats.inc_value("queue/dead", dead)
            logger.error("%d requests became dead letters: see scrapy queue", dead)

    def _tell_that_all_is_asked_for(self) -> None:
        """The seeder's part is done when start() has ended, and all that it alone could ask for."""
        engine, run = self._crawler.engine, self._crawler.run
        if not (self._seeding and self._start_ended) or self._outbox or self._local.has_pending_requests():
            return
        if engine.running and not run.ended and not any(request.meta.get("local") for request in in_work(engine)):
            self._link.ask(self.queue.seeded, None)
            self._seeding = False

    def _is_back(self) -> None:
        self._renew()
        self._keep_up()

    def _is_over(self) -> None:
        """The crawl has ended without this worker, which had been lost for the others; or Redis has forgotten it."""
        self._outbox.clear()
        if not self.queue.ended():
            self._crawler.run.end(
                "queue_lost", "the queue in Redis is gone, unfinished; what is not stored stays due: run again"
            )
