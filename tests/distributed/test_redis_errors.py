"""Every error that the client of Redis knows, at every call of a worker: nothing is raised, nothing is lost."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
import redis.exceptions
from redis import Redis
from redis.exceptions import ResponseError
from scrapy.utils.test import get_crawler

from moviecrawler.config import Config
from moviecrawler.distributed import redis_client
from moviecrawler.distributed.scheduler import Scheduler
from moviecrawler.policy.network.worker_group import WorkerGroup
from tests.distributed.conftest import Films, film
from tests.support.waiting import patient

CLASSES = (
    *("AskError", "AuthenticationError", "AuthenticationWrongNumberOfArgsError", "AuthorizationError"),
    *("BusyLoadingError", "ChildDeadlockedError", "ClusterCrossSlotError", "ClusterDownError", "ClusterError"),
    *("ConnectionError", "CrossSlotTransactionError", "DataError", "ExecAbortError", "ExternalAuthProviderError"),
    *("IncorrectPolicyType", "InvalidPipelineStack", "InvalidResponse", "LockError", "LockNotOwnedError"),
    *("MasterDownError", "MaxConnectionsError", "ModuleError", "MovedError", "NoPermissionError", "NoScriptError"),
    *("OutOfMemoryError", "PubSubError", "ReadOnlyError", "RedisClusterException", "RedisError", "ResponseError"),
    *("SlotNotCoveredError", "TimeoutError", "TryAgainError", "WatchError"),
)
LASTING = frozenset(
    {
        "AskError",
        "AuthorizationError",
        "ClusterCrossSlotError",
        "MovedError",
        "NoPermissionError",
        "WRONGTYPE",
        "syntax",
    }
)
ERRORS: dict[str, Callable[[], Exception]] = {
    **{name: lambda name=name: made(getattr(redis.exceptions, name)) for name in CLASSES},
    "BUSY": lambda: ResponseError("BUSY Redis is busy running a script."),
    "MISCONF": lambda: ResponseError("MISCONF Redis is configured to save RDB snapshots"),
    "WRONGTYPE": lambda: ResponseError("WRONGTYPE Operation against a key holding the wrong kind of value"),
    "syntax": lambda: ResponseError("user_script:1: attempt to perform arithmetic on a nil value"),
    "OSError": lambda: OSError(104, "Connection reset by peer"),
    "garbage": lambda: UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"),
    "nonsense": lambda: TypeError("'int' object is not iterable"),
}


def made(kind: type[Exception]) -> Exception:
    slot = issubclass(kind, redis.exceptions.AskError)
    return kind("1234 127.0.0.1:6379") if slot else kind("something of the client's")


class Run:
    """Records what a crawler's run is told."""

    def __init__(self) -> None:
        self.reasons: list[str] = []
        self.given_up: dict[str, str] = {}
        self.is_stopping = False

    def stop(self, reason: str, line: str) -> None:
        self.reasons.append(reason)

    def stop_incomplete(self, what: str, line: str) -> None:
        self.stop("incomplete", line)

    def give_up(self, what: str, line: str) -> None:
        self.given_up[what] = line


@pytest.fixture
async def worker(redis_uri: str, raw_redis: "Redis", monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Any]:
    """A scheduler without the rest of a crawl; ``taken``: the requests that it has given out."""
    monkeypatch.setattr(redis_client, "PROBE_INTERVAL", 0.002)
    sharing = WorkerGroup.of(Config.from_settings({"REDIS_URL": redis_uri}).queue)
    assert sharing is not None
    sharing = replace(sharing, lease=0.05)
    crawler: Any = get_crawler(Films, {"DOWNLOAD_SLOTS": {}})
    spider: Any = crawler._create_spider()
    spider.arguments, spider.backpressure = {}, SimpleNamespace(wait_for=lambda wait: None)
    hosts, languages = SimpleNamespace(hosts=()), SimpleNamespace(preferred=())
    vars(crawler).update(
        sharing=sharing,
        run=(run := Run()),
        redis=redis_client.AsyncRedisClient(sharing, run),
        policies=SimpleNamespace(hosts=hosts, languages=languages),
        store=SimpleNamespace(describe="store"),
        group=SimpleNamespace(crawlers=[crawler]),
        spider=spider,
    )
    scraper, downloader = SimpleNamespace(slot=None), SimpleNamespace(active=set(), slots={})
    crawler.engine = SimpleNamespace(running=True, scraper=scraper, downloader=downloader, _slot=None)
    scheduler = Scheduler(crawler)
    scheduler.open(spider)
    yield SimpleNamespace(
        crawler=crawler, spider=spider, run=run, scheduler=scheduler, queue=scheduler.queue, taken=downloader.active
    )
    scheduler.close("finished")
    await crawler.redis.close()


def take_turn(worker: Any) -> None:
    """All that the upkeep does, and what the engine calls."""
    worker.scheduler._kept_up_at = worker.scheduler._worker_queue._renewed_at = float("-inf")
    worker.scheduler._poll()
    if request := worker.scheduler.next_request():
        worker.taken.add(request)
    worker.scheduler.has_pending_requests()


async def until(holds: Callable[[], object], worker: Any) -> None:
    async with asyncio.timeout(patient(5)):
        while not holds():
            take_turn(worker)
            await asyncio.sleep(0.002)


def all_done(worker: Any) -> bool:
    """Whether nothing is left, once all that was given out is done."""
    worker.taken.clear()
    counts = worker.queue.count()
    return not (counts.leased or counts.pending or counts.handed_in)


CALLS = (
    *("heartbeat", "elect_seeder", "count", "push_many", "pop_many", "acknowledge", "renew", "release"),
    *("requeue_expired", "promote_delayed", "drain_inbox", "dead_letter", "finish_seeding"),
)


def test_every_error_class_of_the_client_is_tested() -> None:
    kinds = {name for name, kind in vars(redis.exceptions).items() if isinstance(kind, type)}
    known = {name for name in kinds if issubclass(getattr(redis.exceptions, name), Exception)}
    assert set(CLASSES) <= known


@pytest.mark.parametrize("error", ERRORS)
async def test_an_error_of_any_call_is_waited_out_or_ends_the_run_and_nothing_is_lost(
    worker: Any, raw_redis: "Redis", error: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    scheduler, queue, run = worker.scheduler, worker.queue, worker.run
    called = set()
    for number, call in enumerate(CALLS):
        raw_redis.rpush(f"{queue.key}:inbox", f"0 http://site nonsense {number}")

        def fails(*_: object, call: str = call, **__: object) -> None:
            called.add(call)
            raise ERRORS[error]()

        with monkeypatch.context() as patch:
            patch.setattr(queue, call, fails)
            seeding = asyncio.ensure_future(scheduler.become_seeder())
            if call == "finish_seeding":
                await seeding
                scheduler.mark_start_ended()
            scheduler.enqueue_request(film(number, worker.spider))
            for _ in range(3):
                take_turn(worker)
                await asyncio.sleep(0)
                if call in ("acknowledge", "release"):
                    for request in worker.taken:
                        request.meta["release"] = call == "release"
                    worker.taken.clear()
        await until(lambda: not scheduler._redis.is_away, worker)
        await until(seeding.done, worker)
        if call != "acknowledge":
            await until(lambda: worker.taken, worker)
            assert {request.cb_kwargs["id"] for request in worker.taken} == {number}, call
        await until(lambda: all_done(worker), worker)
        assert queue.count().dead == number + 1, call
    await until(lambda: queue.count().is_over, worker)
    assert called == set(CALLS)
    assert set(run.reasons) == ({"redis_failed"} if error in LASTING else set())


@pytest.mark.parametrize("error", ERRORS)
async def test_what_became_of_a_deleted_crawl_is_asked_until_it_is_known(
    worker: Any, raw_redis: "Redis", error: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails() -> None:
        raise ERRORS[error]()

    raw_redis.flushall()
    with monkeypatch.context() as patch:
        patch.setattr(worker.queue, "final_dead_count", fails)
        take_turn(worker)
        assert not worker.scheduler._redis.is_over
    await until(lambda: worker.scheduler._redis.is_over, worker)
    assert worker.run.reasons[-1] == "queue_lost"
    assert not worker.scheduler.has_pending_requests()


async def test_an_exception_of_the_upkeep_ends_the_run(worker: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails() -> None:
        raise KeyError("a bug of ours")

    monkeypatch.setattr(worker.scheduler._worker_queue, "expect_more", fails)
    async with asyncio.timeout(patient(5)):
        while len(worker.run.reasons) < 2:  # a second turn of the upkeep has come
            await asyncio.sleep(0.002)
    assert set(worker.run.reasons) == {"redis_failed"}
    assert worker.scheduler._loop.running, "it goes on, so that whatever waits for it is woken"


@pytest.mark.parametrize("error", ERRORS)
async def test_a_script_returns_none_while_redis_fails(
    worker: Any, error: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_: object, **__: object) -> None:
        raise ERRORS[error]()

    redis, run = worker.crawler.redis, worker.run
    script = redis.script("return 1")
    with monkeypatch.context() as patch:
        patch.setattr(redis.client, "evalsha", fails)
        assert await script(["moviecrawler:x"], []) is None
        assert run.reasons == (["redis_failed"] if error in LASTING else [])
        patch.setattr(redis, "_patience", 0)
        assert await script(["moviecrawler:x"], []) is None
        assert run.reasons[-1] == ("redis_failed" if error in LASTING else "incomplete")
    assert await script(["moviecrawler:x"], []) == 1
