"""Stored rows as JSON text, and the stand-in for a row that cannot be read."""

import json
from typing import Any

from pydantic_core import from_json

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


def to_stored_text(row: Any) -> bytes | None:
    """What SQLite would keep of a row; None for an :class:`Unreadable`, and for one that is not JSON."""
    if isinstance(row, Unreadable):
        return None
    try:
        return to_text(row, "").encode()
    except ValueError:
        return None


def is_line(id_: int | str, text: bytes) -> bool:
    """Whether the text is an object on one line from end to end, that of this ``_id``, by its looks.

    What is within is not read: that takes longer than to copy it. False does not mean that it is damaged.

    >>> is_line(603, b'{"_id":603,"title":"Heat"}'), is_line(603, b'{"_id": 603}'), is_line(60, b'{"_id":603,"x":""}')
    (True, False, False)
    """
    start = b'{"_id":' + (b"%d" % id_ if isinstance(id_, int) else _encode(id_).encode()) + b","
    return text.startswith(start) and text.endswith(b"}") and b"\0" not in text


StoredRow = dict[str, Any]
"""A document or record as a store sees it: what can be said of its fields only ``policy.documents.shape`` knows."""


class Unreadable(StoredRow):
    """Has only the ``_id``; ``why`` gives the reason in a few words."""

    def __init__(self, id_: int | str, why: str) -> None:
        super().__init__(_id=id_)
        self.why = why


def from_text(id_: int | str, text: bytes | None) -> Any:
    """The :data:`StoredRow` that is kept as JSON, or an :class:`Unreadable` if its bytes are damaged.

    >>> from_text(603, b'{"_id": 603'), from_text(603, None).why
    ({'_id': 603}, 'it is not JSON')
    """
    try:
        row = from_json(text or b"", allow_inf_nan=False)
    except ValueError:
        return Unreadable(id_, "it is not JSON")
    if not isinstance(row, dict) or row.get("_id") != id_:
        return Unreadable(id_, "its JSON is that of another row")
    return row
