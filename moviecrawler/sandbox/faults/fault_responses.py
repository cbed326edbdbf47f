"""The response for a fault on each server: TMDB and OMDB answer in JSON, all others and Cloudflare in HTML."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping

from aiohttp import web

from moviecrawler.sandbox.faults import errors
from moviecrawler.sandbox.faults.fault_rules import FaultRule

_STATUSES = {"403": 403, "429": 429, "500": 500, "503": 503, "522": 522, "524": 524, "html": 200}
_TMDB_CODES = {"429": 25, "500": 11, "503": 9}
_NOTHING_FOUND = "<h1>File not Found</h1>"
# The sentence by which such a page is recognised; the rest of the page is made up.
_BLOCKED = "Direct access to this page is temporarily restricted"


def json_response(status: int, body: Mapping[str, object], headers: Mapping[str, str] | None = None) -> web.Response:
    """An error response in JSON."""
    content_type = {"Content-Type": "application/json;charset=utf-8"}
    return web.Response(status=status, body=json.dumps(body).encode(), headers={**content_type, **(headers or {})})


def rate_limited(seconds: str) -> web.Response:
    """TMDB's 429; ``seconds``: of Retry-After, "" leaves the header out."""
    return json_response(429, errors.tmdb_error_body(25), {"Retry-After": seconds} if seconds else None)


def not_found(server: str) -> web.Response:
    """The 404 of a server for an unknown path."""
    if server == "api":
        return json_response(404, errors.tmdb_error_body(34))
    return web.Response(status=404, text=_page("404", _NOTHING_FOUND), content_type="text/html")


def fault_response(server: str, fault: FaultRule, *, retry_after: bool) -> web.Response:
    """The response instead of the right one (for all kinds but reset, dead, slow, truncate and half)."""
    if fault.kind == "blocked":
        return web.Response(text=_page("Restricted", f"<p>{_BLOCKED}</p>"), content_type="text/html")
    if fault.kind == "error200":
        return json_response(
            200, errors.omdb_error_body(fault.text) if server == "omdb" else errors.tmdb_error_body(fault.code)
        )
    wait = ""
    if fault.kind == "503":
        wait = f"{fault.seconds or 1:g}"
    elif fault.kind == "429" and retry_after:
        wait = str(math.ceil(fault.seconds or 1))
    headers = {"Retry-After": wait} if wait else None
    if server == "api" and fault.kind in _TMDB_CODES:
        code = _TMDB_CODES[fault.kind]
        return json_response(errors.TMDB_ERRORS[code].status, errors.tmdb_error_body(code), headers)
    text = _page("Just a moment...", "<h1>Please wait</h1>")
    return web.Response(status=_STATUSES[fault.kind], text=text, content_type="text/html", headers=headers)


def _page(title: str, body: str) -> str:
    return f"<!DOCTYPE html><html><head><title>{title}</title></head><body>{body}</body></html>"
