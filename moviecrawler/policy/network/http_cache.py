"""What a stored answer may be used for, in the terms of RFC 9111 but with our own table of lifetimes.

The table takes precedence over the answer's ``max-age`` (RFC 9111, section 4.2.1), which is what the API's CDN tells
browsers: 43 minutes to six hours, whatever the endpoint. ``no-store`` (section 5.2.2.5) is obeyed. We are a private
cache (section 3), so answers to requests with credentials may be stored.

Timestamps are seconds since the epoch, given by the caller. A stored timestamp in the future means that a clock was
set: the age of such an answer is unknown, so it is neither fresh nor usable while a site is down.
"""

from dataclasses import dataclass, field
from typing import Literal, get_args

from moviecrawler.config.groups import CacheConfig

Endpoint = Literal["trending", "genres", "api", "omdb", "the_numbers"]
ENDPOINTS: tuple[Endpoint, ...] = get_args(Endpoint)

STALE_IF_ERROR_KINDS = frozenset({"failed", "throttled", "garbage"})
"""Kinds of answers that a stale answer may replace; ``gone`` and ``refused`` are final."""

_BY_SOURCE: dict[str, Endpoint] = {"omdb": "omdb", "the_numbers": "the_numbers"}
_BY_PATH: dict[str, Endpoint] = {"trending": "trending", "genre": "genres", "configuration": "genres"}


def endpoint_of(source: str, path: str) -> Endpoint:
    """The row of the table for a path below the source's base URL.

    >>> endpoint_of("tmdb", "/trending/movie/day?page=2"), endpoint_of("tmdb", "/genre/movie/list")
    ('trending', 'genres')
    >>> endpoint_of("tmdb", "/movie/603?language=en-US"), endpoint_of("omdb", "/")
    ('api', 'omdb')
    """
    first = path.lstrip("/").partition("?")[0].partition("/")[0]
    return _BY_SOURCE.get(source) or _BY_PATH.get(first, "api")


@dataclass(frozen=True)
class CachePolicy:
    """For how long which answer may be used (``config``: seconds by endpoint)."""

    config: CacheConfig = field(default_factory=CacheConfig)

    def lifetime(self, endpoint: Endpoint) -> float:
        """Seconds for which an answer is fresh (RFC 9111, section 4.2.1)."""
        seconds: float = getattr(self.config, endpoint)
        return seconds

    def retention(self, endpoint: Endpoint) -> float:
        """Seconds after which a stored answer is useless."""
        return self.lifetime(endpoint) + self.config.stale_if_error

    def is_storable(self, status: int, cache_control: str) -> bool:
        """Whether an ok answer may be stored (RFC 9111, section 3): a complete one that its site allows us to store.

        >>> CachePolicy().is_storable(200, "public, max-age=60"), CachePolicy().is_storable(200, "no-store")
        (True, False)
        """
        directives = {part.partition("=")[0].strip().lower() for part in cache_control.split(",")}
        return status == 200 and "no-store" not in directives

    def is_fresh(self, stored_at: float, now: float, endpoint: Endpoint) -> bool:
        """Whether it may be used without a request (RFC 9111, section 4.2).

        >>> policy = CachePolicy()
        >>> [policy.is_fresh(1_000.0, now, "trending") for now in (999.0, 1_000.0, 4_599.9, 4_600.0)]
        [False, True, True, False]
        """
        return 0 <= now - stored_at < self.lifetime(endpoint)

    def is_usable_on_error(self, stored_at: float, now: float, endpoint: Endpoint, kind: str) -> bool:
        """Whether it may replace a bad answer of this kind (RFC 5861, section 4: stale-if-error).

        >>> CachePolicy().is_usable_on_error(0.0, 86_400.0, "api", "failed")
        True
        >>> CachePolicy().is_usable_on_error(0.0, 86_400.0, "api", "gone")
        False
        """
        return kind in STALE_IF_ERROR_KINDS and 0 <= now - stored_at < self.retention(endpoint)


def validators(etag: str | None, last_modified: str | None) -> dict[str, str]:
    """The headers of a conditional request for a stored answer (RFC 9111, section 4.3.1); may be empty.

    >>> validators('W/"1f"', None)
    {'If-None-Match': 'W/"1f"'}
    """
    headers = {"If-None-Match": etag, "If-Modified-Since": last_modified}
    return {name: value for name, value in headers.items() if value}
