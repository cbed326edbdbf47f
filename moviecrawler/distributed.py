"""The add-on that makes a crawl one of several workers, when REDIS_URL is set: one queue, one budget, one health.

``crawler.sharing`` is what the settings say (None without REDIS_URL), ``crawler.redis`` the way to the server.
"""

import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Self

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.settings import BaseSettings
from scrapy.utils.misc import load_object

from moviecrawler.exceptions import ConfigurationError, StoreError
from moviecrawler.policy.sharing import Sharing

logger = logging.getLogger(__name__)

PREFIX = "moviecrawler:"
"""Of every key that is not of one crawl."""

PATIENCE = 2.0
"""Seconds to connect, and for an answer."""

Number = int | float | str
Ask = Callable[[Sequence[str], Sequence[Number]], Awaitable[Any]]


class Redis:
    """The server of REDIS_URL. ConfigurationError when the client cannot do what the URL says.

    ``client`` is the asyncio one of the ``redis`` package, which is loaded here and not before: who works alone does
    not wait for it.
    """

    def __init__(self, sharing: Sharing) -> None:
        from redis.asyncio import Redis as Client
        from redis.asyncio.retry import Retry
        from redis.backoff import NoBackoff
        from redis.exceptions import ConnectionError, RedisError

        self.describe = sharing.describe
        self.errors = (RedisError, OSError)
        """What the client raises."""
        self._troubles: set[object] = set()
        self.client = Client.from_url(
            sharing.url,
            socket_timeout=PATIENCE,
            socket_connect_timeout=PATIENCE,
            # Once more for a connection that a restarted server has forgotten; not for an answer that is late.
            retry=Retry(NoBackoff(), 1, supported_errors=(ConnectionError,)),
        )
        pool: Any = self.client.connection_pool
        try:
            pool.make_connection()  # reads the options
        except (TypeError, ValueError, RedisError):
            raise ConfigurationError(f"REDIS_URL has an option that cannot be used: {sharing.options}") from None

    def script(self, code: str) -> Ask:
        """A Lua script, to be called with its keys and arguments; its answer is None while the server is away."""
        script = self.client.register_script(code)

        async def ask(keys: Sequence[str], arguments: Sequence[Number]) -> Any:
            try:
                answer = await script(keys=keys, args=arguments)
            except self.errors as error:
                self.lost(error, asker=script)
                return None
            self.found(asker=script)
            return answer

        return ask

    def lost(self, error: Exception, asker: object) -> None:
        """Say once, until it is there again, that the server is away; or that it refuses this one's question."""
        trouble = _AWAY if type(error).__name__ in _AWAY else asker
        if trouble not in self._troubles:
            self._troubles.add(trouble)
            logger.warning("%s; the crawl waits for it, and sends nothing until then", self.trouble(error))

    def found(self, asker: object) -> None:
        """The server has answered this one."""
        if over := self._troubles & {_AWAY, asker}:
            self._troubles -= over
            logger.info("Redis %s is there again; the crawl goes on", self.describe)

    def trouble(self, error: Exception) -> str:
        """One line on what is wrong; only of the kind of error, since the client's own text may repeat the URL."""
        kind = type(error).__name__
        # An older server repeats what it does not understand, and that may be how we log in.
        why = str(error).partition(", with args")[0][:200] if kind == "ResponseError" else kind
        return f"Redis {self.describe}: {_TROUBLE.get(kind, why)}"

    async def close(self) -> None:
        await self.client.aclose()


_AWAY = frozenset({"ConnectionError", "TimeoutError", "BusyLoadingError"})
"""Errors of the server and not of a question: whoever is answered knows that it is back for all."""

_TROUBLE = {
    "ConnectionError": "no connection",
    "TimeoutError": "no answer in time",
    "AuthenticationError": "wrong user or password",
    "AuthenticationWrongNumberOfArgsError": "wrong user or password",
    "NoPermissionError": "the user may not do what a crawl needs",
    "OutOfMemoryError": "its memory is full",
    "ReadOnlyError": "it is a replica, which cannot be written",
    "BusyLoadingError": "it is still loading its data",
}


_TRY = "redis.call('TIME') return redis.call('SET', KEYS[1], '', 'PX', 1000)"
"""What a crawl needs: scripts that read the server's clock and write."""


def check(settings: BaseSettings) -> None:
    """ConfigurationError, one line, for the first setting that is wrong."""
    if sharing := Sharing.parse(settings):
        Redis(sharing)


async def check_server(settings: BaseSettings) -> None:
    """Whether the Redis of REDIS_URL is there, lets us in and can be written; StoreError, one line, otherwise."""
    if (sharing := Sharing.parse(settings)) is None:
        return
    redis = Redis(sharing)
    try:
        await redis.client.eval(_TRY, 1, f"{PREFIX}check")
    except redis.errors as error:
        raise StoreError(f"REDIS_URL: {redis.trouble(error)}") from None
    finally:
        await redis.close()


class Distributed:
    """Installs the shared parts; nothing of them is loaded without REDIS_URL."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def update_settings(self, settings: BaseSettings) -> None:
        crawler: Any = self._crawler
        crawler.redis, crawler.sharing = None, Sharing.parse(settings)
        if crawler.sharing is None:
            return
        crawler.redis = Redis(crawler.sharing)
        settings.set("SCHEDULER", "moviecrawler.scheduling.distributed.Scheduler", "project")
        # Before it, what only one worker may ask for: what the spider starts with.
        settings["SPIDER_MIDDLEWARES"].set("moviecrawler.scheduling.seeding.Seeding", 50, "project")
        health = load_object("moviecrawler.extensions.shared_health.SharedHealth")
        settings.setdefault_in_component_priority_dict("EXTENSIONS", health, 120)
        crawler.signals.connect(self._opened, signals.spider_opened)
        crawler.signals.connect(crawler.redis.close, signals.engine_stopped)

    def _opened(self) -> None:
        """Say what workers on other machines will not see."""
        crawler: Any = self._crawler
        if crawler is not crawler.companions[0]:
            return  # the first one speaks for all of ``scrapy collect``
        settings, pictures = crawler.settings, crawler.policies.pictures
        if (settings["STORE_URI"] or "sqlite:").startswith("sqlite:"):
            logger.warning(
                "REDIS_URL is set, but the store is a SQLite file: only workers on this machine can share it; "
                "for several machines set STORE_URI=mongodb://host:port/database"
            )
        if pictures.enabled:
            logger.log(
                logging.INFO if settings["IMAGES_STORE"] else logging.WARNING,
                "REDIS_URL is set, and pictures go to the folder %s: workers on several machines must see the same "
                "one; set IMAGES_STORE to a shared folder (NFS, say)",
                pictures.folder,
            )
