"""Finds titles: by id, by name, by words, ranked by how well they fit and how many people look at them."""

import json
from collections.abc import Sequence
from contextlib import suppress
from typing import Literal, NamedTuple

from moviecrawler.policy.identity.references import parse_reference
from moviecrawler.search.facets import bits_of
from moviecrawler.search.index import SearchIndex
from moviecrawler.search.nearest import nearest
from moviecrawler.search.text import Query, folded, read_query, respelt

Sort = Literal["relevance", "popularity", "title", "year", "rating", "updated"]

SORTS: tuple[Sort, ...] = ("relevance", "popularity", "title", "year", "rating", "updated")

_ORDERS: dict[Sort, str] = {
    "popularity": "popularity DESC, slot",
    "title": "sort_title = '', sort_title, slot",
    "year": "year DESC, popularity DESC, slot",
    "rating": "rating DESC, popularity DESC, slot",
    "updated": "updated_at DESC, slot",
}

_RANKED = """
    SELECT slot FROM words JOIN titles ON slot = words.rowid WHERE words MATCH ?
    ORDER BY bm25(words, 10, 2, 1) * weight, slot
"""
"""A word of a title counts ten times, a person twice what a keyword does; and what people look at more."""

MOST_RANKED = 5000
"""Hits; words that more titles have say too little to rank by, and popularity alone decides."""


class Found(NamedTuple):
    """``slots`` in order. ``instead``: the words that were looked for, where nothing has those that were asked for.
    ``partly``: nothing has all of the words, and these have some.
    """

    slots: list[int]
    instead: str = ""
    partly: bool = False


class Row(NamedTuple):
    """A title, as results show it."""

    kind: str
    id: int
    title: str | None
    year: int | None


def find(
    index: SearchIndex, text: str, *, sort: Sort = "relevance", among: int | None = None, gone: bool = False
) -> Found:
    """Titles for what a person has typed, all of them; without a word all titles, the popular ones first.

    What is typed is an id, an address, a name or words: titles that are called so come before those that have the
    words. If nothing has all of them, the nearest words that there are, or some of the words. ``among``: only titles of
    this set (``facets``). ``gone``: without words also titles that are gone, which nothing else finds.
    """
    if not text.strip():
        return Found(kept(_in_order(index, None, sort, gone=gone), among))
    by_id = _by_id(index, text)
    if by_id and not text.strip().isdecimal():
        return Found(kept(by_id, among))
    query, instead = read_query(text), ""
    slots = list(dict.fromkeys([*_named(index, query), *by_id, *_matching(index, query)]))
    if not slots and (spelling := nearest(index, query.words)):
        corrected = respelt(text, spelling)
        slots = _matching(index, read_query(corrected))
        instead = corrected if slots else ""
    if partly := not slots and bool(query.some) and not _is_reference(text):
        slots = _matching(index, query._replace(match=query.some))
    slots = kept(slots, among)
    return Found(slots if sort == "relevance" else _in_order(index, slots, sort), instead, partly and bool(slots))


def rows(index: SearchIndex, slots: Sequence[int]) -> list[Row]:
    """What is shown of these titles; those that have left the index meanwhile are left out."""
    sql = "SELECT kind, id, title, year FROM titles WHERE slot = ?"
    found = (index.connection.execute(sql, (slot,)).fetchone() for slot in slots)
    return [Row(*row) for row in found if row]


def _by_id(index: SearchIndex, text: str) -> list[int]:
    keys = {folded(text.strip()).lstrip("=")}
    with suppress(ValueError):
        found = parse_reference(text)
        keys.add(found if isinstance(found, str) else f"{found[0]}/{found[1]}")
    return [slot for key in sorted(keys) for slot in _with_key(index, key)]


def _is_reference(text: str) -> bool:
    with suppress(ValueError):
        return bool(parse_reference(text))
    return False


def _named(index: SearchIndex, query: Query) -> list[int]:
    return _with_key(index, query.name)


def _with_key(index: SearchIndex, key: str) -> list[int]:
    sql = "SELECT slot FROM keys JOIN titles USING (slot) WHERE key = ? ORDER BY popularity DESC, slot"
    return [slot for (slot,) in index.connection.execute(sql, (key,))]


def _matching(index: SearchIndex, query: Query) -> list[int]:
    if not query.match:
        return []
    slots = [
        slot for (slot,) in index.connection.execute("SELECT rowid FROM words WHERE words MATCH ?", (query.match,))
    ]
    if query.brief or len(slots) > MOST_RANKED:
        return _in_order(index, slots, "popularity")
    return [slot for (slot,) in index.connection.execute(_RANKED, (query.match,))]


def _in_order(index: SearchIndex, slots: Sequence[int] | None, sort: Sort, *, gone: bool = False) -> list[int]:
    """These titles, or all; also those that are ``gone``, or only those that are shown."""
    order = _ORDERS.get(sort, _ORDERS["popularity"])
    if slots is not None and len(slots) < MOST_RANKED:
        sql = f"SELECT slot FROM titles WHERE slot IN (SELECT value FROM json_each(?)) ORDER BY {order}"  # noqa: S608
        return [slot for (slot,) in index.connection.execute(sql, (json.dumps(slots),))]
    chosen = f"{'1' if gone else 'shown'} ORDER BY {order}"
    if chosen not in index.orders:
        rows = index.connection.execute(f"SELECT slot FROM titles WHERE {chosen}")  # noqa: S608
        index.orders[chosen] = [slot for (slot,) in rows]
    return kept(index.orders[chosen], None if slots is None else bits_of(slots))


def kept(slots: list[int], among: int | None) -> list[int]:
    """Those of the set, in their order."""
    if among is None:
        return slots
    bits = among.to_bytes(among.bit_length() // 8 + 1, "little")
    return [slot for slot in slots if slot >> 3 < len(bits) and bits[slot >> 3] >> (slot & 7) & 1]
