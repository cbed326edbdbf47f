"""Garbage in Redis becomes a dead letter: it is never executed, and stops nothing."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis import Redis

from tests.distributed.conftest import BASE, SITE, NewWorker, pop, push


@pytest.mark.parametrize(
    "garbage",
    [
        b"garbage",
        b"\x80\x05\x95cposix\nsystem\n",
        b"m1 000000000001 0 0 http://site {}",  # of the version before
        b"m3 000000000001 0 0 http://site {}",
        b"m2 xyz 0 0 http://site {}",
        b"",
    ],
)
def test_garbage_in_the_queue_becomes_a_dead_letter(raw_redis: "Redis", worker: NewWorker, garbage: bytes) -> None:
    queue = worker()
    push(queue, 1)
    raw_redis.zadd(f"{BASE}:{queue.generation}:queue:{SITE}", {garbage: -1000})
    raw_redis.zadd(f"{BASE}:{queue.generation}:delayed", {garbage + b"?": 0})
    raw_redis.rpush(f"{BASE}:inbox", garbage)
    queue.promote_delayed()
    queue.drain_inbox()
    assert pop(queue) == [1]
    queue.acknowledge(list(queue.leases.values()))
    assert len(queue) == 0
    assert {letter.split(b"\n", 2)[2] for letter in raw_redis.hvals(f"{BASE}:dead")} == {garbage, garbage + b"?"}


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
            '"meta": {"retry_times": "many"}',
            '"meta": {"retry_times": -1}',
            '"meta": {"retry_times": true}',
            '"meta": {"history": 5}',
            '"meta": {"breaker_mark": [1, 2, 3]}',
            '"meta": {"breaker_mark": null}',
            '"meta": {"target": {"source": "tmdb", "kind": "movies", "id": 0}}',
            '"meta": {"target": {"source": "tmdb"}}',
            '"meta": {"cache_timestamp": NaN}',
            '"meta": {"cache_timestamp": {"$bytes": "aGk="}}',
            '"cb_kwargs": {}',
            '"cb_kwargs": {"id": "1"}',
            '"cb_kwargs": []',
            '"encoding": 5',
            '"encoding": "nowhere"',
            '"url": "file:///etc/passwd"',
            '"url": "data:,hi"',
            '"url": "http://site/\\u0000"',
            f'"url": "http://site/{"a" * 8_000}"',
            '"url": 5',
            '"dont_filter": 1',
            '"encoding": "rot13"',
            '"encoding": "utf-16"',
            f'"priority": 1{"0" * 400}',
            '"meta": {"target": {"source": "tmdb", "kind": "movies", "id": 9223372036854775808}}',
        )
    ),
]


@pytest.mark.parametrize("payload", PAYLOADS, ids=lambda payload: payload[-70:])
def test_a_payload_that_is_no_request_of_ours_is_never_executed(
    raw_redis: "Redis", worker: NewWorker, payload: str
) -> None:
    queue = worker()
    raw_redis.rpush(f"{BASE}:inbox", f"0 {SITE} {payload}")
    queue.drain_inbox()
    assert pop(queue) == []
    assert len(queue) == 0
    (letter,) = raw_redis.hvals(f"{BASE}:dead")
    assert letter.count(b"\n") == 2, "when, why and what"


@given(st.binary(max_size=60))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_garbage_stops_the_queue(raw_redis: "Redis", worker: NewWorker, garbage: bytes) -> None:
    raw_redis.flushall()
    queue = worker()
    raw_redis.rpush(f"{BASE}:inbox", f"0 {SITE} ".encode() + garbage, garbage)
    queue.drain_inbox()
    queue.pop_many([(SITE, 10)], 10)
    assert len(queue) == 0
    assert 1 <= raw_redis.hlen(f"{BASE}:dead") <= 2


@pytest.mark.parametrize("place", ["leased", "inbox"])
def test_numbers_that_redis_cannot_read_are_garbage(raw_redis: "Redis", worker: NewWorker, place: str) -> None:
    queue = worker(lease=0.01)
    if place == "inbox":
        raw_redis.rpush(f"{BASE}:inbox", f"{'9' * 400} {SITE} {{}}")
        queue.drain_inbox()
    else:
        raw_redis.hset(f"{BASE}:{queue.generation}:leased", "aa", "one no entry")
        raw_redis.zadd(f"{BASE}:{queue.generation}:leases", {"aa": 0})
        queue.requeue_expired()
    assert queue.count().dead == 1
    assert len(queue) == 0
