"""Where documents, records and state live. ``open_store`` is the one door; ``base`` says what a store can do."""

from pathlib import Path

from moviecrawler.exceptions import ConfigurationError
from moviecrawler.policy.freshness.refresh import ORDERS
from moviecrawler.stores.base import Access, Store
from moviecrawler.stores.sqlite.store import SqliteStore
from moviecrawler.stores.uris import sqlite_path, wrong_uri

SYNCHRONOUS = ("OFF", "NORMAL", "FULL")


def open_store(
    uri: str, *, data_dir: Path, synchronous: str = "NORMAL", order: str = ORDERS[0], access: Access = "make"
) -> Store:
    """Build the store that ``uri`` (STORE_URI) names; ``await store.open()`` connects it, for this ``access``.

    An empty ``uri`` is ``movies.db`` in ``data_dir``. ``synchronous`` (STORE_SYNCHRONOUS) concerns SQLite only.
    ``order`` (REFRESH_ORDER) is that of what is due; of what is stored already, see ``ordering``.
    ConfigurationError when one of them says nothing that can be done.

    >>> open_store("sqlite:///data/movies.db", data_dir=Path("data")).describe
    'SQLite data/movies.db'
    """
    level = synchronous.strip().upper()
    if level not in SYNCHRONOUS:
        raise ConfigurationError(f"STORE_SYNCHRONOUS is {synchronous!r}; allowed: {', '.join(SYNCHRONOUS)}")
    scheme = uri.partition(":")[0].lower()
    if not uri:
        return SqliteStore(data_dir / "movies.db", level, order, access)
    if scheme == "sqlite":
        return SqliteStore(sqlite_path(uri), level, order, access)
    if scheme in ("mongodb", "mongodb+srv"):
        # Imported here: who keeps everything in SQLite need not wait for pymongo at every start.
        from moviecrawler.stores.mongo.address import parse_address
        from moviecrawler.stores.mongo.store import MongoStore

        return MongoStore(parse_address(uri), order, access)
    raise wrong_uri(uri, "the scheme is unknown")
