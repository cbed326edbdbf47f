"""Rows as lines of JSON: the same bytes for the same row, whatever store it comes from."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic_core import to_json

from moviecrawler.backup.manifest import Sum


def line_of(row: Mapping[str, Any]) -> bytes:
    """Compact, ``_id`` first (where MongoDB puts it), all other names in their order; ValueError for what is not JSON.

    >>> line_of({"title": "Amélie", "_id": 194})
    b'{"_id":194,"title":"Am\\xc3\\xa9lie"}\\n'
    """
    if next(iter(row)) != "_id":
        row = {"_id": row["_id"], **row}
    return to_json(row) + b"\n"


class Sums:
    """The sums of the lines that were added, by kind; those of one kind by ascending ``_id``."""

    def __init__(self) -> None:
        self._hashes: dict[str, Any] = {}
        self._rows: dict[str, int] = {}

    def add(self, kind: str, lines: Sequence[bytes]) -> None:
        self._hashes.setdefault(kind, hashlib.sha256()).update(b"".join(lines))
        self._rows[kind] = self._rows.get(kind, 0) + len(lines)

    def forget(self, kind: str) -> None:
        """As if nothing of this kind had been added."""
        self._hashes.pop(kind, None)
        self._rows.pop(kind, None)

    def result(self) -> dict[str, Sum]:
        return {
            kind: Sum(rows=self._rows[kind], sha256=found.hexdigest()) for kind, found in sorted(self._hashes.items())
        }
