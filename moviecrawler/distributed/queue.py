"""The crawl's requests in Redis: a queue per download slot, and leases for what is in work."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from redis import Redis
from scrapy import Request
from scrapy_redis.queue import PriorityQueue

from moviecrawler.distributed.lua_scripts import queue_script
from moviecrawler.distributed.queue_entry import QueueEntry, Unreadable, read_request, write_request

MOST_AT_ONCE = 500
"""Requests that one script takes in; it holds up all other workers for a few milliseconds."""


class Counts(NamedTuple):
    """What a crawl has in Redis. ``seeder`` is a worker, ``done``, or empty while nobody has begun.

    ``dead``: how many of its requests are dead letters.
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
    def over(self) -> bool:
        """Nothing is left, and nothing can come any more."""
        return self.seeder == "done" and not (self.pending or self.leased or self.delayed or self.handed_in)


NOTHING = Counts(0, 0, 0, 0, 1, "", 0, {})
"""As long as nothing is known; not over."""


class Pushed(NamedTuple):
    """A request on its way to Redis. ``once``: its key in the seen-set; ``delay``: seconds. Lowest ``score`` first."""

    once: str
    slot: str
    score: int
    delay: float
    payload: str


class Joined(NamedTuple):
    """``begun``: this worker is the first; ``left``: what a crawl without living workers had still to do."""

    generation: str
    begun: bool
    left: int
    facts: str


class LeasedQueue(PriorityQueue):
    """scrapy-redis's priority queue, but a popped request stays in Redis until it is acknowledged.

    ``key`` is the crawl's base key. A worker :meth:`join`s before anything else. Every method raises redis's own
    errors; ResponseError("ENDED") when the crawl is no more.
    """

    def __init__(
        self, server: "Redis", spider: Any, key: str, serializer: Any, *, worker: str, lease: float, deliveries: int
    ) -> None:
        super().__init__(server, spider, key, serializer)
        self.key = key  # the base class would fill in the spider's name
        self.generation = ""
        self._worker, self._lease, self._deliveries = worker, lease, deliveries
        self._scripts: dict[str, Any] = {}
        self.held: dict[Request, str] = {}
        """Requests of this worker, and the ids of their leases."""
        self._suspects: set[str] = set()

    def _run(self, script: str, *arguments: Any) -> Any:
        if script not in self._scripts:
            self._scripts[script] = self.server.register_script(queue_script(script))
        return self._scripts[script](keys=[self.key], args=[self.generation, *arguments])

    # --- the crawl ----------------------------------------------------------------------------------------------

    def join(self, facts: str) -> Joined:
        """Join the crawl that runs, or begin a new generation."""
        generation, begun, left, agreed = self._run("join", self._worker, self._lease, facts)
        self.generation = generation.decode()
        return Joined(self.generation, bool(begun), left, agreed.decode())

    def beat(self) -> int:
        """This worker lives; how many do."""
        return int(self._run("heartbeat", self._worker, self._lease))

    def seat(self) -> str:
        """Who runs ``start()``: ``mine``, ``taken`` by a living worker, or ``done``."""
        return str(self._run("elect_seeder", self._worker).decode())

    def seeded(self) -> bool:
        """``start()`` and all that it alone can ask for have ended; False when another worker has the seat by now."""
        return bool(self._run("finish_seeding", self._worker))

    def leave(self, *, for_all: bool = False) -> int:
        """Give up the seat; the last worker deletes the crawl. How many others there are.

        ``for_all``: a crawl that is over is deleted at once, and all its workers end.
        """
        return int(self._run("leave", self._worker, int(for_all)))

    def fate(self) -> int | None:
        """The dead letters of a crawl that a worker has deleted; None for one that was lost with Redis's memory."""
        dead = self.server.get(f"{self.key}:{self.generation}:ended")
        return None if dead is None else int(dead)

    def count(self) -> Counts:
        return read_counts(self._run("count"))

    def __len__(self) -> int:
        counts = self.count()
        return counts.pending + counts.leased + counts.delayed + counts.handed_in

    # --- requests -----------------------------------------------------------------------------------------------

    def written(self, request: Request, once: str = "", delay: float = 0) -> Pushed:
        """What :meth:`push_all` takes; ``once``: its key in the seen-set, if any. ValueError for what is not JSON."""
        slot, payload = write_request(request, self.spider, self.serializer)
        return Pushed(once, slot, -request.priority, delay, payload)

    def push_all(self, requests: Sequence[Pushed]) -> int:
        """Queue requests, but for those whose key has been seen; how many those are."""
        seen = 0
        for start in range(0, len(requests), MOST_AT_ONCE):
            parts = [part for pushed in requests[start : start + MOST_AT_ONCE] for part in pushed]
            seen += self._run("push", *parts)
        return seen

    def push(self, request: Request) -> None:
        """As scrapy-redis has it: always, and at once."""
        self.push_all([self.written(request)])

    def pop_all(self, wanted: Iterable[tuple[str, int]], most: int, done: Sequence[str] = ()) -> list[Request]:
        """Up to ``most`` requests, of the slots in this order and up to so many of each, leased to this worker.

        ``done`` is acknowledged in the same round trip.
        """
        suspects = 0 if self._suspects.intersection(self.held.values()).difference(done) else 1
        room = [part for slot_and_room in wanted for part in slot_and_room]
        found = self._run("pop", self._worker, self._lease, most, suspects, len(done), *done, *room)
        read: dict[Request, QueueEntry] = {}
        for entry in map(QueueEntry.parse, found):
            try:
                read[read_request(entry, self.spider, self.serializer)] = entry
            except Unreadable as error:
                self.bury(entry.id, str(error))
        # Only now: what is held and not handed out would be acknowledged undone. Without that, its lease runs out.
        self.held.update((request, entry.id) for request, entry in read.items())
        if suspect := [entry.id for entry in read.values() if entry.deliveries > 1]:
            self._suspects = set(suspect)
        return list(read)

    def pop(self, timeout: int = 0) -> Request | None:
        """As scrapy-redis has it: the next one of any slot."""
        slots = [(slot, 1) for slot in self.count().slots]
        return next(iter(self.pop_all(slots, 1)), None)

    def bury(self, id: str, reason: str) -> None:
        """A leased entry that must not run becomes a dead letter."""
        self._run("dead_letter", reason, id)

    def acknowledge(self, ids: Sequence[str]) -> None:
        """What they asked for is stored, and what follows from it is queued."""
        if ids:
            self._run("acknowledge", *ids)

    def renew(self) -> None:
        if self.held:
            self._run("renew", self._worker, self._lease, *self.held.values())

    def give_back(self, ids: Sequence[str], *, reason: str = "", counts: bool = False) -> int:
        """Back into the queue at once; ``counts``: it was a try. How many became dead letters for ``reason``."""
        if not ids:
            return 0
        _, dead = self._run("release", self._worker, 0 if counts else 1, self._deliveries, reason, *ids)
        return int(dead)

    def lapse(self) -> tuple[int, int]:
        """What lost workers had in work goes back: (queued, dead letters)."""
        queued, dead = self._run("requeue_expired", self._lease, self._deliveries)
        return queued, dead

    def wake(self) -> int:
        """Delayed requests whose time has come go into their queues."""
        return int(self._run("promote_delayed"))

    def take_in(self) -> int:
        """What people have handed in goes into its queue."""
        return int(self._run("drain_inbox"))

    def retry_dead(self) -> int:
        """Hand all dead letters in again that are requests; how many. No crawl has to be under way."""
        return int(self._run("retry_dead")[0])


def read_counts(answer: Sequence[Any]) -> Counts:
    leased, delayed, handed_in, seen, workers, seeder, dead, *slots = answer
    names = [slot.decode() for slot in slots[::2]]
    return Counts(
        leased, delayed, handed_in, seen, workers, seeder.decode(), dead, dict(zip(names, slots[1::2], strict=True))
    )
