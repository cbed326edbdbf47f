"""Which host a URL belongs to. A host is an origin (scheme, name, port) of a configured base URL.

Download slots, budgets, breakers and credentials are all keyed by that origin, so that ``http://127.0.0.1:8001``
and ``http://127.0.0.1:8002`` are two hosts, as they are for a browser (RFC 6454, section 4).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal, Self
from urllib.parse import SplitResult, urlsplit

from moviecrawler.exceptions import ConfigurationError

Role = Literal["api", "cdn"]
"""Credentials are for ``api`` only: a picture is public, and its host may be anybody's relay."""

DEFAULT_PORTS = {"http": 80, "https": 443}
ALLOWED = "allowed: http:// or https:// URLs with a host name (and a port up to 65535), separated by commas"


@dataclass(frozen=True, slots=True)
class Host:
    """One base URL. ``base`` has no trailing slash: an address is ``f"{host.base}/movie/603"``."""

    origin: str
    source: str
    role: Role
    base: str


def origin(url: str) -> str:
    """Scheme and name in lower case, the port only where it is not the scheme's own; ValueError if there is none.

    >>> origin("HTTPS://API.TheMovieDB.org:443/3/movie/603?language=zh-CN")
    'https://api.themoviedb.org'
    >>> origin("http://127.0.0.1:8001/t/p/w500/a.jpg")
    'http://127.0.0.1:8001'
    """
    parts = urlsplit(url)
    return _origin(parts.scheme, parts.netloc)


@lru_cache(maxsize=256)
def _origin(scheme: str, netloc: str) -> str:
    parts = SplitResult(scheme, netloc, "", "", "")
    if scheme not in DEFAULT_PORTS or not parts.hostname:
        raise ValueError("not an http(s) URL with a host name")
    name = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    port = "" if parts.port in (None, DEFAULT_PORTS[scheme]) else f":{parts.port}"
    return f"{scheme}://{name}{port}"


@dataclass(frozen=True)
class Hosts:
    """All configured hosts, in the order of the settings."""

    hosts: tuple[Host, ...]
    _by_origin: dict[str, tuple[Host, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_origin: dict[str, tuple[Host, ...]] = {}
        for host in self.hosts:
            # The longest base first: behind one reverse proxy, /tmdb/3 and /tmdb are told apart by their paths.
            there = (*by_origin.get(host.origin, ()), host)
            by_origin[host.origin] = tuple(sorted(there, key=lambda one: -len(one.base)))
        object.__setattr__(self, "_by_origin", by_origin)

    @classmethod
    def build(cls, settings: Mapping[str, tuple[str, Role, str]]) -> Self:
        """From ``{setting: (source, role, "https://..., https://...")}``; ConfigurationError names the setting.

        >>> hosts = Hosts.build({"TMDB_BASE_URL": ("tmdb", "api", "https://api.themoviedb.org/3/")})
        >>> hosts.bases("tmdb", "api")
        ('https://api.themoviedb.org/3',)
        """
        owners: dict[str, str] = {}
        hosts = []
        for setting, (source, role, text) in settings.items():
            bases = [base.strip() for base in text.split(",") if base.strip()]
            if not bases:
                raise ConfigurationError(f"{setting}={text!r} names no URL; {ALLOWED}")
            for text_of_one in bases:
                host = _host(setting, source, role, text_of_one)
                if (owner := owners.setdefault(host.base, setting)) != setting:
                    raise ConfigurationError(
                        f"{setting}={host.base!r} is also in {owner}; allowed: each URL in one of them"
                    )
                if host not in hosts:
                    hosts.append(host)
        return cls(tuple(hosts))

    def match(self, url: str) -> Host | None:
        """The host that ``url`` belongs to, None for a stranger (who gets no credentials and no budget)."""
        try:
            parts = urlsplit(url)
            there = _origin(parts.scheme, parts.netloc)
        except ValueError:
            return None
        hosts = self._by_origin.get(there, ())
        if len(hosts) == 1:
            return hosts[0]
        return next((host for host in hosts if f"{there}{parts.path}/".startswith(f"{host.base}/")), None)

    def bases(self, source: str, role: Role) -> tuple[str, ...]:
        """The base URLs of a source, the preferred one first; empty where none is configured."""
        return tuple(host.base for host in self.hosts if (host.source, host.role) == (source, role))


def _host(setting: str, source: str, role: Role, text: str) -> Host:
    def wrong(what: str) -> ConfigurationError:
        return ConfigurationError(f"{setting}={shown!r} {what}; {ALLOWED}")

    # A password before an @ or a key in a query must not reach a log through our own message.
    place, query, _ = text.partition("?")
    shown = (f"...@{place.rpartition('@')[2]}" if "@" in place else place) + (query and "?...")
    if "{url}" in text:
        raise wrong("is the template of a relay, which comes later")
    if any(character.isspace() or ord(character) < 32 or character == "\\" for character in text):
        raise wrong("holds a character that no URL has")
    try:
        parts = urlsplit(text)
        there = _origin(parts.scheme, parts.netloc)
    except ValueError:
        raise wrong("is no base URL") from None
    if "@" in parts.netloc:
        raise wrong("holds a user or password, which belong in the credentials' own settings")
    if "?" in text or "#" in text:
        raise wrong("holds a query or fragment")
    return Host(there, source, role, f"{there}{parts.path.rstrip('/')}")
