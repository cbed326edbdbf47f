"""The tables of version 1. Later versions are steps in ``migrations``; this file does not change any more.

The JSON text is the truth; the other columns and the side tables ``titles``, ``due`` and ``source_ids`` are made
from it, in the same transaction, so that they can be searched. ``side_rows`` holds what the side tables hold of the
document, so that a write knows which of their rows to touch without reading them.
"""

VERSION_1 = (
    """
    CREATE TABLE documents (
        kind TEXT NOT NULL,
        id INTEGER NOT NULL,
        revision INTEGER NOT NULL,
        imdb_id TEXT,
        year INTEGER,
        popularity REAL,
        updated_at TEXT,
        side_rows TEXT NOT NULL,
        document TEXT NOT NULL,
        PRIMARY KEY (kind, id)
    )
    """,
    "CREATE INDEX documents_imdb_id ON documents (kind, imdb_id)",
    "CREATE INDEX documents_year ON documents (kind, year)",
    "CREATE INDEX documents_popularity ON documents (kind, popularity)",
    "CREATE INDEX documents_updated_at ON documents (kind, updated_at)",
    """
    CREATE TABLE titles (
        kind TEXT NOT NULL,
        title TEXT NOT NULL,
        id INTEGER NOT NULL,
        year INTEGER,
        PRIMARY KEY (kind, title, id)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE due (
        kind TEXT NOT NULL,
        source TEXT NOT NULL,
        next_refresh_at TEXT NOT NULL,
        id INTEGER NOT NULL,
        PRIMARY KEY (kind, source, next_refresh_at, id)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE source_ids (
        kind TEXT NOT NULL,
        source TEXT NOT NULL,
        source_id TEXT NOT NULL,
        id INTEGER NOT NULL,
        PRIMARY KEY (kind, source, source_id, id)
    ) WITHOUT ROWID
    """,
    "CREATE TABLE records (kind TEXT NOT NULL, id TEXT NOT NULL, record TEXT NOT NULL, PRIMARY KEY (kind, id))",
    "CREATE TABLE state (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL)",
)
