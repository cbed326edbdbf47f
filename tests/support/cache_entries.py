"""Entries and keys for the tests of the cache."""

from moviecrawler.caching.entry import CacheEntry
from moviecrawler.caching.tier import Key

NOW = 1_795_248_930.5
HEADERS = ((b"ETag", b'W/"1f"'), (b"Content-Type", b"application/json;charset=utf-8"))


def key(number: int, endpoint: str = "api") -> Key:
    return Key(endpoint, f"{number:040x}")


def entry(body: bytes = b'{"id": 603}', stored_at: float = NOW, latency: float = 0.25) -> CacheEntry:
    return CacheEntry(stored_at, latency, 200, HEADERS, body)
