"""The shared errback: what failed its last try is a reject, and of a stored title a miss."""

from types import SimpleNamespace
from typing import Any

import pytest
from scrapy import Request
from scrapy.exceptions import IgnoreRequest
from twisted.python.failure import Failure

from moviecrawler.base_spiders.movie_spider import MovieSpider
from moviecrawler.exceptions import AnswerError
from moviecrawler.items import FailedLookup, Reject
from moviecrawler.spiders.omdb import Omdb
from moviecrawler.spiders.the_numbers_budgets import TheNumbersBudgets
from moviecrawler.spiders.the_numbers_chart import TheNumbersChart
from moviecrawler.spiders.tmdb_trending import TmdbTrending
from tests.support.crawler import Lifecycle, stand_in

ABOUT = {"source": "omdb", "kind": "movies", "id": 603}


def omdb() -> Omdb:
    spider = Omdb()
    spider.crawler = stand_in(lifecycle=Lifecycle())
    return spider


def failure(error: Exception, **meta: Any) -> Failure:
    failed = Failure(error)
    failed.request = Request("https://omdb.example/?i=tt0133093", meta=meta)
    return failed


@pytest.mark.parametrize("kind", ["gone", "failed", "garbage", "refused", "throttled"])
def test_a_request_about_a_stored_title_is_a_failed_lookup_beside_the_reject(kind: str) -> None:
    error = AnswerError(kind, f"{kind}/x", status=503, excerpt="sorry")
    reject, miss = omdb().failed(
        failure(error, target=ABOUT, retry_times=4, history=["failed/500 from https://omdb.example"])
    )
    assert isinstance(reject, Reject)
    assert isinstance(miss, FailedLookup)
    assert (reject.reason, reject.detail, reject.status, reject.tries, reject.excerpt) == (kind, "x", 503, 5, "sorry")
    assert reject.history == ["failed/500 from https://omdb.example"]
    assert miss.model_dump(exclude={"at", "listed"}) == {**ABOUT, "reason": kind}


def test_a_request_without_a_stored_title_is_only_a_reject() -> None:
    (reject,) = omdb().failed(failure(AnswerError("gone", "gone/34")))
    assert isinstance(reject, Reject)


@pytest.mark.parametrize(
    ("spider", "missing"), [(TmdbTrending, True), (TheNumbersBudgets, True), (TheNumbersChart, False)]
)
def test_a_missing_listing_page_makes_the_run_incomplete_unless_it_need_not_exist(
    spider: type[MovieSpider], missing: bool
) -> None:
    one = spider()
    one.crawler = stand_in(lifecycle=(lifecycle := Lifecycle()))
    (reject,) = one.failed(failure(AnswerError("gone", "gone/34"), local=True))
    assert isinstance(reject, Reject)
    assert list(lifecycle.given_up) == ["listing"] * missing


def test_an_unexpected_exception_is_a_failure_with_its_name() -> None:
    reject, _ = omdb().failed(failure(KeyError("x"), target=ABOUT))
    assert (reject.reason, reject.detail) == ("failed", "KeyError")


def test_a_dropped_request_is_no_reject_and_is_released() -> None:
    spider = Omdb()
    settled: list[Request] = []
    spider.backpressure = SimpleNamespace(release=settled.append)
    assert list(spider.failed(failure(IgnoreRequest("quota"), target=ABOUT))) == []
    assert len(settled) == 1
