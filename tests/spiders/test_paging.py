"""Which page is asked for next, without a network: windows, the cap of 500 pages, ``max_pages``, broken pages."""

import json
from collections import deque
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from scrapy import Request
from scrapy.exceptions import IgnoreRequest
from scrapy.http import JsonResponse
from twisted.python.failure import Failure

from moviecrawler.base_spiders.tmdb import TmdbSpider
from moviecrawler.exceptions import AnswerError, ParseError
from moviecrawler.items import ChartPage, Reject
from moviecrawler.policy.documents.content_filter import ContentFilter
from moviecrawler.policy.documents.localization import Languages
from moviecrawler.policy.network.hosts import Hosts
from moviecrawler.spiders.tmdb_discover import TmdbDiscover
from moviecrawler.spiders.tmdb_trending import TmdbTrending
from tests.support.crawler import Lifecycle, stand_in

HOSTS = Hosts.build({"TMDB_BASE_URL": ("tmdb", "api", "https://api.example/3")})


async def started(spider_class: type[TmdbSpider], **arguments: str) -> tuple[Any, list[Request]]:
    """A spider and its first requests."""
    spider: Any = spider_class(**arguments)
    policies = SimpleNamespace(hosts=HOSTS, languages=Languages.parse("en-US"), content=ContentFilter())
    spider.crawler = stand_in(policies=policies, lifecycle=Lifecycle())
    return spider, [request async for request in spider.start()]


def page_of(request: Request) -> int:
    return int(parse_qs(urlsplit(request.url).query)["page"][0])


def window_of(request: Request) -> tuple[str, str]:
    query = parse_qs(urlsplit(request.url).query)
    return query["primary_release_date.gte"][0], query["primary_release_date.lte"][0]


def answer(request: Request, results: list[dict[str, Any]], pages: int = 1) -> JsonResponse:
    payload = {"page": page_of(request), "results": results, "total_pages": pages, "total_results": pages * 20}
    return JsonResponse(request.url, body=json.dumps(payload).encode(), request=request)


def outputs(spider: Any, response: JsonResponse) -> list[Any]:
    assert response.request is not None
    return list(spider.parse_page(response, **response.request.cb_kwargs))


def listings(produced: list[Any]) -> list[Request]:
    return [one for one in produced if isinstance(one, Request) and "page=" in one.url]


def titles(produced: list[Any]) -> list[int]:
    return [one.cb_kwargs["id"] for one in produced if isinstance(one, Request) and "id" in one.cb_kwargs]


def rows(ids: range | list[int]) -> list[dict[str, Any]]:
    return [{"id": id, "title": str(id), "popularity": 1000 - id, "vote_count": 900} for id in ids]


def all_pages(spider: Any, first: list[Request], pages_of: Any) -> Iterator[Request]:
    """Ask for everything that the spider wants; ``pages_of(window)`` is what the site says of a window."""
    queue, ids = deque(first), iter(range(1, 10**9))
    while queue:
        request = queue.popleft()
        yield request
        response = answer(request, rows([next(ids)]), pages_of(window_of(request)))
        queue.extend(listings(outputs(spider, response)))


async def test_max_pages_counts_over_all_windows() -> None:
    spider, first = await started(TmdbDiscover, start_year="2024", max_pages="700")
    pages = {("2024-01-01", "2024-12-31"): 600}
    asked = list(all_pages(spider, first, lambda window: pages.get(window, 400)))
    assert len(asked) == 700
    assert len({request.url for request in asked}) == 700
    assert len({window_of(request) for request in asked}) == 3


async def test_with_max_pages_below_500_the_range_is_not_split() -> None:
    spider, first = await started(TmdbDiscover, start_year="2024", max_pages="30")
    asked = list(all_pages(spider, first, lambda window: 40_000))
    assert [page_of(request) for request in asked] == list(range(1, 31))
    assert {window_of(request) for request in asked} == {("2024-01-01", "2024-12-31")}


async def test_a_window_is_split_until_it_fits_but_never_a_single_day() -> None:
    spider, first = await started(TmdbDiscover, start_year="2024")

    def pages_of(window: tuple[str, str]) -> int:
        days = (int(window[1][-5:-3]) - int(window[0][-5:-3])) * 30 + int(window[1][-2:]) - int(window[0][-2:]) + 1
        return 800 if window[0] == window[1] == "2024-03-01" else min(3 * days, 499) if days < 100 else 40_000

    asked = list(all_pages(spider, first, pages_of))
    days = [request for request in asked if window_of(request) == ("2024-03-01", "2024-03-01")]
    assert max(page_of(request) for request in asked) <= 500
    assert len(days) in (0, 500)
    assert spider.crawler.stats.get_value("titles/expected") == 800_000


async def test_an_empty_page_does_not_end_the_listing_but_makes_it_incomplete() -> None:
    spider, (request,) = await started(TmdbDiscover, start_year="2024")
    asked = []
    while True:
        asked.append(page_of(request))
        films = [] if asked[-1] == 3 else rows(range(20 * asked[-1], 20 * asked[-1] + 20))
        following = listings(outputs(spider, answer(request, films, pages=4)))
        if not following:
            break
        (request,) = following
    assert asked == [1, 2, 3, 3, 4]
    empty, fewer = spider.runtime.lifecycle.lines
    assert "page=3" in empty
    assert "is empty, though TMDB counts more" in empty
    assert fewer == "TMDB counts 80 films from 2024-01-01 to 2024-12-31 and has shown 60; run again for the others"


@pytest.mark.parametrize("spider_class", [TmdbTrending, TmdbDiscover])
async def test_an_empty_page_that_is_full_on_retry_is_not_missing(spider_class: type[TmdbSpider]) -> None:
    arguments = {"pages": "2"} if spider_class is TmdbTrending else {"start_year": "2024"}
    spider, (request,) = await started(spider_class, **arguments)
    (again,) = listings(outputs(spider, answer(request, [], pages=2)))
    assert (again.url, again.dont_filter, again.meta["dont_cache"]) == (request.url, True, True)
    (second,) = listings(outputs(spider, answer(again, rows(range(1, 21)), pages=2)))
    assert page_of(second) == 2
    assert "refetched" not in second.meta
    outputs(spider, answer(second, rows(range(21, 41)), pages=2))
    assert spider.runtime.lifecycle.lines == []


async def test_an_empty_trending_page_is_skipped_after_one_retry() -> None:
    spider, (request,) = await started(TmdbTrending, pages="3")
    (again,) = listings(outputs(spider, answer(request, [], pages=500)))
    (second,) = listings(outputs(spider, answer(again, [], pages=500)))
    assert page_of(second) == 2
    assert len(spider.runtime.lifecycle.lines) == 1


async def test_three_empty_pages_in_a_row_end_a_window() -> None:
    spider, (request,) = await started(TmdbDiscover, start_year="2024")
    asked = [request]
    while following := listings(outputs(spider, answer(asked[-1], [], pages=9))):
        asked += following
    assert [page_of(request) for request in asked] == [1, 1, 2, 2, 3, 3]
    assert len(spider.runtime.lifecycle.lines) == 3


async def test_a_count_that_shrinks_during_a_window_makes_it_incomplete() -> None:
    spider, (first,) = await started(TmdbDiscover, start_year="2024")
    (second,) = listings(outputs(spider, answer(first, rows(range(1, 21)), 4)))
    nothing = json.dumps({"page": 2, "results": [], "total_pages": 1, "total_results": 0}).encode()
    assert outputs(spider, JsonResponse(second.url, body=nothing, request=second)) == []
    (line,) = spider.runtime.lifecycle.lines
    assert "TMDB counts 80 films" in line
    assert "has shown 20" in line


async def test_an_empty_listing_is_complete() -> None:
    spider, (request,) = await started(TmdbDiscover, start_year="2024")
    nothing = {"page": 1, "results": [], "total_pages": 1, "total_results": 0}
    response = JsonResponse(request.url, body=json.dumps(nothing).encode(), request=request)
    assert listings(outputs(spider, response)) == []
    assert spider.runtime.lifecycle.lines == []


async def test_a_window_with_nearly_all_films_is_complete() -> None:
    spider, (request,) = await started(TmdbDiscover, start_year="2024")
    (second,) = listings(outputs(spider, answer(request, rows(range(1, 21)), pages=2)))
    outputs(spider, answer(second, rows(range(21, 40)), pages=2))
    assert spider.runtime.lifecycle.lines == [], "one film has gone while the pages were read"


async def test_a_limit_counts_titles_and_a_repeated_title_counts_once() -> None:
    spider, first = await started(TmdbTrending, limit="30")
    (second,) = listings(one := outputs(spider, answer(first[0], rows(range(1, 21)))))
    assert titles(one) == list(range(1, 21))
    two = outputs(spider, answer(second, rows([20, *range(21, 40)])))
    assert titles(two) == list(range(21, 31))
    assert listings(two) == []
    (chart,) = [page for page in two if isinstance(page, ChartPage)]
    assert [row.rank for row in chart.rows] == list(range(22, 41)), "the whole page but the film of rank 20"


async def test_a_site_that_repeats_its_pages_is_not_requested_endlessly() -> None:
    spider, first = await started(TmdbTrending, limit="100")
    (second,) = listings(outputs(spider, answer(first[0], rows(range(1, 21)))))
    assert listings(outputs(spider, answer(second, rows(range(1, 21))))) == []


async def test_a_page_of_people_is_not_the_end() -> None:
    spider, first = await started(TmdbTrending, media="all", pages="3")
    people = [{"id": id, "media_type": "person", "name": "Someone"} for id in range(20)]
    films = [{**row, "media_type": "movie"} for row in rows([1])]
    assert [page_of(request) for request in listings(outputs(spider, answer(first[0], people + films)))] == [2]


@pytest.mark.parametrize("spider_class", [TmdbTrending, TmdbDiscover])
async def test_a_broken_page_does_not_end_the_listing_but_three_in_a_row_do(
    spider_class: type[TmdbSpider],
) -> None:
    arguments = {"pages": "9"} if spider_class is TmdbTrending else {"start_year": "2024"}
    spider, (request,) = await started(spider_class, **arguments)
    (request,) = listings(outputs(spider, answer(request, rows(range(1, 21)), pages=9)))
    for page in (2, 3):
        assert page_of(request) == page
        produced: list[Any] = []
        unreadable = JsonResponse(request.url, body=b"{}", request=request)
        with pytest.raises(ParseError):
            produced.extend(spider.parse_page(unreadable, **request.cb_kwargs))
        (request,) = listings(produced)
    (healed,) = listings(outputs(spider, answer(request, rows(range(41, 61)), pages=9)))
    assert (page_of(healed), healed.cb_kwargs["unusable"]) == (5, 0)
    assert list(failed(spider, request, AnswerError("garbage", "garbage/html", status=200)))[1:] == []


def failed(spider: Any, request: Request, error: Exception) -> Iterator[Any]:
    failure = Failure(error)
    failure.request = request  # type: ignore[attr-defined]
    assert request.errback is not None
    return request.errback(failure)  # type: ignore[return-value]


async def test_a_failed_page_is_a_reject_and_the_next_one_is_requested() -> None:
    spider, (request,) = await started(TmdbTrending, pages="9")
    request.meta["retry_times"] = 4
    reject, following = failed(spider, request, AnswerError("failed", "failed/timeout"))
    assert isinstance(reject, Reject)
    assert (reject.reason, reject.detail, reject.tries) == ("failed", "timeout", 5)
    assert page_of(following) == 2
    assert list(failed(spider, request, IgnoreRequest("the run ends"))) == [], "let go, not rejected"
