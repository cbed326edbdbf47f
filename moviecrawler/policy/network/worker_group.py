"""A crawl with several workers: the Redis that they share, and how long a worker may hold a request."""

import re
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import unquote, urlsplit

from moviecrawler.config.groups import QueueConfig
from moviecrawler.config.urls import redis_address


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
    def of(cls, config: QueueConfig) -> Self | None:
        """None without REDIS_URL.

        >>> WorkerGroup.of(QueueConfig(url="redis://:s3cret@redis.example/2"))
        WorkerGroup(describe='redis.example:6379/2', lease=60.0, deliveries=5, idle=0.0, patience=600.0)
        """
        url = config.url.get_secret_value()
        if not url:
            return None
        return cls(url, redis_address(url), config.lease, config.deliveries, config.idle, config.patience)


def password_of(url: str) -> str:
    """The decoded password in a server's URL; empty without one.

    >>> password_of("redis://me:s3cr%40t@redis.example:6379/0")
    's3cr@t'
    """
    authority = re.sub(r"^[\w+.-]*:/*", "", url).rpartition("@")[0]
    return unquote(authority.partition(":")[2])
