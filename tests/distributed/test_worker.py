"""A worker between Scrapy's engine and Redis: nothing waits, and what is said to be over is over."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from typing import Any
from unittest.mock import Mock

import pytest
import redis
from redis.exceptions import ResponseError
from scrapy.dupefilters import BaseDupeFilter
from scrapy_redis.dupefilter import RFPDupeFilter
from scrapy_redis.queue import PriorityQueue
from scrapy_redis.scheduler import Scheduler as RedisScheduler

from moviecrawler.crawl_group import CrawlGroup
from moviecrawler.distributed.dupefilter import DupeFilter
from moviecrawler.distributed.queue import LeasedQueue
from moviecrawler.distributed.scheduler import Scheduler
from tests.distributed.conftest import CDN, SITE, WholeWorker, film, ids
from tests.support.waiting import patient

OpenWorker = Callable[..., Awaitable[WholeWorker]]

TEN_AT_SITE = {"DOWNLOAD_SLOTS": {SITE: {"concurrency": 10}}}


async def seed(worker: WholeWorker, *numbers: int) -> None:
    """``start()`` yields these films, and ends."""
    assert await asyncio.wait_for(worker.scheduler.become_seeder(), patient(5))
    worker.enqueue(*numbers)
    worker.scheduler.mark_start_ended()


# --- scrapy-redis ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ours", "theirs", "inherited"),
    [
        (Scheduler, RedisScheduler, set()),
        (LeasedQueue, PriorityQueue, set()),
        (DupeFilter, RFPDupeFilter, {"log", "open"}),
    ],
)
def test_the_base_classes_are_those_of_scrapy_redis_and_nothing_that_blocks_is_inherited(
    ours: type, theirs: type, inherited: set[str]
) -> None:
    assert issubclass(ours, theirs)
    bases = [kind for kind in theirs.__mro__ if kind not in (object, BaseDupeFilter)]
    methods = {
        name
        for kind in bases
        for name, value in vars(kind).items()
        if callable(value) or isinstance(value, classmethod)
    }
    methods -= {"__init__", "logger"}
    assert methods - vars(ours).keys() <= inherited


async def test_the_interface_of_scrapy_redis_that_would_block_is_refused(open_worker: OpenWorker) -> None:
    worker = await open_worker()
    queue, seen, scheduler = worker.queue, worker.scheduler.df, worker.scheduler
    for act in (queue.pop, queue.clear, seen.clear, scheduler.flush, lambda: len(queue)):
        with pytest.raises(NotImplementedError):
            act()
    for act in (queue.push, seen.request_seen, queue._encode_request, queue._decode_request):
        with pytest.raises(NotImplementedError):
            act(None)
    for make in (DupeFilter.from_settings, DupeFilter.from_crawler, DupeFilter.from_spider, Scheduler.from_settings):
        with pytest.raises(NotImplementedError):
            make(None)
    seen.close("finished")


async def test_no_call_blocks_the_event_loop(open_worker: OpenWorker, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the first call to the last no socket is used that would wait, and no blocking client is made."""
    connect, blocking = socket.socket.connect, []

    def watched(self: socket.socket, address: Any) -> None:
        blocking.extend([address] if self.getblocking() else [])
        connect(self, address)

    def refused(*_: object, **__: object) -> None:
        raise AssertionError("a blocking client of Redis")

    monkeypatch.setattr(socket.socket, "connect", watched)
    monkeypatch.setattr(redis.Redis, "__init__", refused)
    monkeypatch.setattr(redis.ConnectionPool, "__init__", refused)
    worker = await open_worker()
    await seed(worker, *range(20))
    await worker.until(lambda: worker.taken)
    await worker.until(worker.all_done)
    await worker.until(lambda: not worker.scheduler.has_pending_requests())
    await worker.close()
    assert blocking == []
    assert worker.run.reasons == []


async def test_what_the_engine_calls_goes_on_while_redis_does_not_answer(
    open_worker: OpenWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = await open_worker()
    answers = asyncio.Event()
    count = worker.queue.count

    async def late(*_: object) -> Any:
        await answers.wait()
        return await count()

    monkeypatch.setattr(worker.queue, "count", late)
    worker.scheduler._kept_up_at = float("-inf")
    worker.scheduler._wake.set()
    await asyncio.sleep(0.05)
    worker.enqueue(1)
    assert worker.scheduler.next_request() is None
    assert worker.scheduler.has_pending_requests()
    answers.set()
    await worker.until(lambda: worker.taken)


# --- leases ----------------------------------------------------------------------------------------------------------


async def leased(worker: WholeWorker) -> int:
    return (await worker.queue.count()).leased


async def test_no_more_is_leased_than_may_be_under_way(open_worker: OpenWorker) -> None:
    slots = {SITE: {"concurrency": 3}, CDN: {"concurrency": 4}}
    worker = await open_worker(DOWNLOAD_SLOTS=slots, CONCURRENT_REQUESTS=5)
    worker.enqueue(*range(20))
    worker.enqueue(*range(20, 40), slot=CDN)
    await worker.until(lambda: len(worker.taken) == 5)
    for _ in range(5):
        await worker.turn()
    assert await leased(worker) == 5
    at_site = [request for request in worker.taken if request.meta["download_slot"] == SITE]
    assert len(at_site) in (1, 2, 3)
    worker.taken.clear()
    await worker.until(lambda: len(worker.taken) == 5)
    assert await leased(worker) == 5


async def test_a_slot_that_is_empty_does_not_hold_up_the_others(open_worker: OpenWorker) -> None:
    worker = await open_worker(DOWNLOAD_SLOTS={SITE: {"concurrency": 1}, CDN: {"concurrency": 4}})
    worker.scheduler._polled_at = float("inf")  # it does not look again by itself
    worker.enqueue(*range(3))
    worker.enqueue(9, slot=CDN)
    await worker.until(lambda: len(worker.taken) == 2)
    await worker.turn()
    for _ in range(2):
        worker.taken.clear()
        await worker.until(lambda: worker.taken)


async def test_an_engine_that_takes_no_more_leases_nothing(open_worker: OpenWorker) -> None:
    worker = await open_worker()
    worker.engine.is_full = True
    worker.enqueue(1)
    for _ in range(5):
        await worker.turn()
    assert await leased(worker) == 0
    worker.engine.is_full = False
    await worker.until(lambda: worker.taken)


@pytest.mark.parametrize("error", ["OOM command not allowed", "WRONGTYPE Operation against a key"])
async def test_a_request_is_acknowledged_only_after_what_it_led_to_is_pushed(
    open_worker: OpenWorker, monkeypatch: pytest.MonkeyPatch, error: str
) -> None:
    worker = await open_worker()
    worker.enqueue(1)
    await worker.until(lambda: worker.taken)

    def fails(*_: object) -> None:
        raise ResponseError(error)

    with monkeypatch.context() as patch:
        patch.setattr(worker.queue, "push_many", fails)
        worker.enqueue(2)
        worker.taken.clear()
        for _ in range(10):
            await worker.turn()
        assert await leased(worker) == 1, "1 is done, but 2 is not queued"
        assert (await worker.queue.count()).pending == 0
    await worker.until(lambda: ids(list(worker.taken)) == [2])
    assert await leased(worker) == 1


async def test_a_push_in_flight_acknowledges_nothing_that_has_been_done_since(
    open_worker: OpenWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Request 1 ends, and leads to 2, while another push is on its way: that push does not hold 2."""
    worker = await open_worker()
    worker.enqueue(1)
    await worker.until(lambda: worker.taken)
    push_many, follows = worker.queue.push_many, [2]

    async def meanwhile(requests: Any) -> int:
        seen = await push_many(requests)
        if follows:
            worker.enqueue(follows.pop())
            worker.taken.clear()
        return seen

    known: list[int] = []
    for name in ("acknowledge", "pop_many"):
        act = getattr(worker.queue, name)

        async def watched(*arguments: Any, act: Any = act) -> Any:
            counts = await worker.queue.count()
            known.extend([counts.pending + counts.leased] if arguments[-1] else [])
            return await act(*arguments)

        monkeypatch.setattr(worker.queue, name, watched)
    monkeypatch.setattr(worker.queue, "push_many", meanwhile)
    worker.enqueue(3)
    await worker.until(lambda: sorted(ids(list(worker.taken))) == [2, 3])
    assert known == [3], "when 1 is acknowledged, 2 is queued"


async def test_what_is_leased_and_not_begun_goes_back_at_the_end(open_worker: OpenWorker, raw_redis: Any) -> None:
    worker, other = await open_worker(), await open_worker()
    worker.enqueue(*range(6))
    scheduler = worker.scheduler
    async with asyncio.timeout(patient(5)):
        while not scheduler._worker_queue._ready:
            await asyncio.sleep(0.002)
    other.engine.is_full = True
    await worker.close()
    counts = await other.queue.count()
    assert (counts.leased, counts.pending, counts.workers) == (0, 6, 1)


# --- the end ---------------------------------------------------------------------------------------------------------


async def only_push(worker: WholeWorker) -> None:
    """From now on it leases nothing, and does not count by itself."""
    worker.engine.is_full, worker.scheduler._kept_up_at = True, float("inf")
    await asyncio.sleep(0.05)  # the count that was wanted last is there


async def pushed(worker: WholeWorker) -> None:
    async with asyncio.timeout(patient(5)):
        while worker.scheduler._worker_queue.has_unsent:
            await asyncio.sleep(0.002)


async def test_a_crawl_is_over_when_a_count_after_the_last_change_says_so(open_worker: OpenWorker) -> None:
    worker = await open_worker()
    scheduler = worker.scheduler
    assert scheduler.has_pending_requests(), "nothing has been counted"
    await seed(worker, 1)
    await worker.until(lambda: worker.taken)
    worker.taken.clear()
    await worker.until(lambda: not scheduler.has_pending_requests())
    assert (await worker.queue.count()).is_over
    await only_push(worker)
    worker.enqueue(2)
    await pushed(worker)
    assert scheduler.has_pending_requests(), "the last count has not seen it"
    worker.engine.is_full = False
    await worker.until(lambda: worker.taken)
    worker.taken.clear()
    assert scheduler.has_pending_requests(), "leased"
    await worker.until(lambda: not scheduler.has_pending_requests())


async def test_a_count_that_was_under_way_when_something_changed_does_not_end_the_crawl(
    open_worker: OpenWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = await open_worker()
    scheduler, count = worker.scheduler, worker.queue.count
    await seed(worker)
    await worker.until(lambda: not scheduler.has_pending_requests())
    await only_push(worker)

    async def slow() -> Any:
        counts = await count()
        worker.enqueue(1)
        return counts

    with monkeypatch.context() as patch:
        patch.setattr(worker.queue, "count", slow)
        await scheduler._worker_queue.count()
    await pushed(worker)
    assert scheduler.has_pending_requests()
    worker.engine.is_full = False
    await worker.until(lambda: worker.taken)


async def test_a_worker_does_not_end_while_another_has_work(open_worker: OpenWorker) -> None:
    one, other = await open_worker(), await open_worker()
    await seed(one, 1)
    await one.until(lambda: one.taken)
    assert await asyncio.wait_for(other.scheduler.become_seeder(), patient(5)) is False
    for _ in range(10):
        await one.turn()
        await other.turn()
        assert other.scheduler.has_pending_requests()
    one.taken.clear()
    await one.until(lambda: not one.scheduler.has_pending_requests())
    await other.until(lambda: not other.scheduler.has_pending_requests())


async def test_a_count_that_was_made_before_something_was_leased_does_not_end_the_crawl(
    open_worker: OpenWorker,
) -> None:
    """The crawl was over, and then two titles were handed in; one of them is done."""
    worker = await open_worker(DOWNLOAD_SLOTS={SITE: {"concurrency": 1}})
    worker_queue = worker.scheduler._worker_queue
    await seed(worker, 0)
    await worker.until(lambda: worker.taken)
    worker.taken.clear()
    await worker.until(lambda: worker_queue.is_over)
    await only_push(worker)
    worker.engine.is_full = False
    await worker.queue.push_many([worker.queue.prepare(film(number, worker.spider)) for number in (1, 2)])
    async with asyncio.timeout(patient(5)):
        while (request := worker.scheduler.next_request()) is None:
            await asyncio.sleep(0.002)
        worker.engine.is_full = True  # so that the other one is not leased
        while request in worker.queue.leases:
            await asyncio.sleep(0.002)
    assert not worker_queue.is_over
    assert worker.scheduler.has_pending_requests()


async def test_a_request_that_cannot_be_queued_ends_the_run(open_worker: OpenWorker) -> None:
    worker = await open_worker()
    assert worker.scheduler.enqueue_request(film(1, worker.spider).replace(callback=lambda response: None)) is False
    assert worker.run.reasons == ["redis_failed"]


async def test_the_first_crawl_of_a_process_is_not_seeded_before_the_others_know_their_seeder(
    open_worker: OpenWorker,
) -> None:
    worker = await open_worker()
    other: Any = Mock(crawling=True)
    group = CrawlGroup([worker.crawler, other])
    worker.scheduler._group = group
    await seed(worker)
    for _ in range(5):
        await worker.turn()
    assert (await worker.queue.count()).seeder != "done"
    group.seeding_asked.add(other)
    await worker.until(lambda: not worker.scheduler._is_seeding)
    assert (await worker.queue.count()).seeder == "done"
