"""Classifies an HTTP answer. Applied below the cache: only ``ok`` answers are ever stored.

TMDB's codes: https://developer.themoviedb.org/docs/errors. OMDB says everything in the text of ``Error``, with
status 200 or 401. Bodies that are not JSON are checked in ``policy/network/bodies.py``.
"""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any, Literal, NamedTuple

from moviecrawler.policy.network.backoff import retry_after
from moviecrawler.policy.network.bodies import BODY_CHECKS, AnswerKind, BodyCheck
from moviecrawler.policy.network.body_limits import has_too_many_values
from moviecrawler.policy.network.tolerant_json import MAX_MENDED_BYTES, decode_text, extract_object, mend

ResourceKind = Literal["api", "page", "robots", "picture", "file"]
"""What was requested: a JSON API, an HTML page, the robots.txt of a site of pages, a picture, a gzipped file."""

HeaderGetter = Callable[[str], bytes | str | None]


class Answer(NamedTuple):
    """``reason`` is a stable slug for stats and rejects: ``ok/200``, ``throttled/429``, ``gone/34``, ``garbage/html``.

    It holds TMDB's own code where that decided (``auth/7``), else the HTTP status. ``retry_after`` is in seconds.
    ``payload`` is the decoded JSON object of an ``ok`` API answer, so that it is decoded only once.
    """

    kind: AnswerKind
    reason: str
    retry_after: float | None = None
    payload: dict[str, Any] | None = None


TMDB_SUCCESS = frozenset({1, 12, 13, 40})
TMDB_CODES: dict[int, BodyCheck] = {
    **{code: ("auth", str(code)) for code in (3, 7, 10, 14, 16, 17, 30, 31, 32, 33, 35, 36, 45)},
    **{code: ("gone", str(code)) for code in (6, 34, 37)},
    **{code: ("refused", str(code)) for code in (2, 4, 5, 8, 18, 19, 20, 21, 22, 23, 26, 27, 28, 29, 41, 42, 47)},
    # A single private resource, so our key is fine; and an invalid id, although it comes with status 500.
    **{code: ("refused", str(code)) for code in (38, 39, 44)},
    25: ("throttled", "429"),
    9: ("failed", "503"),
    11: ("failed", "500"),
    15: ("failed", "500"),
    24: ("failed", "504"),
    43: ("failed", "502"),
    46: ("failed", "503"),
}
"""By the body's ``status_code``, whatever the HTTP status. The label of a temporary error is its HTTP equivalent."""

OMDB_ERRORS: dict[str, BodyCheck] = {
    "request limit reached": ("quota", "limit"),
    "invalid api key": ("auth", "key"),
    "no api key provided": ("auth", "no_key"),
    "movie not found": ("gone", "not_found"),
    "incorrect imdb id": ("gone", "imdb_id"),
    # OMDB's message for an id that it does not have (yet), says its maintainer in omdbapi/OMDb-API#47 and #74. Another
    # try would cost a request of the daily quota and give the same answer.
    "error getting data": ("gone", "no_data"),
    "something went wrong": ("failed", "wrong"),
    "too many results": ("refused", "too_many"),
}
"""By the text of ``Error`` in lower case, without its full stop or exclamation mark."""


def classify(
    *,
    resource: ResourceKind,
    source: str,
    status: int,
    headers_get: HeaderGetter,
    body: bytes,
    now: datetime,
) -> Answer:
    """The kind of one HTTP answer; ``headers_get`` takes lower-case names (``response.headers.get``, ``dict.get``).

    >>> from datetime import UTC
    >>> json_type, now = {"content-type": "application/json"}.get, datetime(2026, 11, 21, tzinfo=UTC)
    >>> body = b'{"success": false, "status_code": 34, "status_message": "..."}'
    >>> classify(resource="api", source="tmdb", status=404, headers_get=json_type, body=body, now=now).reason
    'gone/34'
    """
    content_type = _text(headers_get("content-type")).partition(";")[0].strip().lower()
    payload = None
    if status == 304:
        kind, label = _check_status(status)
    elif resource == "api" and has_too_many_values(body):
        kind, label = "refused", "too_large"
    elif resource == "api":
        payload = decode(body, source)
        kind, label = _check_json(source, status, content_type, body, payload)
    else:
        kind, label = BODY_CHECKS[resource](status, content_type, body) or _check_keyless_status(status)
    wait = None
    if kind == "throttled" or label == "503":
        wait = retry_after(headers_get("retry-after"), now, headers_get("date"))
        kind = kind if wait is None else "throttled"
    return Answer(kind, f"{kind}/{label}", wait, payload if kind == "ok" and isinstance(payload, dict) else None)


def _check_status(status: int) -> BodyCheck:
    """What the HTTP status alone means. Redirects are not followed and no site should send one: taken as temporary."""
    kind: AnswerKind = "refused"
    if 200 <= status < 300 or status == 304:
        kind = "ok"
    elif status == 401:
        kind = "auth"
    elif status == 403:
        kind = "blocked"
    elif status == 429:
        kind = "throttled"
    elif status == 408 or 300 <= status < 400 or 500 <= status < 600:
        kind = "failed"
    return kind, str(status)


def _check_keyless_status(status: int) -> BodyCheck:
    """No key was sent, so none can be wrong: a 401 must not end the run as a wrong key does."""
    return ("refused", "401") if status == 401 else _check_status(status)


def _check_json(source: str, status: int, content_type: str, body: bytes, payload: object) -> BodyCheck:
    check = _check_of_payload(source, status, payload) if isinstance(payload, dict) else None
    if check or not 200 <= status < 300:
        return check or _check_status(status)
    if not isinstance(payload, dict):
        return "garbage", _fault(content_type, body)
    if payload.get("success") is False or (source == "omdb" and payload.get("Response") != "True"):
        return "garbage", "error_body"
    return _check_status(status)


def _check_of_payload(source: str, status: int, payload: dict[str, Any]) -> BodyCheck | None:
    """What the body itself reports; None where it reports nothing that we know."""
    check: BodyCheck | None = None
    if source == "omdb":
        error = str(payload.get("Error")).strip(" .!").lower()
        # "Daily request limit reached!" has been seen, too.
        check = OMDB_ERRORS.get(error, ("quota", "limit") if "limit reached" in error else None)
    elif type(code := payload.get("status_code")) is int:
        unknown: BodyCheck | None = ("garbage", "error_body") if 200 <= status < 300 else None
        check = None if code in TMDB_SUCCESS else TMDB_CODES.get(code, unknown)
    elif isinstance(payload.get("errors"), list) and status < 500:
        check = "refused", "errors"
    # A 429 stays a 429, unless the body reports something worse.
    return check if status != 429 or (check and check[0] in ("auth", "quota")) else None


def decode(body: bytes, source: str = "") -> object:
    """The JSON value; None where it cannot be read (``null`` is just as useless). OMDB's is mended if invalid."""
    try:
        # A NUL in the first bytes means UTF-16 or UTF-32 (RFC 4627, section 3).
        encoding = json.detect_encoding(body) if b"\0" in body[:4] else "utf-8-sig"
        return _DECODER.decode(body.decode(encoding))
    except (ValueError, RecursionError):
        return _decode_mended(body) if source == "omdb" else None


def _decode_mended(body: bytes) -> object:
    try:
        text = mend(extract_object(decode_text(body))) if len(body) <= MAX_MENDED_BYTES else None
        return None if text is None else _DECODER.decode(text)
    except (ValueError, RecursionError):
        return None


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is not valid JSON")


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)


def _fault(content_type: str, body: bytes) -> str:
    """Why a body is not the JSON object that was expected."""
    text = body.strip()
    if not text:
        return "empty"
    if text.startswith(b"<") or "html" in content_type:
        return "html"
    if text.startswith(b"{"):
        return "unparsable" if text.endswith(b"}") else "truncated"
    return "shape"


def _text(value: bytes | str | None) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value or ""
