"""Limits the memory of large bodies. Scrapy backs out at 5 MB of waiting responses; 16 of 16 MB may still be coming."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

MAX_BYTES: Final = 16_000_000
"""Bytes of memory of the bodies that are received at the same time; a larger body is received alone."""

LARGE: Final = 2_000_000
"""Bytes of memory from which a body counts; smaller ones are always received."""

_CHECK_INTERVAL: Final = 0.02
"""Seconds between checks; also how long a body counts after it is received, until the scraper counts it."""


class BodyMemory:
    """``is_busy``: whether enough bodies are waiting to be processed."""

    def __init__(self, is_busy: Callable[[], bool]) -> None:
        self._is_busy = is_busy
        self._taken = 0

    @asynccontextmanager
    async def reserve(self, size: int) -> AsyncIterator[None]:
        """Wait until ``size`` bytes of memory are free, and hold them."""
        # Scrapy has no event for the end of its back-out.
        while self._is_busy() or (self._taken and self._taken + size > MAX_BYTES):  # noqa: ASYNC110
            await asyncio.sleep(_CHECK_INTERVAL)
        self._taken += size
        try:
            yield
        finally:
            asyncio.get_running_loop().call_later(_CHECK_INTERVAL, self._release, size)

    def _release(self, size: int) -> None:
        self._taken -= size
