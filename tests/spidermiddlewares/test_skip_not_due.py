"""One read of the store per page: which titles are requested, which are skipped, and in which order."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from scrapy import Request
from scrapy.http import Response

from moviecrawler.base_spiders.streaming import MAX_IN_FLIGHT, Backpressure
from moviecrawler.config.groups import FilterConfig
from moviecrawler.exceptions import StoreError
from moviecrawler.items import ChartPage, Dropped
from moviecrawler.policy.documents.content_filter import ContentFilter
from moviecrawler.spidermiddlewares.skip_not_due import SkipNotDueMiddleware
from moviecrawler.timestamps import iso
from tests.support.crawler import Lifecycle, Stats

NOW = datetime.now(UTC)
LATER, EARLIER = iso(NOW + timedelta(days=5)), iso(NOW - timedelta(days=5))


def slot(next_refresh_at: str | None, frozen_at: str | None = None, fetched_at: str | None = EARLIER) -> dict[str, Any]:
    tmdb = {"fetched_at": fetched_at, "next_refresh_at": next_refresh_at, "frozen_at": frozen_at, "gone_at": None}
    return {"sources": {"tmdb": tmdb}}


STORED = {
    ("movies", 1): slot(LATER),
    ("movies", 2): slot(EARLIER),
    ("movies", 3): slot(LATER, frozen_at=EARLIER),
    ("movies", 4): slot(None, fetched_at=None),
    ("shows", 1): slot(EARLIER),
}
DROPPED = {
    "movies/11": {"at": EARLIER},
    "movies/12": {"at": iso(NOW - timedelta(days=31))},
    "movies/13": {"at": EARLIER, "reason": "votes", "threshold": 200},
}


class Store:
    """Notes every read."""

    def __init__(self, fault: StoreError | None = None) -> None:
        self.reads: list[Any] = []
        self.documents = self.records = self
        self._fault = fault

    async def get_many(self, keys: Any) -> dict[Any, Any]:
        self.reads.append(sorted(keys))
        if self._fault:
            raise self._fault
        return {key: STORED[key] for key in keys if key in STORED}

    async def get(self, kind: str, ids: Any) -> dict[str, Any]:
        self.reads.append((kind, sorted(ids)))
        return {id: DROPPED[id] for id in ids if id in DROPPED}


def middleware(store: Any, *, force: bool = False, filters: bool = True) -> tuple[SkipNotDueMiddleware, dict[str, int]]:
    """The middleware, and what it counts."""
    spider: Any = SimpleNamespace(
        backpressure=Backpressure(),
        claim=lambda key: True,
        force=force,
        content=ContentFilter(FilterConfig(enabled=filters)),
        artwork_requests=lambda kind, document: iter([Request("https://cdn.example/a.jpg")]),
    )
    lifecycle: Any = Lifecycle()
    stats: Any = Stats()
    return SkipNotDueMiddleware(spider, store, lifecycle, stats), stats


def title(kind: str, id: int, refused: Dropped | None = None, *, listed: bool = True) -> Request:
    meta = {"skip_unless_due": [kind, id], "filter_verdict": refused}
    return Request(f"https://api.example/3/{kind}/{id}", meta=meta, cb_kwargs={"listed": listed})


async def passed(skips: SkipNotDueMiddleware, *outputs: Any) -> list[Any]:
    async def result() -> AsyncIterator[Any]:
        for output in outputs:
            yield output

    response = Response("https://api.example/3/trending")
    return [one async for one in skips.process_spider_output(response, result())]


def urls(outputs: list[Any]) -> list[str]:
    return [one.url.removeprefix("https://") for one in outputs if isinstance(one, Request)]


async def test_new_and_due_titles_are_requested_and_others_skipped() -> None:
    skips, counted = middleware(store := Store())
    keys = [("movies", id) for id in (1, 2, 3, 4, 5, 11, 12, 13)] + [("shows", 1)]
    outputs = await passed(skips, *(title(*key) for key in keys))
    assert urls(outputs) == [
        "cdn.example/a.jpg",  # movies/1 is not due, but lacks its picture
        "api.example/3/movies/2",
        "cdn.example/a.jpg",
        "api.example/3/movies/4",
        "api.example/3/movies/5",
        "api.example/3/movies/12",
        "api.example/3/movies/13",  # 10 votes are enough now
        "api.example/3/shows/1",
    ]
    assert counted == {
        "refresh/skipped/not_due": 1,
        "refresh/skipped/frozen": 1,
        "refresh/skipped/dropped": 1,
    }
    assert store.reads == [sorted(keys), ("dropped", ["movies/11", "movies/12", "movies/13", "movies/5"])]
    # A stored title is refreshed, whatever the filter says; nothing of ours goes on in the request.
    asked = {one.url: one for one in outputs if "api" in one.url}
    assert asked["https://api.example/3/movies/2"].cb_kwargs == {"listed": False}
    assert asked["https://api.example/3/movies/5"].cb_kwargs == {"listed": True}
    assert all(one.meta == {} for one in asked.values())


async def test_the_filter_drops_new_titles_and_never_stored_ones() -> None:
    refused = Dropped(kind="movies", id=5, reason="votes", at=EARLIER)
    outputs = await passed(middleware(Store())[0], title("movies", 5, refused), title("movies", 2, refused))
    assert [type(one) for one in outputs] == [Dropped, Request]


@pytest.mark.parametrize("how", [{"force": True}, {"filters": False}])
async def test_force_ignores_earlier_refusals(how: dict[str, bool]) -> None:
    outputs = await passed(middleware(Store(), **how)[0], title("movies", 11))
    assert urls(outputs) == ["api.example/3/movies/11"]


async def test_force_requests_titles_that_are_not_due() -> None:
    outputs = await passed(middleware(Store(), force=True)[0], title("movies", 1), title("movies", 3))
    assert urls(outputs) == ["api.example/3/movies/1", "api.example/3/movies/3"]


async def test_items_pass_at_once_and_the_next_page_comes_last() -> None:
    page = ChartPage(chart="trending/movie/day", date="2026-11-21", at=EARLIER, rows=[])
    outputs = await passed(
        middleware(store := Store())[0], page, title("movies", 5), Request("https://api.example/3/page2")
    )
    assert outputs[0] is page
    assert urls(outputs) == ["api.example/3/movies/5", "api.example/3/page2"]
    assert len(store.reads) == 2


async def test_a_page_without_titles_does_not_read_the_store() -> None:
    assert urls(await passed(middleware(store := Store())[0], Request("https://api.example/3/page2")))
    assert store.reads == []


async def test_a_failing_store_stops_the_page() -> None:
    """The run ends, and has said why: no traceback, no reject."""
    skips, _ = middleware(Store(StoreError("the disk is full")))
    assert await passed(skips, title("movies", 5), Request("https://api.example/3/page2")) == []


GONE = ("movies", 6)
STORED[GONE] = {"sources": {"tmdb": {**slot(None)["sources"]["tmdb"], "gone_at": EARLIER}}}


async def test_what_a_person_named_was_refused_by_nobody_and_a_tombstone_is_not_asked_for_again() -> None:
    skips, counted = middleware(store := Store())
    outputs = await passed(skips, *(title("movies", id, listed=False) for id in (2, 5, 6, 11)))
    assert [url for url in urls(outputs) if "api" in url] == [f"api.example/3/movies/{id}" for id in (2, 5, 11)]
    assert counted == {"refresh/skipped/gone": 1}
    assert len(store.reads) == 1, "nobody asks whether the filter has refused it"
    assert "api.example/3/movies/6" in urls(await passed(skips, title(*GONE))), "a listing says that it is back"


async def test_of_a_long_list_the_store_is_read_in_batches_and_what_is_skipped_makes_room_for_others() -> None:
    skips, counted = middleware(store := Store())
    pressure: Any = skips._spider.backpressure
    many = 3 * MAX_IN_FLIGHT

    async def start() -> AsyncIterator[Request]:
        yield Request("https://api.example/3/find/tt1")
        for number in range(many):
            yield title("movies", 1 if number % 2 else 100 + number, listed=False)

    outputs = []
    async for output in skips.process_start(pressure.limit(start())):
        outputs.append(output)
        pressure.release(output)
    asked = [url for url in urls(outputs) if "api" in url]
    assert asked[0] == "api.example/3/find/tt1"
    assert len(asked) == 1 + many // 2
    assert sum(counted.values()) == many // 2, "also what the list says twice"
    assert all(len(read) <= 100 for read in store.reads)


async def test_a_store_that_fails_ends_a_list() -> None:
    async def start() -> AsyncIterator[Request]:
        yield title("movies", 1)

    skips, _ = middleware(Store(StoreError("no")))
    assert [one async for one in skips.process_start(start())] == []
