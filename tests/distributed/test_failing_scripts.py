"""A script that fails half-way leaves every entry where it was."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from redis import Redis
from redis.exceptions import ResponseError

from moviecrawler.distributed.lua_scripts import queue_script
from tests.distributed.conftest import BASE, SITE, NewWorker, pop, push
from tests.support.waiting import until


@contextmanager
def of_another_type(raw_redis: "Redis", key: str) -> Iterator[None]:
    """The key has another type meanwhile, so the script fails; afterwards it is as it was."""
    held = raw_redis.dump(key)
    raw_redis.delete(key)
    raw_redis.lpush(key, "x") if not key.endswith("inbox") else raw_redis.set(key, "x")
    with pytest.raises(ResponseError, match="WRONGTYPE"):
        yield
    raw_redis.delete(key)
    if held is not None:
        raw_redis.restore(key, 0, held)


@pytest.mark.parametrize("name", ["queue:" + SITE, "slots", "delayed", "seen"])
def test_a_request_that_could_not_be_pushed_is_not_marked_as_seen(
    raw_redis: "Redis", worker: NewWorker, name: str
) -> None:
    queue = worker()
    delay = 0.001 if name == "delayed" else 0
    with of_another_type(raw_redis, f"{BASE}:{queue.generation}:{name}"):
        push(queue, 1, dedup=True, delay=delay)
    assert push(queue, 1, dedup=True, delay=delay) == 0
    until(lambda: queue.promote_delayed() or not delay)
    assert set(pop(queue)) == {1}


@pytest.mark.parametrize("name", ["leases", "leased"])
def test_a_request_that_could_not_be_leased_stays_in_the_queue(
    raw_redis: "Redis", worker: NewWorker, name: str
) -> None:
    queue = worker()
    push(queue, 1, 2)
    with of_another_type(raw_redis, f"{BASE}:{queue.generation}:{name}"):
        pop(queue)
    assert pop(queue) == [1, 2]
    assert queue.count().leased == 2


@pytest.mark.parametrize("name", ["queue:" + SITE, "slots"])
@pytest.mark.parametrize("how", ["released", "expired", "delayed", "handed-in"])
def test_an_entry_that_could_not_be_queued_stays_where_it_was(
    raw_redis: "Redis", worker: NewWorker, how: str, name: str
) -> None:
    queue = worker(lease=0.05 if how == "expired" else 60)
    if how == "handed-in":
        raw_redis.rpush(f"{BASE}:inbox", f'0 {SITE} {{"title":["movies",1]}}')
    else:
        push(queue, 1, delay=0.001 if how == "delayed" else 0)
    if how in ("released", "expired"):
        pop(queue)
    acts = {
        "released": lambda: queue.release(list(queue.leases.values())),
        "expired": queue.requeue_expired,
        "delayed": queue.promote_delayed,
        "handed-in": queue.drain_inbox,
    }
    with of_another_type(raw_redis, f"{BASE}:{queue.generation}:{name}"):
        until(lambda: acts[how]() == "never")
    until(lambda: (acts[how](), queue.count().pending)[1])
    assert pop(queue) == [1]


@pytest.mark.parametrize("name", ["dead", "dead_count"])
def test_an_entry_that_could_not_become_a_dead_letter_stays_and_is_counted_once(
    raw_redis: "Redis", worker: NewWorker, name: str
) -> None:
    queue = worker(deliveries=1)
    push(queue, 1)
    pop(queue)
    back = lambda: queue.release(list(queue.leases.values()), reason="no", counts=True)  # noqa: E731
    with of_another_type(raw_redis, f"{BASE}:dead" if name == "dead" else f"{BASE}:{queue.generation}:dead_count"):
        back()
    assert back() == 1
    assert raw_redis.hlen(f"{BASE}:dead") == 1
    assert queue.count().leased == 0


def test_a_crawl_whose_keys_are_of_other_types_can_be_cleared(raw_redis: "Redis", worker: NewWorker) -> None:
    queue = worker()
    push(queue, 1, dedup=True)
    for name in ("slots", "dead_count", "seen", "leases"):
        raw_redis.delete(f"{BASE}:{queue.generation}:{name}")
        raw_redis.lpush(f"{BASE}:{queue.generation}:{name}", "x")
    raw_redis.register_script(queue_script("clear"))(keys=[BASE], args=[""])
    assert worker("new", joins=False).join("{}").begun
