"""Requests as JSON, as a serializer of scrapy-redis: whoever can write to Redis must not run code here.

Bytes are base64 under a name of their own. What is not JSON is refused, with its place.
"""

import base64
import json
from typing import Any

BYTES = "$bytes"

MAX_INTEGER = 10**15
"""No id or priority is larger, and Redis's scores hold it exactly."""


def dumps(value: Any) -> str:
    """ValueError with the place for what JSON cannot hold, and for keys that it would change.

    >>> dumps({"url": "http://x/", "body": b"hi"})
    '{"url":"http://x/","body":{"$bytes":"aGk="}}'
    """
    _check(value, "request")
    return _ENCODER.encode(value)


def loads(text: str | bytes) -> Any:
    """ValueError for what ``dumps`` has not written.

    >>> loads('{"url":"http://x/","body":{"$bytes":"aGk="}}')
    {'url': 'http://x/', 'body': b'hi'}
    """
    try:
        return _DECODER.decode(text if isinstance(text, str) else text.decode())
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _check(value: Any, place: str) -> None:
    if isinstance(value, dict):
        for name, part in value.items():
            if not isinstance(name, str) or name == BYTES:
                raise ValueError(f"{place}: the key {name!r} cannot be queued as JSON")
            _check(part, f"{place}[{name!r}]")
    elif isinstance(value, list | tuple):
        for number, part in enumerate(value):
            _check(part, f"{place}[{number}]")
    elif type(value) is int and abs(value) > MAX_INTEGER:
        raise ValueError(f"{place}: a number over {MAX_INTEGER:,} cannot be queued")
    elif not (value is None or isinstance(value, str | int | float | bytes)):
        raise ValueError(f"{place}: {type(value).__name__} cannot be queued as JSON")


def _bytes(value: bytes) -> dict[str, str]:
    return {BYTES: base64.b64encode(value).decode()}


def _whole(digits: str) -> int:
    value = int(digits)
    if abs(value) > MAX_INTEGER:
        raise ValueError(f"a number of {len(digits)} digits")
    return value


def _read(value: dict[str, Any]) -> Any:
    if value.keys() != {BYTES}:
        return value
    return base64.b64decode(value[BYTES], validate=True)


_ENCODER = json.JSONEncoder(default=_bytes, allow_nan=False, separators=(",", ":"))
_DECODER = json.JSONDecoder(object_hook=_read, parse_int=_whole)
"""Made once: the functions of ``json`` make a new one for each call with options."""
