"""What types do not know of Scrapy's engine and Twisted's reactor: private attributes, and the end of the process."""

import asyncio
from collections.abc import Awaitable, Callable, Sized
from typing import Any

from scrapy.crawler import Crawler
from twisted.internet.defer import Deferred


def is_backed_out(crawler: Crawler) -> bool:
    """Whether so many answers wait to be processed that Scrapy sends nothing for now."""
    slot = crawler.engine.scraper.slot
    return slot is not None and slot.needs_backout()


def is_closing(crawler: Crawler) -> bool:
    """Whether the engine closes the spider and waits for no request any more."""
    slot = crawler.engine._slot
    return slot is not None and slot.closing is not None and bool(slot.closing.called)


def queued(crawler: Crawler) -> int:
    """Requests that wait in the scheduler; of a shared queue, all workers' as far as this one knows."""
    slot = crawler.engine._slot
    return len(slot.scheduler) if slot is not None and isinstance(slot.scheduler, Sized) else 0


def in_flight(crawler: Crawler) -> int:
    """Requests in the downloader: they travel, or wait there for their turn."""
    return len(crawler.engine.downloader.active)


def before_shutdown(act: Callable[[], Awaitable[object]]) -> None:
    """Have the reactor wait for ``act()`` before it stops, also after a second signal."""
    from twisted.internet import reactor

    untyped: Any = reactor  # an interface of zope
    untyped.addSystemEventTrigger("before", "shutdown", lambda: Deferred.fromFuture(asyncio.ensure_future(act())))
