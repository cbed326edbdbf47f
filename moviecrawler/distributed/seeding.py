"""One worker of a crawl, the seeder, runs ``start()``; when it is lost, another one runs it again."""

from collections.abc import AsyncIterator
from typing import Any, Self


class SeedingMiddleware:
    """Spider middleware. The other workers wait here, with work from the queue, until the seeder has finished.

    What ``start()`` yields again after a take-over is stored already, or its dedup key has been seen.
    """

    def __init__(self, crawler: Any) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Any) -> Self:
        return cls(crawler)

    async def process_start(self, start: AsyncIterator[Any]) -> AsyncIterator[Any]:
        scheduler = self._crawler.engine.scheduler
        if not await scheduler.become_seeder():
            return
        try:
            async for output in start:
                yield output
        except Exception:
            scheduler.mark_start_ended()  # another worker would fail as well
            raise
        scheduler.mark_start_ended()
