"""How a fault looks on each of the servers: TMDB and OMDB speak JSON, all others HTML, and Cloudflare always does."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping

from aiohttp import web

from moviecrawler.sandbox.faults import errors
from moviecrawler.sandbox.faults.fault_rules import Fault

_STATUSES = {"403": 403, "429": 429, "500": 500, "503": 503, "522": 522, "524": 524, "html": 200}
_TMDB_CODES = {"429": 25, "500": 11, "503": 9}
_NOTHING_FOUND = "<h1>File not Found</h1>"
# The one sentence by which such a page is known; the rest of it is ours.
_BLOCKED = "Direct access to this page is temporarily restricted"


def json_answer(status: int, answer: Mapping[str, object], headers: Mapping[str, str] | None = None) -> web.Response:
    """An error in JSON."""
    content_type = {"Content-Type": "application/json;charset=utf-8"}
    return web.Response(status=status, body=json.dumps(answer).encode(), headers={**content_type, **(headers or {})})


def throttled(seconds: str) -> web.Response:
    """TMDB's 429; ``seconds`` "" does not say when to come back."""
    return json_answer(429, errors.body(25), {"Retry-After": seconds} if seconds else None)


def not_found(server: str) -> web.Response:
    """The 404 of a path that a server does not have."""
    if server == "api":
        return json_answer(404, errors.body(34))
    return web.Response(status=404, text=_page("404", _NOTHING_FOUND), content_type="text/html")


def misbehaviour(server: str, fault: Fault, *, retry_after: bool) -> web.Response:
    """What is answered instead of the right answer (not: reset, dead, slow, truncate and half)."""
    if fault.kind == "blocked":
        return web.Response(text=_page("Restricted", f"<p>{_BLOCKED}</p>"), content_type="text/html")
    if fault.kind == "error200":
        return json_answer(200, errors.omdb_body(fault.text) if server == "omdb" else errors.body(fault.code))
    wait = ""
    if fault.kind == "503":
        wait = f"{fault.seconds or 1:g}"
    elif fault.kind == "429" and retry_after:
        wait = str(math.ceil(fault.seconds or 1))
    headers = {"Retry-After": wait} if wait else None
    if server == "api" and fault.kind in _TMDB_CODES:
        code = _TMDB_CODES[fault.kind]
        return json_answer(errors.ERRORS[code].status, errors.body(code), headers)
    text = _page("Just a moment...", "<h1>Please wait</h1>")
    return web.Response(status=_STATUSES[fault.kind], text=text, content_type="text/html", headers=headers)


def _page(title: str, body: str) -> str:
    return f"<!DOCTYPE html><html><head><title>{title}</title></head><body>{body}</body></html>"
