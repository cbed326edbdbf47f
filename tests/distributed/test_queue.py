"""The queue in Redis: nothing is lost or queued twice, and requests leave by priority and arrival."""

import threading
from collections import Counter

from redis import Redis

from tests.distributed.conftest import CDN, SITE, SPIDER, NewWorker, film, ids, pop, push
from tests.support.waiting import until


def test_requests_leave_by_priority_and_then_in_order_of_arrival(worker: NewWorker) -> None:
    queue = worker()
    push(queue, 1, 2)
    push(queue, 3, 4, priority=10)
    push(queue, 5, priority=-10)
    push(queue, 6)
    assert pop(queue) == [3, 4, 1, 2, 6, 5]


def test_thousands_of_requests_keep_their_order(worker: NewWorker) -> None:
    queue = worker()
    push(queue, *range(2500))
    assert [id for _ in range(5) for id in pop(queue, 600)] == list(range(2500))


def test_a_seen_request_is_not_queued_again_by_any_worker(worker: NewWorker) -> None:
    one, two = worker("one"), worker("two")
    assert push(one, 1, 2, 2, dedup=True) == 1
    assert push(two, 2, 3, dedup=True) == 1
    assert sorted(pop(one)) == [1, 2, 3]
    assert push(two, 1, dedup=True) == 1, "also while it is leased"
    assert push(two, 1) == 0, "a retry has no key, so it is queued"
    assert pop(two) == [1]


def test_a_request_that_many_workers_push_at_once_is_queued_once(raw_redis: "Redis", worker: NewWorker) -> None:
    queues = [worker(f"worker{number}") for number in range(4)]
    threads = [threading.Thread(target=push, args=(queue, *range(300)), kwargs={"dedup": True}) for queue in queues]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    popped: list[list[int]] = [[] for _ in queues]

    def drain(number: int) -> None:
        while found := pop(queues[number], 3):
            popped[number] += found

    threads = [threading.Thread(target=drain, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(id for some in popped for id in some) == dict.fromkeys(range(300), 1)


def test_each_slot_has_its_own_queue_and_slots_are_popped_in_the_order_given(worker: NewWorker) -> None:
    queue = worker()
    queue.push_many([queue.prepare(film(id, slot=slot)) for id, slot in enumerate([SITE, SITE, CDN, CDN, CDN])])
    assert queue.count().slots == {SITE: 2, CDN: 3}
    assert ids(queue.pop_many([(CDN, 2), (SITE, 5)], 10)) == [2, 3, 0, 1]
    assert ids(queue.pop_many([(SITE, 5), (CDN, 5)], 10)) == [4]
    assert queue.pop_many([(SITE, 5), (CDN, 5)], 10) == []


def test_the_limit_holds_over_all_slots(worker: NewWorker) -> None:
    queue = worker()
    queue.push_many([queue.prepare(film(id, slot=slot)) for id, slot in enumerate([SITE, SITE, CDN, CDN, CDN])])
    assert len(queue.pop_many([(CDN, 2), (SITE, 5)], 3)) == 3


def test_a_request_is_popped_as_it_was_pushed(worker: NewWorker) -> None:
    queue = worker()
    request = film(1, priority=7, trending={"rank": 3, "at": "2026-05-01"}).replace(
        headers={"If-None-Match": b'"\xe9"'}, dont_filter=True
    )
    request.meta.update(
        history=["failed/500 from http://site"],
        retry_times=2,
        breaker_mark=["a1", 3, 0],
        retry_longer=False,
        local=False,
    )
    request.meta.update(target={"source": "tmdb", "kind": "movies", "id": 1}, stale_usable=True, cache_timestamp=1.5)
    queue.push_many([queue.prepare(request)])
    (back,) = queue.pop_many([(SITE, 1)], 1)
    assert back.to_dict(spider=SPIDER) == request.to_dict(spider=SPIDER)


def test_delayed_requests_are_queued_by_the_clock_of_redis(worker: NewWorker) -> None:
    queue = worker()
    push(queue, 1, delay=0.5)
    push(queue, 2, delay=60)
    assert (pop(queue), queue.promote_delayed(), queue.count().delayed) == ([], 0, 2)
    until(queue.promote_delayed)
    assert pop(queue) == [1]
    assert queue.count().delayed == 1
