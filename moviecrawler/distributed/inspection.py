"""The crawls in a Redis, seen from outside: for ``scrapy queue``."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Self

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError, ResponseError
from redis.retry import Retry

from moviecrawler import timestamps
from moviecrawler.distributed import serializer
from moviecrawler.distributed.crawl_key import KEY_PREFIX
from moviecrawler.distributed.lua_scripts import ENDED, queue_script
from moviecrawler.distributed.queue import read_counts
from moviecrawler.distributed.queue_entry import TITLE
from moviecrawler.distributed.redis_client import SOCKET_TIMEOUT
from moviecrawler.exceptions import StoreError
from moviecrawler.policy.network.redis_errors import explain_error
from moviecrawler.policy.network.worker_group import WorkerGroup

_BASE = re.compile(rf"({KEY_PREFIX}\{{(.+):[0-9a-f]+\}}):(?:current|dead|inbox)")
_HANDED_IN_PRIORITY = 20
"""Of titles that people hand in: before everything else."""

_EXCERPT = 200  # characters of a dead letter


class Crawls:
    """Our crawls in the Redis of ``REDIS_URL``; a context manager. It blocks: the command has no event loop.

    Any error of the server becomes a StoreError of one line.
    """

    def __init__(self, group: WorkerGroup) -> None:
        self._describe = group.describe
        self._redis: Any = Redis.from_url(
            group.url,
            socket_timeout=SOCKET_TIMEOUT,
            socket_connect_timeout=SOCKET_TIMEOUT,
            retry=Retry(NoBackoff(), 0),
        )

    def find(self, spider: str | None = None) -> list[str]:
        """Base keys of the crawls that are under way or have left something, of one spider or of all."""
        names = {key.decode("utf-8", "replace") for key in self._redis.scan_iter(f"{KEY_PREFIX}{{*", 500)}
        found = [match for name in names if (match := _BASE.fullmatch(name))]
        return sorted({match[1] for match in found if spider in (None, match[2])})

    def is_under_way(self, base: str) -> bool:
        return bool(self._redis.exists(f"{base}:current"))

    def describe(self, base: str) -> dict[str, Any]:
        """Counts, workers and dead letters of a crawl; zero when only dead letters or titles handed in are left."""
        letters: Any = self._redis.hgetall(f"{base}:dead")
        found: dict[str, Any] = {
            "crawl": base,
            "spider": base.partition("{")[2].rpartition(":")[0],
            "arguments": {},
            "since": None,
            "pending": {},
            "leased": 0,
            "delayed": 0,
            "handed_in": self._redis.llen(f"{base}:inbox"),
            "seen": 0,
            "workers": [],
            "seeder": "",
            "dead": sorted((_letter(id, letter) for id, letter in letters.items()), key=lambda one: one["at"]),
        }
        generation = (self._redis.get(f"{base}:current") or b"").decode()
        if not generation:
            return found
        try:
            counts = read_counts(self._run("count", base, generation))
        except ResponseError as error:
            if not str(error).startswith(ENDED):
                raise
            return found  # it has just ended
        facts = json.loads(self._redis.get(f"{base}:{generation}:facts") or "{}")
        workers = [worker.decode() for worker in self._redis.zrange(f"{base}:{generation}:workers", 0, -1)]
        return found | {
            "arguments": facts.get("arguments", {}),
            "since": timestamps.iso(datetime.fromtimestamp(int(generation) / 1e6, UTC)),
            "pending": {slot: number for slot, number in sorted(counts.slots.items()) if number},
            "leased": counts.leased,
            "delayed": counts.delayed,
            "seen": counts.seen,
            "workers": workers,
            "seeder": counts.seeder,
        }

    def retry_dead(self, base: str) -> tuple[int, list[str]]:
        """Hand dead letters in, for a worker that is there or for the next one.

        Returns how many, and the ids of those that stay because they are no requests of this version.
        """
        handed_in, *left = self._run("retry_dead", base)
        return handed_in, [id.decode("utf-8", "replace") for id in left]

    def clear(self, base: str) -> None:
        """Delete a crawl; its workers end."""
        self._run("clear", base)

    def push(self, base: str, slot: str, titles: Sequence[tuple[str, int]]) -> None:
        """Hand titles in."""
        self._redis.rpush(
            f"{base}:inbox",
            *(f"{-_HANDED_IN_PRIORITY} {slot} {serializer.dumps({TITLE: list(title)})}" for title in titles),
        )

    def _run(self, script: str, base: str, generation: str = "") -> Any:
        return self._redis.register_script(queue_script(script))(keys=[base], args=[generation])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        self._redis.close()
        if isinstance(error, RedisError | OSError | ValueError | TypeError):  # or an answer that makes no sense
            raise StoreError(f"Redis {self._describe}: {'; '.join(filter(None, explain_error(error)[:2]))}") from None


def _letter(id: bytes, letter: bytes) -> dict[str, str]:
    at, reason, entry, *_ = [*letter.decode("utf-8", "replace").split("\n", 2), "", ""]
    return {"id": id.decode("utf-8", "replace"), "at": _timestamp(at), "reason": reason, "request": entry[:_EXCERPT]}


def _timestamp(text: str) -> str:
    try:
        return timestamps.iso(datetime.fromtimestamp(float(text), UTC))
    except (ValueError, OverflowError, OSError):
        return ""


def lines(crawl: Mapping[str, Any]) -> Iterator[str]:
    """A crawl as lines of text for people, from :meth:`Crawls.describe`."""
    arguments = " ".join(f"{name}={value}" for name, value in crawl["arguments"].items())
    yield f"{crawl['spider']}  {arguments}".rstrip()
    yield f"  {crawl['crawl']}, " + (f"since {crawl['since']}" if crawl["since"] else "no worker")
    yield f"  pending  {sum(crawl['pending'].values()):,}"
    for slot, number in crawl["pending"].items():
        yield f"           {number:,} {slot}"
    names = ("leased", "delayed", "handed_in", "seen")
    yield "  " + ", ".join(f"{crawl[name]:,} {name.replace('_', ' ')}" for name in names)
    seeder = {"done": "seeding is done", "": "no seeder yet"}.get(crawl["seeder"], f"seeder {crawl['seeder']}")
    yield f"  workers  {len(crawl['workers'])}: {', '.join(crawl['workers'])}; {seeder}"
    yield f"  dead     {len(crawl['dead'])}"
    for letter in crawl["dead"][:10]:
        yield f"           {letter['at']} {letter['reason']}: {letter['request']}"
