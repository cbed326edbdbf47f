"""The requests of a crawl in Redis: a queue per download slot, and leases for requests that a worker has taken."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, NoReturn

from redis.asyncio import Redis
from scrapy import Request
from scrapy_redis.queue import PriorityQueue

from moviecrawler.distributed.lua_scripts import queue_script
from moviecrawler.distributed.queue_entry import QueueEntry, UnreadableEntry, read_request, write_request

PUSH_BATCH = 500
"""Requests that one script queues; it holds up all other workers for a few milliseconds."""


class QueueCounts(NamedTuple):
    """What a crawl has in Redis. ``seeder`` is a worker, ``done``, or empty before the first one.

    ``dead``: how many requests of this crawl are dead letters. ``slots``: length of each slot's queue.
    """

    leased: int
    delayed: int
    handed_in: int
    seen: int
    workers: int
    seeder: str
    dead: int
    slots: Mapping[str, int]

    @property
    def pending(self) -> int:
        return sum(self.slots.values())

    @property
    def is_over(self) -> bool:
        """Nothing is left, and nothing can come any more."""
        return self.seeder == "done" and not (self.pending or self.leased or self.delayed or self.handed_in)


UNKNOWN = QueueCounts(0, 0, 0, 0, 1, "", 0, {})
"""Before the first count; not over."""


class PreparedRequest(NamedTuple):
    """A request on its way to Redis. ``dedup_key``: "" to queue it in any case; ``delay``: seconds.

    The lowest ``score`` leaves the queue first.
    """

    dedup_key: str
    slot: str
    score: int
    delay: float
    payload: str


class JoinResult(NamedTuple):
    """``begun``: this worker is the first; ``left``: requests of a crawl whose workers were all lost.

    ``facts``: those of the worker that began the crawl.
    """

    generation: str
    begun: bool
    left: int
    facts: str


class LeasedQueue(PriorityQueue):  # type: ignore[misc]  # scrapy-redis has no types
    """scrapy-redis's priority queue, but a popped request stays in Redis until it is acknowledged, and all is awaited.

    ``key`` is the base key of the crawl. A worker calls :meth:`join` before anything else. ``lease`` is in seconds;
    after ``deliveries`` of them a request becomes a dead letter. Every method raises redis's own errors, and
    ResponseError("ENDED") when the crawl no longer exists.
    """

    def __init__(
        self, server: Redis, spider: Any, key: str, serializer: Any, *, worker: str, lease: float, deliveries: int
    ) -> None:
        super().__init__(server, spider, key, serializer)
        self.key = key  # the base class would fill in the spider's name
        self.generation = ""
        self._worker, self._lease, self._deliveries = worker, lease, deliveries
        self._scripts: dict[str, Any] = {}
        self.leases: dict[Request, str] = {}
        """Requests that this worker has taken, and the ids of their leases."""
        self._suspects: set[str] = set()
        """Ids of leases of requests that were delivered before."""

    async def _run(self, script: str, *arguments: Any) -> Any:
        if script not in self._scripts:
            self._scripts[script] = self.server.register_script(queue_script(script))
        return await self._scripts[script](keys=[self.key], args=[self.generation, *arguments])

    # --- the crawl ----------------------------------------------------------------------------------------------

    async def join(self, facts: str) -> JoinResult:
        """Join the crawl that is under way, or begin a new generation."""
        generation, begun, left, agreed = await self._run("join", self._worker, self._lease, facts)
        self.generation = generation.decode()
        return JoinResult(self.generation, bool(begun), left, agreed.decode())

    async def heartbeat(self) -> int:
        """Tell that this worker is alive; the number of workers that are."""
        return int(await self._run("heartbeat", self._worker, self._lease))

    async def elect_seeder(self) -> str:
        """Which worker runs ``start()``: ``mine`` (this one), ``taken`` (another living one), or ``done``."""
        return str((await self._run("elect_seeder", self._worker)).decode())

    async def finish_seeding(self) -> bool:
        """``start()`` and all that only the seeder can send have ended; False when another worker has taken over."""
        return bool(await self._run("finish_seeding", self._worker))

    async def leave(self, *, for_all: bool = False) -> int:
        """Leave the crawl, which the last worker deletes; the number of other workers.

        ``for_all``: a crawl that is over is deleted at once, and all its workers end.
        """
        return int(await self._run("leave", self._worker, int(for_all)))

    async def final_dead_count(self) -> int | None:
        """The number of dead letters of a crawl that a worker has deleted; None when Redis has lost the crawl."""
        dead = await self.server.get(f"{self.key}:{self.generation}:ended")
        return None if dead is None else int(dead)

    async def count(self) -> QueueCounts:
        return read_counts(await self._run("count"))

    # --- requests -----------------------------------------------------------------------------------------------

    def prepare(self, request: Request, dedup_key: str = "", delay: float = 0) -> PreparedRequest:
        """What :meth:`push_many` takes. ValueError for a request that cannot be queued."""
        slot, payload = write_request(request, self.spider, self.serializer)
        return PreparedRequest(dedup_key, slot, -request.priority, delay, payload)

    async def push_many(self, requests: Sequence[PreparedRequest]) -> int:
        """Queue requests, but for those whose dedup key has been seen; the number of those."""
        seen = 0
        for start in range(0, len(requests), PUSH_BATCH):
            parts = [part for request in requests[start : start + PUSH_BATCH] for part in request]
            seen += await self._run("push", *parts)
        return seen

    async def pop_many(self, slots: Iterable[tuple[str, int]], limit: int, done: Sequence[str] = ()) -> list[Request]:
        """Lease up to ``limit`` requests to this worker. ``slots``: (slot, limit of that slot), preferred ones first.

        The leases ``done`` are acknowledged in the same round trip.
        """
        suspects = 0 if self._suspects.intersection(self.leases.values()).difference(done) else 1
        slot_limits = [part for slot_and_limit in slots for part in slot_and_limit]
        popped = await self._run("pop", self._worker, self._lease, limit, suspects, len(done), *done, *slot_limits)
        read: dict[Request, QueueEntry] = {}
        for entry in map(QueueEntry.parse, popped):
            try:
                read[read_request(entry, self.spider, self.serializer)] = entry
            except UnreadableEntry as error:
                await self.dead_letter(entry.id, str(error))
        # Only now: a request that is in ``leases`` and was not returned would be acknowledged without having been sent.
        # So if the above fails, the leases run out.
        self.leases.update((request, entry.id) for request, entry in read.items())
        if suspect := [entry.id for entry in read.values() if entry.deliveries > 1]:
            self._suspects = set(suspect)
        return list(read)

    async def dead_letter(self, id: str, reason: str) -> None:
        """Make a dead letter of a leased entry that must not run."""
        await self._run("dead_letter", reason, id)

    async def acknowledge(self, ids: Sequence[str]) -> None:
        """These are done: what they led to is stored or queued."""
        if ids:
            await self._run("acknowledge", *ids)

    async def renew(self) -> None:
        if self.leases:
            await self._run("renew", self._worker, self._lease, *self.leases.values())

    async def release(self, ids: Sequence[str], *, reason: str = "", counts: bool = False) -> int:
        """Give leases back; ``counts``: it was a delivery. The number that became dead letters, for ``reason``."""
        if not ids:
            return 0
        _, dead = await self._run("release", self._worker, 0 if counts else 1, self._deliveries, reason, *ids)
        return int(dead)

    async def requeue_expired(self) -> tuple[int, int]:
        """Take requests back from lost workers: (queued, dead letters)."""
        queued, dead = await self._run("requeue_expired", self._lease, self._deliveries)
        return queued, dead

    async def promote_delayed(self) -> int:
        """Queue delayed requests whose time has come; how many."""
        return int(await self._run("promote_delayed"))

    async def drain_inbox(self) -> int:
        """Queue the titles that people have handed in; how many."""
        return int(await self._run("drain_inbox"))

    async def retry_dead(self) -> int:
        """Hand in all dead letters that are requests of this version; how many. No crawl has to be under way."""
        return int((await self._run("retry_dead"))[0])

    # --- scrapy-redis's interface, which blocks -------------------------------------------------------------------

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise NotImplementedError("the leased queue is awaited: push_many, pop_many, count and leave")

    push = pop = clear = __len__ = _encode_request = _decode_request = _refuse


def read_counts(answer: Sequence[Any]) -> QueueCounts:
    """The answer of ``count.lua``."""
    leased, delayed, handed_in, seen, workers, seeder, dead, *slots = answer
    names = [slot.decode() for slot in slots[::2]]
    return QueueCounts(
        leased, delayed, handed_in, seen, workers, seeder.decode(), dead, dict(zip(names, slots[1::2], strict=True))
    )
