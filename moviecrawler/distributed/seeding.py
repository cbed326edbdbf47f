"""One worker of a crawl runs ``start()``; when it is lost, another one runs it anew."""

from collections.abc import AsyncIterator
from typing import Any, Self

from scrapy.crawler import Crawler


class Seeding:
    """Spider middleware. All other workers wait here, with work from the queue, until everything is asked for.

    What ``start()`` finds again after a take-over is stored already, or known to the seen-set.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def process_start(self, start: AsyncIterator[Any]) -> AsyncIterator[Any]:
        scheduler = self._crawler.engine.scheduler
        if not await scheduler.take_seat():
            return
        try:
            async for output in start:
                yield output
        except Exception:
            scheduler.start_has_ended()  # another worker would fail as well
            raise
        scheduler.start_has_ended()
