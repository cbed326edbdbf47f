"""Room for large bodies. Scrapy stops asking while 5 MB wait for it; what it has asked for may be 16 times 16 MB."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

MAX_BYTES: Final = 16_000_000
"""Bytes that are being taken in at a time; a larger body comes alone."""

LARGE: Final = 2_000_000
"""Bytes of memory that a body takes; for smaller ones there is always room."""

_CHECK_INTERVAL: Final = 0.02
"""Seconds; in them, too, a body goes from here to those who work on it."""


class BodyMemory:
    """``is_busy``: whether bodies enough wait to be worked on."""

    def __init__(self, is_busy: Callable[[], bool]) -> None:
        self._is_busy = is_busy
        self._taken = 0

    @asynccontextmanager
    async def reserve(self, size: int) -> AsyncIterator[None]:
        """Waits until there is room for ``size`` bytes."""
        # Scrapy tells nobody when it has room again.
        while self._is_busy() or (self._taken and self._taken + size > MAX_BYTES):  # noqa: ASYNC110
            await asyncio.sleep(_CHECK_INTERVAL)
        self._taken += size
        try:
            yield
        finally:
            asyncio.get_running_loop().call_later(_CHECK_INTERVAL, self._give_back, size)

    def _give_back(self, size: int) -> None:
        self._taken -= size
