"""The one client of a worker, and what it makes of errors: the crawl waits while Redis is away."""

import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError, RedisError

from moviecrawler.distributed.crawl_key import KEY_PREFIX
from moviecrawler.distributed.lua_scripts import load_script
from moviecrawler.exceptions import ConfigurationError
from moviecrawler.policy.network.redis_errors import Outage, explain_error
from moviecrawler.policy.network.worker_group import WorkerGroup

logger = logging.getLogger(__name__)

SOCKET_TIMEOUT = 2.0
"""Seconds to connect, and for an answer."""

_EVERYBODY = "everybody"
"""The caller of errors that do not depend on the call: no connection, say."""

Argument = int | float | str
Script = Callable[[Sequence[str], Sequence[Argument]], Awaitable[Any]]


class RedisClient:
    """The server of REDIS_URL. ConfigurationError when its URL has an option of no use.

    All that a worker asks of Redis goes through it: queue, rate limits, quotas, breakers. Every call is awaited, so the
    event loop goes on while Redis is slow or away.

    ``run`` is ended by errors that only a person can fix, and when the server is away for longer than REDIS_PATIENCE.
    Once ``is_running()`` is False, a server that is away is not waited for any more.
    """

    def __init__(self, group: WorkerGroup, run: Any = None, is_running: Callable[[], bool] = lambda: True) -> None:
        self.describe = group.describe
        self._patience = group.patience
        self._run, self._is_running = run, is_running
        self._outage = Outage()
        self.client = Redis.from_url(
            group.url,
            socket_timeout=SOCKET_TIMEOUT,
            socket_connect_timeout=SOCKET_TIMEOUT,
            # Once more over a new connection: the old one may be of a server that was restarted. An answer that is late
            # is not asked for again.
            retry=Retry(NoBackoff(), 1, supported_errors=(ConnectionError,)),
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
