"""The Redis of REDIS_URL: one connection, no long waits on the event loop, and what counts as being away."""

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError, OutOfMemoryError, ReadOnlyError, TimeoutError
from redis.retry import Retry

PATIENCE = 2.0
"""Seconds to connect, and for an answer; the event loop stands still that long, once, when Redis goes away."""

AWAY = (ConnectionError, TimeoutError, OutOfMemoryError, ReadOnlyError)
"""Errors that pass: no server, one that starts, is full, or is no longer the master."""

_REASONS = {
    "TimeoutError": "no answer in time",
    "AuthenticationError": "wrong user or password",
    "ResponseError": "it does not understand us",
    "BusyLoadingError": "still loading its data",
    "OutOfMemoryError": "its memory is full",
    "ReadOnlyError": "a replica, which takes nothing",
}


def connect(url: str) -> "Redis":
    """A client that asks once more over a new connection, and then gives up."""
    return Redis.from_url(
        url,
        socket_timeout=PATIENCE,
        socket_connect_timeout=PATIENCE,
        retry=Retry(NoBackoff(), 1, supported_errors=(ConnectionError,)),
    )


def reason(error: Exception) -> str:
    """A few words; the client's own may repeat the URL, password included.

    >>> reason(TimeoutError("Timeout reading from redis.example:6379"))
    'no answer in time'
    """
    return _REASONS.get(type(error).__name__, "no connection")
