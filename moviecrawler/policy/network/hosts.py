"""Which host a URL belongs to. A host is an origin (scheme, name, port) of a configured base URL.

Download slots, rate limits, breakers and credentials are all keyed by that origin, so that
``http://127.0.0.1:8001`` and ``http://127.0.0.1:8002`` are two hosts, as they are for a browser (RFC 6454, section 4).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Self
from urllib.parse import SplitResult, quote, urlsplit

from moviecrawler.config.urls import RELAY_PLACEHOLDER, Role, base_urls, origin_of

TMDB_IMAGE_BASE = "https://image.tmdb.org/t/p"
"""What a picture's address begins with, for us and for relays, whichever host it is finally downloaded from."""

_PUBLIC_RATE_LIMITS: dict[Role, str] = {"file": "exports", "cdn": "images"}

_ADDRESS = re.compile(r"[!-\[\]-~]+")
"""Characters of valid URLs. With any other (a tab, a backslash) two URL parsers may disagree about the host."""

_DOT_SEGMENTS = re.compile(r"(?:^|/)(?:\.|%2e){1,2}(?:/|$)", re.IGNORECASE)
"""A path that leaves the base path."""

_LOOPBACK = re.compile(r"127\.\d+\.\d+\.\d+|::1|(?:.+\.)?localhost\.?")


@dataclass(frozen=True, slots=True)
class Host:
    """One base URL. ``base`` has no trailing slash: an address is ``f"{host.base}/movie/603"``.

    The base of a relay is a template: the relay fetches the picture whose address replaces ``{url}``.
    """

    origin: str
    source: str
    role: Role
    base: str

    @property
    def has_titles(self) -> bool:
        """Whether it serves titles, under the rate limit of its source; files and pictures do not count."""
        return self.role in ("api", "page")

    @property
    def rate_limit_name(self) -> str:
        """The name of its rate limit; hosts of one source and role share it."""
        return self.source if self.has_titles else _PUBLIC_RATE_LIMITS[self.role]

    @property
    def is_relay(self) -> bool:
        return RELAY_PLACEHOLDER in self.base

    def contains(self, url: str) -> bool:
        """Whether ``url`` is an address below the base, without a user name.

        >>> api = Host("https://a.example", "tmdb", "api", "https://a.example/3")
        >>> api.contains("https://A.example:443/3/movie/603")
        True
        >>> api.contains("https://a.example/3@evil.example/movie/603")
        False
        """
        parts = _split(url)
        if parts is None or origin_of(parts.scheme, parts.netloc) != self.origin or _DOT_SEGMENTS.search(parts.path):
            return False
        return f"{self.origin}{parts.path}/".startswith(f"{self.base}/")

    @property
    def exposes_key(self) -> bool:
        """Whether the key is sent there without encryption, readable on the way."""
        parts = urlsplit(self.origin)
        return self.role == "api" and parts.scheme == "http" and not _LOOPBACK.fullmatch(parts.hostname or "")

    @property
    def public_base(self) -> str:
        """The base without a query, which may hold the user's own key for a relay."""
        return self.base.partition("?")[0]


def origin(url: str) -> str:
    """Scheme and name in lower case, the port only if it is not the scheme's default; ValueError if there is none.

    >>> origin("HTTPS://API.TheMovieDB.org:443/3/movie/603?language=zh-CN")
    'https://api.themoviedb.org'
    >>> origin("http://127.0.0.1:8001/t/p/w500/a.jpg")
    'http://127.0.0.1:8001'
    """
    parts = _split(url) or urlsplit(url)
    return origin_of(parts.scheme, parts.netloc)


@lru_cache(maxsize=1024)
def _split(url: str) -> SplitResult | None:
    """The parts of a URL that may be one of our hosts'; None for an invalid URL, or one with a user before the host."""
    if not _ADDRESS.fullmatch(url):
        return None
    try:
        parts = urlsplit(url)
        origin_of(parts.scheme, parts.netloc)
    except ValueError:
        return None
    return None if "@" in parts.netloc or parts.netloc.endswith(":") else parts


@dataclass(frozen=True)
class Hosts:
    """All configured hosts, in the order of the settings."""

    hosts: tuple[Host, ...]
    _by_origin: dict[str, tuple[Host, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_origin: dict[str, tuple[Host, ...]] = {}
        for host in (*self.hosts, *self._base_behind_relays()):
            if host.is_relay:
                continue  # requests never name a relay's address
            # The longest base first: behind one reverse proxy, /tmdb/3 and /tmdb are told apart by their paths.
            there = (*by_origin.get(host.origin, ()), host)
            by_origin[host.origin] = tuple(sorted(there, key=lambda one: -len(one.base)))
        object.__setattr__(self, "_by_origin", by_origin)

    @classmethod
    def build(cls, settings: Mapping[str, tuple[str, Role, str | Iterable[str]]]) -> Self:
        """From ``{setting: (source, role, base URLs)}``; text is a list separated by commas.

        >>> hosts = Hosts.build({"TMDB_BASE_URL": ("tmdb", "api", "https://api.themoviedb.org/3/")})
        >>> hosts.bases("tmdb", "api")
        ('https://api.themoviedb.org/3',)
        """
        return cls(
            tuple(
                Host(origin(base), source, role, base)
                for source, role, bases in settings.values()
                for base in (base_urls(bases, role) if isinstance(bases, str) else bases)
            )
        )

    def match(self, url: str) -> Host | None:
        """The host that ``url`` belongs to, None for an unknown one (which gets no credentials and no rate limit).

        A host of pages that is alone at its origin owns all of it: its robots.txt is not below its base.
        """
        if (parts := _split(url)) is None:
            return None
        hosts = self._by_origin.get(origin_of(parts.scheme, parts.netloc), ())
        if len(hosts) == 1 and hosts[0].role == "page":
            return hosts[0]
        return next((host for host in hosts if host.contains(url)), None)

    def bases(self, source: str, role: Role) -> tuple[str, ...]:
        """The base URLs of addresses, the preferred one first; empty where none is configured.

        Requests, logs and rejects name the first one, whichever host is used; so relays are left out.
        """
        known = (*self.hosts, *self._base_behind_relays())
        return tuple(host.base for host in known if (host.source, host.role) == (source, role) and not host.is_relay)

    def alternatives(self, source: str, role: Role) -> tuple[Host, ...]:
        """The hosts that serve the same things, relays included, the preferred one first."""
        return tuple(host for host in self.hosts if (host.source, host.role) == (source, role))

    def url_at(self, url: str, host: Host) -> str:
        """The URL at ``host`` of what ``url`` names at another host of the same source and role.

        >>> hosts = Hosts.build({"I": ("tmdb", "cdn", "https://image.tmdb.org/t/p,https://wsrv.nl/?url={url}")})
        >>> hosts.url_at("https://image.tmdb.org/t/p/w92/a.jpg", hosts.hosts[1])
        'https://wsrv.nl/?url=https%3A%2F%2Fimage.tmdb.org%2Ft%2Fp%2Fw92%2Fa.jpg'
        """
        named = self.match(url)
        if named is None or named == host:
            return url
        parts = urlsplit(url)
        rest = parts.path[len(urlsplit(named.base).path) :] + (f"?{parts.query}" if parts.query else "")
        if not named.contains(url):
            return f"{host.origin}{parts.path}"
        if not host.is_relay:
            return f"{host.base}{rest}"
        bases = self.bases(host.source, host.role)
        # A relay runs elsewhere: it can reach TMDB's own host, but maybe not our first one.
        base = TMDB_IMAGE_BASE if TMDB_IMAGE_BASE in bases else bases[0]
        return host.base.replace(RELAY_PLACEHOLDER, quote(f"{base}{rest}", safe=""))

    def _base_behind_relays(self) -> tuple[Host, ...]:
        """TMDB's own image host, if all that are configured are relays: pictures need a base for their addresses."""
        cdns = [host for host in self.hosts if (host.source, host.role) == ("tmdb", "cdn")]
        if not cdns or not all(host.is_relay for host in cdns):
            return ()
        return (Host(origin(TMDB_IMAGE_BASE), "tmdb", "cdn", TMDB_IMAGE_BASE),)
