"""How every answer is classified: what is stored, what is retried, what ends the run, what leads to a tombstone."""

import gzip
import json
from datetime import UTC, datetime
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moviecrawler.policy.network.answers import Answer, ResourceKind, classify, decode
from moviecrawler.policy.network.bodies import BLOCK_PAGE, AnswerKind
from moviecrawler.sources import source_named
from moviecrawler.sources.tmdb.source import CODES as TMDB_CODES

NOW = datetime(2026, 11, 21, tzinfo=UTC)
JSON = "application/json;charset=utf-8"
HTML = "text/html; charset=UTF-8"
FILM = {"id": 603, "title": "The Matrix", "status": "Released"}
TITLE = {"Title": "The Matrix", "Response": "True"}

JPEG = b"\xff\xd8\xff\xe0" + bytes(60) + b"\xff\xd9"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(60) + b"IEND\xaeB`\x82"
WEBP = b"RIFF" + (60).to_bytes(4, "little") + b"WEBP" + bytes(56)
AVIF = b"\x00\x00\x00\x1cftypavif" + bytes(60)
GIF = b"GIF89a" + bytes(60) + b";"


def api(source: str, status: int, body: Any, content_type: str | None = JSON, **headers: str) -> Answer:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return classify(
        resource="api",
        api=source_named(source).answers,
        status=status,
        headers_get={"content-type": content_type, **headers}.get,
        body=raw,
        now=NOW,
    )


def plain(role: ResourceKind, status: int, body: bytes, content_type: str | None, **headers: str) -> Answer:
    return classify(
        resource=role,
        status=status,
        headers_get={"content-type": content_type, **headers}.get,
        body=body,
        now=NOW,
    )


def picture(status: int, body: bytes, content_type: str | None = "image/jpeg", **headers: str) -> Answer:
    return plain("picture", status, body, content_type, **headers)


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (200, FILM, "ok/200"),
        (200, {"changes": []}, "ok/200"),
        (200, {"success": True, "status_code": 1}, "ok/200"),
        (304, b"", "ok/304"),
        # The body's own code, at its usual status and at 200.
        (401, {"success": False, "status_code": 7}, "auth/7"),
        (401, {"success": False, "status_code": 10}, "auth/10"),
        (200, {"success": False, "status_code": 7}, "auth/7"),
        (403, {"success": False, "status_code": 45}, "auth/45"),
        (404, {"success": False, "status_code": 34}, "gone/34"),
        (404, {"success": False, "status_code": 6}, "gone/6"),
        (200, {"status_code": 34}, "gone/34"),
        (429, {"status_code": 25}, "throttled/429"),
        (200, {"status_code": 25}, "throttled/429"),
        (503, {"status_code": 25}, "throttled/429"),
        (500, {"success": False, "status_code": 11}, "failed/500"),
        (502, {"success": False, "status_code": 43}, "failed/502"),
        (503, {"success": False, "status_code": 9}, "failed/503"),
        (503, {"success": False, "status_code": 46}, "failed/503"),
        (504, {"success": False, "status_code": 24}, "failed/504"),
        (200, {"success": False, "status_code": 46}, "failed/503"),
        (400, {"success": False, "status_code": 22}, "refused/22"),
        (422, {"success": False, "status_code": 20}, "refused/20"),
        (400, {"success": False, "status_code": 27}, "refused/27"),
        (401, {"success": False, "status_code": 39}, "refused/39"),
        (500, {"success": False, "status_code": 44}, "refused/44"),
        (422, {"errors": ["page must be less than or equal to 500"]}, "refused/errors"),
        (200, {"errors": ["page must be less than or equal to 500"]}, "refused/errors"),
        # An unknown code or body: the status decides, and a 200 is not believed.
        (404, {"success": False, "status_code": 999}, "refused/404"),
        (500, {"success": False, "status_code": 999}, "failed/500"),
        (500, {"errors": ["the database is on fire"]}, "failed/500"),
        (200, {"success": False, "status_code": 999}, "garbage/error_body"),
        (200, {"success": False}, "garbage/error_body"),
        (200, {"status_code": 999, "status_message": "?"}, "garbage/error_body"),
        (200, {"success": False, "status_code": ["34"]}, "garbage/error_body"),
        # A 429 stays one, whatever else the body says, but not over a wrong key.
        (429, {"status_code": 34}, "throttled/429"),
        (429, {"status_code": 7}, "auth/7"),
        # A wrong base URL answers 404 as well: no tombstone without TMDB's own code.
        (404, b"<html>nginx</html>", "refused/404"),
        (404, b"", "refused/404"),
        (410, b"", "refused/410"),
        (401, b"", "auth/401"),
        (403, b"<html>", "blocked/403"),
        (408, b"", "failed/408"),
        (500, b"", "failed/500"),
        (599, b"", "failed/599"),
        (400, b"", "refused/400"),
        (301, b"", "failed/301"),
        (302, FILM, "failed/302"),
        (100, b"", "refused/100"),
        (600, b"", "refused/600"),
    ],
)
def test_tmdb_is_classified_by_its_code_then_by_its_status(status: int, body: Any, reason: str) -> None:
    assert api("tmdb", status, body).reason == reason


@pytest.mark.parametrize(
    ("status", "error", "reason"),
    [
        (401, "Request limit reached!", "quota/limit"),
        (200, "Request limit reached!", "quota/limit"),
        (429, "Request limit reached!", "quota/limit"),
        (401, "Daily request limit reached!", "quota/limit"),
        (401, "Invalid API key!", "auth/key"),
        (401, "No API key provided.", "auth/no_key"),
        (200, "Movie not found!", "gone/not_found"),
        (200, "Incorrect IMDb ID.", "gone/imdb_id"),
        (200, "Error getting data.", "gone/no_data"),
        (200, "Something went wrong.", "failed/wrong"),
        (200, "Too many results.", "refused/too_many"),
        (200, "movie NOT found", "gone/not_found"),
        (200, "Conversion from string to type is not valid.", "garbage/error_body"),
        (401, "?", "auth/401"),
        (503, "?", "failed/503"),
    ],
)
def test_omdb_is_classified_by_the_text_of_its_error(status: int, error: str, reason: str) -> None:
    assert api("omdb", status, {"Response": "False", "Error": error}).reason == reason


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (200, TITLE, "ok/200"),
        (200, {"Response": "False"}, "garbage/error_body"),
        (200, {"Title": "The Matrix"}, "garbage/error_body"),
        (200, {"Response": "False", "Error": None}, "garbage/error_body"),
        (200, {"Response": "True", "Error": ["Movie not found!"]}, "ok/200"),
    ],
)
def test_omdb_answers_without_an_error_text(status: int, body: Any, reason: str) -> None:
    assert api("omdb", status, body).reason == reason


@pytest.mark.parametrize(
    ("status", "body", "headers", "reason"),
    [
        (522, b"<html>cloudflare</html>", {}, "failed/522"),
        (524, b"<html>cloudflare</html>", {}, "failed/524"),
        (524, b"", {}, "failed/524"),
        (503, b"<html>cloudflare</html>", {}, "failed/503"),
        (503, b"<html>cloudflare</html>", {"retry-after": "30"}, "throttled/503"),
        (429, b"<html>cloudflare</html>", {}, "throttled/429"),
        (403, b"<html>cloudflare</html>", {}, "blocked/403"),
        (200, b"<html>cloudflare</html>", {}, "garbage/html"),
        (401, b"<html>cloudflare</html>", {}, "auth/401"),
    ],
)
def test_a_proxy_in_front_of_omdb_answers_in_html(
    status: int, body: bytes, headers: dict[str, str], reason: str
) -> None:
    assert api("omdb", status, body, HTML, **headers).reason == reason


WHOLE = json.dumps({"overview": "x" * 2000, "id": 603}).encode()


@pytest.mark.parametrize(
    ("body", "content_type", "reason"),
    [
        (b"", JSON, "garbage/empty"),
        (b" \r\n", JSON, "garbage/empty"),
        (WHOLE[:-1], JSON, "garbage/truncated"),
        (WHOLE[:1000], JSON, "garbage/truncated"),
        (b"{", JSON, "garbage/truncated"),
        (WHOLE[:50] + b"}", JSON, "garbage/unparsable"),
        (b"{'id': 603}", JSON, "garbage/unparsable"),
        (b'{"id": NaN}', JSON, "garbage/unparsable"),
        (b'{"title": "\xff\xfe"}', JSON, "garbage/unparsable"),
        (b'{"a":' * 100_000, JSON, "garbage/truncated"),
        (b"<html>please log in</html>", JSON, "garbage/html"),
        (b"<html>please log in</html>", HTML, "garbage/html"),
        (b"please log in", HTML, "garbage/html"),
        (b"[" + b"{}," * 400_000 + b"{}]", JSON, "refused/too_large"),
        (b"[1, 2]", JSON, "garbage/shape"),
        (b"null", JSON, "garbage/shape"),
        (b'"text"', JSON, "garbage/shape"),
        (WHOLE, "application/json", "ok/200"),
        (WHOLE, HTML, "ok/200"),
        (WHOLE, "text/plain", "ok/200"),
        (WHOLE, "TEXT/JSON ; charset=utf-8", "ok/200"),
        (WHOLE, "application/problem+json", "ok/200"),
        (WHOLE, None, "ok/200"),
        (b"\xef\xbb\xbf" + WHOLE, JSON, "ok/200"),
        (b" \n" + WHOLE + b"\n", JSON, "ok/200"),
        *((WHOLE.decode().encode(code), JSON, "ok/200") for code in ("utf-16", "utf-16-le", "utf-16-be", "utf-32")),
        (WHOLE.decode().encode("utf-16")[:-9], JSON, "garbage/shape"),
    ],
)
def test_an_ok_api_answer_is_a_complete_json_object(body: bytes, content_type: str | None, reason: str) -> None:
    assert api("tmdb", 200, body, content_type).reason == reason


def test_the_decoded_object_is_returned_only_with_an_ok_answer() -> None:
    assert api("tmdb", 200, FILM).payload == FILM
    assert api("omdb", 200, TITLE).payload == TITLE
    assert api("tmdb", 404, {"status_code": 34}).payload is None
    assert api("tmdb", 500, FILM).payload is None
    assert api("tmdb", 200, FILM, HTML).payload == FILM


@pytest.mark.parametrize("status", [200, 429])
def test_throttled_has_the_seconds_to_wait(status: int) -> None:
    assert api("tmdb", status, {"status_code": 25}, **{"retry-after": "30"}) == Answer(
        "throttled", "throttled/429", 30.0
    )
    assert api("tmdb", status, {"status_code": 25}, **{"retry-after": "soon"}) == Answer("throttled", "throttled/429")
    assert api("tmdb", status, {"status_code": 25}) == Answer("throttled", "throttled/429")


def test_a_503_is_throttled_only_when_it_says_until_when() -> None:
    date = "Sat, 21 Nov 2026 00:01:00 GMT"
    assert api("tmdb", 503, b"", **{"retry-after": date}) == Answer("throttled", "throttled/503", 60.0)
    assert api("tmdb", 200, {"status_code": 46}, **{"retry-after": "5"}) == Answer("throttled", "throttled/503", 5.0)
    assert picture(503, b"", **{"retry-after": "5"}) == Answer("throttled", "throttled/503", 5.0)
    assert api("tmdb", 503, b"", **{"retry-after": "-5"}).reason == "failed/503"
    assert api("tmdb", 500, b"", **{"retry-after": "5"}) == Answer("failed", "failed/500")


@pytest.mark.parametrize(
    ("status", "body", "content_type", "reason"),
    [
        (200, b"<html><h1>Heat</h1></html>", HTML, "ok/200"),
        (200, b"<html><h1>Heat</h1></HTML><table>", "text/html", "ok/200"),
        (200, b"<html><h1>He", HTML, "garbage/truncated"),
        (200, b" ", HTML, "garbage/empty"),
        (200, b"{}", JSON, "garbage/content_type"),
        (200, b"<html>" + BLOCK_PAGE + b"</html>", HTML, "blocked/page"),
        (404, b"<html>" + BLOCK_PAGE + b"</html>", HTML, "blocked/page"),
        (304, b"", HTML, "ok/304"),
        (301, b"", HTML, "failed/301"),
        (401, b"", HTML, "refused/401"),
        (403, b"", HTML, "blocked/403"),
        (404, b"", HTML, "gone/404"),
        (410, b"", HTML, "gone/410"),
        (429, b"", HTML, "throttled/429"),
        (502, b"", HTML, "failed/502"),
    ],
)
def test_the_numbers_sends_pages(status: int, body: bytes, content_type: str, reason: str) -> None:
    assert plain("page", status, body, content_type).reason == reason


TEXT = "text/plain; charset=utf-8"
RULES = b"User-agent: *\nDisallow: /search\n"


@pytest.mark.parametrize(
    ("status", "body", "content_type", "reason"),
    [
        (200, RULES, TEXT, "ok/200"),
        (200, RULES, None, "ok/200"),
        (200, RULES, "application/octet-stream", "ok/200"),
        (200, b"", TEXT, "ok/200"),
        (304, b"", None, "ok/304"),
        # There is none: nothing is forbidden (RFC 9309, section 2.3.1.3).
        (404, b"<html>Not Found</html>", HTML, "ok/404"),
        (410, b"", HTML, "ok/410"),
        # One that cannot be read allows nothing.
        (200, b"<html>Welcome</html>", HTML, "garbage/html"),
        (200, b"\n<!doctype html>", TEXT, "garbage/html"),
        (200, b"<html>" + BLOCK_PAGE + b"</html>", HTML, "blocked/page"),
        (404, b"<html>" + BLOCK_PAGE + b"</html>", HTML, "blocked/page"),
        (301, b"", HTML, "failed/301"),
        (401, b"", HTML, "refused/401"),
        (403, b"", HTML, "blocked/403"),
        (429, b"", HTML, "throttled/429"),
        (500, RULES, TEXT, "failed/500"),
        (503, b"", TEXT, "failed/503"),
    ],
)
def test_a_robots_txt_is_readable_or_allows_nothing(
    status: int, body: bytes, content_type: str | None, reason: str
) -> None:
    answer = plain("robots", status, body, content_type)
    assert (answer.reason, answer.payload) == (reason, None)


EXPORT = gzip.compress(b'{"id": 603}\n', mtime=0)


@pytest.mark.parametrize(
    ("status", "body", "content_type", "reason"),
    [
        (200, EXPORT, "application/gzip", "ok/200"),
        (200, EXPORT, "application/octet-stream", "ok/200"),
        (200, EXPORT, None, "ok/200"),
        (206, EXPORT, "application/gzip", "ok/206"),
        (304, b"", None, "ok/304"),
        (200, b"", "application/gzip", "garbage/empty"),
        (200, b"<html>sorry</html>", HTML, "garbage/html"),
        (200, b"<html>sorry</html>", "application/gzip", "garbage/html"),
        (200, b'{"id": 603}\n', "application/json", "garbage/no_gzip"),
        (200, EXPORT[:2], "application/gzip", "garbage/no_gzip"),
        (403, b"<Error><Code>AccessDenied</Code></Error>", "application/xml", "gone/403"),
        (404, b"<Error><Code>NoSuchKey</Code></Error>", "application/xml", "gone/404"),
        (410, b"", None, "gone/410"),
        (401, b"", HTML, "refused/401"),
        (429, b"", HTML, "throttled/429"),
        (503, b"<Error><Code>SlowDown</Code></Error>", "application/xml", "failed/503"),
        (302, b"", HTML, "failed/302"),
    ],
)
def test_an_export_is_gzipped_and_may_be_missing(
    status: int, body: bytes, content_type: str | None, reason: str
) -> None:
    assert plain("file", status, body, content_type).reason == reason


@pytest.mark.parametrize(
    ("status", "body", "content_type", "reason"),
    [
        (200, JPEG, "image/jpeg", "ok/200"),
        (200, JPEG + b"trailer", "image/jpg", "ok/200"),
        (200, PNG, "image/png", "ok/200"),
        (200, WEBP, "image/webp", "ok/200"),
        (200, AVIF, "image/avif", "ok/200"),
        (200, GIF, "image/gif", "ok/200"),
        (200, PNG, "image/jpeg", "ok/200"),
        (200, JPEG, "binary/octet-stream", "ok/200"),
        (200, JPEG, "Application/Octet-Stream", "ok/200"),
        (200, JPEG, None, "ok/200"),
        (304, b"", None, "ok/304"),
        (200, b"", "image/jpeg", "garbage/empty"),
        (200, JPEG[:-1], "image/jpeg", "garbage/truncated"),
        (200, JPEG[:10] + b"\xff\xd9" + bytes(100), "image/jpeg", "garbage/truncated"),
        (200, PNG[:-12], "image/png", "garbage/truncated"),
        (200, WEBP[:-1], "image/webp", "garbage/truncated"),
        (200, b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml", "garbage/no_image"),
        (200, b"<html>sorry</html>", "image/jpeg", "garbage/no_image"),
        (200, b"<html>sorry</html>", HTML, "garbage/html"),
        (200, JPEG, HTML, "ok/200"),
        (200, JPEG, JSON, "ok/200"),
        (200, JPEG, "text/plain", "ok/200"),
        (200, b"{}", JSON, "garbage/content_type"),
        (200, b"RIFF\x00\x00\x00\x00WAVE", "image/webp", "garbage/no_image"),
        (404, b"", HTML, "gone/404"),
        (410, b"", HTML, "gone/410"),
        (401, b"", HTML, "refused/401"),
        (403, b"", HTML, "blocked/403"),
        (408, b"", HTML, "failed/408"),
        (429, b"", HTML, "throttled/429"),
        (500, JPEG, "image/jpeg", "failed/500"),
        (302, b"", HTML, "failed/302"),
    ],
)
def test_a_picture_is_recognised_by_its_first_bytes_and_is_complete(
    status: int, body: bytes, content_type: str | None, reason: str
) -> None:
    assert picture(status, body, content_type).reason == reason


def test_headers_may_be_bytes_as_scrapy_keeps_them() -> None:
    headers = {"content-type": b"application/json; charset=utf-8", "retry-after": b"7"}
    answer = classify(resource="api", status=429, headers_get=headers.get, body=b"{}", now=NOW)
    assert answer.retry_after == 7.0


@pytest.mark.parametrize("code", sorted(TMDB_CODES))
def test_a_code_of_tmdb_means_the_same_at_every_status_but_429(code: int) -> None:
    reasons = {api("tmdb", status, {"status_code": code}).reason for status in (200, 400, 404, 500)}
    assert len(reasons) == 1
    assert not reasons.pop().startswith(("ok/", "garbage/"))


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
KEYS = st.sampled_from(["success", "status_code", "errors", "Response", "Error", "id"])


@given(
    resource=st.sampled_from(get_args(ResourceKind)),
    source=st.sampled_from(["tmdb", "omdb", "the_numbers"]),
    status=st.integers(-1, 1000),
    content_type=st.none() | st.sampled_from([JSON, HTML, "image/png", ";", "\xff"]) | st.binary(max_size=5),
    retry_after=st.none() | st.text(max_size=8),
    body=st.binary(max_size=50)
    | st.sampled_from([BLOCK_PAGE, JPEG, EXPORT, RULES, b"<html></html>"])
    | JSON_VALUES.map(json.dumps).map(str.encode)
    | st.dictionaries(KEYS, JSON_VALUES).map(json.dumps).map(str.encode),
)
def test_any_answer_can_be_classified(
    resource: Any, source: str, status: int, content_type: Any, retry_after: str | None, body: bytes
) -> None:
    headers = {"content-type": content_type, "retry-after": retry_after}
    api = source_named(source).answers
    answer = classify(resource=resource, api=api, status=status, headers_get=headers.get, body=body, now=NOW)
    assert answer.kind in get_args(AnswerKind)
    assert answer.reason.startswith(f"{answer.kind}/")
    assert answer.kind == "ok" or answer.payload is None
    assert answer.kind == "throttled" or answer.retry_after is None
    fine = {304, 404, 410} if resource == "robots" else {304}
    assert answer.kind != "ok" or 200 <= status < 300 or status in fine


@given(st.integers(0, len(WHOLE) - 1))
def test_a_truncated_answer_is_detected_wherever_it_is_cut(length: int) -> None:
    assert api("tmdb", 200, WHOLE[:length]).kind == "garbage"


@given(JSON_VALUES.map(json.dumps) | st.text(alphabet='[]{}":,0123456789.eE+-\\u dtrfalsn"', max_size=30))
def test_the_fast_parser_reads_what_the_standard_library_does(text: str) -> None:
    def refuse(name: str) -> None:
        raise ValueError(name)

    try:
        expected = json.loads(text, parse_constant=refuse)
    except ValueError:
        expected = None
    assert decode(text.encode("utf-8", "surrogatepass")) == expected


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'\xef\xbb\xbf{"a": 1}', {"a": 1}),
        ('{"a": 1}'.encode("utf-16"), {"a": 1}),
        (rb'{"a": "\ud83d"}', {"a": "\ud83d"}),
        (b'{"a": 1, "a": 2}', {"a": 2}),
        (b'{"a": NaN}', None),
        (b'{"a": "\xff"}', None),
        (b'{"a": 12345678901234567890123}', {"a": 12345678901234567890123}),
    ],
)
def test_odd_json_is_read_as_before(body: bytes, value: Any) -> None:
    assert decode(body) == value
