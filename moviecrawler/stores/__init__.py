"""Storage of documents, records and state. ``open_store`` builds a store; ``base`` defines what a store can do."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

from moviecrawler.exceptions import ConfigurationError
from moviecrawler.policy.freshness.refresh import ORDERS
from moviecrawler.stores.base import Access, Store
from moviecrawler.stores.sqlite.store import SqliteStore
from moviecrawler.stores.uris import sqlite_path, wrong_uri

SYNCHRONOUS = ("OFF", "NORMAL", "FULL")

AnyStore = TypeVar("AnyStore", bound=Store)


def open_store(
    uri: str,
    *,
    data_dir: Path = Path("data"),
    synchronous: str = "NORMAL",
    order: str = ORDERS[0],
    access: Access = "make",
) -> Store:
    """Build the store that ``uri`` (STORE_URI) names; ``await store.open()`` connects it, for this ``access``.

    An empty ``uri`` means ``movies.db`` in ``data_dir``. ``synchronous`` (STORE_SYNCHRONOUS) applies to SQLite only.
    ``order`` (REFRESH_ORDER) is the order of due titles; for titles that are already stored, see ``ordering``.
    ConfigurationError when an argument has a value that is not allowed.

    >>> open_store("sqlite:///data/movies.db", data_dir=Path("data")).describe
    'SQLite data/movies.db'
    """
    level = synchronous.strip().upper()
    if level not in SYNCHRONOUS:
        raise ConfigurationError(f"STORE_SYNCHRONOUS={synchronous!r}: must be one of {', '.join(SYNCHRONOUS)}")
    scheme = uri.partition(":")[0].lower()
    if not uri:
        return SqliteStore(data_dir / "movies.db", level, order, access)
    if scheme == "sqlite":
        return SqliteStore(sqlite_path(uri), level, order, access)
    if scheme in ("mongodb", "mongodb+srv"):
        # Imported here, so that users of SQLite do not pay for importing pymongo at every start.
        from moviecrawler.stores.mongo.address import parse_address
        from moviecrawler.stores.mongo.store import MongoStore

        return MongoStore(parse_address(uri), order, access)
    raise wrong_uri(uri, "the scheme is unknown")


@asynccontextmanager
async def opened(store: AnyStore) -> AsyncIterator[AnyStore]:
    """The store, open until the block ends; StoreError if it cannot be opened (StoreAbsent: nothing is stored yet)."""
    try:
        await store.open()
        yield store
    finally:
        await store.close()
