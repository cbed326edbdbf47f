"""The rows that a document has in the index tables, and the fewest statements that update them."""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable
from typing import Any

from moviecrawler.documents import Document, age_date
from moviecrawler.items import KINDS
from moviecrawler.policy.documents.upgrade import upgraded
from moviecrawler.policy.freshness.refresh import ORDERS
from moviecrawler.stores.canonical_json import Unreadable, from_text, to_text
from moviecrawler.stores.coverage import counter_names
from moviecrawler.stores.due_index import due_entries, filled_slots, incomplete_since
from moviecrawler.stores.ordering import ORDER_STATE
from moviecrawler.stores.search_keys import search_keys

_PUT = {
    "titles": "REPLACE INTO titles (kind, id, title, year) VALUES (?, ?, ?, ?)",
    "due": """
        REPLACE INTO due (kind, id, source, turn, minus_rank, never, next_refresh_at, day)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
    """,
    "source_ids": "REPLACE INTO source_ids (kind, id, source, source_id) VALUES (?, ?, ?, ?)",
    "incomplete": "REPLACE INTO incomplete (kind, id, since) VALUES (?, ?, ?)",
    "gone": "REPLACE INTO gone (kind, id, source) VALUES (?, ?, ?)",
}
_DELETE = {
    "titles": "DELETE FROM titles WHERE kind = ? AND id = ? AND title = ?",
    "due": "DELETE FROM due WHERE kind = ? AND id = ? AND source = ? AND turn = ? AND minus_rank = ?",
    "source_ids": "DELETE FROM source_ids WHERE kind = ? AND id = ? AND source = ? AND source_id = ?",
    "incomplete": "DELETE FROM incomplete WHERE kind = ? AND id = ? AND since = ?",
    "gone": "DELETE FROM gone WHERE kind = ? AND id = ? AND source = ?",
}
_KEY = {table: statement.count("?") - 2 for table, statement in _DELETE.items()}
"""How many leading columns of a row are its key, after kind and id."""

_COUNT = """
    INSERT INTO counters (kind, name, number) VALUES (?, ?, ?)
    ON CONFLICT DO UPDATE SET number = number + excluded.number
"""

_UPDATE = "UPDATE documents SET side_rows = ? WHERE kind = ? AND id = ?"

_PAGE = 200
"""Documents held in memory at a time."""

IndexRows = dict[str, Any]
"""Lists of rows by table, and ``counters``: one text, since it is compared at every write and parsed at few."""


def index_rows(document: Document, order: str = ORDERS[0]) -> IndexRows:
    """By table, the columns after kind and id; ``counters`` has one line per counter that the document increments.

    ``order`` is the order of due titles.

    >>> index_rows({"title": "Heat", "year": 1995, "sources": {"tmdb": {"source_id": "949", "next_refresh_at": None}}})
    ... # doctest: +NORMALIZE_WHITESPACE
    {'titles': [['heat', 1995]], 'due': [], 'source_ids': [['tmdb', '949']], 'incomplete': [], 'gone': [],
     'counters': 'field/title\\nfield/year\\nreleased/'}
    """
    year, day = document.get("year"), age_date(document) or ""
    answered, entries = filled_slots(document), due_entries(document, order)
    since = incomplete_since(entries.values())
    return {
        "titles": [[title, year] for title in search_keys(document)],
        "due": [
            [source, entry.priority_class, -entry.rank, int(entry.never), entry.next_refresh_at, day]
            for source, entry in entries.items()
        ],
        "source_ids": [
            [source, slot["source_id"]] for source, slot in answered.items() if slot.get("source_id") is not None
        ],
        "incomplete": [] if since is None else [[since]],
        "gone": [[source] for source, slot in answered.items() if slot.get("gone_at")],
        "counters": "\n".join((*counter_names(document), f"released/{day}")),
    }


def replace_index_rows(
    connection: sqlite3.Connection, kind: str, changes: Iterable[tuple[int, bytes | None, IndexRows]]
) -> None:
    """Update the index tables from the old rows to the new; a change is (id, old, new), the old one as stored text."""
    gone: dict[str, list[tuple[Any, ...]]] = {name: [] for name in _PUT}
    put: dict[str, list[tuple[Any, ...]]] = {name: [] for name in _PUT}
    counters: Counter[str] = Counter()
    for id_, old_text, after in changes:
        before = stored_rows(old_text)
        for name, rows in after.items():
            old_rows = before.get(name, "")
            if old_rows == rows:
                continue
            if name == "counters":
                counters.update(rows.splitlines())
                counters.subtract(old_rows.splitlines())
                continue
            old_set, new_set, width = set(map(tuple, old_rows)), set(map(tuple, rows)), _KEY[name]
            gone[name] += [(kind, id_, *key) for key in _keys(old_set, width) - _keys(new_set, width)]
            put[name] += [(kind, id_, *row) for row in new_set - old_set]
    for name in _PUT:
        connection.executemany(_DELETE[name], gone[name])
        connection.executemany(_PUT[name], put[name])
    connection.executemany(_COUNT, [(kind, name, change) for name, change in sorted(counters.items()) if change])


def rerank(connection: sqlite3.Connection, kind: str, after: int, order: str) -> tuple[int, int] | None:
    """Index a page of titles after the id ``after`` by ``order``; returns the page's last id and how many titles moved.

    None: there are no more titles. Must be called inside a transaction.
    """
    sql = """
        SELECT id, CAST(side_rows AS BLOB), CAST(document AS BLOB) FROM documents
        WHERE kind = ? AND id > ? ORDER BY id LIMIT ?
    """
    page = connection.execute(sql, (kind, after, _PAGE)).fetchall()
    moved = []
    for id_, old_text, text in page:
        old, new = stored_rows(old_text), index_rows_of_any(from_text(id_, text), order)
        if new and old.get("due") != new["due"]:
            moved.append((id_, old_text, old | {"due": new["due"]}))
    connection.executemany(_UPDATE, [(to_text(new, f"{kind}/{id_}"), kind, id_) for id_, _, new in moved])
    replace_index_rows(connection, kind, moved)
    return (page[-1][0], len(moved)) if page else None


def rebuild_index_rows(connection: sqlite3.Connection) -> None:
    """Rebuild all rows from the documents, in the first order; must be called inside a transaction."""
    for name in (*_PUT, "counters"):
        connection.execute(f"DELETE FROM {name}")  # noqa: S608
    sql = "SELECT id, CAST(document AS BLOB) FROM documents WHERE kind = ? AND id > ? ORDER BY id LIMIT ?"
    connection.execute("DELETE FROM state WHERE name = ?", (ORDER_STATE,))
    for kind in KINDS:
        last = -(2**63)
        while page := connection.execute(sql, (kind, last, _PAGE)).fetchall():
            last = page[-1][0]
            documents = [(id_, from_text(id_, text)) for id_, text in page]
            rows = [(id_, None, index_rows_of_any(document)) for id_, document in documents]
            connection.executemany(_UPDATE, [(to_text(new, f"{kind}/{id_}"), kind, id_) for id_, _, new in rows])
            replace_index_rows(connection, kind, rows)


def stored_rows(text: bytes | None) -> IndexRows:
    """The rows from their stored text; empty if it is damaged."""
    try:
        before = json.loads(text or b"{}")
    except ValueError:
        return {}
    return before if isinstance(before, dict) else {}


def index_rows_of_any(document: Any, order: str = ORDERS[0]) -> IndexRows:
    """Those of a document of any version; empty for a damaged one."""
    try:
        return {} if isinstance(document, Unreadable) else index_rows(upgraded("movies", document), order)
    except (TypeError, ValueError, AttributeError, OverflowError):
        return {}


def _keys(rows: Iterable[tuple[Any, ...]], width: int) -> set[tuple[Any, ...]]:
    return {row[:width] for row in rows}
