"""Callbacks that fail: a reject each, one line for the site's fault, a traceback for ours."""

from types import SimpleNamespace
from typing import Any

import pytest
from scrapy import Request
from scrapy.exceptions import CloseSpider
from scrapy.http import JsonResponse, Response

from moviecrawler.exceptions import ParseError
from moviecrawler.items import FailedLookup, Reject
from moviecrawler.policy.secrets.redaction import Secrets
from moviecrawler.spidermiddlewares.rejects import RejectsMiddleware
from tests.support.crawler import Lifecycle

URL = "https://api.example/3/movie/603"


@pytest.fixture
def rejects() -> RejectsMiddleware:
    spider: Any = SimpleNamespace(name="tmdb_titles")
    return RejectsMiddleware(spider, Secrets(("c4n4ry-key",)), Lifecycle().give_up)


def response(body: bytes = b"[1, 2]", **meta: Any) -> JsonResponse:
    return JsonResponse(URL, body=body, request=Request(URL, meta=meta))


def test_a_parse_error_is_one_warning_line(rejects: RejectsMiddleware, caplog: pytest.LogCaptureFixture) -> None:
    (reject,) = rejects.process_spider_exception(response(retry_times=2), ParseError("no film")) or []
    assert (reject.url, reject.reason, reject.detail) == (URL, "parse", "ParseError: no film")
    assert (reject.status, reject.tries, reject.excerpt, reject.spider) == (200, 3, "[1, 2]", "tmdb_titles")
    (record,) = caplog.records
    assert (record.levelname, record.exc_info) == ("WARNING", None)


@pytest.mark.parametrize("error", [ParseError("another film"), KeyError("title")])
def test_a_request_about_a_stored_title_is_also_a_failed_lookup(rejects: RejectsMiddleware, error: Exception) -> None:
    about = {"source": "omdb", "kind": "shows", "id": 1396}
    reject, lookup = rejects.process_spider_exception(response(target=about), error) or []
    assert isinstance(reject, Reject)
    assert isinstance(lookup, FailedLookup)
    assert (lookup.source, lookup.kind, lookup.id, lookup.reason, lookup.at) == (
        "omdb",
        "shows",
        1396,
        "parse",
        reject.at,
    )


def test_another_exception_is_logged_with_its_traceback(
    rejects: RejectsMiddleware, caplog: pytest.LogCaptureFixture
) -> None:
    (reject,) = rejects.process_spider_exception(response(), KeyError("title")) or []
    assert (reject.reason, reject.detail) == ("callback", "KeyError: 'title'")
    (record,) = caplog.records
    assert record.levelname == "ERROR"
    assert record.exc_info


def test_binary_and_long_bodies_are_excerpted(rejects: RejectsMiddleware) -> None:
    picture = Response(URL, body=b"\xff\xd8\xff" + b"x" * 10_000, request=Request(URL))
    (reject,) = rejects.process_spider_exception(picture, ValueError("y" * 10_000)) or []
    assert len(reject.excerpt) == len(reject.detail) == 300


def test_a_key_is_redacted_before_the_text_is_cut(rejects: RejectsMiddleware) -> None:
    body = b"x" * 295 + b"c4n4ry-key"
    (reject,) = rejects.process_spider_exception(response(body), ValueError("y" * 280 + "c4n4ry-key")) or []
    assert (reject.excerpt[295:], reject.detail[292:]) == ("[key]", "[key]")


def test_close_spider_is_not_turned_into_a_reject(rejects: RejectsMiddleware) -> None:
    assert rejects.process_spider_exception(response(), CloseSpider("enough")) is None
