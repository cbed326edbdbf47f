"""The tables, version by version. What has been released does not change any more: add a version (``migrations``).

The JSON text is the truth; the other columns and the tables but ``documents``, ``records`` and ``state`` are made
from it, in the same transaction, so that they can be searched. ``side_rows`` holds what those tables hold of the
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

VERSION_2 = (
    # The key is the order of asking; minus_rank, since SQLite compares rows whose columns all go the same way.
    "DROP TABLE due",
    """
    CREATE TABLE due (
        kind TEXT NOT NULL,
        source TEXT NOT NULL,
        turn INTEGER NOT NULL,
        minus_rank REAL NOT NULL,
        id INTEGER NOT NULL,
        never INTEGER NOT NULL,
        next_refresh_at TEXT NOT NULL,
        day TEXT NOT NULL,
        PRIMARY KEY (kind, source, turn, minus_rank, id)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX due_at ON due (kind, source, next_refresh_at, day)",
    # From that moment on the title lacks a fresh answer of a source that can be asked.
    """
    CREATE TABLE incomplete (
        kind TEXT NOT NULL,
        since TEXT NOT NULL,
        id INTEGER NOT NULL,
        PRIMARY KEY (kind, since, id)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE gone (
        kind TEXT NOT NULL,
        source TEXT NOT NULL,
        id INTEGER NOT NULL,
        PRIMARY KEY (kind, source, id)
    ) WITHOUT ROWID
    """,
    # How many titles say something in a field (field/title), have an answer (asked/tmdb), are frozen or gone there
    # (frozen/omdb, gone/tmdb), and are as old as that day (released/1999-03-31; released/ alone: nobody knows).
    """
    CREATE TABLE counters (
        kind TEXT NOT NULL,
        name TEXT NOT NULL,
        number INTEGER NOT NULL,
        PRIMARY KEY (kind, name)
    ) WITHOUT ROWID
    """,
)

VERSION_3: tuple[str, ...] = ()
"""Titles are found by more of their spellings."""
