"""Scrapy's scheduler, plus delays: a retry waits outside the downloader."""

import asyncio
from typing import Any

from scrapy import Request
from scrapy.core.scheduler import Scheduler as ScrapyScheduler
from twisted.internet.defer import Deferred


class Scheduler(ScrapyScheduler):
    """A request with ``meta["delay"]`` (seconds) is queued after that time.

    Delayed requests count as pending, so the spider stays open. They take no place in the downloader, so a slow host
    does not hold up the others.
    """

    _delayed: dict[Request, asyncio.TimerHandle]

    def open(self, spider: Any) -> Deferred[None] | None:
        self._delayed = {}
        return super().open(spider)

    def enqueue_request(self, request: Request) -> bool:
        delay = request.meta.pop("delay", 0)
        if delay <= 0:
            return super().enqueue_request(request)
        self._delayed[request] = asyncio.get_running_loop().call_later(delay, self._enqueue_again, request)
        return True

    def _enqueue_again(self, request: Request) -> None:
        del self._delayed[request]
        crawler: Any = self.crawler
        crawler.engine.crawl(request)

    def __len__(self) -> int:
        return len(self._delayed) + super().__len__()

    def has_pending_requests(self) -> bool:
        return len(self) > 0

    def close(self, reason: str) -> Deferred[None] | None:
        for request, timer in self._delayed.items():
            timer.cancel()
            if self.dqs is not None:
                super().enqueue_request(request)  # with a JOBDIR the next run continues with it
        self._delayed.clear()
        return super().close(reason)
