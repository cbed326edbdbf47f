"""The tables of an index, and when a file cannot be used as one."""

import sqlite3

from moviecrawler.search.entries import NUMBERS
from moviecrawler.search.text import TOKENIZER

VERSION = 1
"""Raised with every change of the tables, of ``entries`` or of ``text``: an index of another version is made anew."""

APPLICATION_ID = 0x6D637273
"""``mcrs`` in ASCII, in the file's header."""

_TABLES = (
    f"""
    CREATE TABLE titles (
        slot INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, id INTEGER NOT NULL, revision INTEGER NOT NULL,
        updated_at TEXT, shown INTEGER NOT NULL, title TEXT, sort_title TEXT NOT NULL, keys TEXT NOT NULL,
        weight REAL NOT NULL, {", ".join(NUMBERS)}, UNIQUE (kind, id)
    )
    """,
    "CREATE INDEX titles_updated_at ON titles (updated_at)",
    "CREATE TABLE keys (key TEXT NOT NULL, slot INTEGER NOT NULL, PRIMARY KEY (key, slot)) WITHOUT ROWID",
    f"""
    CREATE VIRTUAL TABLE words USING fts5(titles, people, rest, tokenize="{TOKENIZER}", prefix='1 2 3')
    """,
    "CREATE VIRTUAL TABLE vocabulary USING fts5vocab(words, row)",
    """
    CREATE TABLE facets (
        field TEXT NOT NULL, value TEXT NOT NULL, bits BLOB NOT NULL, PRIMARY KEY (field, value)
    ) WITHOUT ROWID
    """,
    "CREATE TABLE notes (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
)


def create(connection: sqlite3.Connection, store: str) -> None:
    """The tables, in an empty database; ``store`` is whose index it is."""
    for statement in _TABLES:
        connection.execute(statement)
    connection.execute("INSERT INTO notes VALUES ('store', ?)", (store,))
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {VERSION}")


def is_usable(connection: sqlite3.Connection, store: str) -> bool:
    """Whether it is a complete index of this version and of this store; sqlite3.Error if it cannot be read."""
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if (application, version) != (APPLICATION_ID, VERSION):
        return False
    names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    if not names >= {"titles", "keys", "words", "vocabulary", "facets", "notes"}:
        return False
    row = connection.execute("SELECT value FROM notes WHERE name = 'store'").fetchone()
    return row is not None and row[0] == store
