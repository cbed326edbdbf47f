"""A worker's part of the shared queue: requests to be pushed, leased requests, and requests that are done."""

import asyncio
import logging
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable
from typing import Any

from scrapy import Request, signals

from moviecrawler.distributed.queue import UNKNOWN, LeasedQueue, PreparedRequest, QueueCounts
from moviecrawler.distributed.queue_calls import QueueCalls
from moviecrawler.runtime import Runtime
from moviecrawler.scheduling.host_queues import SlotsWithRoom
from moviecrawler.scheduling.in_progress import accepts_requests, in_progress

logger = logging.getLogger(__name__)

BACKLOG_PER_WORKER = 200
"""Titles per worker that wait in the shared queue before the seeder reads on."""

_NOT_STORED = "it could not be stored"


class WorkerQueue:
    """Pushes what callbacks yield, leases as much as there is room for, acknowledges what is stored.

    The engine calls :meth:`add` and :meth:`next_request`, which never wait: they call ``wake`` where there is something
    to do. The rest is for the one task that speaks to Redis (``Scheduler``). What a request has led to is pushed before
    the request is acknowledged. While Redis is away everything waits here. ``lease`` is in seconds.
    """

    def __init__(
        self, crawler: Any, queue: LeasedQueue, calls: QueueCalls, lease: float, wake: Callable[[], None]
    ) -> None:
        self._crawler = crawler
        self._stats = crawler.stats
        self._queue, self._calls, self._lease, self._wake = queue, calls, lease, wake
        self._slot_room = SlotsWithRoom(crawler)
        self._limit: int = crawler.settings.getint("CONCURRENT_REQUESTS")
        self._outbox: list[PreparedRequest] = []
        self._ready: deque[Request] = deque()
        self._not_stored: set[Request] = set()
        self._slots: set[str] = set()
        self._drained: set[str] = set()
        """Slots of which the last pop brought less than there was room for, and nothing has been pushed since."""
        self._renewed_at = time.monotonic()
        self.counts: QueueCounts = UNKNOWN
        """As of the last count."""
        self._is_counted = False
        """Nothing was added or leased since the last count was asked for, and Redis has answered it."""
        self._dead = 0
        self.backlog = 0
        """Requests that wait in the queue, as far as this worker knows."""
        crawler.signals.connect(self._item_dropped, signals.item_dropped)

    # --- for the engine -----------------------------------------------------------------------------------------

    @property
    def has_unsent(self) -> bool:
        return bool(self._outbox)

    @property
    def has_news(self) -> bool:
        """Whether there is something that the last count has not seen."""
        return bool(not self._is_counted or self._outbox or self._ready or self._queue.leases)

    @property
    def is_over(self) -> bool:
        """Whether the last count, which saw all, says that the crawl is over."""
        return self.counts.is_over and not self.has_news

    @property
    def wants_more(self) -> bool:
        """Whether the queue is short enough for the seeder to read on."""
        return self.backlog < BACKLOG_PER_WORKER * max(1, self.counts.workers)

    def add(self, request: Request, dedup_key: str, delay: float) -> None:
        """Push it with all others that come before the next push. ValueError for a request that cannot be queued."""
        self._outbox.append(self._queue.prepare(request, dedup_key, delay))
        self.backlog += 1
        self._is_counted = False
        self._wake()

    def next_request(self) -> Request | None:
        """The next request to send, of those that are leased."""
        if self._ready:
            return self._ready.popleft()
        if len(self._drained) < len(self._slots):
            self._wake()
        return None

    # --- requests -----------------------------------------------------------------------------------------------

    async def exchange(self) -> bool:
        """Push what was added, acknowledge what is done, lease what there is room for; whether something was leased."""
        done = self._done()  # before the push, so all that it has led to is in that push
        if not await self._push():
            return False
        done = await self._release(done)
        ids = [self._queue.leases[request] for request in done]
        slots, limit = self._room()
        if not slots or limit < 1:
            if ids:
                await self._calls.call(lambda: self._queue.acknowledge(ids), None)
                self._forget(done)
            return False
        popped: list[Request] = await self._calls.call(lambda: self._queue.pop_many(slots, limit, ids), [])
        self._forget(done)
        self._ready.extend(popped)
        self._is_counted = self._is_counted and not popped
        brought = Counter(request.meta["download_slot"] for request in popped)
        if len(popped) < limit:
            self._drained.update(slot for slot, more in slots if brought[slot] < more)
        self.backlog -= len(popped)
        self._stats.inc_value("queue/popped", len(popped))
        return bool(popped)

    async def _push(self) -> bool:
        """Push what was added; False while Redis is away."""
        if batch := self._outbox[:]:
            seen = await self._calls.call(lambda: self._queue.push_many(batch), -1)
            if seen < 0:
                return False
            self._stats.inc_value("queue/pushed", len(batch) - seen)
            self._stats.inc_value("queue/seen", seen)
            pushed = {request.slot for request in batch}
            self._slots |= pushed
            self._drained -= pushed
            del self._outbox[: len(batch)]
        return not self._calls.is_away

    def _room(self) -> tuple[list[tuple[str, int]], int]:
        """(slot, how many more may be under way), the least busy slot first; and how many more over all slots."""
        if not accepts_requests(self._crawler.engine):
            return [], 0
        under_way = [*self._crawler.engine.downloader.active, *self._ready]
        active = Counter(request.meta.get("download_slot") for request in under_way)
        room = sorted(
            (active[slot], slot, more)
            for slot in self._slots - self._drained
            if (more := self._slot_room.concurrency(slot) - active[slot]) > 0
        )
        return [(slot, more) for _, slot, more in room], self._limit - len(under_way)

    # --- what has become of them --------------------------------------------------------------------------------

    def _item_dropped(self, item: Any, exception: Exception, response: Any) -> None:
        if getattr(exception, "is_retryable", False) and response is not None:
            self._not_stored.add(response.request)

    def _done(self) -> list[Request]:
        busy = in_progress(self._crawler.engine).union(self._ready)
        return [request for request in self._queue.leases if request not in busy]

    async def _release(self, done: list[Request]) -> list[Request]:
        """Give back what was given up, or could not be stored; what is left can be acknowledged."""
        leases = self._queue.leases
        released = [request for request in done if request.meta.get("release")]
        if released:
            ids = [leases[request] for request in released]
            await self._calls.call(lambda: self._queue.release(ids), 0)
            self._forget(released)
        not_stored = [request for request in done if request in self._not_stored and request not in released]
        if not_stored:
            counted = [leases[request] for request in not_stored]
            await self._calls.call(lambda: self._queue.release(counted, reason=_NOT_STORED, counts=True), 0)
            self._forget(not_stored)
        return [request for request in done if request not in released and request not in not_stored]

    def _forget(self, requests: Iterable[Request]) -> None:
        """Redis knows what became of them; while it is away they are kept, and it is told again."""
        if not self._calls.is_away:
            for request in requests:
                self._queue.leases.pop(request, None)
                self._not_stored.discard(request)

    async def release_all(self) -> None:
        """Give back what this worker will not do any more."""
        if ids := list(self._queue.leases.values()):
            await self._calls.call(lambda: self._queue.release(ids), 0)

    def discard_all(self) -> None:
        """The crawl is over: what has not been pushed or begun never will be."""
        self._outbox.clear()
        self._ready.clear()

    # --- upkeep -------------------------------------------------------------------------------------------------

    def expect_more(self) -> None:
        """Other workers may have pushed something since the last pop."""
        self._drained.clear()

    async def keep_up(self) -> None:
        """Renew leases, requeue what is expired, delayed or handed in, and count."""
        if time.monotonic() - self._renewed_at > self._lease / 3:
            await self.renew()
        call, queue = self._calls.call, self._queue
        (queued, _), *_ = await asyncio.gather(
            call(lambda: queue.requeue_expired(), (0, 0)),
            call(lambda: queue.promote_delayed(), 0),
            call(lambda: queue.drain_inbox(), 0),
            self.count(),
        )
        if queued:
            self._stats.inc_value("queue/lapsed", queued)
            logger.warning("%d requests of a lost worker are in the queue again", queued)

    async def count(self) -> None:
        """See what is in Redis."""
        self._is_counted = True
        counts = await self._calls.call(self._queue.count, None)
        if counts is None:
            self._is_counted = False
            return
        self.counts = counts
        self.backlog = counts.pending + len(self._outbox)
        self._slots.update(counts.slots)
        self.note_dead_letters(counts.dead)

    async def renew(self) -> None:
        """Tell that this worker is alive, and works on its leases."""
        self._renewed_at = time.monotonic()
        await self._calls.call(lambda: self._queue.heartbeat(), 0)
        if self._queue.leases:
            await self._calls.call(lambda: self._queue.renew(), None)

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
