"""The two clients of a worker, and what they make of errors: Redis may be away for a while, and the crawl waits for it.

:class:`AsyncRedisClient` runs scripts without blocking (rate limits, quotas, breakers). :class:`RedisClient` is for the
scheduler, whose methods Scrapy calls as plain functions: it blocks, for 2 seconds at most.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from redis import Redis
from redis import asyncio as redis_asyncio
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError, RedisError
from redis.retry import Retry

from moviecrawler.distributed.crawl_key import KEY_PREFIX
from moviecrawler.distributed.lua_scripts import ENDED, load_script
from moviecrawler.exceptions import ConfigurationError
from moviecrawler.policy.network.redis_errors import Outage, explain_error
from moviecrawler.policy.network.worker_group import WorkerGroup

logger = logging.getLogger(__name__)

SOCKET_TIMEOUT = 2.0
"""Seconds to connect, and for an answer. A blocking call stops the event loop that long, once, when Redis goes away."""

PROBE_INTERVAL = 0.5
"""Seconds between two attempts to reach a server that is away."""

_EVERYBODY = "everybody"
"""The caller of errors that do not depend on the call: no connection, say."""

T = TypeVar("T")
Argument = int | float | str
Script = Callable[[Sequence[str], Sequence[Argument]], Awaitable[Any]]


def connect(url: str) -> "Redis":
    """A blocking client. It retries once, over a new connection: the old one may be of a server that was restarted."""
    return Redis.from_url(
        url,
        socket_timeout=SOCKET_TIMEOUT,
        socket_connect_timeout=SOCKET_TIMEOUT,
        retry=Retry(NoBackoff(), 1, supported_errors=(ConnectionError,)),
    )


class AsyncRedisClient:
    """The server of REDIS_URL. ConfigurationError when its URL has an option of no use.

    ``run`` is ended by errors that only a person can fix, and when the server is away for longer than REDIS_PATIENCE.
    Once ``is_running()`` is False, a server that is away is not waited for any more.
    """

    def __init__(self, group: WorkerGroup, run: Any = None, is_running: Callable[[], bool] = lambda: True) -> None:
        self.describe = group.describe
        self._patience = group.patience
        self._run, self._is_running = run, is_running
        self._outage = Outage()
        self.client = redis_asyncio.Redis.from_url(
            group.url,
            socket_timeout=SOCKET_TIMEOUT,
            socket_connect_timeout=SOCKET_TIMEOUT,
            # As in connect(); an answer that is late is not asked for again.
            retry=AsyncRetry(NoBackoff(), 1, supported_errors=(ConnectionError,)),
        )
        pool: Any = self.client.connection_pool
        try:
            pool.make_connection()  # reads the options
        except (TypeError, ValueError, RedisError):
            raise ConfigurationError(f"REDIS_URL has an option that cannot be used: {group.options}") from None
        self._check = self.script(load_script("check_server"))

    def script(self, code: str) -> Script:
        """A Lua script as a function of its keys and arguments. It returns None while the server is away."""
        script = self.client.register_script(code)

        async def run(keys: Sequence[str], arguments: Sequence[Argument]) -> Any:
            if self._outage.has_failed(_EVERYBODY) and not self._is_running():
                return None
            try:
                answer = await script(keys=keys, args=arguments)
            except Exception as error:  # noqa: BLE001 - an odd answer can raise anything in the client
                self.record_error(error, caller=script)
                return None
            self.record_answer(caller=script)
            return answer

        return run

    async def is_usable(self) -> bool:
        """Whether it answers and can be written."""
        return await self._check([f"{KEY_PREFIX}check"], []) is not None

    def record_error(self, error: Exception, caller: object) -> bool:
        """Whether the error may pass by itself; logged once, until all callers are answered again.

        Ends the run when it cannot pass, or has not for REDIS_PATIENCE.
        """
        trouble = explain_error(error)
        line = f"Redis {self.describe}: {trouble.what}"
        if not trouble.is_temporary:
            self._run.stop("redis_failed", f"{line}; {trouble.remedy}")
            return False
        lasts = self._outage.record_failure(_EVERYBODY if trouble.affects_all else caller, time.monotonic())
        if not lasts:
            logger.warning("%s; the crawl waits for it, and sends nothing until then", line)
        elif lasts > self._patience:
            self._run.stop_incomplete(
                "redis", f"{line}, for {lasts:.0f} s (REDIS_PATIENCE); what is not stored stays due: run again"
            )
        return True

    def record_answer(self, caller: object) -> None:
        """The server has answered this caller; so a lost connection is back for all callers."""
        now = time.monotonic()
        if self._outage.record_answer(_EVERYBODY, now) or self._outage.record_answer(caller, now):
            logger.info("Redis %s is back; the crawl continues", self.describe)

    async def close(self) -> None:
        await self.client.aclose()


class RedisClient:
    """Calls Redis for the scheduler, and never raises what comes of it.

    While ``is_away``, nothing is called until the server is back; then ``on_return`` is called. ``is_over``: the crawl
    no longer exists; ``final_dead_count`` says what became of it, and ``on_end`` gets that. ``errors`` is
    the other client, which logs once for all callers that the server is away, and ends the run when that lasts.
    """

    def __init__(
        self,
        server: "Redis",
        errors: AsyncRedisClient,
        stats: Any,
        *,
        on_return: Callable[[], None],
        final_dead_count: Callable[[], int | None],
        on_end: Callable[[int | None], None],
    ) -> None:
        self._server = server
        self._errors = errors
        self._stats = stats
        self._on_return = on_return
        self._final_dead_count = final_dead_count
        self._on_end = on_end
        self._probe: asyncio.Task[None] | None = None
        self._is_closed = False
        self.is_over = False

    @property
    def is_away(self) -> bool:
        return self._probe is not None

    def call(self, act: Callable[[], T], default: T) -> T:
        """What ``act()`` returns; ``default`` while Redis is away, when it refuses, and when the crawl is over."""
        if self.is_away or self.is_over:
            return default
        caller = act.__code__  # type: ignore[attr-defined]
        try:
            answer = act()
        except Exception as error:  # noqa: BLE001 - an odd answer can raise anything in the client, and in us
            if str(error).startswith(ENDED):
                self._end()
            elif self._errors.record_error(error, caller=caller):
                self._stats.inc_value("queue/waits")
                self._probe = asyncio.ensure_future(self._probe_until_usable())
            return default
        self._errors.record_answer(caller=caller)
        return answer

    def _end(self) -> None:
        if (dead := self.call(lambda: (self._final_dead_count(),), None)) is not None:
            self.is_over = True
            self._on_end(*dead)

    async def _probe_until_usable(self) -> None:
        while not self._is_closed:
            await asyncio.sleep(PROBE_INTERVAL)
            if await self._errors.is_usable():
                self._probe = None
                self._on_return()
                return

    def close(self) -> None:
        self._is_closed = True
        if self._probe is not None:
            self._probe.cancel()
        self._server.close()
