"""What a stored answer may be used for, in the terms of RFC 9111 but with our own table of lifetimes.

The table takes precedence over the answer's ``max-age`` (RFC 9111, section 4.2.1), which is what the API's CDN tells
browsers: 43 minutes to six hours, whatever the endpoint. ``no-store`` (section 5.2.2.5) is obeyed. We are a private
cache (section 3), so answers to requests with credentials may be stored.

Timestamps are seconds since the epoch, given by the caller. A stored timestamp in the future means that a clock was
set: the age of such an answer is unknown, so it is neither fresh nor usable while a site is down.
"""

from collections.abc import Mapping
from dataclasses import dataclass

STALE_IF_ERROR_KINDS = frozenset({"failed", "throttled", "garbage"})
"""Kinds of answers that a stale answer may replace; ``gone`` and ``refused`` are final."""

Endpoints = Mapping[str, str]
"""First part of a path below a source's base URL -> endpoint, the row of the table; ``""``: all other paths."""


@dataclass(frozen=True)
class CachePolicy:
    """For how long which answer may be used.

    ``endpoints``: by source; ``lifetimes``: seconds by endpoint; ``stale_if_error``: seconds.
    """

    endpoints: Mapping[str, Endpoints]
    lifetimes: Mapping[str, float]
    stale_if_error: float

    def endpoint(self, source: str, path: str) -> str:
        """The endpoint of a path below the source's base URL.

        >>> policy = CachePolicy({"tmdb": {"trending": "trending", "": "api"}}, {}, 0)
        >>> policy.endpoint("tmdb", "/trending/movie/day?page=2"), policy.endpoint("tmdb", "/movie/603?language=en-US")
        ('trending', 'api')
        """
        first = path.lstrip("/").partition("?")[0].partition("/")[0]
        endpoints = self.endpoints[source]
        return endpoints.get(first) or endpoints[""]

    def lifetime(self, endpoint: str) -> float:
        """Seconds for which an answer is fresh (RFC 9111, section 4.2.1)."""
        return self.lifetimes[endpoint]

    def retention(self, endpoint: str) -> float:
        """Seconds after which a stored answer is useless."""
        return self.lifetime(endpoint) + self.stale_if_error

    def is_storable(self, status: int, cache_control: str) -> bool:
        """Whether an ok answer may be stored (RFC 9111, section 3): a complete one that its site allows us to store.

        >>> policy = CachePolicy({}, {}, 0)
        >>> policy.is_storable(200, "public, max-age=60"), policy.is_storable(200, "no-store")
        (True, False)
        """
        directives = {part.partition("=")[0].strip().lower() for part in cache_control.split(",")}
        return status == 200 and "no-store" not in directives

    def is_fresh(self, stored_at: float, now: float, endpoint: str) -> bool:
        """Whether it may be used without a request (RFC 9111, section 4.2).

        >>> policy = CachePolicy({}, {"trending": 3_600}, 0)
        >>> [policy.is_fresh(1_000.0, now, "trending") for now in (999.0, 1_000.0, 4_599.9, 4_600.0)]
        [False, True, True, False]
        """
        return 0 <= now - stored_at < self.lifetime(endpoint)

    def is_usable_on_error(self, stored_at: float, now: float, endpoint: str, kind: str) -> bool:
        """Whether it may replace a bad answer of this kind (RFC 5861, section 4: stale-if-error).

        >>> policy = CachePolicy({}, {"api": 1_800}, stale_if_error=604_800)
        >>> [policy.is_usable_on_error(0.0, 86_400.0, "api", kind) for kind in ("failed", "gone")]
        [True, False]
        """
        return kind in STALE_IF_ERROR_KINDS and 0 <= now - stored_at < self.retention(endpoint)


def validators(etag: str | None, last_modified: str | None) -> dict[str, str]:
    """The headers of a conditional request for a stored answer (RFC 9111, section 4.3.1); may be empty.

    >>> validators('W/"1f"', None)
    {'If-None-Match': 'W/"1f"'}
    """
    headers = {"If-None-Match": etag, "If-Modified-Since": last_modified}
    return {name: value for name, value in headers.items() if value}
