"""The tables, version by version. A released version does not change any more: add a version (``migrations``).

The JSON text is authoritative. All other columns, and all tables except ``documents``, ``records`` and ``state``, are
derived from it in the same transaction, to be searched. The column ``side_rows`` holds the document's rows in those
index tables, so that a write knows which of them to change without reading them.
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
    # The key is the refresh order; minus_rank, since a row comparison in SQLite sorts all columns the same way.
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
    # The time from which the title lacks a fresh answer of a source that can be asked.
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
    # How many titles have a value in a field (field/title), have an answer (asked/tmdb), are frozen or gone at a source
    # (frozen/omdb, gone/tmdb), and have their age counted from a day (released/1999-03-31; released/ alone: unknown).
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

CHANGED_AT = "CASE WHEN json_valid(record) THEN coalesce(json_extract(record, '$.at'), '') ELSE '' END"
"""The time of a change; a query uses the index only if it says the same."""

VERSION_4 = (f"CREATE INDEX changes_at ON records ({CHANGED_AT}, id) WHERE kind = 'changes'",)
"""Also, the fields of documents of schema version 2 are counted."""
