"""What is due, a page of titles at a time and no faster than it is answered: memory does not grow with what is due."""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import TypeVar

from scrapy import Request
from scrapy.crawler import Crawler

from moviecrawler import timestamps
from moviecrawler.exceptions import StoreError
from moviecrawler.stores.base import DueTitle

Output = TypeVar("Output")

PAGE = 200
"""Titles that one look at the store brings."""

AHEAD = 200
"""Requests of ``start()`` that wait or travel at a time."""

NEVER = "9999-12-31T23:59:59.999Z"
"""A moment by which everything is due that can be asked about."""

TOGETHER = 20
"""Titles that are asked for as one batch while others are still being found."""

LOOK_AGAIN = 1.0
"""Seconds between two looks at what has become due meanwhile."""

_MARK = "paced"


class Backpressure:
    """Holds ``start()`` back while ``most`` of its requests have no answer yet.

    Scrapy reads ``start()`` as fast as it yields, however much the scheduler holds already. A spider hands what it
    asks for through :meth:`of`; ``MovieSpider`` says of each request when it is :meth:`settled`. What an answer leads
    to (pictures, a second guess) is not counted.

    >>> async def start(self):
    ...     titles = self.due("tmdb", limit=self.limit)
    ...     async for request in self.pace.of(self.title_request(due.kind, due.id) async for due in titles):
    ...         yield request
    """

    def __init__(self, most: int = AHEAD) -> None:
        self._most = most
        self._under_way = 0
        self._room = asyncio.Event()
        self._elsewhere: Callable[[], Awaitable[None]] | None = None

    def wait_for(self, room: Callable[[], Awaitable[None]]) -> None:
        """From now on what goes to a queue shared with other processes waits for ``room()``: they answer it."""
        self._elsewhere = room

    async def of(self, outputs: AsyncIterable[Output]) -> AsyncIterator[Output]:
        """The same, each request as soon as there is room for it; items just pass."""
        async for output in outputs:
            if isinstance(output, Request) and self._elsewhere is not None and not output.meta.get("local"):
                await self._elsewhere()
            elif isinstance(output, Request):
                while self._under_way >= self._most:
                    self._room.clear()
                    await self._room.wait()
                self._under_way += 1
                output.meta[_MARK] = True
            yield output

    def settled(self, request: Request) -> None:
        """An answer came, or the last try failed. Told twice, or of a request that is not ours, it counts nothing."""
        if request.meta.pop(_MARK, False):
            self._under_way -= 1
            self._room.set()


async def due_titles(
    crawler: Crawler, source: str, kinds: Sequence[str], limit: int | None = None, *, by: str = ""
) -> AsyncIterator[DueTitle]:
    """Titles of these kinds whose source wants to be asked ``by`` then (now), in the source's order over all kinds.

    What becomes due while it is read waits for the next run. After a StoreError, which has ended the run, it just ends.
    """
    now = by or timestamps.iso(datetime.now(UTC))
    pages = [_pages(crawler, kind, source, now) for kind in kinds]
    heads = [await anext(page, None) for page in pages]
    given = 0
    while waiting := [head for head in heads if head is not None]:
        first = min(waiting, key=_order)
        yield first
        given += 1
        if given == limit:
            return
        place = heads.index(first)
        heads[place] = await anext(pages[place], None)


async def due_as_found(
    look: Callable[[], AsyncIterable[DueTitle]], is_open: Callable[[], bool]
) -> AsyncIterator[list[DueTitle]]:
    """What ``look()`` brings, and what it brings anew until ``is_open()`` was False; each title once."""
    asked: set[tuple[str, int]] = set()
    more = True
    while more:
        more = is_open()
        async for titles in in_batches(look(), TOGETHER):
            if new := [title for title in titles if (title.kind, title.id) not in asked]:
                asked.update((title.kind, title.id) for title in new)
                yield new
        if more:
            await asyncio.sleep(LOOK_AGAIN)


async def in_batches(titles: AsyncIterable[DueTitle], most: int) -> AsyncIterator[list[DueTitle]]:
    """The same titles, up to ``most`` at a time, so that what is stored of them is one read."""
    batch: list[DueTitle] = []
    async for title in titles:
        batch.append(title)
        if len(batch) == most:
            yield batch
            batch = []
    if batch:
        yield batch


async def _pages(crawler: Crawler, kind: str, source: str, now: str) -> AsyncIterator[DueTitle]:
    after: DueTitle | None = None
    while True:
        ask = partial(crawler.store.documents.due, kind, source, now, PAGE, after)
        try:
            page = await crawler.run.retry_store(ask)
        except StoreError:
            return
        for title in page:
            yield title
        if len(page) < PAGE:
            return
        after = page[-1]


def _order(title: DueTitle) -> tuple[bool, float]:
    """That of ``Documents.due``: what was never asked first, then the highest rank."""
    return not title.never, -title.rank
