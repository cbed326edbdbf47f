"""The queue in Redis, script by script: nothing lost, nothing twice, in the order of priority and arrival."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis import Redis
from redis.exceptions import ResponseError

from moviecrawler.scheduling import serializer
from moviecrawler.scheduling.queue import LeasedQueue
from moviecrawler.scheduling.scripts.crawl import CLEAR
from tests.scheduling.conftest import BASE, SPIDER, Worker, film, ids
from tests.waiting import until

SITE, CDN = "http://site", "http://cdn"


def push(queue: LeasedQueue, *numbers: int, once: bool = False, delay: float = 0, priority: int = 0) -> int:
    return queue.push_all(
        [queue.written(film(id, priority=priority), f"film/{id}" if once else "", delay) for id in numbers]
    )


def pop(queue: LeasedQueue, most: int = 100, slot: str = SITE) -> list[int]:
    return ids(queue.pop_all([(slot, most)], most))


def test_priority_goes_first_and_then_who_came_first(worker: Worker) -> None:
    queue = worker()
    push(queue, 1, 2)
    push(queue, 3, 4, priority=10)
    push(queue, 5, priority=-10)
    push(queue, 6)
    assert pop(queue) == [3, 4, 1, 2, 6, 5]


def test_thousands_come_out_in_the_order_in_which_they_went_in(worker: Worker) -> None:
    queue = worker()
    push(queue, *range(2500))
    assert [id for _ in range(5) for id in pop(queue, 600)] == list(range(2500))


def test_what_has_been_seen_is_not_queued_again_whoever_finds_it(worker: Worker) -> None:
    one, two = worker("one"), worker("two")
    assert push(one, 1, 2, 2, once=True) == 1
    assert push(two, 2, 3, once=True) == 1
    assert sorted(pop(one)) == [1, 2, 3]
    assert push(two, 1, once=True) == 1, "also when it is in work"
    assert push(two, 1) == 0, "another try has no key, and passes"
    assert pop(two) == [1]


def test_many_at_once_find_the_same_and_it_is_queued_once(redis: "Redis", worker: Worker) -> None:
    queues = [worker(f"worker{number}") for number in range(4)]
    threads = [threading.Thread(target=push, args=(queue, *range(300)), kwargs={"once": True}) for queue in queues]
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


def test_slots_have_queues_of_their_own_and_are_asked_in_the_order_given(worker: Worker) -> None:
    queue = worker()
    queue.push_all([queue.written(film(id, slot=slot)) for id, slot in enumerate([SITE, SITE, CDN, CDN, CDN])])
    assert queue.count().slots == {SITE: 2, CDN: 3}
    assert ids(queue.pop_all([(CDN, 2), (SITE, 5)], 10)) == [2, 3, 0, 1]
    assert ids(queue.pop_all([(SITE, 5), (CDN, 5)], 10)) == [4]
    assert queue.pop_all([(SITE, 5), (CDN, 5)], 10) == []


def test_most_holds_over_all_slots(worker: Worker) -> None:
    queue = worker()
    queue.push_all([queue.written(film(id, slot=slot)) for id, slot in enumerate([SITE, SITE, CDN, CDN, CDN])])
    assert len(queue.pop_all([(CDN, 2), (SITE, 5)], 3)) == 3


def test_a_request_comes_back_as_it_was(worker: Worker) -> None:
    queue = worker()
    request = film(1, priority=7, trending={"rank": 3, "at": "2026-05-01"}).replace(
        headers={"If-None-Match": b'"\xe9"'}, dont_filter=True
    )
    request.meta.update(history=["failed/500 from http://site"], tried=2, mark=["a1", 3, 0], patient=False, local=False)
    request.meta.update(about={"source": "tmdb", "kind": "movies", "id": 1}, stale_usable=True, cache_timestamp=1.5)
    queue.push(request)
    (back,) = queue.pop_all([(SITE, 1)], 1)
    assert back.to_dict(spider=SPIDER) == request.to_dict(spider=SPIDER)


def test_pop_is_a_lease_until_it_is_acknowledged(worker: Worker) -> None:
    queue = worker()
    push(queue, 1, 2)
    first, second = queue.pop_all([(SITE, 5)], 5)
    assert (queue.count().leased, queue.count().pending) == (2, 0)
    queue.acknowledge([queue.held[first]])
    assert queue.count().leased == 1
    queue.acknowledge([queue.held[second], queue.held[first]])
    assert queue.count().leased == 0
    assert queue.lapse() == (0, 0)


def test_what_a_lost_worker_had_comes_back_in_its_place(worker: Worker) -> None:
    lost, other = worker("lost", lease=0.05), worker("other")
    push(lost, 1, 2, 3)
    assert pop(lost, 2) == [1, 2]
    until(lambda: other.lapse()[0])
    assert other.count().leased == 0
    assert pop(other) == [1]
    assert pop(other) == [], "one at a time of those that may have been the reason"
    other.acknowledge(list(other.held.values()))
    other.held.clear()
    assert pop(other) == [2, 3]


def test_a_renewed_lease_does_not_run_out(worker: Worker) -> None:
    busy, other = worker("busy", lease=1), worker("other")
    push(busy, 1)
    pop(busy)
    until_then = time.monotonic() + 1.2
    while time.monotonic() < until_then:
        busy.renew()
        assert other.lapse() == (0, 0)
        time.sleep(0.02)
    until(lambda: other.lapse()[0])


def test_who_lost_a_lease_cannot_renew_or_give_back_what_is_another_s(worker: Worker) -> None:
    slow, quick = worker("slow", lease=0.05), worker("quick")
    push(slow, 1)
    pop(slow)
    until(lambda: quick.lapse()[0])
    assert pop(quick) == [1]
    slow.renew()
    slow.give_back(list(slow.held.values()))
    assert (quick.count().leased, quick.count().pending) == (1, 0)
    slow.acknowledge(list(slow.held.values()))
    assert quick.count().leased == 0, "but done is done"


def test_redis_was_away_longer_than_a_lease_and_nobody_loses_his(redis: "Redis", worker: Worker) -> None:
    queue = worker(lease=0.2)
    queue.lapse()
    push(queue, 1)
    pop(queue)
    time.sleep(0.4)  # nobody could look after anything
    assert queue.lapse() == (0, 0)
    assert queue.count().leased == 1
    assert queue.count().workers == 1


def test_after_so_many_deliveries_it_is_a_dead_letter(redis: "Redis", worker: Worker) -> None:
    queue = worker(lease=0.1, deliveries=3)
    push(queue, 666)
    for _ in range(2):
        assert pop(queue) == [666]
        until(lambda: queue.lapse() == (1, 0))
        queue.held.clear()
    assert pop(queue) == [666]
    until(lambda: queue.lapse() == (0, 1))
    assert len(queue) == 0
    (letter,) = redis.hvals(f"{BASE}:dead")
    assert b"delivered 3 times" in letter
    assert b"/movie/666" in letter


def test_who_dies_with_a_poison_is_not_buried_with_it(redis: "Redis", worker: Worker) -> None:
    """Each worker is lost at the poison, with what else it has in work; the others outlive it."""
    other = worker("watches", deliveries=3)
    push(other, *range(10))
    done: set[int] = set()
    for life in range(40):
        queue = worker(f"life{life}", lease=0.02, deliveries=3)
        while (found := queue.pop_all([(SITE, 4)], 4)) and 5 not in ids(found):
            queue.acknowledge(list(queue.held.values()))
            done.update(ids(found))
            queue.held.clear()
        if not found:
            break
        until(lambda: sum(other.lapse()) and not other.count().leased)
    assert done == set(range(10)) - {5}
    assert redis.hlen(f"{BASE}:dead") == 1


def test_given_back_it_is_there_at_once_and_it_counts_only_as_a_try_when_it_was_one(worker: Worker) -> None:
    queue = worker(deliveries=2)
    push(queue, 1)
    for _ in range(5):
        assert pop(queue) == [1]
        assert queue.give_back(list(queue.held.values())) == 0
    pop(queue)
    assert queue.give_back(list(queue.held.values()), reason="no", counts=True) == 0
    assert pop(queue) == [1]
    assert queue.give_back(list(queue.held.values()), reason="no", counts=True) == 1
    assert len(queue) == 0


def test_what_has_to_wait_is_woken_by_the_clock_of_redis(worker: Worker) -> None:
    queue = worker()
    push(queue, 1, delay=0.5)
    push(queue, 2, delay=60)
    assert (pop(queue), queue.wake(), queue.count().delayed) == ([], 0, 2)
    until(queue.wake)
    assert pop(queue) == [1]
    assert queue.count().delayed == 1


@pytest.mark.parametrize(
    "garbage",
    [
        b"garbage",
        b"\x80\x05\x95cposix\nsystem\n",
        b"m2 000000000001 0 0 http://site {}",
        b"m1 xyz 0 0 http://site {}",
        b"",
    ],
)
def test_what_is_no_entry_becomes_a_dead_letter(redis: "Redis", worker: Worker, garbage: bytes) -> None:
    queue = worker()
    push(queue, 1)
    redis.zadd(f"{BASE}:{queue.generation}:queue:{SITE}", {garbage: -1000})
    redis.zadd(f"{BASE}:{queue.generation}:delayed", {garbage + b"?": 0})
    redis.rpush(f"{BASE}:inbox", garbage)
    queue.wake()
    queue.take_in()
    assert pop(queue) == [1]
    queue.acknowledge(list(queue.held.values()))
    assert len(queue) == 0
    assert {letter.split(b"\n", 2)[2] for letter in redis.hvals(f"{BASE}:dead")} == {garbage, garbage + b"?"}


PAYLOADS = [
    "",
    "null",
    "[]",
    "{}",
    "{",
    '{"url": "http://site/"}',
    '{"url": "http://site/", "callback": "parse_nothing", "errback": "failed"}',
    '{"url": "http://site/", "callback": "title_request", "errback": "failed"}',
    '{"url": "http://site/", "callback": "parse_film", "errback": "__init__"}',
    '{"url": "http://site/", "callback": ["parse_film"], "errback": "failed"}',
    '{"url": "no address", "callback": "parse_film", "errback": "failed"}',
    '{"url": "http://site/", "callback": "parse_film", "errback": "failed", "_class": "os.system"}',
    '{"url": "http://site/", "callback": "parse_film", "errback": "failed", "meta": 3}',
    '{"url": "http://site/", "callback": "parse_film", "errback": "failed", "body": {"$bytes": "%"}}',
    '{"url": "http://site/", "callback": "parse_film", "errback": "failed", "priority": "high"}',
    '{"title": ["movies", "603/../.."]}',
    '{"title": 3}',
    "[" * 100_000,
    *(
        f'{{"callback": "parse_film", "errback": "failed", "cb_kwargs": {{"id": 1}}, "url": "http://site/", {more}}}'
        for more in (
            '"headers": {"Host": [{"$bytes": "ZXZpbA=="}]}',
            '"headers": {"Cookie": [{"$bytes": "YT1i"}]}',
            '"headers": {"If-None-Match": [{"$bytes": "YQ0KSG9zdDogZXZpbA=="}]}',
            '"headers": {"If-None-Match": ["text"]}',
            '"headers": []',
            '"method": "POST"',
            '"body": {"$bytes": "YT1i"}',
            '"cookies": {"a": "b"}',
            '"meta": {"proxy": "http://evil"}',
            '"meta": {"dont_obey_robotstxt": true}',
            '"meta": {"local": true}',
            '"meta": {"tried": "many"}',
            '"meta": {"tried": -1}',
            '"meta": {"tried": true}',
            '"meta": {"history": 5}',
            '"meta": {"mark": [1, 2, 3]}',
            '"meta": {"mark": null}',
            '"meta": {"about": {"source": "tmdb", "kind": "movies", "id": 0}}',
            '"meta": {"about": {"source": "tmdb"}}',
            '"meta": {"cache_timestamp": NaN}',
            '"meta": {"cache_timestamp": {"$bytes": "aGk="}}',
            '"cb_kwargs": {}',
            '"cb_kwargs": {"id": "1"}',
            '"cb_kwargs": []',
            '"encoding": 5',
            '"encoding": "nowhere"',
            '"encoding": "rot13"',
            '"encoding": "utf-16"',
            f'"priority": 1{"0" * 400}',
            '"meta": {"about": {"source": "tmdb", "kind": "movies", "id": 9223372036854775808}}',
        )
    ),
]


@pytest.mark.parametrize("payload", PAYLOADS, ids=lambda payload: payload[-70:])
def test_a_payload_that_is_no_request_of_ours_is_never_executed(redis: "Redis", worker: Worker, payload: str) -> None:
    queue = worker()
    redis.rpush(f"{BASE}:inbox", f"0 {SITE} {payload}")
    queue.take_in()
    assert pop(queue) == []
    assert len(queue) == 0
    (letter,) = redis.hvals(f"{BASE}:dead")
    assert letter.count(b"\n") == 2, "when, why and what"


@given(st.binary(max_size=60))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_garbage_stops_the_queue(redis: "Redis", worker: Worker, garbage: bytes) -> None:
    redis.flushall()
    queue = worker()
    redis.rpush(f"{BASE}:inbox", f"0 {SITE} ".encode() + garbage, garbage)
    queue.take_in()
    queue.pop_all([(SITE, 10)], 10)
    assert len(queue) == 0
    assert 1 <= redis.hlen(f"{BASE}:dead") <= 2


def test_dead_letters_are_handed_in_again(redis: "Redis", worker: Worker) -> None:
    queue = worker(deliveries=1)
    push(queue, 1)
    pop(queue)
    assert queue.give_back(list(queue.held.values()), reason="no\nreason", counts=True) == 1
    redis.hset(f"{BASE}:dead", "x", b"0\nno entry\ngarbage")
    assert queue.retry_dead() == 1
    assert queue.take_in() == 1
    assert pop(queue) == [1]
    assert redis.hlen(f"{BASE}:dead") == 1, "garbage stays where it is"


# --- A script that fails in its middle ----------------------------------------------------------------------------


@contextmanager
def of_another_type(redis: "Redis", key: str) -> Iterator[None]:
    """What the key holds comes back afterwards, beside what was written meanwhile: nothing."""
    held = redis.dump(key)
    redis.delete(key)
    redis.lpush(key, "x") if not key.endswith("inbox") else redis.set(key, "x")
    with pytest.raises(ResponseError, match="WRONGTYPE"):
        yield
    redis.delete(key)
    if held is not None:
        redis.restore(key, 0, held)


@pytest.mark.parametrize("name", ["queue:" + SITE, "slots", "delayed", "seen"])
def test_what_could_not_be_pushed_is_not_held_to_be_seen(redis: "Redis", worker: Worker, name: str) -> None:
    queue = worker()
    delay = 0.001 if name == "delayed" else 0
    with of_another_type(redis, f"{BASE}:{queue.generation}:{name}"):
        push(queue, 1, once=True, delay=delay)
    assert push(queue, 1, once=True, delay=delay) == 0
    until(lambda: queue.wake() or not delay)
    assert set(pop(queue)) == {1}


@pytest.mark.parametrize("name", ["leases", "leased"])
def test_what_could_not_be_leased_stays_in_the_queue(redis: "Redis", worker: Worker, name: str) -> None:
    queue = worker()
    push(queue, 1, 2)
    with of_another_type(redis, f"{BASE}:{queue.generation}:{name}"):
        pop(queue)
    assert pop(queue) == [1, 2]
    assert queue.count().leased == 2


@pytest.mark.parametrize("name", ["queue:" + SITE, "slots"])
@pytest.mark.parametrize("how", ["given-back", "lapsed", "woken", "handed-in"])
def test_what_could_not_be_queued_stays_where_it_was(redis: "Redis", worker: Worker, how: str, name: str) -> None:
    queue = worker(lease=0.05 if how == "lapsed" else 60)
    if how == "handed-in":
        redis.rpush(f"{BASE}:inbox", f'0 {SITE} {{"title":["movies",1]}}')
    else:
        push(queue, 1, delay=0.001 if how == "woken" else 0)
    if how in ("given-back", "lapsed"):
        pop(queue)
    acts = {
        "given-back": lambda: queue.give_back(list(queue.held.values())),
        "lapsed": queue.lapse,
        "woken": queue.wake,
        "handed-in": queue.take_in,
    }
    with of_another_type(redis, f"{BASE}:{queue.generation}:{name}"):
        until(lambda: acts[how]() == "never")
    until(lambda: (acts[how](), queue.count().pending)[1])
    assert pop(queue) == [1]


@pytest.mark.parametrize("name", ["dead", "buried"])
def test_what_could_not_be_buried_stays_and_is_counted_once(redis: "Redis", worker: Worker, name: str) -> None:
    queue = worker(deliveries=1)
    push(queue, 1)
    pop(queue)
    back = lambda: queue.give_back(list(queue.held.values()), reason="no", counts=True)  # noqa: E731
    with of_another_type(redis, f"{BASE}:dead" if name == "dead" else f"{BASE}:{queue.generation}:buried"):
        back()
    assert back() == 1
    assert redis.hlen(f"{BASE}:dead") == 1
    assert queue.count().leased == 0


def test_a_crawl_whose_keys_are_of_other_types_can_be_cleared(redis: "Redis", worker: Worker) -> None:
    queue = worker()
    push(queue, 1, once=True)
    for name in ("slots", "buried", "seen", "leases"):
        redis.delete(f"{BASE}:{queue.generation}:{name}")
        redis.lpush(f"{BASE}:{queue.generation}:{name}", "x")
    redis.register_script(CLEAR)(keys=[BASE], args=[""])
    assert worker("new", joins=False).join("{}").begun


def test_two_crawls_bury_requests_of_the_same_number(redis: "Redis", worker: Worker) -> None:
    for name in ("today", "tomorrow"):
        queue = worker(name, deliveries=1)
        push(queue, 1)
        pop(queue)
        queue.give_back(list(queue.held.values()), reason="no", counts=True)
        assert queue.count().dead == 1, "of this crawl"
        queue.leave()
        assert queue.fate() == 1
    assert redis.hlen(f"{BASE}:dead") == 2


def test_what_is_handed_in_again_is_not_counted_any_more(redis: "Redis", worker: Worker) -> None:
    queue = worker(deliveries=1)
    push(queue, 1)
    pop(queue)
    queue.give_back(list(queue.held.values()), reason="no", counts=True)
    assert queue.retry_dead() == 1
    assert queue.count().dead == 0


@pytest.mark.parametrize("place", ["leased", "inbox"])
def test_numbers_that_redis_cannot_read_are_garbage(redis: "Redis", worker: Worker, place: str) -> None:
    queue = worker(lease=0.01)
    if place == "inbox":
        redis.rpush(f"{BASE}:inbox", f"{'9' * 400} {SITE} {{}}")
        queue.take_in()
    else:
        redis.hset(f"{BASE}:{queue.generation}:leased", "aa", "one no entry")
        redis.zadd(f"{BASE}:{queue.generation}:leases", {"aa": 0})
        queue.lapse()
    assert queue.count().dead == 1
    assert len(queue) == 0


# --- A crawl: workers, the seeder, the end ------------------------------------------------------------------------


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
    redis: "Redis", worker: Worker
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
    redis.rpush(f"{BASE}:inbox", f'0 {SITE} {{"title": ["movies", 603]}}')
    assert not queue.count().over, "handed in"
    queue.take_in()
    assert pop(queue) == [603]
    queue.acknowledge(list(queue.held.values()))
    assert queue.count().over


def test_the_last_worker_takes_everything_away(redis: "Redis", worker: Worker) -> None:
    one, two = worker("one"), worker("two")
    one.seat()
    push(one, 1, 2, once=True)
    push(one, 3, delay=9)
    pop(one, 1)
    one.lapse()
    one.beat()
    assert one.leave() == 1
    assert redis.exists(f"{BASE}:current")
    assert two.leave() == 0
    assert redis.keys() == [f"{BASE}:{one.generation}:ended".encode()]
    assert redis.ttl(f"{BASE}:{one.generation}:ended") > 0
    assert two.fate() == 0


def test_every_key_of_a_crawl_lies_in_one_slot_of_a_cluster_and_none_stays_for_ever(
    redis: "Redis", worker: Worker
) -> None:
    queue = worker()
    queue.seat()
    push(queue, 1, 2, once=True)
    push(queue, 3, delay=9)
    pop(queue, 1)
    queue.lapse()
    queue.beat()
    assert {key.partition(b"}")[0].partition(b"{")[2] for key in redis.scan_iter()} == {b"films:0123456789"}
    assert [key for key in redis.scan_iter() if redis.ttl(key) < 0] == []


def test_a_worker_that_is_lost_at_once_leaves_nothing_for_ever(redis: "Redis", worker: Worker) -> None:
    worker()
    assert [key for key in redis.scan_iter() if redis.ttl(key) < 0] == []


def test_tomorrow_everything_is_asked_for_again(worker: Worker) -> None:
    today = worker()
    push(today, 1, once=True)
    today.leave()
    tomorrow = worker()
    assert tomorrow.generation != today.generation
    assert push(tomorrow, 1, once=True) == 0


def test_what_is_over_is_over_for_a_lost_worker_too(redis: "Redis", worker: Worker) -> None:
    """It is still counted as one of the crawl, and will never leave."""
    worker("lost")
    last = worker("last")
    last.seat()
    last.leave(for_all=True)
    assert redis.exists(f"{BASE}:current"), "not over: it goes on"
    again = worker("again")
    again.seat()
    again.seeded()
    again.leave()
    assert redis.exists(f"{BASE}:current"), "the other one may wait for titles that people hand in"
    again.join("{}")
    again.leave(for_all=True)
    assert redis.keys() == [f"{BASE}:{again.generation}:ended".encode()]


def test_who_comes_while_others_wait_for_titles_waits_with_them(worker: Worker) -> None:
    waiting = worker("waiting")
    waiting.seat()
    waiting.seeded()
    new = worker("new", joins=False)
    assert not new.join("{}").begun
    assert new.seat() == "done"


def test_a_crawl_whose_workers_were_all_lost_is_not_gone_on_with(redis: "Redis", worker: Worker) -> None:
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


# --- What goes in ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("meta", "says"),
    [
        ({"refused": object()}, r"request\['meta'\]\['refused'\]: object cannot be queued as JSON"),
        ({"a": {"b": [1, {2}]}}, r"\['a'\]\['b'\]\[1\]: set cannot"),
        ({"ids": {603: 1}}, "the key 603 cannot"),
        ({"x": float("nan")}, "not JSON compliant"),
        ({"$bytes": "aGk="}, r"the key '\$bytes' cannot"),
        ({"proxy": "http://x"}, r"meta\['proxy'\]: Extra inputs"),
    ],
)
def test_what_is_no_json_is_refused_with_its_place(worker: Worker, meta: dict[str, object], says: str) -> None:
    request = film(1)
    request.meta.update(meta)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=says):
        worker().written(request)


def test_what_would_travel_with_the_key_is_not_queued(worker: Worker) -> None:
    with pytest.raises(ValueError, match="may not send 'Cookie'"):
        worker().written(film(1).replace(headers={"Cookie": "a=b"}))
    with pytest.raises(ValueError, match="has no 'method'"):
        worker().written(film(1).replace(method="POST"))


def test_a_callback_must_be_a_method_of_the_spider(worker: Worker) -> None:
    with pytest.raises(ValueError, match="not an instance method"):
        worker().written(film(1).replace(callback=lambda response: None))
    with pytest.raises(ValueError, match="only a plain Request"):
        worker().written(film(1).replace(callback=None))


KEYS = st.text().filter(lambda key: key != serializer.BYTES)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-serializer.MOST, serializer.MOST)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner),
)


@given(st.dictionaries(KEYS, JSON | st.binary()))
def test_json_comes_back_as_it_was(value: dict[str, object]) -> None:
    assert serializer.loads(serializer.dumps(value)) == value
