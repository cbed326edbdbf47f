"""Titles to search for, and an index of them in memory."""

import sqlite3
from collections.abc import Sequence
from typing import Any

from moviecrawler.documents import Document
from moviecrawler.search.entries import entry
from moviecrawler.search.index import SearchIndex
from moviecrawler.search.query import find, rows
from moviecrawler.search.schema import create
from moviecrawler.stores.base import Write
from tests.support.films import film

NOTHING: dict[str, Any] = {
    "titles": {},
    "alternative_titles": [],
    "people": {},
    "keywords": [],
    "popularity": 0.0,
    "schema_version": 2,
}


SOURCES = film(1)["sources"]
GONE: Any = SOURCES | {"tmdb": SOURCES["tmdb"] | {"gone_at": "2026-11-21T08:15:30.123Z"}}
"""The ``sources`` of a title that TMDB no longer has."""


def named(id_: int, title: str, revision: int = 1, **changes: Any) -> Document:
    """A film of which nothing is known but its title, and ``changes``."""
    return film(id_, revision, **{**NOTHING, "title": title, "original_title": title, "year": None, **changes})


def people(*names: str) -> dict[str, Any]:
    return {"directors": [], "writers": [], "cast": [{"name": name} for name in names]}


def put(document: Document, expected: int | None = None, kind: str = "movies") -> Write:
    return Write(kind, document["_id"], document, expected)


def index_of(*documents: Document, kind: str = "movies") -> SearchIndex:
    index = SearchIndex(sqlite3.connect(":memory:", isolation_level=None))
    create(index.connection, "a store")
    index.put([entry(kind, document) for document in documents])
    return index


def ids(index: SearchIndex, text: str, **options: Any) -> list[int]:
    """What is found, in order."""
    return [row.id for row in rows(index, find(index, text, **options).slots)]


def everything(index: SearchIndex) -> Sequence[tuple[Any, ...]]:
    """All that an index has, but for its slots and notes: two of the same titles are alike."""
    sql = """
        SELECT kind, id, revision, updated_at, shown, title, keys, titles, people, rest
        FROM titles LEFT JOIN words ON words.rowid = slot ORDER BY kind, id
    """
    return [(*row[:6], frozenset(row[6].split("\n")), *row[7:]) for row in index.connection.execute(sql)]
