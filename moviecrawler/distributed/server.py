"""The Redis of REDIS_URL: one connection, and no long waits on the event loop."""

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError
from redis.retry import Retry

PATIENCE = 2.0
"""Seconds to connect, and for an answer; the event loop stands still that long, once, when Redis goes away."""


def connect(url: str) -> "Redis":
    """A client that asks once more over a new connection, and then gives up."""
    return Redis.from_url(
        url,
        socket_timeout=PATIENCE,
        socket_connect_timeout=PATIENCE,
        retry=Retry(NoBackoff(), 1, supported_errors=(ConnectionError,)),
    )
