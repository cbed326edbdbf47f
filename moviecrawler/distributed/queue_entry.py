"""A request as one line in Redis, and back. What is no request of ours is never executed."""

import re
from typing import Any, NamedTuple, Self
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.utils.request import request_from_dict

from moviecrawler.distributed import entry_check
from moviecrawler.policy.printable import printable

_CALLBACKS = re.compile(r"parse_\w+")
_ERRBACKS = re.compile(r"(\w+_)?failed")
_DEFAULTS: dict[str, Any] = {
    "method": "GET",
    "headers": {},
    "body": b"",
    "cookies": {},
    "meta": {},
    "encoding": "utf-8",
    "priority": 0,
    "dont_filter": False,
    "flags": [],
    "cb_kwargs": {},
}
"""Left out of a payload, which saves half of the bytes."""

_NOT_IN_PAYLOAD = frozenset({"download_slot", "dedup_key"})
"""Meta keys: the slot stands beside the payload; the dedup key has been used when the request is queued, and a retry
must pass."""

TITLE = "title"
"""A payload ``{"title": [kind, id]}`` was handed in by a person; the spider makes the request."""


class UnreadableEntry(Exception):
    """A payload is no request of this spider; the message says why."""


class QueueEntry(NamedTuple):
    """``VERSION ID DELIVERIES SCORE SLOT PAYLOAD``; ids grow in the order of arrival (``lua/common.lua``)."""

    id: str
    deliveries: int
    score: int
    slot: str
    payload: str

    @classmethod
    def parse(cls, raw: bytes) -> Self:
        _, id, deliveries, score, slot, payload = raw.decode("utf-8", "replace").split(" ", 5)
        return cls(id, int(deliveries), int(score), slot, payload)


def write_request(request: Request, spider: Any, serializer: Any) -> tuple[str, str]:
    """(slot, payload). ValueError for what is not JSON, no method of the spider, or forbidden by :mod:`entry_check`."""
    if request.callback is None or request.errback is None or type(request) is not Request:
        raise ValueError(f"{request}: only a plain Request with callback and errback can be queued")
    slot = request.meta.get("download_slot") or _slot(request.url)
    parts = {
        **{name: getattr(request, name) for name in _DEFAULTS},
        "url": request.url,
        "callback": _method_name(request.callback, spider),
        "errback": _method_name(request.errback, spider),
        "meta": {name: value for name, value in request.meta.items() if name not in _NOT_IN_PAYLOAD},
        "headers": {name.decode("latin-1"): values for name, values in request.headers.items()},
    }
    explicit = {name: value for name, value in parts.items() if value != _DEFAULTS.get(name)}
    payload = serializer.dumps(explicit)
    entry_check.check(explicit, type(spider))
    return slot, payload


def read_request(entry: QueueEntry, spider: Any, serializer: Any) -> Request:
    """The request, with callbacks of the spider; UnreadableEntry for anything else."""
    try:
        parts = serializer.loads(entry.payload)
        if not isinstance(parts, dict):
            raise ValueError("a request must be an object")
        if parts.keys() == {TITLE}:
            kind, id = parts[TITLE]
            if type(id) is not int or id < 1:
                raise ValueError(f"id={id!r}: must be a whole number of 1 or more")
            request: Request = spider.title_request(kind, id, listed=False, fetch_reason="manual")
            request.meta.setdefault("download_slot", entry.slot)
            return request
        for name, names in (("callback", _CALLBACKS), ("errback", _ERRBACKS)):
            if not names.fullmatch(parts[name]) or not callable(getattr(type(spider), parts[name], None)):
                raise ValueError(f"{name}={parts[name]!r}: must be a {name} of {spider.name}")
        entry_check.check(parts, type(spider))
        parts["meta"] = {**parts.get("meta", {}), "download_slot": entry.slot}
        return request_from_dict(parts, spider=spider)
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        raise UnreadableEntry(printable(f"{type(error).__name__}: {error}")[:300]) from None


def _method_name(method: Any, spider: Any) -> str:
    """As ``Request.to_dict`` finds it, without a look at all members of the spider for each request."""
    name = getattr(method, "__name__", "")
    function = getattr(method, "__func__", None)
    if function is None or getattr(getattr(spider, name, None), "__func__", None) is not function:
        raise ValueError(f"{method} is not an instance method of {spider}")
    return str(name)


def _slot(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
