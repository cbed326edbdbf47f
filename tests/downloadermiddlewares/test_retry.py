"""What follows an answer that is not ok."""

from types import SimpleNamespace
from typing import Any, cast

import pytest
from scrapy import Request
from scrapy.exceptions import IgnoreRequest

from moviecrawler.downloadermiddlewares.retry import RetryMiddleware
from moviecrawler.exceptions import AnswerError, StoreError
from moviecrawler.policy.network.backoff import Backoff
from moviecrawler.policy.network.block_detector import BlockDetector
from moviecrawler.policy.network.hosts import Hosts
from moviecrawler.policy.network.source_breaker import SourceBreakers
from moviecrawler.runtime import Runtime
from tests.support.crawler import Lifecycle, stand_in

API, CDN = "https://api.example/3/movie/603", "https://cdn.example/t/p/w500/a.jpg"
OMDB, PAGE = "https://omdb.example/?i=tt0133093", "https://numbers.example/movie/budgets/all"
FILE = "https://files.example/p/exports/movie_ids_11_20_2026.json.gz"
HOSTS = Hosts.build(
    {
        "TMDB_BASE_URL": ("tmdb", "api", "https://api.example/3"),
        "TMDB_IMAGE_BASE_URLS": ("tmdb", "cdn", "https://cdn.example/t/p"),
        "TMDB_EXPORT_BASE_URL": ("tmdb", "file", "https://files.example/p/exports"),
        "OMDB_BASE_URL": ("omdb", "api", "https://omdb.example"),
        "THE_NUMBERS_BASE_URL": ("the_numbers", "page", "https://numbers.example"),
    }
)


@pytest.fixture
def crawler() -> Any:
    return stand_in(
        policies=SimpleNamespace(hosts=HOSTS, backoff=Backoff()),
        block_detector=BlockDetector(),
        breakers=SourceBreakers(HOSTS, "here", 600.0),
        lifecycle=Lifecycle(),
    )


def lifecycle(crawler: Any) -> Lifecycle:
    found: Any = Runtime.of(crawler).lifecycle
    return cast(Lifecycle, found)


@pytest.mark.parametrize(
    ("kind", "reason", "retry_after", "least", "most"),
    [
        ("failed", "failed/500", None, 0, 0.5),
        ("failed", "failed/timeout", None, 0, 0.5),
        ("garbage", "garbage/html", None, 0, 0.5),
        ("throttled", "throttled/429", 7.0, 7.0, 7.0),
        ("throttled", "throttled/503", 0.0, 0.0, 0.0),
    ],
)
def test_a_failed_request_is_retried_later(
    crawler: Any, kind: str, reason: str, retry_after: float | None, least: float, most: float
) -> None:
    request = Request(API, meta={"download_slot": "https://api.example"}, priority=10)
    again = RetryMiddleware.from_crawler(crawler).process_exception(
        request, AnswerError(kind, reason, retry_after=retry_after)
    )
    assert again is not None
    assert (again.url, again.priority, again.dont_filter) == (API, 10, True)
    assert again.meta["retry_times"] == 1
    assert least <= again.meta["delay"] <= most
    assert request.meta.get("retry_times") is None
    assert crawler.stats.get_stats() == {"retry/count": 1, f"retry/{reason}": 1}


def test_five_tries_and_no_more(crawler: Any) -> None:
    request: Any = Request(API)
    for _ in range(4):
        request = RetryMiddleware.from_crawler(crawler).process_exception(request, AnswerError("failed", "failed/500"))
    assert request.meta["retry_times"] == 4
    assert RetryMiddleware.from_crawler(crawler).process_exception(request, AnswerError("failed", "failed/500")) is None
    assert crawler.stats.get_value("retry/exhausted") == 1
    assert lifecycle(crawler).stopped == []


@pytest.mark.parametrize("kind", ["gone", "refused"])
def test_final_answers_are_not_retried(crawler: Any, kind: str) -> None:
    assert (
        RetryMiddleware.from_crawler(crawler).process_exception(Request(API), AnswerError(kind, f"{kind}/404")) is None
    )
    assert crawler.stats.get_stats() == {}


@pytest.mark.parametrize(
    ("answer", "finish_reason"),
    [
        (AnswerError("auth", "auth/7", status=401), "wrong_key"),
        (AnswerError("quota", "quota/limit", status=401), "quota"),
        (AnswerError("throttled", "throttled/429", retry_after=901.0), "throttled"),
        (StoreError("DATA_DIR: cannot store the rate limit"), "store_failed"),
    ],
)
def test_the_run_ends_with_one_line(crawler: Any, answer: Exception, finish_reason: str) -> None:
    with pytest.raises(IgnoreRequest):
        RetryMiddleware.from_crawler(crawler).process_exception(Request(API), answer)
    ((reason, line),) = lifecycle(crawler).stopped
    assert reason == finish_reason
    assert "\n" not in line


@pytest.mark.parametrize(
    ("url", "answer", "says"),
    [
        (API, AnswerError("auth", "auth/7"), "TMDB refused the key (auth/7). Check TMDB_ACCESS_TOKEN or TMDB_API_KEY;"),
        (OMDB, AnswerError("auth", "auth/key"), "OMDB refused the key (auth/key). Check OMDB_API_KEY;"),
        (OMDB, AnswerError("quota", "quota/limit"), "OMDB's daily quota is used up; what is left stays due."),
        (PAGE, AnswerError("throttled", "throttled/429", retry_after=901.0), "The Numbers asks for a pause of 901 s,"),
    ],
)
def test_the_line_names_the_source_and_its_settings(crawler: Any, url: str, answer: AnswerError, says: str) -> None:
    with pytest.raises(IgnoreRequest):
        RetryMiddleware.from_crawler(crawler).process_exception(Request(url), answer)
    assert lifecycle(crawler).stopped[0][1].startswith(says)


@pytest.mark.parametrize("url", [CDN, FILE])
@pytest.mark.parametrize(("kind", "retry_after"), [("auth", None), ("quota", None), ("throttled", 9999.0)])
def test_a_picture_or_a_file_never_ends_the_run(crawler: Any, url: str, kind: str, retry_after: float | None) -> None:
    answer = AnswerError(kind, f"{kind}/x", retry_after=retry_after)
    assert RetryMiddleware.from_crawler(crawler).process_exception(Request(url), answer) is None
    assert lifecycle(crawler).stopped == []


BLOCKED = AnswerError("blocked", "blocked/403", status=403)


def forbid(crawler: Any, *urls: str) -> None:
    for url in urls:
        Runtime.of(crawler).block_detector.record(HOSTS.match(url), url, "blocked")


def test_one_page_of_a_site_that_blocks_us_ends_the_run(crawler: Any) -> None:
    forbid(crawler, PAGE)
    with pytest.raises(IgnoreRequest):
        RetryMiddleware.from_crawler(crawler).process_exception(Request(PAGE), AnswerError("blocked", "blocked/page"))
    assert lifecycle(crawler).stopped == [
        (
            "blocked",
            f"The Numbers blocks us (blocked/page); the last answer was to {PAGE}. "
            "No more requests are sent in this run.",
        )
    ]


@pytest.mark.parametrize("url", [API, CDN])
def test_one_address_that_is_forbidden_is_tried_twice_and_ends_nothing(crawler: Any, url: str) -> None:
    forbid(crawler, *[url] * 9)
    again = RetryMiddleware.from_crawler(crawler).process_exception(Request(url), BLOCKED)
    assert again is not None
    assert RetryMiddleware.from_crawler(crawler).process_exception(again, BLOCKED) is None
    assert lifecycle(crawler).stopped == []


def test_five_addresses_in_a_row_that_are_forbidden_end_the_run_of_an_api(crawler: Any) -> None:
    forbid(crawler, *(f"{API}{number}" for number in range(4)))
    Runtime.of(crawler).block_detector.record(HOSTS.match(API), API, "gone")
    forbid(crawler, *(f"{API}{number}" for number in range(4, 8)))
    assert RetryMiddleware.from_crawler(crawler).process_exception(Request(API), BLOCKED) is not None
    forbid(crawler, API)
    with pytest.raises(IgnoreRequest):
        RetryMiddleware.from_crawler(crawler).process_exception(Request(API), BLOCKED)
    assert [reason for reason, _ in lifecycle(crawler).stopped] == ["blocked"]


def test_a_cdn_that_forbids_everything_gets_one_request_per_picture(crawler: Any) -> None:
    forbid(crawler, *(f"{CDN}{number}" for number in range(5)))
    assert RetryMiddleware.from_crawler(crawler).process_exception(Request(CDN), BLOCKED) is None
    assert (lifecycle(crawler).stopped, list(lifecycle(crawler).given_up)) == ([], ["pictures"])


@pytest.mark.parametrize(
    ("url", "reason", "tries"),
    [
        (OMDB, "garbage/unparsable", 2),
        (OMDB, "garbage/truncated", 2),
        (OMDB, "garbage/error_body", 2),
        (OMDB, "garbage/html", 5),
        (API, "garbage/unparsable", 5),
    ],
)
def test_a_malformed_body_of_omdb_costs_two_requests_of_the_quota(
    crawler: Any, url: str, reason: str, tries: int
) -> None:
    request: Any = Request(url)
    for _ in range(tries - 1):
        request = RetryMiddleware.from_crawler(crawler).process_exception(request, AnswerError("garbage", reason))
    assert RetryMiddleware.from_crawler(crawler).process_exception(request, AnswerError("garbage", reason)) is None


def test_exceptions_of_our_own_code_are_not_retried(crawler: Any) -> None:
    assert RetryMiddleware.from_crawler(crawler).process_exception(Request(API), TypeError("a bug")) is None
