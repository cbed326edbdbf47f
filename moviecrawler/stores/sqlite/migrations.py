"""Migrate any older schema version to the current one, in the transaction that opening the store holds."""

import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path

from moviecrawler.exceptions import StoreError
from moviecrawler.stores.sqlite.copies import copy_before_migration
from moviecrawler.stores.sqlite.header import APPLICATION_ID, another_program
from moviecrawler.stores.sqlite.index_rows import rebuild_index_rows
from moviecrawler.stores.sqlite.schema import VERSION_1, VERSION_2, VERSION_3, VERSION_4

Step = Sequence[str] | Callable[[sqlite3.Connection], None]

STEPS: tuple[Step, ...] = (VERSION_1, VERSION_2, VERSION_3, VERSION_4)
"""Step n (counted from 1) turns schema version n - 1 into n: SQL statements, or a function where SQL is not enough.

A step does not touch the rows of the index tables: after the last step all of them are rebuilt from the documents. So a
step without statements is enough for another normalisation of titles, or another counter."""

ADDING = frozenset({1, 3, 4})
"""Numbers of the steps that drop and rewrite nothing but index rows: before any other the file is copied."""


def version_of(connection: sqlite3.Connection) -> int:
    """The schema version of the file, 0 if it has none."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return int(version)


def migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Run the missing steps; must be called inside a transaction.

    StoreError when the file belongs to another program or to a newer moviecrawler, or cannot be copied first.
    """
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    version = version_of(connection)
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if application != APPLICATION_ID and (application or version or tables):
        raise another_program(path)
    if version > len(STEPS):
        raise StoreError(
            f"SQLite {path}: it has schema version {version}, this moviecrawler supports versions up to {len(STEPS)}; "
            "use the newer moviecrawler that wrote it"
        )
    if version and not ADDING.issuperset(range(version + 1, len(STEPS) + 1)):
        copy_before_migration(path, version, len(STEPS))
    for step in STEPS[version:]:
        if callable(step):
            step(connection)
        else:
            for statement in step:
                connection.execute(statement)
    if version < len(STEPS):
        rebuild_index_rows(connection)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {len(STEPS)}")
