"""Which HTTP statuses are retried and which are not: from the answer to the retried request."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from scrapy import Request
from scrapy.exceptions import IgnoreRequest

from moviecrawler.downloader.failover import ALL_PAUSED
from moviecrawler.downloadermiddlewares.retry import RetryMiddleware
from moviecrawler.exceptions import AnswerError
from moviecrawler.policy.network.answers import classify
from moviecrawler.policy.network.backoff import Backoff
from moviecrawler.policy.network.block_detector import BlockDetector
from moviecrawler.policy.network.hosts import Hosts
from moviecrawler.policy.network.source_breaker import SourceBreakers
from tests.support.crawler import Lifecycle, stand_in

API, CDN = "https://api.example/3/movie/603", "https://cdn.example/t/p/w92/a.jpg"


class Desk:
    """A retry middleware, and what it did with its crawler."""

    def __init__(self) -> None:
        hosts = Hosts.build(
            {
                "TMDB_BASE_URL": ("tmdb", "api", "https://api.example/3"),
                "TMDB_IMAGE_BASE_URLS": ("tmdb", "cdn", "https://cdn.example/t/p"),
            }
        )
        lifecycle = Lifecycle()
        crawler = stand_in(
            policies=SimpleNamespace(hosts=hosts, backoff=Backoff()),
            block_detector=BlockDetector(),
            breakers=SourceBreakers(hosts, "here", 600.0),
            lifecycle=lifecycle,
        )
        self.stats, self._lifecycle = crawler.stats, lifecycle
        self._retry = RetryMiddleware.from_crawler(crawler)

    @property
    def stopped(self) -> list[str]:
        """The finish reasons."""
        return [reason for reason, _ in self._lifecycle.stopped]

    def after(self, error: AnswerError, url: str = API, **meta: Any) -> Request | None:
        return self._retry.process_exception(Request(url, meta=meta), error)


def answer(status: int, url: str) -> AnswerError:
    """What the handler raises for this status and an uninformative body."""
    found = classify(
        resource="picture" if url == CDN else "api",
        status=status,
        headers_get=dict[str, str]().get,
        body=b"",
        now=datetime(2026, 11, 21, tzinfo=UTC),
    )
    return AnswerError(found.kind, found.reason, status=status, retry_after=found.retry_after)


@pytest.mark.parametrize("status", [403, 408, 429, 500, 502, 503, 504, 522, 524])
@pytest.mark.parametrize("url", [API, CDN])
def test_retried_statuses(status: int, url: str) -> None:
    desk = Desk()
    again = desk.after(answer(status, url), url)
    assert again is not None
    assert (again.url, again.dont_filter, again.meta["retry_times"]) == (url, True, 1)
    assert again.meta["delay"] <= 0.5
    reason = {403: "blocked/403", 429: "throttled/429"}.get(status, f"failed/{status}")
    assert desk.stats == {"retry/count": 1, f"retry/{reason}": 1}


@pytest.mark.parametrize("status", [400, 401, 404, 410])
@pytest.mark.parametrize("url", [API, CDN])
def test_statuses_that_are_not_retried(status: int, url: str) -> None:
    desk = Desk()
    if url == API and status == 401:
        with pytest.raises(IgnoreRequest):
            desk.after(answer(status, url), url)
        assert desk.stopped == ["wrong_key"]
    else:
        assert desk.after(answer(status, url), url) is None
        assert not desk.stopped
    assert not desk.stats


def test_a_request_that_was_not_sent_uses_up_no_try() -> None:
    desk = Desk()
    request = desk.after(AnswerError("throttled", ALL_PAUSED, retry_after=60.0), CDN, retry_times=4)
    assert request is not None
    assert (request.meta["retry_times"], request.meta["delay"]) == (4, 60.0)
    assert not desk.stats


def test_the_history_goes_with_the_request() -> None:
    again = Desk().after(AnswerError("failed", "failed/500"), history=["failed/500 from https://api.example"])
    assert again is not None
    assert again.meta["history"] == ["failed/500 from https://api.example"]
