"""Classifies an HTTP answer. Applied below the cache: only ``ok`` answers are ever stored.

What the JSON of a source reports stands in its descriptor (``sources/``). Bodies that are not JSON are checked in
``policy/network/bodies.py``.
"""

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, NamedTuple

from pydantic_core import from_json

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


@dataclass(frozen=True)
class ApiAnswers:
    """What the answers of a JSON API mean, beyond their HTTP status.

    ``check``: HTTP status and payload -> what the payload itself reports; None where it reports nothing that we know.
    ``statuses``: what an HTTP status means where the payload reports nothing, if not the usual.
    ``mended``: whether JSON that is not valid is mended (``policy.network.tolerant_json``).
    """

    check: Callable[[int, dict[str, Any]], BodyCheck | None] = lambda status, payload: None
    statuses: Mapping[int, BodyCheck] = field(default_factory=dict)
    mended: bool = False


PLAIN = ApiAnswers()


def classify(
    *,
    resource: ResourceKind,
    status: int,
    headers_get: HeaderGetter,
    body: bytes,
    now: datetime,
    api: ApiAnswers = PLAIN,
) -> Answer:
    """The kind of one HTTP answer; ``headers_get`` takes lower-case names (``response.headers.get``, ``dict.get``).

    ``api``: what JSON of this source means, for the resource ``api``.

    >>> from datetime import UTC
    >>> json_type, now = {"content-type": "application/json"}.get, datetime(2026, 11, 21, tzinfo=UTC)
    >>> classify(resource="api", status=503, headers_get=json_type, body=b"{}", now=now).reason
    'failed/503'
    """
    content_type = _text(headers_get("content-type")).partition(";")[0].strip().lower()
    payload = None
    if status == 304:
        kind, label = _check_status(status)
    elif resource == "api" and has_too_many_values(body):
        kind, label = "refused", "too_large"
    elif resource == "api":
        payload = decode(body, mended=api.mended)
        kind, label = _check_json(api, status, content_type, body, payload)
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


def _check_json(api: ApiAnswers, status: int, content_type: str, body: bytes, payload: object) -> BodyCheck:
    check = _check_of_payload(api, status, payload) if isinstance(payload, dict) else None
    if check or not 200 <= status < 300:
        return check or api.statuses.get(status) or _check_status(status)
    if not isinstance(payload, dict):
        return "garbage", _fault(content_type, body)
    if payload.get("success") is False:
        return "garbage", "error_body"
    return _check_status(status)


def _check_of_payload(api: ApiAnswers, status: int, payload: dict[str, Any]) -> BodyCheck | None:
    """A 429 stays a 429, unless the body reports something worse."""
    check = api.check(status, payload)
    return check if status != 429 or (check and check[0] in ("auth", "quota")) else None


def decode(body: bytes, *, mended: bool = False) -> object:
    """The JSON value; None where it cannot be read (``null`` is just as useless). ``mended``: if invalid, mend it.

    What the fast parser does not take (a BOM, UTF-16, an unpaired surrogate), that of the standard library may.
    """
    with suppress(ValueError):
        return from_json(body, allow_inf_nan=False)
    try:
        # A NUL in the first bytes means UTF-16 or UTF-32 (RFC 4627, section 3).
        encoding = json.detect_encoding(body) if b"\0" in body[:4] else "utf-8-sig"
        return _DECODER.decode(body.decode(encoding))
    except (ValueError, RecursionError):
        return _decode_mended(body) if mended else None


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
