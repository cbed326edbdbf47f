"""The rows of the side tables that a document asks for, and the fewest statements that bring them about."""

import json
import sqlite3
from collections.abc import Iterable
from typing import Any

from moviecrawler.stores.titles import normalised_titles

_INSERT = {
    "titles": "INSERT INTO titles (kind, id, title, year) VALUES (?, ?, ?, ?)",
    "due": "INSERT INTO due (kind, id, source, next_refresh_at) VALUES (?, ?, ?, ?)",
    "source_ids": "INSERT INTO source_ids (kind, id, source, source_id) VALUES (?, ?, ?, ?)",
}
_DELETE = {
    "titles": "DELETE FROM titles WHERE kind = ? AND id = ? AND title = ? AND year IS ?",
    "due": "DELETE FROM due WHERE kind = ? AND id = ? AND source = ? AND next_refresh_at = ?",
    "source_ids": "DELETE FROM source_ids WHERE kind = ? AND id = ? AND source = ? AND source_id = ?",
}

SideRows = dict[str, list[list[Any]]]


def side_rows(document: dict[str, Any]) -> SideRows:
    """By table, what stands there beside kind and id.

    >>> side_rows({"title": "Heat", "year": 1995, "sources": {"tmdb": {"source_id": "949", "next_refresh_at": None}}})
    {'titles': [['heat', 1995]], 'due': [], 'source_ids': [['tmdb', '949']]}
    """
    year = document.get("year")
    slots = [(source, slot) for source, slot in (document.get("sources") or {}).items() if slot]
    return {
        "titles": [[title, year] for title in normalised_titles(document)],
        "due": [[source, slot["next_refresh_at"]] for source, slot in slots if slot.get("next_refresh_at")],
        "source_ids": [[source, slot["source_id"]] for source, slot in slots if slot.get("source_id") is not None],
    }


def replace_side_rows(
    connection: sqlite3.Connection, kind: str, changes: Iterable[tuple[int, str | None, str]]
) -> None:
    """Take the side tables from the old rows to the new; a change is (id, old, new) as ``documents.side_rows`` text."""
    gone: dict[str, list[tuple[Any, ...]]] = {table: [] for table in _DELETE}
    new: dict[str, list[tuple[Any, ...]]] = {table: [] for table in _INSERT}
    for id_, old_text, new_text in changes:
        if old_text == new_text:
            continue
        before: SideRows = json.loads(old_text) if old_text else {}
        after: SideRows = json.loads(new_text)
        for table, rows in after.items():
            old_rows = before.get(table, [])
            if old_rows != rows:
                old_set, new_set = set(map(tuple, old_rows)), set(map(tuple, rows))
                gone[table] += [(kind, id_, *row) for row in old_set - new_set]
                new[table] += [(kind, id_, *row) for row in new_set - old_set]
    for table in _INSERT:
        connection.executemany(_DELETE[table], gone[table])
        connection.executemany(_INSERT[table], new[table])
