"""A request belongs to a worker until it is acknowledged, released or its lease expires."""

import time

from redis import Redis

from tests.distributed.conftest import BASE, SITE, NewWorker, ids, pop, push
from tests.support.waiting import until


def test_pop_is_a_lease_until_it_is_acknowledged(worker: NewWorker) -> None:
    queue = worker()
    push(queue, 1, 2)
    first, second = queue.pop_many([(SITE, 5)], 5)
    assert (queue.count().leased, queue.count().pending) == (2, 0)
    queue.acknowledge([queue.leases[first]])
    assert queue.count().leased == 1
    queue.acknowledge([queue.leases[second], queue.leases[first]])
    assert queue.count().leased == 0
    assert queue.requeue_expired() == (0, 0)


def test_requests_of_a_lost_worker_return_to_their_place_in_the_queue(worker: NewWorker) -> None:
    other, lost = worker("other"), worker("lost", lease=0.05)
    push(lost, 1, 2, 3)
    assert pop(lost, 2) == [1, 2]
    until(lambda: other.requeue_expired()[0])
    assert other.count().leased == 0
    assert pop(other) == [1]
    assert pop(other) == [], "suspects, one at a time"
    other.acknowledge(list(other.leases.values()))
    other.leases.clear()
    assert pop(other) == [2, 3]


def test_a_renewed_lease_does_not_run_out(worker: NewWorker) -> None:
    busy, other = worker("busy", lease=1), worker("other")
    push(busy, 1)
    pop(busy)
    until_then = time.monotonic() + 1.2
    while time.monotonic() < until_then:
        busy.renew()
        assert other.requeue_expired() == (0, 0)
        time.sleep(0.02)
    until(lambda: other.requeue_expired()[0])


def test_a_worker_cannot_renew_or_release_a_lease_that_it_has_lost(worker: NewWorker) -> None:
    quick, slow = worker("quick"), worker("slow", lease=0.05)
    push(slow, 1)
    pop(slow)
    until(lambda: quick.requeue_expired()[0])
    assert pop(quick) == [1]
    slow.renew()
    slow.release(list(slow.leases.values()))
    assert (quick.count().leased, quick.count().pending) == (1, 0)
    slow.acknowledge(list(slow.leases.values()))
    assert quick.count().leased == 0, "done is done"


def test_no_lease_expires_while_redis_is_away(raw_redis: "Redis", worker: NewWorker) -> None:
    queue = worker(lease=0.2)
    queue.requeue_expired()
    push(queue, 1)
    pop(queue)
    time.sleep(0.4)  # no worker could renew
    assert queue.requeue_expired() == (0, 0)
    assert queue.count().leased == 1
    assert queue.count().workers == 1


def test_after_the_last_delivery_a_request_becomes_a_dead_letter(raw_redis: "Redis", worker: NewWorker) -> None:
    queue = worker(lease=0.1, deliveries=3)
    push(queue, 666)
    for _ in range(2):
        assert pop(queue) == [666]
        until(lambda: queue.requeue_expired() == (1, 0))
        queue.leases.clear()
    assert pop(queue) == [666]
    until(lambda: queue.requeue_expired() == (0, 1))
    assert len(queue) == 0
    (letter,) = raw_redis.hvals(f"{BASE}:dead")
    assert b"delivered 3 times" in letter
    assert b"/movie/666" in letter


def test_requests_that_share_a_worker_with_a_fatal_one_do_not_become_dead_letters(
    raw_redis: "Redis", worker: NewWorker
) -> None:
    """Each worker is killed by request 5, together with the others that it has leased."""
    other = worker("watches", deliveries=3)
    push(other, *range(10))
    done: set[int] = set()
    for life in range(40):
        queue = worker(f"life{life}", lease=0.02, deliveries=3)
        while (found := queue.pop_many([(SITE, 4)], 4)) and 5 not in ids(found):
            queue.acknowledge(list(queue.leases.values()))
            done.update(ids(found))
            queue.leases.clear()
        if not found:
            break
        until(lambda: sum(other.requeue_expired()) and not other.count().leased)
    assert done == set(range(10)) - {5}
    assert raw_redis.hlen(f"{BASE}:dead") == 1


def test_a_released_request_is_queued_at_once_and_counts_as_delivered_only_when_it_was_tried(worker: NewWorker) -> None:
    queue = worker(deliveries=2)
    push(queue, 1)
    for _ in range(5):
        assert pop(queue) == [1]
        assert queue.release(list(queue.leases.values())) == 0
    pop(queue)
    assert queue.release(list(queue.leases.values()), reason="no", counts=True) == 0
    assert pop(queue) == [1]
    assert queue.release(list(queue.leases.values()), reason="no", counts=True) == 1
    assert len(queue) == 0


def test_dead_letters_are_queued_again(raw_redis: "Redis", worker: NewWorker) -> None:
    queue = worker(deliveries=1)
    push(queue, 1)
    pop(queue)
    assert queue.release(list(queue.leases.values()), reason="no\nreason", counts=True) == 1
    raw_redis.hset(f"{BASE}:dead", "x", b"0\nno entry\ngarbage")
    assert queue.retry_dead() == 1
    assert queue.drain_inbox() == 1
    assert pop(queue) == [1]
    assert raw_redis.hlen(f"{BASE}:dead") == 1, "garbage is not queued"


def test_dead_letters_of_two_crawls_with_the_same_id_are_both_kept(raw_redis: "Redis", worker: NewWorker) -> None:
    for name in ("today", "tomorrow"):
        queue = worker(name, deliveries=1)
        push(queue, 1)
        pop(queue)
        queue.release(list(queue.leases.values()), reason="no", counts=True)
        assert queue.count().dead == 1, "only those of this crawl count"
        queue.leave()
        assert queue.final_dead_count() == 1
    assert raw_redis.hlen(f"{BASE}:dead") == 2


def test_a_dead_letter_that_is_queued_again_is_no_longer_counted(raw_redis: "Redis", worker: NewWorker) -> None:
    queue = worker(deliveries=1)
    push(queue, 1)
    pop(queue)
    queue.release(list(queue.leases.values()), reason="no", counts=True)
    assert queue.retry_dead() == 1
    assert queue.count().dead == 0
