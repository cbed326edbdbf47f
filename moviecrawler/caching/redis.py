"""The persistent tier in Redis: for workers on several machines. Redis expires the answers (``PX``)."""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from moviecrawler.caching.entry import HEAD_SIZE, stored_at
from moviecrawler.caching.tier import Key, PackedEntry, TierError, Usage
from moviecrawler.policy.network.redis_errors import explain_error

PREFIX = "moviecrawler:cache:"

_TIMEOUT = 2.0
"""Seconds to connect, and for an answer."""

_PAGE = 500
"""Keys inspected in one round trip."""


class RedisTier:
    """See :class:`moviecrawler.caching.tier.Tier`. ValueError for a malformed URI."""

    name = "redis"
    file = None

    def __init__(self, uri: str, describe: str) -> None:
        self.describe = describe
        self._redis = Redis.from_url(
            uri,
            socket_timeout=_TIMEOUT,
            socket_connect_timeout=_TIMEOUT,
            retry=Retry(NoBackoff(), 1),  # a pooled connection is dead after a restart of the server
        )

    async def open(self) -> None:
        with self._tier_errors():
            await self._redis.ping()

    async def get(self, key: Key) -> bytes | None:
        with self._tier_errors():
            found: Any = await self._redis.get(f"{PREFIX}{key}")
        return bytes(found) if found is not None else None

    async def put(self, entries: Sequence[PackedEntry]) -> None:
        with self._tier_errors():
            async with self._redis.pipeline(transaction=False) as pipeline:
                for entry in entries:
                    pipeline.set(f"{PREFIX}{entry.key}", entry.packed, px=max(1, int(entry.retention * 1000)))
                await pipeline.execute()

    async def drop(self, key: Key) -> None:
        with self._tier_errors():
            await self._redis.unlink(f"{PREFIX}{key}")

    async def delete(self, endpoint: str, *, before: float | None = None) -> int:
        total = 0
        with self._tier_errors():
            async for rows in self._pages(endpoint):
                old = [name for name, _, stored in rows if before is None or stored < before]
                total += await self._redis.unlink(*old) if old else 0
        return total

    async def usage(self, *, before: float | None = None) -> dict[str, Usage]:
        found: dict[str, Usage] = {}
        with self._tier_errors():
            async for rows in self._pages("*"):
                for name, size, stored in rows:
                    if before is not None and stored >= before:
                        continue
                    endpoint = name.removeprefix(PREFIX.encode()).partition(b"/")[0].decode()
                    usage = found.setdefault(endpoint, Usage(0, 0, stored, stored))
                    usage.entries, usage.bytes = usage.entries + 1, usage.bytes + size
                    usage.oldest, usage.newest = min(usage.oldest, stored), max(usage.newest, stored)
        return found

    async def close(self) -> None:
        await self._redis.aclose()

    async def _pages(self, endpoint: str) -> AsyncIterator[list[tuple[bytes, int, float]]]:
        """(name, bytes, stored_at) of an endpoint's answers, a page at a time; SCAN may name one twice."""
        seen: set[bytes] = set()
        page: list[bytes] = []
        async for name in self._redis.scan_iter(f"{PREFIX}{endpoint}/*", _PAGE):
            if name not in seen:
                seen.add(name)
                page.append(name)
            if len(page) >= _PAGE:
                yield await self._inspect(page)
                page = []
        yield await self._inspect(page)

    async def _inspect(self, names: list[bytes]) -> list[tuple[bytes, int, float]]:
        pipeline = self._redis.pipeline(transaction=False)
        for name in names:
            pipeline.strlen(name)
            pipeline.getrange(name, 0, HEAD_SIZE - 1)
        answers = await pipeline.execute()
        rows = zip(names, answers[::2], answers[1::2], strict=True)
        return [(name, size, stored_at(head)) for name, size, head in rows if size]

    @contextmanager
    def _tier_errors(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:  # noqa: BLE001 - on a malformed answer the client may raise anything
            raise TierError(f"{self.describe}: {explain_error(error).what}") from None
