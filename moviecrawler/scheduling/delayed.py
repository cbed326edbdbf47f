"""Scrapy's scheduler, plus requests that come back later."""

import asyncio
from typing import Any

from scrapy import Request
from scrapy.core.scheduler import Scheduler as ScrapyScheduler
from twisted.internet.defer import Deferred


class Scheduler(ScrapyScheduler):
    """A request with ``meta["delay"]`` (seconds) is held that long before it is queued.

    Held requests count as pending, so the spider stays open for them; they hold no place in the downloader, so a
    host that makes us wait starves no other.
    """

    _held: dict[Request, asyncio.TimerHandle]

    def open(self, spider: Any) -> Deferred[None] | None:
        self._held = {}
        return super().open(spider)

    def enqueue_request(self, request: Request) -> bool:
        delay = request.meta.pop("delay", 0)
        if delay <= 0:
            return super().enqueue_request(request)
        self._held[request] = asyncio.get_running_loop().call_later(delay, self._release, request)
        return True

    def _release(self, request: Request) -> None:
        del self._held[request]
        self.crawler.engine.crawl(request)

    def has_pending_requests(self) -> bool:
        return bool(self._held) or super().has_pending_requests()

    def close(self, reason: str) -> Deferred[None] | None:
        for request, timer in self._held.items():
            timer.cancel()
            if self.dqs is not None:
                super().enqueue_request(request)  # with a JOBDIR the next run takes it up
        self._held.clear()
        return super().close(reason)
