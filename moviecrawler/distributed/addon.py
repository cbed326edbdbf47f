"""The add-on that makes a crawl one of several workers, when REDIS_URL is set: one queue, one budget, one health.

``crawler.sharing`` is what the settings say (None without REDIS_URL), ``crawler.redis`` the way to the server.
"""

import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Self

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.settings import BaseSettings
from scrapy.utils.misc import load_object

from moviecrawler.exceptions import ConfigurationError, StoreError
from moviecrawler.policy.network.redis_errors import NO_CONNECTION, Outage, read_error
from moviecrawler.policy.network.worker_group import WorkerGroup

logger = logging.getLogger(__name__)

PREFIX = "moviecrawler:"
"""Of every key that is not of one crawl."""

PATIENCE = 2.0
"""Seconds to connect, and for an answer."""

_ALL = "all"
"""Who asks, where the trouble is no matter of the question."""

Number = int | float | str
Ask = Callable[[Sequence[str], Sequence[Number]], Awaitable[Any]]


class Redis:
    """The server of REDIS_URL. ConfigurationError when the client cannot do what the URL says.

    ``client`` is the asyncio one of the ``redis`` package, which is loaded here and not before: who works alone does
    not wait for it. ``run`` is ended when only a person can help, or when the patience is over. Once ``running`` says
    no, a server that is away is not waited for any more.
    """

    def __init__(self, sharing: WorkerGroup, run: Any = None, running: Callable[[], bool] = lambda: True) -> None:
        from redis.asyncio import Redis as Client
        from redis.asyncio.retry import Retry
        from redis.backoff import NoBackoff
        from redis.exceptions import ConnectionError, RedisError

        self.describe = sharing.describe
        self._patience = sharing.patience
        self._run, self._running = run, running
        self._outage = Outage()
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
        self._try = self.script(_TRY)

    def script(self, code: str) -> Ask:
        """A Lua script, to be called with its keys and arguments; its answer is None while the server is away."""
        script = self.client.register_script(code)

        async def ask(keys: Sequence[str], arguments: Sequence[Number]) -> Any:
            if self._outage.holds(_ALL) and not self._running():
                return None
            try:
                answer = await script(keys=keys, args=arguments)
            except Exception as error:  # noqa: BLE001 - an odd answer can make anything of the client
                self.lost(error, asker=script)
                return None
            self.found(asker=script)
            return answer

        return ask

    async def is_there(self) -> bool:
        """Whether it can be asked, and written."""
        return await self._try([f"{PREFIX}check"], []) is not None

    def lost(self, error: Exception, asker: object) -> bool:
        """Say once, until all are answered again, that ``asker`` was not; whether that may pass by itself.

        It ends the run when it cannot, or has not for REDIS_PATIENCE.
        """
        trouble = read_error(error)
        line = f"Redis {self.describe}: {trouble.what}"
        if not trouble.passes:
            self._run.stop("redis_failed", f"{line}; {trouble.remedy}")
            return False
        lasts = self._outage.failed(_ALL if trouble.of_all else asker, time.monotonic())
        if not lasts:
            logger.warning("%s; the crawl waits for it, and sends nothing until then", line)
        elif lasts > self._patience:
            self._run.stop_incomplete(
                "redis", f"{line}, for {lasts:.0f} s (REDIS_PATIENCE); what is not stored stays due: run again"
            )
        return True

    def found(self, asker: object) -> None:
        """The server has answered this one; whoever is answered knows that a lost connection is back for all."""
        now = time.monotonic()
        if self._outage.answered(_ALL, now) or self._outage.answered(asker, now):
            logger.info("Redis %s is there again; the crawl goes on", self.describe)

    async def close(self) -> None:
        await self.client.aclose()


_TRY = "redis.call('TIME') return redis.call('SET', KEYS[1], '', 'PX', 1000)"
"""What a crawl needs: scripts that read the server's clock and write."""


def check(settings: BaseSettings) -> None:
    """ConfigurationError, one line, for the first setting that is wrong."""
    if sharing := WorkerGroup.parse(settings):
        Redis(sharing)


async def check_server(settings: BaseSettings) -> None:
    """Whether the Redis of REDIS_URL is there, lets us in and can be written; StoreError, one line, otherwise."""
    if (sharing := WorkerGroup.parse(settings)) is None:
        return
    redis = Redis(sharing)
    try:
        await redis.client.eval(_TRY, 1, f"{PREFIX}check")
    except Exception as error:  # noqa: BLE001 - an odd answer can make anything of the client
        what = read_error(error).what
        remedy = "; start it, correct REDIS_URL, or leave that out to work alone" if what == NO_CONNECTION else ""
        raise StoreError(f"REDIS_URL: Redis {redis.describe}: {what}{remedy}") from None
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
        crawler.redis, crawler.sharing = None, WorkerGroup.parse(settings)
        if crawler.sharing is None:
            return
        running = lambda: crawler.engine.running and not crawler.run.is_stopping  # noqa: E731
        crawler.redis = Redis(crawler.sharing, crawler.run, running)
        settings.set("SCHEDULER", "moviecrawler.distributed.scheduler.Scheduler", "project")
        # Before it, what only one worker may ask for: what the spider starts with.
        settings["SPIDER_MIDDLEWARES"].set("moviecrawler.distributed.seeding.Seeding", 50, "project")
        health = load_object("moviecrawler.distributed.breaker_sync.SharedBreakers")
        settings.setdefault_in_component_priority_dict("EXTENSIONS", health, 120)
        crawler.signals.connect(self._opened, signals.spider_opened)
        crawler.signals.connect(crawler.redis.close, signals.engine_stopped)

    def _opened(self) -> None:
        """Say what workers on other machines will not see."""
        crawler: Any = self._crawler
        if crawler is not crawler.group.crawlers[0]:
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
