"""Whether Redis can be asked just now. While it is away the crawl stands still; it does not end."""

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

from redis import Redis

from moviecrawler.distributed.lua_scripts import ENDED

T = TypeVar("T")

_LOOK_AGAIN = 0.5
"""Seconds between two tries to reach a server that is away."""


class RedisClient:
    """Asks Redis for the scheduler, and never raises what comes of it.

    ``away``: nothing is asked until it is back. ``over``: the crawl is no more; ``fate`` asks what has become of it,
    and ``ended`` is told. ``shared`` is ``crawler.redis``, which says once for all who ask that the server is away, and
    ends the run when that does not pass.
    """

    def __init__(
        self,
        server: "Redis",
        shared: Any,
        stats: Any,
        *,
        back: Callable[[], None],
        fate: Callable[[], int | None],
        ended: Callable[[int | None], None],
    ) -> None:
        self._server = server
        self._shared = shared
        self._stats = stats
        self._back = back
        self._fate = fate
        self._ended = ended
        self._probe: asyncio.Task[None] | None = None
        self._closed = False
        self.over = False

    @property
    def away(self) -> bool:
        return self._probe is not None

    def ask(self, question: Callable[[], T], otherwise: T) -> T:
        """What Redis says, or ``otherwise`` while it is away, when it refuses, or when the crawl is over."""
        if self.away or self.over:
            return otherwise
        asker = question.__code__  # type: ignore[attr-defined]
        try:
            answer = question()
        except Exception as error:  # noqa: BLE001 - an odd answer can make anything of the client, and of us
            if str(error).startswith(ENDED):
                self._end()
            elif self._shared.lost(error, asker=asker):
                self._stats.inc_value("queue/waits")
                self._probe = asyncio.ensure_future(self._wait())
            return otherwise
        self._shared.found(asker=asker)
        return answer

    def _end(self) -> None:
        if (fate := self.ask(lambda: (self._fate(),), None)) is not None:
            self.over = True
            self._ended(*fate)

    async def _wait(self) -> None:
        while not self._closed:
            await asyncio.sleep(_LOOK_AGAIN)
            if await self._shared.is_there():
                self._probe = None
                self._back()
                return

    def close(self) -> None:
        self._closed = True
        if self._probe is not None:
            self._probe.cancel()
        self._server.close()
