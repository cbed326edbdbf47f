"""Settings of a crawl with several workers: the Redis that they share, and how long a worker may hold a request."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import unquote, urlsplit

from moviecrawler.exceptions import ConfigurationError
from moviecrawler.policy.setting_values import number, whole_number, within

ALLOWED = (
    "must be redis://host:port/0, redis://user:password@host:port/0 or rediss:// for TLS, with %40 for @ etc. in user "
    "and password, and no options but ?ssl_..."
)

SHORTEST_LEASE = 2.0
"""Seconds. A worker reports twice a second that it is alive."""


@dataclass(frozen=True)
class WorkerGroup:
    """``url`` is the Redis, ``describe`` the same for people: no user, no password, no options.

    ``lease``: seconds for which a worker holds a request before others may take it. ``deliveries``: how often a
    request is delivered before it becomes a dead letter. ``idle``: seconds for which a worker stays with an empty
    queue. ``patience``: seconds for which a run waits for a Redis that cannot be used.
    """

    url: str = field(repr=False)
    describe: str
    lease: float
    deliveries: int
    idle: float
    patience: float

    @property
    def options(self) -> str:
        """The names of the options in the URL; their values may be secret."""
        return ", ".join(option.partition("=")[0] for option in urlsplit(self.url).query.split("&"))

    @classmethod
    def parse(cls, settings: Mapping[str, Any]) -> Self | None:
        """From the settings of these names; None without REDIS_URL. ConfigurationError for the first that is wrong.

        >>> settings = {"QUEUE_LEASE_SECONDS": "60", "QUEUE_MAX_DELIVERIES": "5", "WORKER_IDLE_SECONDS": "0"}
        >>> settings["REDIS_PATIENCE"] = "600"
        >>> WorkerGroup.parse({**settings, "REDIS_URL": "redis://:s3cret@redis.example/2"})
        WorkerGroup(describe='redis.example:6379/2', lease=60.0, deliveries=5, idle=0.0, patience=600.0)
        """
        names = ("QUEUE_LEASE_SECONDS", "WORKER_IDLE_SECONDS", "REDIS_PATIENCE")
        lease, idle, patience = (number(name, settings[name]) for name in names)
        deliveries = whole_number("QUEUE_MAX_DELIVERIES", settings["QUEUE_MAX_DELIVERIES"])
        within("QUEUE_LEASE_SECONDS", lease, SHORTEST_LEASE, unit="seconds")
        within("QUEUE_MAX_DELIVERIES", deliveries, 1)
        within("WORKER_IDLE_SECONDS", idle, 0, unit="seconds")
        within("REDIS_PATIENCE", patience, 0, unit="seconds")
        url = str(settings["REDIS_URL"] or "").strip()
        return cls(url, _describe(url), lease, deliveries, idle, patience) if url else None


def password_of(url: str) -> str:
    """The decoded password in a server's URL; empty without one.

    >>> password_of("redis://me:s3cr%40t@redis.example:6379/0")
    's3cr@t'
    """
    authority = re.sub(r"^[\w+.-]*:/*", "", url).rpartition("@")[0]
    return unquote(authority.partition(":")[2])


def _describe(url: str) -> str:
    """Host, port and database; ConfigurationError, without the password, for anything but the address of a Redis."""
    try:
        parts = urlsplit(url)
        host, port, database = parts.hostname, parts.port or 6379, parts.path.strip("/") or "0"
    except ValueError:  # its text may quote what is in place of the port, and that may be the password
        host = None
    if not host or parts.scheme not in ("redis", "rediss") or not re.fullmatch("[0-9]+", database):
        raise ConfigurationError(f"REDIS_URL: not the address of a Redis; {ALLOWED}")
    if parts.fragment or not all(option.startswith("ssl_") for option in parts.query.split("&") if option):
        raise ConfigurationError(f"REDIS_URL: has unknown options; {ALLOWED}")
    return f"{f'[{host}]' if ':' in host else host}:{port}/{database}"
