"""Due titles, read from the store page by page and no faster than they are answered: memory use stays constant."""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import TypeVar

from scrapy import Request

from moviecrawler import timestamps
from moviecrawler.exceptions import StoreError
from moviecrawler.request_meta import meta_of
from moviecrawler.stores.base import DueTitle

Output = TypeVar("Output")

DueQuery = Callable[[str, str, int, DueTitle | None], Awaitable[list[DueTitle]]]
"""``Documents.due`` of one source: kind, now, most, and the last title of the page before. A StoreError stops the run
before it is raised.
"""

PAGE_SIZE = 200
"""Titles per query of the store."""

MAX_IN_FLIGHT = 200
"""Requests of ``start()`` without an answer, at most."""

END_OF_TIME = "9999-12-31T23:59:59.999Z"
"""A timestamp by which every title is due that can be requested from its source."""

BATCH_SIZE = 20
"""Titles per batch while others are still being found."""

POLL_SECONDS = 1.0
"""Seconds between two queries for titles that have become due meanwhile."""


class Backpressure:
    """Pauses ``start()`` while ``most`` of its requests have no answer yet.

    Scrapy reads ``start()`` as fast as it yields, however much the scheduler holds already. So a spider passes the
    requests of its ``start()`` through :meth:`limit`, and ``MovieSpider`` calls :meth:`release` for each answered one.
    Requests that follow from an answer (pictures, a second guess) are not counted.

    >>> async def start(self):
    ...     titles = self.due("tmdb", limit=self.limit)
    ...     requests = (self.title_request(due.kind, due.id) async for due in titles)
    ...     async for request in self.backpressure.limit(requests):
    ...         yield request
    """

    def __init__(self, most: int = MAX_IN_FLIGHT) -> None:
        self._most = most
        self._in_flight = 0
        self._released = asyncio.Event()
        self._shared_queue: Callable[[], Awaitable[None]] | None = None

    def wait_for(self, shared_queue: Callable[[], Awaitable[None]]) -> None:
        """From now on requests for a queue shared with other processes await ``shared_queue()`` instead.

        Other processes answer them, so they cannot be counted here.
        """
        self._shared_queue = shared_queue

    async def limit(self, outputs: AsyncIterable[Output]) -> AsyncIterator[Output]:
        """The same outputs, each request as soon as it is allowed; items pass at once."""
        async for output in outputs:
            if isinstance(output, Request) and self._shared_queue is not None and not meta_of(output).get("local"):
                await self._shared_queue()
            elif isinstance(output, Request):
                while self._in_flight >= self._most:
                    self._released.clear()
                    await self._released.wait()
                self._in_flight += 1
                meta_of(output)["paced"] = True
            yield output

    def release(self, request: Request) -> None:
        """Count the request as answered, or as failed for good. Ignored for a second call and for other requests."""
        if meta_of(request).pop("paced", False):
            self._in_flight -= 1
            self._released.set()


async def due_titles(
    query: DueQuery, kinds: Sequence[str], limit: int | None = None, *, by: str = ""
) -> AsyncIterator[DueTitle]:
    """Titles of these kinds that are due ``by`` that timestamp (now), in the order of their source over all kinds.

    What becomes due during the iteration waits for the next run. A StoreError has stopped the run, and the iteration
    just ends.
    """
    now = by or timestamps.iso(datetime.now(UTC))
    pages = [_pages(query, kind, now) for kind in kinds]
    heads = [await anext(page, None) for page in pages]
    yielded = 0
    while waiting := [head for head in heads if head is not None]:
        first = min(waiting, key=_order)
        yield first
        yielded += 1
        if yielded == limit:
            return
        index = heads.index(first)
        heads[index] = await anext(pages[index], None)


async def due_as_found(
    query: Callable[[], AsyncIterable[DueTitle]], may_come: Callable[[], bool]
) -> AsyncIterator[list[DueTitle]]:
    """The titles of ``query()``, repeated for new ones as long as more ``may_come()``; each title once."""
    found: set[tuple[str, int]] = set()
    again = True
    while again:
        again = may_come()
        async for titles in in_batches(query(), BATCH_SIZE):
            if new := [title for title in titles if (title.kind, title.id) not in found]:
                found.update((title.kind, title.id) for title in new)
                yield new
        if again:
            await asyncio.sleep(POLL_SECONDS)


async def in_batches(titles: AsyncIterable[DueTitle], most: int) -> AsyncIterator[list[DueTitle]]:
    """The same titles in batches of up to ``most``, so that their documents can be read at once."""
    batch: list[DueTitle] = []
    async for title in titles:
        batch.append(title)
        if len(batch) == most:
            yield batch
            batch = []
    if batch:
        yield batch


async def _pages(query: DueQuery, kind: str, now: str) -> AsyncIterator[DueTitle]:
    after: DueTitle | None = None
    while True:
        try:
            page = await query(kind, now, PAGE_SIZE, after)
        except StoreError:
            return
        for title in page:
            yield title
        if len(page) < PAGE_SIZE:
            return
        after = page[-1]


def _order(title: DueTitle) -> tuple[bool, float]:
    """Sort key of ``Documents.due``: titles never requested first, then the highest rank."""
    return not title.never, -title.rank
