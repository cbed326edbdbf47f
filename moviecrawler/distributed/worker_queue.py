"""A worker's part of the shared queue: requests to be pushed, leased requests, and requests that are done."""

import logging
import time
from collections import Counter, deque
from collections.abc import Iterable
from typing import Any

from scrapy import Request, signals
from scrapy.crawler import Crawler

from moviecrawler.distributed.queue import UNKNOWN, LeasedQueue, PreparedRequest, QueueCounts
from moviecrawler.distributed.redis_client import RedisClient
from moviecrawler.runtime import Runtime
from moviecrawler.scheduling.host_queues import SlotsWithRoom
from moviecrawler.scheduling.in_progress import in_progress

logger = logging.getLogger(__name__)

BACKLOG_PER_WORKER = 200
"""Titles per worker that wait in the shared queue before the seeder reads on."""

_NOT_STORED = "it could not be stored"


class WorkerQueue:
    """Pushes what callbacks yield, leases as much as there is room for, acknowledges what is stored.

    What a request has led to is pushed before the request is acknowledged. While Redis is away everything waits here.
    ``lease`` is in seconds.
    """

    def __init__(self, crawler: Crawler, queue: LeasedQueue, redis: RedisClient, lease: float) -> None:
        self._crawler = crawler
        self._stats = crawler.stats
        self._queue, self._redis, self._lease = queue, redis, lease
        self._slot_room = SlotsWithRoom(crawler)
        self._limit = crawler.settings.getint("CONCURRENT_REQUESTS")
        self._outbox: list[PreparedRequest] = []
        self._ready: deque[Request] = deque()
        self._not_stored: set[Request] = set()
        self._slots: set[str] = set()
        self._is_drained = False
        """The last pop brought nothing, and nothing has been pushed since."""
        self._renewed_at = time.monotonic()
        self.counts: QueueCounts = UNKNOWN
        """As of the last count."""
        self._dead = 0
        self.backlog = 0
        """Requests that wait in the queue, as far as this worker knows."""
        crawler.signals.connect(self._item_dropped, signals.item_dropped)

    @property
    def has_unsent(self) -> bool:
        return bool(self._outbox)

    @property
    def has_ready(self) -> bool:
        """Whether something is leased that the engine has not taken yet."""
        return bool(self._ready)

    @property
    def wants_more(self) -> bool:
        """Whether the queue is short enough for the seeder to read on."""
        return self.backlog < BACKLOG_PER_WORKER * max(1, self.counts.workers)

    def add(self, request: Request, dedup_key: str, delay: float) -> None:
        """Push it with all others of this turn of the event loop. ValueError for a request that cannot be queued."""
        self._outbox.append(self._queue.prepare(request, dedup_key, delay))
        self.backlog += 1

    def flush(self) -> bool:
        """Push what was added; False while Redis is away."""
        if self._outbox:
            seen = self._redis.call(lambda: self._queue.push_many(self._outbox), -1)
            if seen < 0:
                return False
            self._stats.inc_value("queue/pushed", len(self._outbox) - seen)
            self._stats.inc_value("queue/seen", seen)
            self._slots.update(request.slot for request in self._outbox)
            self._outbox.clear()
            self._is_drained = False
        return not self._redis.is_away

    def next_request(self) -> Request | None:
        """The next request to send; None when there is no room, or the last pop brought nothing."""
        if not self._ready and not self._is_drained:
            self._pop()
        return self._ready.popleft() if self._ready else None

    def _pop(self) -> None:
        """Lease as much as there is room for, of the slot with the fewest active requests first."""
        downloading = self._crawler.engine.downloader.active
        active = Counter(request.meta.get("download_slot") for request in downloading)
        with_room = sorted(
            (active[slot], slot) for slot in self._slots if active[slot] < self._slot_room.concurrency(slot)
        )
        if not with_room:
            return
        slots = [(slot, self._slot_room.concurrency(slot) - count) for count, slot in with_room]
        done = self._done()
        ids = [self._queue.leases[request] for request in done]
        none: list[Request] = []
        popped = self._redis.call(lambda: self._queue.pop_many(slots, self._limit - len(downloading), ids), none)
        self._forget(done)
        self._ready.extend(popped)
        self._is_drained = not popped
        self.backlog -= len(popped)
        self._stats.inc_value("queue/popped", len(popped))

    # --- what has become of them --------------------------------------------------------------------------------

    def _item_dropped(self, item: Any, exception: Exception, response: Any) -> None:
        if getattr(exception, "is_retryable", False) and response is not None:
            self._not_stored.add(response.request)

    def acknowledge_done(self) -> None:
        """Acknowledge what is done, after what it has led to was pushed."""
        if self.flush() and (done := self._done()):
            self._redis.call(lambda: self._queue.acknowledge([self._queue.leases[request] for request in done]), None)
            self._forget(done)

    def _done(self) -> list[Request]:
        """What can be acknowledged; requests that were given up, or could not be stored, are released here."""
        leases, working = self._queue.leases, in_progress(self._crawler.engine)
        done = [request for request in leases if request not in working and request not in self._ready]
        released = [request for request in done if request.meta.get("release")]
        not_stored = [request for request in done if request in self._not_stored]
        if released:
            self._redis.call(lambda: self._queue.release([leases[request] for request in released]), 0)
            self._forget(released)
        if not_stored:
            ids = [leases[request] for request in not_stored]
            self._redis.call(lambda: self._queue.release(ids, reason=_NOT_STORED, counts=True), 0)
            self._forget(not_stored)
        return [request for request in done if request in leases]

    def _forget(self, requests: Iterable[Request]) -> None:
        """Redis knows what became of them; while it is away they are kept, and it is told again."""
        if not self._redis.is_away:
            for request in requests:
                self._queue.leases.pop(request, None)
                self._not_stored.discard(request)

    def release_all(self) -> None:
        """Give back what this worker will not do any more."""
        self._redis.call(lambda: self._queue.release(list(self._queue.leases.values())), 0)

    def discard_all(self) -> None:
        """The crawl is over: what has not been pushed or begun never will be."""
        self._outbox.clear()
        self._ready.clear()

    # --- upkeep -------------------------------------------------------------------------------------------------

    def expect_more(self) -> None:
        """Other workers may have pushed something since the last pop."""
        self._is_drained = False

    def keep_up(self) -> None:
        """Renew leases, acknowledge, requeue what is expired, delayed or handed in, and count."""
        if time.monotonic() - self._renewed_at > self._lease / 3:
            self.renew()
        self.acknowledge_done()
        queued, _ = self._redis.call(self._queue.requeue_expired, (0, 0))
        if queued:
            self._stats.inc_value("queue/lapsed", queued)
            logger.warning("%d requests of a lost worker are in the queue again", queued)
        self._redis.call(self._queue.promote_delayed, 0)
        self._redis.call(self._queue.drain_inbox, 0)
        self.counts = self.count(self.counts)
        self.backlog = self.counts.pending + len(self._outbox)
        self._slots.update(self.counts.slots)

    def count(self, default: QueueCounts) -> QueueCounts:
        """What is in Redis; ``default`` while it is away."""
        counts = self._redis.call(self._queue.count, default)
        if counts is not default:
            self.note_dead_letters(counts.dead)
        return counts

    def renew(self) -> None:
        """Tell that this worker is alive, and works on its leases."""
        self._redis.call(self._queue.renew, None)
        self._redis.call(self._queue.heartbeat, 0)
        self._renewed_at = time.monotonic()

    # --- dead letters -------------------------------------------------------------------------------------------

    def note_dead_letters(self, dead: int) -> None:
        """So many requests of this crawl are dead letters by now, whichever worker made them that."""
        if dead > self._dead:
            logger.warning("%d requests became dead letters: see scrapy queue", dead - self._dead)
        if dead or self._dead:
            self._stats.set_value("queue/dead", dead)
        self._dead = dead

    def report_dead_letters(self) -> None:
        """At the end: dead letters make the run of every worker incomplete."""
        if self._dead:
            line = f"{self._dead} requests of this crawl are dead letters: scrapy queue shows them, --retry-dead"
            Runtime.of(self._crawler).lifecycle.give_up("dead_letters", f"{line} queues them again")
            self._dead = 0
