"""Stored rows as JSON text, and the stand-in for a row that cannot be read."""

import json
from collections.abc import Callable
from functools import cache
from typing import Any

from pydantic_core import SchemaValidator, core_schema, from_json, to_json

_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


def to_text(value: Any, name: str) -> str:
    """Compact JSON; ValueError with ``name`` for a value that is not JSON (NaN, a set, an unpaired surrogate ...).


    >>> to_text({"title": "Amélie", "year": 2001}, "movies/194")
    '{"title":"Amélie","year":2001}'
    """
    try:
        if _is_plain(value):
            return to_json(value).decode()
        text = _encode(value)
        text.encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise ValueError(f"{name} cannot be stored: {error}") from error
    return text


def _is_plain(value: Any) -> bool:
    """Whether pydantic, in a third of the time, writes ``value`` as the standard library does.

    False for what it writes otherwise (1e-7 for 1e-07), and for what is no JSON and only the library refuses. A
    document has most of its lists and objects twice, here and in the slot: each is looked into once.
    """
    nested: list[Any] = [[value]]
    seen: set[int] = set()
    for outer in nested:
        for inner in outer.values() if type(outer) is dict else outer:
            kind = type(inner)
            if kind is str or kind is int or inner is None or kind is bool:
                continue
            if kind is dict or kind is list:
                if id(inner) not in seen:
                    seen.add(id(inner))
                    nested.append(inner)
            elif kind is not float or not (inner == 0 or 1e-4 <= abs(inner) < 1e16):
                return False
    return True


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


def from_text(id_: int | str, text: bytes | None, fields: tuple[str, ...] = ()) -> Any:
    """The :data:`StoredRow` that is kept as JSON, or an :class:`Unreadable` if its bytes are damaged.

    With ``fields`` it has no others, but for the ``_id``; all are read, but objects are made of these alone.

    >>> from_text(603, b'{"_id": 603'), from_text(603, None).why
    ({'_id': 603}, 'it is not JSON')
    """
    try:
        row = _selector(fields)(text or b"") if fields else from_json(text or b"", allow_inf_nan=False)
    except ValueError:
        return Unreadable(id_, "it is not JSON")
    if not isinstance(row, dict) or row.get("_id") != id_:
        return Unreadable(id_, "its JSON is that of another row")
    return row


@cache
def _selector(fields: tuple[str, ...]) -> Callable[[bytes], Any]:
    """Reads JSON objects with these fields alone; ValueError if it is no JSON object."""
    field = core_schema.typed_dict_field(core_schema.any_schema(), required=False)
    wanted = core_schema.typed_dict_schema(dict.fromkeys(("_id", *fields), field), extra_behavior="ignore")
    return SchemaValidator(wanted).validate_json
