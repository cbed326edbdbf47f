"""The queue as one worker or several see it, on a real redis-server."""

from collections.abc import Callable
from typing import Any

import pytest
from redis import Redis
from scrapy import Request, Spider
from scrapy.http import Response

from moviecrawler.distributed import serializer
from moviecrawler.distributed.queue import LeasedQueue

BASE = "moviecrawler:{films:0123456789}"
SITE, CDN = "http://site", "http://cdn"


class Films(Spider):
    name = "films"

    def parse_film(self, response: Response, id: int, **more: Any) -> None:
        raise NotImplementedError

    def failed(self, failure: Any) -> None:
        raise NotImplementedError

    def title_request(self, kind: str, id: int, *, listed: bool, fetch_reason: str) -> Request:
        return film(id, self, kind=kind, fetch_reason=fetch_reason)


SPIDER = Films()


def film(id: int, spider: Spider = SPIDER, *, priority: int = 0, slot: str = SITE, **kwargs: Any) -> Request:
    return Request(
        f"{slot}/movie/{id}",
        spider.parse_film,  # type: ignore[attr-defined]
        errback=spider.failed,  # type: ignore[attr-defined]
        priority=priority,
        meta={"download_slot": slot},
        cb_kwargs={"id": id, **kwargs},
    )


def ids(requests: list[Request]) -> list[int]:
    return [request.cb_kwargs["id"] for request in requests]


def push(queue: LeasedQueue, *numbers: int, dedup: bool = False, delay: float = 0, priority: int = 0) -> int:
    return queue.push_many(
        [queue.prepare(film(id, priority=priority), f"film/{id}" if dedup else "", delay) for id in numbers]
    )


def pop(queue: LeasedQueue, limit: int = 100, slot: str = SITE) -> list[int]:
    return ids(queue.pop_many([(slot, limit)], limit))


NewWorker = Callable[..., LeasedQueue]


@pytest.fixture
def worker(raw_redis: "Redis") -> NewWorker:
    """Makes the queue of a worker, which has joined the crawl unless ``joins`` is False."""

    def make(
        name: str = "one", *, lease: float = 60, deliveries: int = 5, joins: bool = True, base: str = BASE
    ) -> LeasedQueue:
        queue = LeasedQueue(raw_redis, SPIDER, base, serializer, worker=name, lease=lease, deliveries=deliveries)
        if joins:
            queue.join("{}")
        return queue

    return make
