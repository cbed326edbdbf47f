"""The add-on that makes a crawl one of several workers when REDIS_URL is set: shared queue, rate limits and breakers.

Nothing of Redis is imported without REDIS_URL, so that a crawl of one worker does not wait for it.
"""

import logging
from contextlib import suppress
from typing import TYPE_CHECKING, Self

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.settings import BaseSettings
from scrapy.utils.misc import load_object

from moviecrawler.config import Config
from moviecrawler.distributed.crawl_key import KEY_PREFIX
from moviecrawler.distributed.lua_scripts import load_script
from moviecrawler.exceptions import StoreError
from moviecrawler.lifecycle import CrawlLifecycle
from moviecrawler.policy.network.redis_errors import NO_CONNECTION, explain_error
from moviecrawler.policy.network.worker_group import WorkerGroup
from moviecrawler.runtime import Runtime
from moviecrawler.spider_protocol import is_foreign

if TYPE_CHECKING:
    from moviecrawler.distributed.redis_client import RedisClient

logger = logging.getLogger(__name__)


def check(config: Config) -> None:
    """ConfigurationError, one line, when the client refuses what stands in REDIS_URL."""
    if group := WorkerGroup.of(config.queue):
        from moviecrawler.distributed.redis_client import RedisClient

        RedisClient(group)


async def check_server(config: Config) -> None:
    """StoreError, one line, when the Redis of REDIS_URL does not answer, refuses us or cannot be written."""
    if (group := WorkerGroup.of(config.queue)) is not None:
        await _answer(group)


async def server_facts(config: Config) -> tuple[str, dict[str, object]] | None:
    """Where the server is and its answer to INFO, empty if we may not ask that; None without REDIS_URL.

    StoreError as :func:`check_server`.
    """
    if (group := WorkerGroup.of(config.queue)) is None:
        return None
    return group.describe, await _answer(group, info=True)


async def _answer(group: WorkerGroup, *, info: bool = False) -> dict[str, object]:
    from redis.exceptions import ResponseError

    from moviecrawler.distributed.redis_client import RedisClient

    redis = RedisClient(group)
    try:
        await redis.client.eval(load_script("check_server"), 1, f"{KEY_PREFIX}check")
        with suppress(ResponseError):  # NOPERM
            return dict(await redis.client.info()) if info else {}
    except Exception as error:  # noqa: BLE001 - an odd answer can raise anything in the client
        what = explain_error(error).what
        remedy = "; start it, correct REDIS_URL, or leave that out to work alone" if what == NO_CONNECTION else ""
        raise StoreError(f"REDIS_URL: Redis {redis.describe}: {what}{remedy}") from None
    finally:
        await redis.close()
    return {}


def client_of(group: WorkerGroup, lifecycle: CrawlLifecycle) -> "RedisClient":
    """The client of one crawl, not yet connected; it ends the crawl when Redis cannot be used."""
    from moviecrawler.distributed.redis_client import RedisClient

    return RedisClient(group, lifecycle, lambda: lifecycle.is_running)


class DistributedAddon:
    """Installs the shared scheduler, the seeding middleware and the shared breakers.

    A foreign spider crawls alone: what its requests mean to other workers is not known. Rate limits, quotas and
    breakers are shared all the same.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def update_settings(self, settings: BaseSettings) -> None:
        crawler = self._crawler
        if (redis := Runtime.of(crawler).redis) is None:
            return
        if is_foreign(crawler):
            logger.warning(
                "REDIS_URL is set, but %s is no spider of this project: it crawls alone", crawler.spidercls.name
            )
        else:
            settings.set("SCHEDULER", "moviecrawler.distributed.scheduler.Scheduler", "project")
            # Before it, what only one worker may ask for: what the spider starts with.
            settings["SPIDER_MIDDLEWARES"].set("moviecrawler.distributed.seeding.SeedingMiddleware", 50, "project")
        breakers = load_object("moviecrawler.distributed.breaker_sync.SharedBreakers")
        settings.setdefault_in_component_priority_dict("EXTENSIONS", breakers, 120)
        crawler.signals.connect(self._spider_opened, signals.spider_opened)
        crawler.signals.connect(redis.close, signals.engine_stopped)

    def _spider_opened(self) -> None:
        """Warn of what workers on other machines will not see."""
        runtime = Runtime.of(self._crawler)
        if self._crawler is not runtime.group.first:
            return  # the first one speaks for all of ``scrapy collect``
        config, pictures = runtime.config, runtime.policies.pictures
        if (config.store.uri.get_secret_value() or "sqlite:").startswith("sqlite:"):
            logger.warning(
                "REDIS_URL is set, but the store is a SQLite file: only workers on this machine can share it; "
                "for several machines set STORE_URI=mongodb://host:port/database"
            )
        if pictures.enabled:
            logger.log(
                logging.INFO if config.images.store else logging.WARNING,
                "REDIS_URL is set, and pictures go to the folder %s: workers on several machines must see the same "
                "one; set IMAGES_STORE to a shared folder (NFS, say)",
                pictures.folder,
            )
