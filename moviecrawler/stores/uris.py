"""Which values STORE_URI may have, and which part of it may be shown."""

import re
from pathlib import Path

from moviecrawler.exceptions import ConfigurationError

ALLOWED = "sqlite:///relative/file.db, sqlite:////absolute/file.db or mongodb://host:port/database"


def without_password(uri: str) -> str:
    """The URI as shown to people: no user, no password, no options (they may hold tokens).

    >>> without_password("mongodb://me:s3cret@db.example:27017/movies?tls=true")
    'mongodb://***@db.example:27017/movies'
    >>> without_password("mongodb://me:s3cret/movies")
    'mongodb://me:***/movies'
    """
    uri = re.sub(r"^([\w+.-]*:/*)?.*@", r"\1***@", uri, flags=re.DOTALL).partition("?")[0]
    return re.sub(r"(?<=[\w*]):(?!//|\d+(?=[/,]|$))[^/,]*", ":***", uri)


def wrong_uri(uri: str, why: str) -> ConfigurationError:
    """The error for a STORE_URI that cannot be used."""
    return ConfigurationError(f"STORE_URI={without_password(uri)!r}: {why}; must be {ALLOWED}")


def sqlite_path(uri: str) -> Path:
    """The file that a ``sqlite:`` URI names; ConfigurationError when it names none.

    >>> sqlite_path("sqlite:///data/movies.db")
    PosixPath('data/movies.db')
    >>> sqlite_path("sqlite:////srv/movies.db")
    PosixPath('/srv/movies.db')
    """
    path = uri.removeprefix("sqlite:///")
    if path == uri:
        raise wrong_uri(uri, "sqlite: is followed by three slashes and a path")
    if not path or path == ":memory:" or "\0" in path:
        raise wrong_uri(uri, "the path of a file is missing")
    if "?" in path:
        raise wrong_uri(uri, "a SQLite store takes no options")
    return Path(path)
