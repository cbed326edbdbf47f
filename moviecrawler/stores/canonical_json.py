"""Stored values as JSON text."""

import json
from typing import Any

_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


def to_text(value: Any, name: str) -> str:
    """Compact JSON; ValueError with ``name`` for a value that is not JSON (NaN, a set, an unpaired surrogate ...).


    >>> to_text({"title": "Amélie", "year": 2001}, "movies/194")
    '{"title":"Amélie","year":2001}'
    """
    try:
        text = _encode(value)
        text.encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise ValueError(f"{name} cannot be stored: {error}") from error
    return text
