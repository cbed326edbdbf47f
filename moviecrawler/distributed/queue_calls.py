"""A worker's calls of its queue: what fails is waited out or ends the run, and nothing is raised."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from moviecrawler.distributed.lua_scripts import ENDED
from moviecrawler.distributed.redis_client import RedisClient

T = TypeVar("T")


class QueueCalls:
    """While ``is_away``, nothing is called until :meth:`probe` has found the server back.

    ``is_over``: the crawl no longer exists, since another worker has deleted it, or Redis has lost it. ``on_end`` is
    told once, with what ``final_dead_count`` says became of it.
    """

    def __init__(
        self,
        redis: RedisClient,
        stats: Any,
        *,
        final_dead_count: Callable[[], Awaitable[int | None]],
        on_end: Callable[[int | None], None],
    ) -> None:
        self._redis = redis
        self._stats = stats
        self._final_dead_count = final_dead_count
        self._on_end = on_end
        self.is_away = False
        self.is_over = False

    async def call(self, act: Callable[[], Awaitable[T]], default: T) -> T:
        """What ``act()`` returns; ``default`` while Redis is away, when it refuses, and when the crawl is over."""
        if self.is_away or self.is_over:
            return default
        caller = act.__code__
        try:
            answer = await act()
        except Exception as error:  # noqa: BLE001 - an odd answer can raise anything in the client, and in us
            if str(error).startswith(ENDED):
                await self._end()
            elif self._redis.record_error(error, caller=caller) and not self.is_away:
                self._stats.inc_value("queue/waits")
                self.is_away = True
            return default
        self._redis.record_answer(caller=caller)
        return answer

    async def probe(self) -> bool:
        """Whether the server that was away can be used again."""
        self.is_away = not await self._redis.is_usable()
        return not self.is_away

    async def _end(self) -> None:
        found: list[int | None] = await self.call(self._as_found, [])
        if found and not self.is_over:
            self.is_over = True
            self._on_end(found[0])

    async def _as_found(self) -> list[int | None]:
        """In a list, since None is an answer."""
        return [await self._final_dead_count()]
