"""Between stored values and JSON text."""

import json
from typing import Any

_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


def to_text(value: Any, name: str) -> str:
    """Compact JSON; ValueError with ``name`` when the value is not JSON (NaN, a set, half a surrogate pair ...).

    >>> to_text({"title": "Amélie", "year": 2001}, "movies/194")
    '{"title":"Amélie","year":2001}'
    """
    try:
        text = _encode(value)
        text.encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise ValueError(f"{name} cannot be stored: {error}") from error
    return text
