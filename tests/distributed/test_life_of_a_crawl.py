"""A crawl of several workers: who begins it, who seeds it, and when it is over."""

import time

import pytest
from redis import Redis
from redis.exceptions import ResponseError

from moviecrawler.distributed.queue import LeasedQueue
from tests.distributed.conftest import BASE, SITE, Worker, pop, push
from tests.support.waiting import until


def test_the_first_worker_begins_a_crawl_and_others_join_it(worker: Worker) -> None:
    one, two = worker(joins=False), worker("two", joins=False)
    first, second = one.join('{"a": 1}'), two.join('{"a": 2}')
    assert (first.begun, second.begun) == (True, False)
    assert first.generation == second.generation
    assert second.facts == '{"a": 1}'
    assert one.count().workers == 2


def test_one_worker_is_the_seeder_until_it_says_that_all_is_asked_for(worker: Worker) -> None:
    one, two = worker("one"), worker("two")
    assert [one.seat(), two.seat(), one.seat()] == ["mine", "taken", "mine"]
    two.seeded()
    assert two.seat() == "taken", "only the seeder can say so"
    assert not two.count().over
    one.seeded()
    assert [one.seat(), two.seat()] == ["done", "done"]
    assert two.count().over


def test_the_seat_of_a_lost_worker_is_taken_over(worker: Worker) -> None:
    lost, other = worker("lost", lease=0.1), worker("other")
    assert lost.seat() == "mine"
    until(lambda: other.seat() == "mine")
    lost.seeded()
    assert other.seat() == "mine", "who lost the seat cannot say that all is asked for"
    lost.beat()
    assert lost.seat() == "taken"


def test_a_worker_that_leaves_gives_up_its_seat(worker: Worker) -> None:
    one, two = worker("one"), worker("two")
    one.seat()
    assert one.leave() == 1
    assert two.seat() == "mine"


def test_it_is_over_when_nothing_is_queued_leased_delayed_handed_in_or_still_to_be_asked_for(
    raw_redis: "Redis", worker: Worker
) -> None:
    queue = worker()
    assert not queue.count().over, "nobody has begun"
    queue.seat()
    assert not queue.count().over
    push(queue, 1)
    push(queue, 2, delay=0.01)
    queue.seeded()
    assert not queue.count().over
    pop(queue)
    assert not queue.count().over, "leased"
    queue.acknowledge(list(queue.held.values()))
    assert not queue.count().over, "delayed"
    until(queue.wake)
    pop(queue)
    queue.acknowledge(list(queue.held.values()))
    raw_redis.rpush(f"{BASE}:inbox", f'0 {SITE} {{"title": ["movies", 603]}}')
    assert not queue.count().over, "handed in"
    queue.take_in()
    assert pop(queue) == [603]
    queue.acknowledge(list(queue.held.values()))
    assert queue.count().over


def make_every_key(queue: LeasedQueue) -> None:
    """Work that is queued, leased and delayed, with a seeder and a beat."""
    queue.seat()
    push(queue, 1, 2, once=True)
    push(queue, 3, delay=9)
    pop(queue, 1)
    queue.lapse()
    queue.beat()


def test_the_last_worker_takes_everything_away(raw_redis: "Redis", worker: Worker) -> None:
    one, two = worker("one"), worker("two")
    make_every_key(one)
    assert one.leave() == 1
    assert raw_redis.exists(f"{BASE}:current")
    assert two.leave() == 0
    assert raw_redis.keys() == [f"{BASE}:{one.generation}:ended".encode()]
    assert raw_redis.ttl(f"{BASE}:{one.generation}:ended") > 0
    assert two.fate() == 0


def test_every_key_of_a_crawl_lies_in_one_slot_of_a_cluster_and_none_stays_for_ever(
    raw_redis: "Redis", worker: Worker
) -> None:
    queue = worker()
    make_every_key(queue)
    assert {key.partition(b"}")[0].partition(b"{")[2] for key in raw_redis.scan_iter()} == {b"films:0123456789"}
    assert [key for key in raw_redis.scan_iter() if raw_redis.ttl(key) < 0] == []


def test_a_worker_that_is_lost_at_once_leaves_nothing_for_ever(raw_redis: "Redis", worker: Worker) -> None:
    worker()
    assert [key for key in raw_redis.scan_iter() if raw_redis.ttl(key) < 0] == []


def test_tomorrow_everything_is_asked_for_again(worker: Worker) -> None:
    today = worker()
    push(today, 1, once=True)
    today.leave()
    tomorrow = worker()
    assert tomorrow.generation != today.generation
    assert push(tomorrow, 1, once=True) == 0


def test_what_is_over_is_over_for_a_lost_worker_too(raw_redis: "Redis", worker: Worker) -> None:
    """It is still counted as one of the crawl, and will never leave."""
    worker("lost")
    last = worker("last")
    last.seat()
    last.leave(for_all=True)
    assert raw_redis.exists(f"{BASE}:current"), "not over: it goes on"
    again = worker("again")
    again.seat()
    again.seeded()
    again.leave()
    assert raw_redis.exists(f"{BASE}:current"), "the other one may wait for titles that people hand in"
    again.join("{}")
    again.leave(for_all=True)
    assert raw_redis.keys() == [f"{BASE}:{again.generation}:ended".encode()]


def test_who_comes_while_others_wait_for_titles_waits_with_them(worker: Worker) -> None:
    waiting = worker("waiting")
    waiting.seat()
    waiting.seeded()
    new = worker("new", joins=False)
    assert not new.join("{}").begun
    assert new.seat() == "done"


def test_a_crawl_whose_workers_were_all_lost_is_not_gone_on_with(raw_redis: "Redis", worker: Worker) -> None:
    lost = worker("lost", lease=0.05)
    push(lost, 1, 2, once=True)
    pop(lost, 1)
    time.sleep(0.1)
    joined = (new := worker("new", joins=False)).join("{}")
    assert (joined.begun, joined.left) == (True, 2)
    assert push(new, 1, 2, once=True) == 0, "start() finds them again"
    for act in (lost.count, lost.beat, lost.renew, lost.seat, lost.wake, lambda: push(lost, 3)):
        with pytest.raises(ResponseError, match="ENDED"):
            act()
    lost.leave()
    assert pop(new) == [1, 2]


def test_two_crawls_have_nothing_in_common(worker: Worker) -> None:
    one, other = worker(), worker(base="moviecrawler:{films:9876543210}")
    push(one, 1, once=True)
    assert push(other, 1, once=True) == 0
    assert (pop(one), pop(other)) == ([1], [1])
    one.leave()
    assert other.count().leased == 1
