"""Every error that the client of Redis knows, at every question of a worker: nothing is raised, nothing is lost."""

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

from moviecrawler.distributed import addon as distributed
from moviecrawler.distributed import redis_client
from moviecrawler.distributed.scheduler import Scheduler
from moviecrawler.policy.network.worker_group import WorkerGroup
from tests.distributed.conftest import Films, film
from tests.support.rate_limit_backends import QUEUE
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
    """What a crawler's run is told."""

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
    """A scheduler without the rest of a crawl; ``taken`` is what it has handed out."""
    monkeypatch.setattr(redis_client, "_LOOK_AGAIN", 0.002)
    sharing = WorkerGroup.parse({**QUEUE, "REDIS_URL": redis_uri})
    assert sharing is not None
    sharing = replace(sharing, lease=0.05)
    crawler: Any = get_crawler(Films, {"DOWNLOAD_SLOTS": {}})
    spider: Any = crawler._create_spider()
    spider.arguments, spider.backpressure = {}, SimpleNamespace(wait_for=lambda wait: None)
    hosts, languages = SimpleNamespace(hosts=()), SimpleNamespace(preferred=())
    vars(crawler).update(
        sharing=sharing,
        run=(run := Run()),
        redis=distributed.Redis(sharing, run),
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


def turn(worker: Any) -> None:
    """All that the upkeep does, and what the engine asks for."""
    worker.scheduler._kept_up = worker.scheduler._shared._renewed = float("-inf")
    worker.scheduler._look()
    if request := worker.scheduler.next_request():
        worker.taken.add(request)
    worker.scheduler.has_pending_requests()


async def until(holds: Callable[[], object], worker: Any) -> None:
    async with asyncio.timeout(patient(5)):
        while not holds():
            turn(worker)
            await asyncio.sleep(0.002)


def all_done(worker: Any) -> bool:
    """Whether nothing is left, when all that was handed out is done now."""
    worker.taken.clear()
    counts = worker.queue.count()
    return not (counts.leased or counts.pending or counts.handed_in)


QUESTIONS = (
    *("beat", "seat", "count", "push_all", "pop_all", "acknowledge", "renew", "give_back", "lapse", "wake", "take_in"),
    *("bury", "seeded"),
)


def test_all_errors_of_the_client_are_here() -> None:
    kinds = {name for name, kind in vars(redis.exceptions).items() if isinstance(kind, type)}
    known = {name for name in kinds if issubclass(getattr(redis.exceptions, name), Exception)}
    assert set(CLASSES) <= known


@pytest.mark.parametrize("error", ERRORS)
async def test_at_every_question_it_is_waited_out_or_ends_the_run_and_nothing_is_lost(
    worker: Any, raw_redis: "Redis", error: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    scheduler, queue, run = worker.scheduler, worker.queue, worker.run
    asked = set()
    for number, question in enumerate(QUESTIONS):
        raw_redis.rpush(f"{queue.key}:inbox", f"0 http://site nonsense {number}")

        def fails(*_: object, question: str = question, **__: object) -> None:
            asked.add(question)
            raise ERRORS[error]()

        with monkeypatch.context() as patch:
            patch.setattr(queue, question, fails)
            seat = asyncio.ensure_future(scheduler.take_seat())
            if question == "seeded":
                await seat
                scheduler.start_has_ended()
            scheduler.enqueue_request(film(number, worker.spider))
            for _ in range(3):
                turn(worker)
                await asyncio.sleep(0)
                if question in ("acknowledge", "give_back"):
                    for request in worker.taken:
                        request.meta["let_go"] = question == "give_back"
                    worker.taken.clear()
        await until(lambda: not scheduler._link.away, worker)
        await until(seat.done, worker)
        if question != "acknowledge":
            await until(lambda: worker.taken, worker)
            assert {request.cb_kwargs["id"] for request in worker.taken} == {number}, question
        await until(lambda: all_done(worker), worker)
        assert queue.count().dead == number + 1, question
    await until(lambda: queue.count().over, worker)
    assert asked == set(QUESTIONS)
    assert set(run.reasons) == ({"redis_failed"} if error in LASTING else set())


@pytest.mark.parametrize("error", ERRORS)
async def test_what_has_become_of_the_crawl_is_asked_until_it_is_known(
    worker: Any, raw_redis: "Redis", error: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails() -> None:
        raise ERRORS[error]()

    raw_redis.flushall()
    with monkeypatch.context() as patch:
        patch.setattr(worker.queue, "fate", fails)
        turn(worker)
        assert not worker.scheduler._link.over
    await until(lambda: worker.scheduler._link.over, worker)
    assert worker.run.reasons[-1] == "queue_lost"
    assert not worker.scheduler.has_pending_requests()


async def test_what_the_upkeep_itself_does_wrong_ends_the_run(worker: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails() -> None:
        raise KeyError("a mistake of ours")

    monkeypatch.setattr(worker.scheduler._shared, "look_again", fails)
    async with asyncio.timeout(patient(5)):
        while len(worker.run.reasons) < 2:  # a second turn of the upkeep has come
            await asyncio.sleep(0.002)
    assert set(worker.run.reasons) == {"redis_failed"}
    assert worker.scheduler._loop.running, "it goes on, so that whoever waits for a tick is woken"


@pytest.mark.parametrize("error", ERRORS)
async def test_what_the_rate_budget_and_the_others_ask(
    worker: Any, error: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_: object, **__: object) -> None:
        raise ERRORS[error]()

    redis, run = worker.crawler.redis, worker.run
    ask = redis.script("return 1")
    with monkeypatch.context() as patch:
        patch.setattr(redis.client, "evalsha", fails)
        assert await ask(["moviecrawler:x"], []) is None
        assert run.reasons == (["redis_failed"] if error in LASTING else [])
        patch.setattr(redis, "_patience", 0)
        assert await ask(["moviecrawler:x"], []) is None
        assert run.reasons[-1] == ("redis_failed" if error in LASTING else "incomplete")
    assert await ask(["moviecrawler:x"], []) == 1
