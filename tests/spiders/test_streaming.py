"""What is due is read page by page, in one order over both kinds, and asked no faster than it is answered."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from scrapy import Request

from moviecrawler.base_spiders import streaming
from moviecrawler.base_spiders.streaming import BATCH_SIZE, PAGE_SIZE, Backpressure, due_as_found, due_titles
from moviecrawler.exceptions import StoreError
from moviecrawler.stores.base import DueTitle


class Documents:
    """A store's ``due``, over lists."""

    def __init__(self, **titles: list[DueTitle]) -> None:
        self._titles = titles
        self.asked: list[tuple[str, DueTitle | None]] = []

    async def due(self, kind: str, now: str, limit: int, after: DueTitle | None) -> list[DueTitle]:
        self.asked.append((kind, after))
        titles = self._titles[kind]
        start = 0 if after is None else titles.index(after) + 1
        return titles[start : start + limit]


def title(kind: str, id: int, rank: float, *, never: bool = False) -> DueTitle:
    return DueTitle(kind, id, None, "2026-01-01T00:00:00.000Z", never, rank)


def read(documents: Any, *kinds: str, limit: int | None = None) -> list[DueTitle]:
    async def all_of_them() -> list[DueTitle]:
        return [due async for due in due_titles(documents.due, kinds, limit)]

    return asyncio.run(all_of_them())


def test_films_and_shows_are_merged_in_one_order() -> None:
    documents = Documents(
        movies=[title("movies", 1, 5, never=True), title("movies", 2, 90), title("movies", 3, 10)],
        shows=[title("shows", 7, 70, never=True), title("shows", 8, 50), title("shows", 9, 10)],
    )
    assert [due.id for due in read(documents, "movies", "shows")] == [7, 1, 2, 8, 3, 9]
    assert [due.id for due in read(documents, "movies", "shows", limit=3)] == [7, 1, 2]
    assert read(Documents(movies=[], shows=[]), "movies", "shows") == []


def test_a_limit_reads_no_more_pages_than_it_needs() -> None:
    documents = Documents(movies=[title("movies", id, -id) for id in range(3 * PAGE_SIZE)])
    assert [due.id for due in read(documents, "movies", limit=PAGE_SIZE)] == list(range(PAGE_SIZE))
    assert len(documents.asked) == 1
    assert [due.id for due in read(documents, "movies")] == list(range(3 * PAGE_SIZE))
    assert [after.id if after else None for _, after in documents.asked[1:]] == [None, 199, 399, 599]


def test_a_store_that_fails_ends_the_reading_without_a_traceback() -> None:
    class Broken:
        async def due(self, *arguments: Any) -> list[DueTitle]:
            raise StoreError("the disk is full")

    assert read(Broken(), "movies") == []


def test_requests_wait_until_others_are_released_and_a_second_release_is_ignored() -> None:
    async def asked() -> AsyncIterator[Request]:
        for number in range(5):
            yield Request(f"https://a.org/{number}")

    async def play() -> None:
        pace = Backpressure(2)
        requests = pace.limit(asked())
        first, second = await anext(requests), await anext(requests)
        third = asyncio.ensure_future(anext(requests))
        await asyncio.sleep(0)
        assert not third.done()
        pace.release(Request("https://a.org/not-ours"))
        await asyncio.sleep(0)
        assert not third.done()
        again = first.replace(dont_filter=True)  # what a retry makes of it
        pace.release(again)
        pace.release(again)
        assert (await third).url.endswith("/2")
        fourth = asyncio.ensure_future(anext(requests))
        await asyncio.sleep(0)
        assert not fourth.done()
        pace.release(second)
        assert (await fourth).url.endswith("/3")

    asyncio.run(play())


async def test_requests_for_the_shared_queue_wait_for_it_and_listing_pages_do_not() -> None:
    pace, room = Backpressure(most=2), asyncio.Semaphore(3)

    async def wait() -> None:
        await room.acquire()

    async def requests() -> AsyncIterator[Request]:
        for id in range(9):
            yield Request(f"https://site/{id}")

    pace.wait_for(wait)
    asked: list[str] = []

    async def start() -> None:
        async for request in pace.limit(requests()):
            asked.append(request.url)
            pace.release(request)  # here or elsewhere: it does not count

    reading = asyncio.create_task(start())
    for _ in range(20):
        await asyncio.sleep(0)
    assert len(asked) == 3
    for _ in range(6):
        room.release()
    await reading
    assert len(asked) == 9


async def test_titles_that_become_due_meanwhile_are_found_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "POLL_SECONDS", 0)
    looks = iter([[], range(3), range(BATCH_SIZE + 5), range(BATCH_SIZE + 6)])
    still_open = iter([True, True, True, False])

    async def look() -> AsyncIterator[DueTitle]:
        for id in next(looks):
            yield title("movies", id, -id)

    batches = [[due.id for due in due] async for due in due_as_found(look, lambda: next(still_open))]
    assert batches == [[0, 1, 2], [*range(3, BATCH_SIZE)], [*range(BATCH_SIZE, BATCH_SIZE + 5)], [BATCH_SIZE + 5]]
