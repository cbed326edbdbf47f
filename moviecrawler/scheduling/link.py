"""Whether Redis can be asked just now. While it is away the crawl stands still; it does not end."""

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

from redis import Redis
from redis.exceptions import ResponseError

from moviecrawler.scheduling.scripts.pieces import ENDED
from moviecrawler.scheduling.server import AWAY

T = TypeVar("T")

_LOOK_AGAIN = 0.5
"""Seconds between two tries to reach a server that is away; in a thread, since each may take a while."""


class Link:
    """Asks Redis for the scheduler. ``away``: nothing is asked until it is back. ``over``: the crawl is no more.

    ``shared`` is ``crawler.redis``, which says once for all who ask that the server is away.
    """

    def __init__(
        self, server: "Redis", shared: Any, stats: Any, *, back: Callable[[], None], ended: Callable[[], None]
    ) -> None:
        self._server = server
        self._shared = shared
        self._stats = stats
        self._back = back
        self._ended = ended
        self._probe: asyncio.Task[None] | None = None
        self.over = False

    @property
    def away(self) -> bool:
        return self._probe is not None

    def ask(self, question: Callable[[], T], otherwise: T) -> T:
        """What Redis says, or ``otherwise`` while it is away or when the crawl is over."""
        if self.away or self.over:
            return otherwise
        try:
            return question()
        except AWAY as error:
            self._shared.lost(error, asker=self)
            self._stats.inc_value("queue/waits")
            self._probe = asyncio.ensure_future(self._wait())
        except ResponseError as error:
            if not str(error).startswith(ENDED):
                raise
            self.over = True
            self._ended()
        return otherwise

    async def _wait(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_AGAIN)
            try:
                await asyncio.to_thread(self._server.ping)
            except AWAY:
                continue
            break
        self._probe = None
        self._shared.found(asker=self)
        self._back()

    def close(self) -> None:
        if self._probe is not None:
            self._probe.cancel()
        self._server.close()
