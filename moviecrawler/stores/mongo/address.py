"""The parts of a ``mongodb:`` URI, parsed without asking DNS."""

from typing import NamedTuple
from urllib.parse import unquote

from pymongo.errors import PyMongoError
from pymongo.uri_parser import parse_uri

from moviecrawler.stores.uris import wrong_uri

DATABASE = "moviecrawler"
"""The database when the URI names none."""


class Address(NamedTuple):
    """``hosts`` is for messages; ``options`` has the lower-case names of the options that the URI sets."""

    uri: str
    hosts: str
    database: str
    options: frozenset[str]


def parse_address(uri: str) -> Address:
    """The parts of a ``mongodb://`` or ``mongodb+srv://`` URI; ConfigurationError when it is malformed.

    >>> parse_address("mongodb://me:s3cret@db.example:27017/films?tls=true")[1:]
    ('db.example:27017', 'films', frozenset({'tls'}))
    """
    scheme, _, rest = uri.partition("://")
    place, _, query = rest.partition("?")
    authority, _, path = place.partition("/")
    hosts, database = authority.rpartition("@")[2], unquote(path) or DATABASE
    if not hosts:
        raise wrong_uri(uri, "the host is missing")
    if scheme == "mongodb+srv":  # the rest depends on DNS, when the store is opened
        if ":" in hosts or "," in hosts:
            raise wrong_uri(uri, "mongodb+srv: must be followed by one host name without a port")
    else:
        try:
            parse_uri(uri, validate=True, warn=False)
        except OSError:
            raise wrong_uri(uri, "a file that its options name cannot be read") from None
        except (PyMongoError, ValueError):
            raise wrong_uri(uri, _complaint(query)) from None
    if "." in database:
        raise wrong_uri(uri, "the name of a database must not contain a dot")
    return Address(uri, hosts, database, frozenset(part.partition("=")[0].lower() for part in query.split("&") if part))


def _complaint(query: str) -> str:
    """What pymongo rejects, in our own words.

    Its texts change, and may quote the password, as does a ``query`` with "@".
    """
    for option in query.split("&") if "@" not in query else ():
        name = option.partition("=")[0]
        if name.isidentifier() and not _is_valid_option(option):
            return f"the option {name} is unknown, or its value is wrong"
    return "it is malformed (in user and password, reserved characters must be escaped: %40 for @ and so on)"


def _is_valid_option(option: str) -> bool:
    try:
        parse_uri(f"mongodb://localhost/?{option}", validate=True, warn=False)
    except (PyMongoError, ValueError):
        return False
    except OSError:
        pass
    return True
