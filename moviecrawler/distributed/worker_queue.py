"""A worker's requests in the shared queue: on their way there, leased, and done."""

import logging
import time
from collections import Counter, deque
from collections.abc import Iterable
from typing import Any

from scrapy import Request, signals
from scrapy.crawler import Crawler

from moviecrawler.distributed.queue import NOTHING, Counts, LeasedQueue, Pushed
from moviecrawler.distributed.redis_client import RedisClient
from moviecrawler.scheduling.host_queues import SlotsWithRoom
from moviecrawler.scheduling.in_progress import in_progress

logger = logging.getLogger(__name__)

AHEAD = 200
"""Titles per worker that wait in the shared queue before the seeder reads on."""

_NOT_STORED = "it could not be stored"


class WorkerQueue:
    """Sends what callbacks find, leases what there is room for, acknowledges what is stored.

    What a request has led to is sent before the request is acknowledged. While Redis is away everything waits here.
    """

    def __init__(self, crawler: Crawler, queue: LeasedQueue, link: RedisClient, lease: float) -> None:
        self._crawler = crawler
        self._stats = crawler.stats
        self._queue, self._link, self._lease = queue, link, lease
        self._room = SlotsWithRoom(crawler)
        self._most = crawler.settings.getint("CONCURRENT_REQUESTS")
        self._outbox: list[Pushed] = []
        self._ready: deque[Request] = deque()
        self._not_stored: set[Request] = set()
        self._slots: set[str] = set()
        self._dry = False
        self._renewed = time.monotonic()
        self.counts: Counts = NOTHING
        """As of the last look."""
        self._dead = 0
        self.backlog = 0
        """What waits in the queue, as far as this worker knows."""
        crawler.signals.connect(self._dropped, signals.item_dropped)

    @property
    def unsent(self) -> bool:
        return bool(self._outbox)

    @property
    def ready(self) -> bool:
        """Whether something is leased that the engine has not taken yet."""
        return bool(self._ready)

    @property
    def wants_more(self) -> bool:
        """Whether the queue is short enough for the seeder to read on."""
        return self.backlog < AHEAD * max(1, self.counts.workers)

    def add(self, request: Request, once: str, delay: float) -> None:
        """To be sent with all that comes in this turn of the loop. ValueError for a request that is no JSON."""
        self._outbox.append(self._queue.written(request, once, delay))
        self.backlog += 1

    def send(self) -> bool:
        """Push what has gathered; False while Redis is away."""
        if self._outbox:
            seen = self._link.ask(lambda: self._queue.push_all(self._outbox), -1)
            if seen < 0:
                return False
            self._stats.inc_value("queue/pushed", len(self._outbox) - seen)
            self._stats.inc_value("queue/seen", seen)
            self._slots.update(pushed.slot for pushed in self._outbox)
            self._outbox.clear()
            self._dry = False
        return not self._link.away

    def next(self) -> Request | None:
        """The next request to travel; None when there is no room, or nothing to do as of the last look."""
        if not self._ready and not self._dry:
            self._pop()
        return self._ready.popleft() if self._ready else None

    def _pop(self) -> None:
        """Lease as much as there is room for: of the slot with the fewest active requests first."""
        downloading = self._crawler.engine.downloader.active
        active = Counter(request.meta.get("download_slot") for request in downloading)
        wanted = sorted((active[slot], slot) for slot in self._slots if active[slot] < self._room.at_once(slot))
        if not wanted:
            return
        rooms = [(slot, self._room.at_once(slot) - taken) for taken, slot in wanted]
        done = self._done()
        ids = [self._queue.held[request] for request in done]
        found = self._link.ask(lambda: self._queue.pop_all(rooms, self._most - len(downloading), ids), [])
        self._forget(done)
        self._ready.extend(found)
        self._dry = not found
        self.backlog -= len(found)
        self._stats.inc_value("queue/popped", len(found))

    # --- what has become of them --------------------------------------------------------------------------------

    def _dropped(self, item: Any, exception: Exception, response: Any) -> None:
        if getattr(exception, "is_retryable", False) and response is not None:
            self._not_stored.add(response.request)

    def settle(self) -> None:
        """Acknowledge what is done, after what it has led to was sent."""
        if self.send() and (done := self._done()):
            self._link.ask(lambda: self._queue.acknowledge([self._queue.held[request] for request in done]), None)
            self._forget(done)

    def _done(self) -> list[Request]:
        """What can be acknowledged: what was let go, or could not be stored, has gone back."""
        held, working = self._queue.held, in_progress(self._crawler.engine)
        done = [request for request in held if request not in working and request not in self._ready]
        let_go = [request for request in done if request.meta.get("let_go")]
        again = [request for request in done if request in self._not_stored]
        if let_go:
            self._link.ask(lambda: self._queue.give_back([held[request] for request in let_go]), 0)
            self._forget(let_go)
        if again:
            ids = [held[request] for request in again]
            self._link.ask(lambda: self._queue.give_back(ids, reason=_NOT_STORED, counts=True), 0)
            self._forget(again)
        return [request for request in done if request in held]

    def _forget(self, requests: Iterable[Request]) -> None:
        """Redis knows what became of them; while it is away they are kept, and told of again."""
        if not self._link.away:
            for request in requests:
                self._queue.held.pop(request, None)
                self._not_stored.discard(request)

    def give_all_back(self) -> None:
        """What this worker will not do any more."""
        self._link.ask(lambda: self._queue.give_back(list(self._queue.held.values())), 0)

    def drop_all(self) -> None:
        """The crawl is over: what has not been sent or begun never will be."""
        self._outbox.clear()
        self._ready.clear()

    # --- upkeep -------------------------------------------------------------------------------------------------

    def look_again(self) -> None:
        """Others may have found something."""
        self._dry = False

    def keep_up(self) -> None:
        """Renew, acknowledge, take up what others left or handed in, and count."""
        if time.monotonic() - self._renewed > self._lease / 3:
            self.renew()
        self.settle()
        queued, _ = self._link.ask(self._queue.lapse, (0, 0))
        if queued:
            self._stats.inc_value("queue/lapsed", queued)
            logger.warning("%d requests of a lost worker are in the queue again", queued)
        self._link.ask(self._queue.wake, 0)
        self._link.ask(self._queue.take_in, 0)
        self.counts = self.count(self.counts)
        self.backlog = self.counts.pending + len(self._outbox)
        self._slots.update(self.counts.slots)

    def count(self, otherwise: Counts) -> Counts:
        counts = self._link.ask(self._queue.count, otherwise)
        if counts is not otherwise:
            self.see_dead(counts.dead)
        return counts

    def renew(self) -> None:
        """This worker lives, and works on what it holds."""
        self._link.ask(self._queue.renew, None)
        self._link.ask(self._queue.beat, 0)
        self._renewed = time.monotonic()

    # --- dead letters -------------------------------------------------------------------------------------------

    def see_dead(self, dead: int) -> None:
        """So many requests of this crawl are dead letters by now, whichever worker laid them aside."""
        if dead > self._dead:
            logger.warning("%d requests became dead letters: see scrapy queue", dead - self._dead)
        if dead or self._dead:
            self._stats.set_value("queue/dead", dead)
        self._dead = dead

    def report_dead(self) -> None:
        """At the end: what is in no document and in no queue makes the run of every worker incomplete."""
        if self._dead:
            line = f"{self._dead} requests of this crawl are dead letters: scrapy queue shows them, --retry-dead"
            self._crawler.run.give_up("dead_letters", f"{line} queues them again")
            self._dead = 0
