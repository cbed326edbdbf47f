"""Several workers on one queue, and what has to be the same as with one."""

import signal
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from redis import Redis

from tests.support.crawl import Document, Ended, Home, timeless
from tests.support.preloaded import Process
from tests.support.redis_server import RedisServer
from tests.support.sandbox import Sandbox
from tests.support.waiting import until

KINDS = ("movies", "shows")


class Workers:
    """Crawls of the same home, which go to the same queue.

    The sandbox answers when all have joined: on a busy machine the first would be done before the last has started.
    """

    def __init__(
        self, sandbox: Sandbox, home: Home, spider: str, *arguments: str, number: int = 2, **settings: str
    ) -> None:
        with sandbox.suspended():
            self.running = [
                home.start_crawl(spider, *arguments, options=(), limit=None, **settings) for _ in range(number)
            ]
            if number > 1:
                until(lambda: _number_at(home.settings["REDIS_URL"]) >= number or self._has_one_ended())

    def _has_one_ended(self) -> bool:
        return any(process.poll() is not None for process in self.running)

    def wait(self, seconds: float = 60) -> list[Ended]:
        """How they ended; each with status 0, but for those that were killed."""
        ended = [Home.wait(process, seconds) for process in self.running]
        for one in ended:
            assert one.status in (0, -9), one.stderr[-4000:]
            assert "Traceback" not in one.stderr, one.stderr[-4000:]
        return ended


def crawl(sandbox: Sandbox, home: Home, spider: str, *arguments: str, **settings: str) -> list[Ended]:
    return Workers(sandbox, home, spider, *arguments, number=2, **settings).wait()


def documents(home: Home) -> dict[tuple[str, int], Document]:
    """All of them, without moments."""
    return {(kind, id): timeless(document) for kind in KINDS for id, document in home.documents(kind).items()}


def asked(sandbox: Sandbox) -> Counter[tuple[str, str, str]]:
    """Requests by server, path and query."""
    return Counter((entry["server"], entry["path"], entry["query"]) for entry in sandbox.log())


def popped(home: Home, spider: str) -> list[int]:
    """How many requests each run of a spider has taken from the queue."""
    runs = home.records("runs").values()
    return [run["stats"].get("queue/popped", 0) for run in runs if run["spider"] == spider]


def everything(server: RedisServer) -> Iterator[bytes]:
    """All keys, members, fields and values."""
    redis = Redis.from_url(server.uri)
    reads: dict[bytes, Any] = {
        b"string": redis.get,
        b"hash": redis.hgetall,
        b"set": redis.smembers,
        b"zset": lambda key: redis.zrange(key, 0, -1),
        b"list": lambda key: redis.lrange(key, 0, -1),
    }
    for key in redis.scan_iter():
        yield key
        if (kind := redis.type(key)) in reads:  # a key may go while we look
            yield repr(reads[kind](key)).encode()
    redis.close()


def keys(server: RedisServer) -> list[str]:
    """What a crawl has left behind; that one has ended is known for a day."""
    with Redis.from_url(server.uri) as redis:
        found: Sequence[bytes] = sorted(redis.scan_iter("moviecrawler:{*"))
        return [key.decode() for key in found if not key.endswith(b":ended")]


def number_of_workers(server: RedisServer) -> int:
    """How many have joined the one crawl that is under way."""
    return _number_at(server.uri)


def _number_at(url: str) -> int:
    with Redis.from_url(url) as redis:
        return sum(redis.zcard(key) for key in redis.scan_iter("*:workers"))


def stop_and_kill(process: Process, server: RedisServer) -> int:
    """``kill -9``; how many requests it had in work at that moment, as Redis knows it."""
    process.send_signal(signal.SIGSTOP)
    with Redis.from_url(server.uri) as redis:
        leases = [lease for key in redis.scan_iter("*:leased") for lease in redis.hvals(key)]
    process.kill()
    process.wait()
    return sum(lease.split(b"/")[1] == str(process.pid).encode() for lease in leases)
