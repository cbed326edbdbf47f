"""Every error that the client of Redis knows, at every call of a worker: nothing is raised, nothing is lost."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
import redis.exceptions
from redis import Redis
from redis.exceptions import ResponseError

from tests.distributed.conftest import film
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


@pytest.fixture
async def worker(open_worker: Callable[..., Any]) -> Any:
    return await open_worker(lease=0.05)


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

        scheduler._seeding = ""  # a spider asks once; here it is asked for each call
        with monkeypatch.context() as patch:
            patch.setattr(queue, call, fails)
            seeding = asyncio.ensure_future(scheduler.become_seeder())
            if call == "finish_seeding":
                await seeding
                scheduler.mark_start_ended()
            scheduler.enqueue_request(film(number, worker.spider))
            for _ in range(5):
                await worker.turn()
                if call in ("acknowledge", "release"):
                    # With room for another request, it would be acknowledged where that one is leased.
                    worker.engine.is_full = call == "acknowledge" and bool(worker.taken or worker.engine.is_full)
                    for request in worker.taken:
                        request.meta["release"] = call == "release"
                    worker.taken.clear()
        worker.engine.is_full = False
        await worker.until(lambda: not scheduler._calls.is_away)
        await worker.until(seeding.done)
        if call != "acknowledge":
            await worker.until(lambda: worker.taken)
            assert {request.cb_kwargs["id"] for request in worker.taken} == {number}, call
        await worker.until(worker.all_done)
        assert (await queue.count()).dead == number + 1, call
    async with asyncio.timeout(patient(5)):
        while not (await queue.count()).is_over:
            await worker.turn()
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
        await worker.turn()
        assert not worker.scheduler._calls.is_over
    await worker.until(lambda: worker.scheduler._calls.is_over)
    assert worker.run.reasons[-1] == "queue_lost"
    assert not worker.scheduler.has_pending_requests()


class Odd(BaseException):
    """Not caught by ``except Exception``."""


@pytest.mark.parametrize("error", [KeyError("a bug of ours"), MemoryError(), asyncio.CancelledError(), Odd()], ids=repr)
async def test_whatever_ends_the_task_that_speaks_to_redis_ends_the_run(
    worker: Any, error: BaseException, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails() -> None:
        raise error

    other_worker_seeds = lambda: asyncio.sleep(0, "taken")  # noqa: E731
    monkeypatch.setattr(worker.queue, "elect_seeder", other_worker_seeds)
    waiting = asyncio.ensure_future(worker.scheduler.become_seeder())
    await worker.turn()
    monkeypatch.setattr(worker.scheduler._worker_queue, "expect_more", fails)
    assert await asyncio.wait_for(waiting, patient(5)) is False, "what waits for it is woken"
    assert worker.run.reasons == ["redis_failed"]
    assert worker.scheduler.next_request() is None
    assert not worker.scheduler.has_pending_requests()
    await asyncio.wait_for(worker.scheduler._wait_for_room(), patient(5))


@pytest.mark.parametrize("error", ERRORS)
async def test_a_script_returns_none_while_redis_fails(
    worker: Any, error: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_: object, **__: object) -> None:
        raise ERRORS[error]()

    redis, run = worker.redis, worker.run
    script = redis.script("return 1")
    with monkeypatch.context() as patch:
        patch.setattr(redis.client, "evalsha", fails)
        assert await script(["moviecrawler:x"], []) is None
        assert run.reasons == (["redis_failed"] if error in LASTING else [])
        patch.setattr(redis, "_patience", 0)
        assert await script(["moviecrawler:x"], []) is None
        assert run.reasons[-1] == ("redis_failed" if error in LASTING else "incomplete")
    assert await script(["moviecrawler:x"], []) == 1
