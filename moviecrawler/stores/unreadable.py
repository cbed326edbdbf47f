"""The stand-in for a stored row that cannot be read."""

import json
from typing import Any


class Unreadable(dict[str, Any]):
    """Has only the ``_id``; ``why`` gives the reason in a few words."""

    def __init__(self, id_: int | str, why: str) -> None:
        super().__init__(_id=id_)
        self.why = why


def from_text(id_: int | str, text: bytes | None) -> dict[str, Any]:
    """The row stored as JSON, or an :class:`Unreadable` if its bytes are damaged.

    >>> from_text(603, b'{"_id": 603'), from_text(603, None).why
    ({'_id': 603}, 'it is not JSON')
    """
    try:
        row = json.loads(text or b"")
    except (ValueError, RecursionError):
        return Unreadable(id_, "it is not JSON")
    if not isinstance(row, dict) or row.get("_id") != id_:
        return Unreadable(id_, "its JSON is that of another row")
    return row
