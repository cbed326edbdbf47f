"""A queue of the previous version (m1): its entries are never executed, and are deleted with its crawl."""

import pytest
from redis import Redis
from redis.exceptions import ResponseError

from moviecrawler.distributed.crawl_key import describe_differences
from tests.distributed.conftest import BASE, SITE, NewWorker, pop, push
from tests.support.waiting import until

GENERATION = "1795246456500000"
OLD = f"{BASE}:{GENERATION}"
PAYLOAD = (
    '{"url":"http://site/3/movie/603","callback":"parse_film","errback":"failed","dont_filter":true,'
    '"meta":{"about":{"source":"tmdb","kind":"movies","id":603},"tried":1},"cb_kwargs":{"id":603,"asked":"by_hand"}}'
)


def entry(number: int, deliveries: int = 0) -> str:
    return f"m1 {number:012x} {deliveries} 0 {SITE} {PAYLOAD}"


@pytest.fixture
def old_queue(raw_redis: "Redis") -> "Redis":
    """Every key that a worker of that version writes; its lease ends in a minute."""
    seconds, _ = raw_redis.time()
    raw_redis.set(f"{BASE}:current", GENERATION)
    raw_redis.hset(f"{BASE}:dead", f"{GENERATION}:00000000000a", f"1795246456.5\ndelivered 5 times\n{entry(10)}")
    raw_redis.set(f"{OLD}:facts", '{"version": "0.1.0/m1/0123abcd", "store": "movies"}')
    raw_redis.zadd(f"{OLD}:workers", {"old/1": seconds + 60})
    raw_redis.set(f"{OLD}:seeder", "old/1")
    raw_redis.sadd(f"{OLD}:slots", SITE)
    raw_redis.sadd(f"{OLD}:seen", "tmdb/movies/603")
    raw_redis.set(f"{OLD}:sequence", 10)
    raw_redis.zadd(f"{OLD}:queue:{SITE}", {entry(1): 0})
    raw_redis.zadd(f"{OLD}:delayed", {entry(2): seconds + 60})
    raw_redis.zadd(f"{OLD}:leases", {f"{3:012x}": seconds + 60})
    raw_redis.hset(f"{OLD}:leased", f"{3:012x}", f"old/1 {entry(3, 1)}")
    raw_redis.set(f"{OLD}:tick", f"{seconds}.5")
    raw_redis.set(f"{OLD}:buried", 1)
    return raw_redis


def test_a_worker_of_this_version_is_refused_while_old_workers_are_alive(old_queue: "Redis", worker: NewWorker) -> None:
    queue = worker(joins=False)
    before = {key: old_queue.dump(key) for key in old_queue.scan_iter() if not key.endswith(b":workers")}
    joined = queue.join('{"version": "0.1.0/m2/0123abcd", "store": "movies"}')
    assert not joined.begun
    assert "m1" in joined.facts
    ours = {"version": "0.1.0/m2/0123abcd", "store": "movies"}
    assert describe_differences({"version": "0.1.0/m1/0123abcd", "store": "movies"}, ours).startswith("version is ")
    assert queue.leave() == 1
    assert {key: old_queue.dump(key) for key in before} == before
    assert old_queue.zrange(f"{OLD}:workers", 0, -1) == [b"old/1"]


def test_a_new_crawl_deletes_everything_but_dead_letters_once_old_workers_are_lost(
    old_queue: "Redis", worker: NewWorker
) -> None:
    old_queue.delete(f"{OLD}:workers")
    queue = worker(joins=False)
    joined = queue.join("{}")
    assert (joined.begun, joined.left) == (True, 3)
    assert push(queue, 603, dedup=True) == 0, "start() yields it again"
    assert {key.decode() for key in old_queue.scan_iter(f"{OLD}*")} == {f"{OLD}:ended"}
    assert old_queue.ttl(f"{OLD}:ended") > 0
    assert pop(queue) == [603]


def test_old_dead_letters_are_not_queued_again(old_queue: "Redis", worker: NewWorker) -> None:
    old_queue.delete(f"{OLD}:workers")
    queue = worker()
    assert queue.retry_dead() == 0
    assert old_queue.hkeys(f"{BASE}:dead") == [f"{GENERATION}:00000000000a".encode()]
    queue.drain_inbox()
    assert pop(queue) == []


def test_old_entries_in_a_queue_of_this_version_become_dead_letters(old_queue: "Redis", worker: NewWorker) -> None:
    old_queue.delete(f"{OLD}:workers", f"{BASE}:dead")
    queue = worker(lease=0.01)
    ours = f"{BASE}:{queue.generation}"
    old_queue.sadd(f"{ours}:slots", SITE)
    old_queue.zadd(f"{ours}:queue:{SITE}", {entry(1): 0})
    old_queue.zadd(f"{ours}:delayed", {entry(2): 0})
    old_queue.zadd(f"{ours}:leases", {f"{3:012x}": 0})
    old_queue.hset(f"{ours}:leased", f"{3:012x}", f"old/1 {entry(3, 1)}")
    queue.promote_delayed()
    until(lambda: queue.requeue_expired() == (0, 1))
    assert pop(queue) == []
    assert len(queue) == 0
    letters = old_queue.hvals(f"{BASE}:dead")
    assert {letter.split(b"\n", 2)[1] for letter in letters} == {b"no entry of this version"}
    assert queue.count().dead == len(letters) == 3


def test_an_old_worker_that_was_thought_lost_learns_that_its_crawl_has_ended(
    old_queue: "Redis", worker: NewWorker
) -> None:
    old_queue.delete(f"{OLD}:workers")
    worker()
    lost = worker("old/1", joins=False)
    lost.generation = GENERATION
    with pytest.raises(ResponseError, match="ENDED"):
        lost.heartbeat()
    assert lost.final_dead_count() == 1
