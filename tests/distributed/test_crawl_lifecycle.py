"""A crawl of several workers: which one begins it, which one seeds it, and when it is over."""

import time

import pytest
from redis import Redis
from redis.exceptions import ResponseError

from tests.distributed.conftest import BASE, SITE, BlockingQueue, NewWorker, pop, push
from tests.support.waiting import until


def test_the_first_worker_begins_a_crawl_and_others_join_it(worker: NewWorker) -> None:
    one, two = worker(joins=False), worker("two", joins=False)
    first, second = one.join('{"a": 1}'), two.join('{"a": 2}')
    assert (first.begun, second.begun) == (True, False)
    assert first.generation == second.generation
    assert second.facts == '{"a": 1}'
    assert one.count().workers == 2


def test_one_worker_is_the_seeder_until_it_has_finished(worker: NewWorker) -> None:
    one, two = worker("one"), worker("two")
    assert [one.elect_seeder(), two.elect_seeder(), one.elect_seeder()] == ["mine", "taken", "mine"]
    two.finish_seeding()
    assert two.elect_seeder() == "taken", "only the seeder can finish"
    assert not two.count().is_over
    one.finish_seeding()
    assert [one.elect_seeder(), two.elect_seeder()] == ["done", "done"]
    assert two.count().is_over


def test_another_worker_takes_over_from_a_lost_seeder(worker: NewWorker) -> None:
    other, lost = worker("other"), worker("lost", lease=0.1)
    assert lost.elect_seeder() == "mine"
    until(lambda: other.elect_seeder() == "mine")
    lost.finish_seeding()
    assert other.elect_seeder() == "mine", "a lost seeder cannot finish"
    lost.heartbeat()
    assert lost.elect_seeder() == "taken"


def test_another_worker_takes_over_from_a_seeder_that_leaves(worker: NewWorker) -> None:
    one, two = worker("one"), worker("two")
    one.elect_seeder()
    assert one.leave() == 1
    assert two.elect_seeder() == "mine"


def test_a_crawl_is_over_when_nothing_is_queued_leased_delayed_handed_in_or_left_to_seed(
    raw_redis: "Redis", worker: NewWorker
) -> None:
    queue = worker()
    assert not queue.count().is_over, "there was no seeder yet"
    queue.elect_seeder()
    assert not queue.count().is_over
    push(queue, 1)
    push(queue, 2, delay=0.01)
    queue.finish_seeding()
    assert not queue.count().is_over
    pop(queue)
    assert not queue.count().is_over, "leased"
    queue.acknowledge(list(queue.leases.values()))
    assert not queue.count().is_over, "delayed"
    until(queue.promote_delayed)
    pop(queue)
    queue.acknowledge(list(queue.leases.values()))
    raw_redis.rpush(f"{BASE}:inbox", f'0 {SITE} {{"title": ["movies", 603]}}')
    assert not queue.count().is_over, "handed in"
    queue.drain_inbox()
    assert pop(queue) == [603]
    queue.acknowledge(list(queue.leases.values()))
    assert queue.count().is_over


def make_every_key(queue: BlockingQueue) -> None:
    """Requests that are queued, leased and delayed, with a seeder and a heartbeat."""
    queue.elect_seeder()
    push(queue, 1, 2, dedup=True)
    push(queue, 3, delay=9)
    pop(queue, 1)
    queue.requeue_expired()
    queue.heartbeat()


def test_the_last_worker_deletes_everything(raw_redis: "Redis", worker: NewWorker) -> None:
    one, two = worker("one"), worker("two")
    make_every_key(one)
    assert one.leave() == 1
    assert raw_redis.exists(f"{BASE}:current")
    assert two.leave() == 0
    assert raw_redis.keys() == [f"{BASE}:{one.generation}:ended".encode()]
    assert raw_redis.ttl(f"{BASE}:{one.generation}:ended") > 0
    assert two.final_dead_count() == 0


def test_every_key_of_a_crawl_is_in_one_hash_slot_and_expires(raw_redis: "Redis", worker: NewWorker) -> None:
    queue = worker()
    make_every_key(queue)
    assert {key.partition(b"}")[0].partition(b"{")[2] for key in raw_redis.scan_iter()} == {b"films:0123456789"}
    assert [key for key in raw_redis.scan_iter() if raw_redis.ttl(key) < 0] == []


def test_keys_of_a_worker_that_is_lost_at_once_expire(raw_redis: "Redis", worker: NewWorker) -> None:
    worker()
    assert [key for key in raw_redis.scan_iter() if raw_redis.ttl(key) < 0] == []


def test_the_next_crawl_requests_everything_again(worker: NewWorker) -> None:
    today = worker()
    push(today, 1, dedup=True)
    today.leave()
    tomorrow = worker()
    assert tomorrow.generation != today.generation
    assert push(tomorrow, 1, dedup=True) == 0


def test_a_crawl_that_is_over_ends_for_a_lost_worker_too(raw_redis: "Redis", worker: NewWorker) -> None:
    """The lost worker is still counted, and will never leave."""
    worker("lost")
    last = worker("last")
    last.elect_seeder()
    last.leave(for_all=True)
    assert raw_redis.exists(f"{BASE}:current"), "not over: it stays"
    again = worker("again")
    again.elect_seeder()
    again.finish_seeding()
    again.leave()
    assert raw_redis.exists(f"{BASE}:current"), "the lost one may wait for titles that people hand in"
    again.join("{}")
    again.leave(for_all=True)
    assert raw_redis.keys() == [f"{BASE}:{again.generation}:ended".encode()]


def test_a_worker_that_joins_workers_waiting_for_titles_waits_too(worker: NewWorker) -> None:
    waiting = worker("waiting")
    waiting.elect_seeder()
    waiting.finish_seeding()
    new = worker("new", joins=False)
    assert not new.join("{}").begun
    assert new.elect_seeder() == "done"


def test_a_crawl_whose_workers_were_all_lost_is_replaced_by_a_new_one(raw_redis: "Redis", worker: NewWorker) -> None:
    lost = worker("lost", lease=0.05)
    push(lost, 1, 2, dedup=True)
    pop(lost, 1)
    time.sleep(0.1)
    joined = (new := worker("new", joins=False)).join("{}")
    assert (joined.begun, joined.left) == (True, 2)
    assert push(new, 1, 2, dedup=True) == 0, "start() finds them again"
    for act in (lost.count, lost.heartbeat, lost.renew, lost.elect_seeder, lost.promote_delayed, lambda: push(lost, 3)):
        with pytest.raises(ResponseError, match="ENDED"):
            act()
    lost.leave()
    assert pop(new) == [1, 2]


def test_two_crawls_share_nothing(worker: NewWorker) -> None:
    one, other = worker(), worker(base="moviecrawler:{films:9876543210}")
    push(one, 1, dedup=True)
    assert push(other, 1, dedup=True) == 0
    assert (pop(one), pop(other)) == ([1], [1])
    one.leave()
    assert other.count().leased == 1
