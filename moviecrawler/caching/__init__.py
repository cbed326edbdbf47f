"""The response cache, on Scrapy's HTTP-cache extension points. ``open_tier`` builds the tier that CACHE_URI names."""

from pathlib import Path

from moviecrawler.caching.sqlite import SqliteTier
from moviecrawler.caching.tier import Tier
from moviecrawler.exceptions import ConfigurationError
from moviecrawler.stores.uris import without_password

FILE = "cache.db"
ALLOWED = (
    f"must be sqlite: ({FILE} in DATA_DIR), sqlite:///relative/file.db, sqlite:////absolute/file.db, "
    "redis://host:port/0, rediss://host:port/0, mongodb://host:port/database, or empty (no cache)"
)


def open_tier(uri: str, *, data_dir: Path) -> Tier | None:
    """Build the tier that ``uri`` (CACHE_URI) names, None for an empty one; ``await tier.open()`` connects it.

    ConfigurationError if ``uri`` is malformed or its scheme unknown.

    >>> open_tier("sqlite:", data_dir=Path("data")).describe
    'SQLite data/cache.db'
    """
    scheme, _, rest = uri.strip().partition(":")
    describe = without_password(uri.strip())
    try:
        if not scheme:
            return None
        if scheme == "sqlite":
            return SqliteTier(_file(rest, data_dir))
        # Imported here, so that a crawl with SQLite does not load the other clients at every start.
        if scheme in ("redis", "rediss"):
            from moviecrawler.caching.redis import RedisTier

            return RedisTier(uri.strip(), f"Redis {describe.partition('://')[2]}")
        if scheme in ("mongodb", "mongodb+srv"):
            from moviecrawler.caching.mongo import MongoTier

            return MongoTier(uri.strip(), f"MongoDB {describe.partition('://')[2]}")
    except ValueError:
        why = "malformed"
    else:
        why = "unknown scheme"
    # Raised outside of the except clause: the cause may hold the password, and __context__ would keep it.
    raise ConfigurationError(f"CACHE_URI={describe!r}: {why}; {ALLOWED}")


def _file(rest: str, data_dir: Path) -> Path:
    if not rest:
        return data_dir / FILE
    path = rest.removeprefix("///")
    if path in (rest, "", ":memory:") or "?" in path or "\0" in path:
        raise ValueError(rest)
    return Path(path)
