"""Addresses in settings: base URLs of sources, relays of pictures, Redis, Scrapyd."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Literal
from urllib.parse import SplitResult, urlsplit

from pydantic import BeforeValidator, SecretStr

from moviecrawler.config.fields import WrongValue, plain_text

Role = Literal["api", "page", "file", "cdn"]
"""What a host serves: JSON for a key, HTML, exported files, pictures. Credentials are for ``api`` only: the rest is
public, and the host of a picture may be a third party's relay.
"""

DEFAULT_PORTS = {"http": 80, "https": 443}

RELAY_PLACEHOLDER = "{url}"
"""Where the template of a relay takes the picture's address."""

_BASE_PATHS = {
    ("api", "api.themoviedb.org"): "/3",
    ("api", "api.tmdb.org"): "/3",
    ("cdn", "image.tmdb.org"): "/t/p",
    ("cdn", "media.themoviedb.org"): "/t/p",
    ("file", "files.tmdb.org"): "/p/exports",
}
"""The base paths of TMDB's own hosts, added to a base URL without a path. Paths on other hosts are up to the user."""

BASE_URLS = "must be http:// or https:// URLs with a host name (and a port up to 65535), separated by commas"
REDIS = (
    "must be redis://host:port/0, redis://user:password@host:port/0 or rediss:// for TLS, with %40 for @ etc. in user "
    "and password, and no options but ?ssl_..."
)


@lru_cache(maxsize=256)
def origin_of(scheme: str, netloc: str) -> str:
    """The origin, from these two parts of a URL; ValueError if there is none."""
    parts = SplitResult(scheme, netloc, "", "", "")
    if scheme not in DEFAULT_PORTS or not parts.hostname:
        raise ValueError("not an http(s) URL with a host name")
    name = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    port = "" if parts.port in (None, DEFAULT_PORTS[scheme]) else f":{parts.port}"
    return f"{scheme}://{name}{port}"


def base_urls(text: str, role: Role) -> tuple[str, ...]:
    """The base URLs in a list separated by commas: each once, in one spelling, without a slash at the end. WrongValue.

    >>> base_urls("HTTPS://API.TheMovieDB.org:443/, http://127.0.0.1:8001/3/", "api")
    ('https://api.themoviedb.org/3', 'http://127.0.0.1:8001/3')
    """
    bases = tuple(dict.fromkeys(_base_url(base.strip(), role) for base in text.split(",") if base.strip()))
    if not bases:
        raise WrongValue(f"names no URL; {BASE_URLS}")
    return bases


def _base_url(text: str, role: Role) -> str:
    def wrong(what: str) -> WrongValue:
        return WrongValue(f"{what}; {BASE_URLS}", shown=repr(shown))

    # A password before an @, or a key in a query, must not get into a log through our own message.
    public_base, query, _ = text.partition("?")
    shown = (f"...@{public_base.rpartition('@')[2]}" if "@" in public_base else public_base) + (query and "?...")
    is_relay = RELAY_PLACEHOLDER in text
    if is_relay and role != "cdn":
        raise wrong("the template of a relay is only for pictures: it would get the key")
    if (
        text.count(RELAY_PLACEHOLDER) > 1
        or "{" in text.replace(RELAY_PLACEHOLDER, "")
        or "}" in text.replace(RELAY_PLACEHOLDER, "")
    ):
        raise wrong("has braces; the template of a relay has {url} once")
    if any(character.isspace() or ord(character) < 32 or character == "\\" for character in text):
        raise wrong("has a character that is not allowed in URLs")
    try:
        parts = urlsplit(text)
        origin = origin_of(parts.scheme, parts.netloc)
    except ValueError:
        raise wrong("not a base URL") from None
    if "@" in parts.netloc:
        raise wrong("has a user or password, which belong in the settings of the credentials")
    if RELAY_PLACEHOLDER in parts.netloc:
        raise wrong("has {url} in place of its host name")
    if "#" in text or ("?" in text and not is_relay):
        raise wrong("has a query or fragment")
    path = text[text.index(parts.netloc) + len(parts.netloc) :] if is_relay else parts.path.rstrip("/")
    return f"{origin}{path or _BASE_PATHS.get((role, parts.hostname or ''), '')}"


def _reader(role: Role) -> BeforeValidator:
    return BeforeValidator(lambda value: value if isinstance(value, tuple) else base_urls(plain_text(value), role))


@dataclass(frozen=True)
class Serves:
    """Marks a field as base URLs of hosts that serve this."""

    role: Role


ApiUrls = Annotated[tuple[str, ...], _reader("api"), Serves("api")]
PageUrls = Annotated[tuple[str, ...], _reader("page"), Serves("page")]
FileUrls = Annotated[tuple[str, ...], _reader("file"), Serves("file")]
CdnUrls = Annotated[tuple[str, ...], _reader("cdn"), Serves("cdn")]


def redis_address(url: str) -> str:
    """Host, port and database, for people; WrongValue, without the password, for anything but the address of a Redis.

    >>> redis_address("redis://:s3cret@redis.example/2")
    'redis.example:6379/2'
    """
    try:
        parts = urlsplit(url)
        host, port, database = parts.hostname, parts.port or 6379, parts.path.strip("/") or "0"
    except ValueError:  # its text may quote what is in place of the port, and that may be the password
        host = None
    if not host or parts.scheme not in ("redis", "rediss") or not re.fullmatch("[0-9]+", database):
        raise WrongValue(f"not the address of a Redis; {REDIS}")
    if parts.fragment or not all(option.startswith("ssl_") for option in parts.query.split("&") if option):
        raise WrongValue(f"has unknown options; {REDIS}")
    return f"{f'[{host}]' if ':' in host else host}:{port}/{database}"


def _redis_url(value: object) -> str:
    url = plain_text(value)
    if url:
        redis_address(url)
    return url


def _scrapyd_url(value: object) -> str:
    url = plain_text(value)
    try:
        parts = urlsplit(url)
        is_valid = parts.scheme in ("http", "https") and parts.hostname and not (parts.query or parts.fragment)
        is_valid = is_valid and parts.port != 0
    except ValueError:
        is_valid = False
    if "@" in url:
        raise WrongValue("must be without a user name: set SCRAPYD_USERNAME and SCRAPYD_PASSWORD instead", shown="")
    if not is_valid:
        raise WrongValue("must be a URL such as http://127.0.0.1:6800")
    return url.rstrip("/")


RedisUrl = Annotated[SecretStr, BeforeValidator(_redis_url)]
ScrapydUrl = Annotated[str, BeforeValidator(_scrapyd_url)]
