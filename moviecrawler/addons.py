"""The add-on of the project: configuration, policies, store and life cycle of a crawl, from the final settings.

They become attributes of the crawler (``crawler.config``, ``crawler.policies``, ``crawler.store``, ``crawler.run``,
``crawler.host_pools``), so that no room has to import another for them.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from secrets import token_hex
from typing import Any, Self, TypeVar
from urllib.request import getproxies

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider
from scrapy.settings import SETTINGS_PRIORITIES, BaseSettings, default_settings

from moviecrawler import instrumentation
from moviecrawler.config import Config
from moviecrawler.config.names import unknown_setting
from moviecrawler.distributed import addon as distributed
from moviecrawler.exceptions import ConfigurationError, StoreError, StoreUnavailable
from moviecrawler.places import cache_of, store_of
from moviecrawler.policy.documents.content_filter import ContentFilter
from moviecrawler.policy.documents.images import ImagePolicy
from moviecrawler.policy.documents.localization import Languages
from moviecrawler.policy.freshness.refresh import Refresh
from moviecrawler.policy.network.backoff import Backoff
from moviecrawler.policy.network.block_detector import BlockDetector
from moviecrawler.policy.network.body_limits import BodyLimits
from moviecrawler.policy.network.daily_quota import Quota
from moviecrawler.policy.network.host_pool import HostPools
from moviecrawler.policy.network.hosts import Hosts
from moviecrawler.policy.network.http_cache import CachePolicy
from moviecrawler.policy.network.rate_limit import RateLimit, rate_limits
from moviecrawler.policy.network.source_breaker import SourceBreakers
from moviecrawler.policy.secrets.redaction import Secrets
from moviecrawler.rendering.fonts import Fonts
from moviecrawler.rendering.formats import formats_of

logger = logging.getLogger(__name__)
T = TypeVar("T")

FEED_ITEMS = ["moviecrawler.items.Movie", "moviecrawler.items.Show"]


@dataclass(frozen=True)
class Policies:
    """All decisions of a run."""

    hosts: Hosts
    limits: BodyLimits
    rate_limits: dict[str, RateLimit]
    quotas: tuple[Quota, ...]
    backoff: Backoff
    cache: CachePolicy
    content: ContentFilter
    refresh: Refresh
    languages: Languages
    pictures: ImagePolicy
    secrets: Secrets
    """All keys and passwords; nothing that is stored or logged contains one."""

    @classmethod
    def of(cls, config: Config) -> Self:
        languages = Languages(config.language.preferred)
        return cls(
            hosts=Hosts.build(
                {
                    "TMDB_BASE_URL": ("tmdb", "api", config.tmdb.base_urls),
                    "TMDB_IMAGE_BASE_URLS": ("tmdb", "cdn", config.tmdb.image_base_urls),
                    "TMDB_EXPORT_BASE_URL": ("tmdb", "file", config.tmdb.export_base_urls),
                    "OMDB_BASE_URL": ("omdb", "api", config.omdb.base_urls),
                    "THE_NUMBERS_BASE_URL": ("the_numbers", "page", config.the_numbers.base_urls),
                }
            ),
            limits=BodyLimits.of(config.download, config.images),
            rate_limits=rate_limits(config),
            quotas=(Quota("omdb", config.omdb.daily_quota),),
            backoff=Backoff(config.retry),
            cache=CachePolicy(config.cache),
            content=ContentFilter(config.filter),
            refresh=Refresh(config.refresh, config.the_numbers.enabled),
            languages=languages,
            pictures=ImagePolicy(
                enabled=config.images.enabled,
                folder=config.images_folder,
                poster_sizes=config.images.poster_sizes,
                backdrop_sizes=config.images.backdrop_sizes,
                suffixes=tuple(format.suffix for format in formats_of(config.images.format)),
                subtitle=config.images.subtitle,
                languages=languages,
            ),
            secrets=Secrets.of(config, getproxies()),
        )


def check(settings: BaseSettings) -> Config:
    """The configuration; ConfigurationError for the first setting that is wrong.

    What the settings decide is built, and discarded: some of it finds out more (whether a font can be read).
    """
    refuse_unknown_settings(settings)
    config = Config.from_settings(settings)
    Policies.of(config)
    store_of(config)
    cache_of(config)
    Fonts(list(map(str, config.images.fonts)))
    instrumentation.check(config)
    distributed.check(config)
    return config


def refuse_unknown_settings(settings: BaseSettings) -> None:
    """ConfigurationError for a misspelt name after ``-s``; ``settings.py`` refuses those in ``.env``."""
    on_command_line = SETTINGS_PRIORITIES["cmdline"]
    for name in settings:
        if settings.getpriority(name) == on_command_line and (line := unknown_setting(name, vars(default_settings))):
            raise ConfigurationError(f"-s {line}")


class CrawlLifecycle:
    """How one crawl ends: early (:meth:`stop`), incomplete (:meth:`give_up`) or finished, and what happens then.

    Ending early is always one log line for the user and one finish reason.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._closing: asyncio.Task[None] | None = None
        self._store_failure: StoreError | None = None
        self.on_close: list[Callable[[], Awaitable[None]]] = []
        """Called at the very end, while the store is still open, before the record of the run is completed."""
        self.on_deadline: list[Callable[[], object]] = []
        """Called to cut off work in flight some seconds after a signal to stop (``extensions/deadline.py``)."""
        self.on_skipped: list[Callable[[str, dict[str, Any]], object]] = []
        """Called with (kind, document) for each stored title that is found and not requested, since it is not due."""
        self.partial_summary: Callable[[], Iterable[str]] = list
        """The lines of the summary so far, for an end that waits for nothing."""
        self.finish_reason = ""
        """Why the run has ended; set before the ``on_close`` callbacks run, empty until then."""
        self.record_written = asyncio.Event()
        """Set once the record of the run is complete (``observability/runs.py``), or if nothing writes one."""
        self.record_written.set()
        self.given_up: dict[str, str] = {}
        """Log line by short name of what was given up: such a run ends as ``incomplete``."""
        crawler.signals.connect(self._finish, signals.spider_idle)

    @property
    def is_stopping(self) -> bool:
        return self._closing is not None

    def stop(self, reason: str, line: str) -> None:
        """Log ``line`` and close the spider with this finish reason; what is in flight is still stored."""
        if self._closing is None:
            # A quota that is used up is not a failure: the run did what it could.
            logger.log(logging.WARNING if reason == "quota" else logging.ERROR, line, extra=self._log_extra)
            self._close(reason)

    def stop_incomplete(self, what: str, line: str) -> None:
        """Give up everything that is left: the run ends as ``incomplete``, and what was not requested stays due."""
        self.give_up(what, line)
        self._close("incomplete")

    def give_up(self, what: str, line: str) -> None:
        """Note that part of the work was not done: one ERROR line, and the run's finish reason, record and exit status
        say so.

        ``what`` is a short name such as ``listing`` or ``pictures``; for each name only the first line is logged, the
        others are counted (``incomplete/<what>``).
        """
        self._crawler.stats.inc_value(f"incomplete/{what}")
        if self.finish_reason == "finished":  # an ``on_close`` callback has found out
            self.finish_reason = "incomplete"
        if what not in self.given_up:
            self.given_up[what] = line
            logger.error(line, extra=self._log_extra)

    def report_damage(self, line: str) -> None:
        """Log a damaged row of the store; unlike with ``give_up``, every line is logged."""
        if "damaged" in self.given_up:
            logger.warning(line, extra=self._log_extra)
        self.give_up("damaged", line)

    async def retry_store(self, operation: Callable[[], Awaitable[T]]) -> T:
        """The result of a store operation; while the store's server is away, retries for STORE_PATIENCE seconds.

        Before a StoreError is raised the run is stopped with a line, so callers need not log it; later callers get the
        same error at once.
        """
        if self._store_failure is not None:
            raise self._store_failure
        loop = asyncio.get_running_loop()
        deadline, pause = loop.time() + self._crawler.config.store.patience, 0.5
        while True:
            try:
                return await operation()
            except StoreError as error:
                if self.is_stopping or not isinstance(error, StoreUnavailable) or loop.time() + pause > deadline:
                    self._store_failure = error
                    self.stop("store_failed", f"the store failed, the run ends: {error}")
                    raise
                logger.warning("%s; the crawl waits and tries again in %.1f s", error, pause, extra=self._log_extra)
                self._crawler.stats.inc_value("store/waits")
                await asyncio.sleep(pause)
                pause = min(2 * pause, 10)

    def _close(self, reason: str) -> None:
        if self._closing is None:
            self._closing = asyncio.ensure_future(self._crawler.engine.close_spider_async(reason=reason))

    def _finish(self) -> None:
        """When the spider is idle: ``finished`` becomes ``incomplete`` if anything was given up."""
        if self.given_up:
            raise CloseSpider("incomplete")

    @property
    def _log_extra(self) -> dict[str, Any]:
        """Lets ``extensions/names.py`` name the spider where several share one log."""
        return {"spider": self._crawler.spider}


@dataclass(frozen=True)
class CrawlGroup:
    """The crawlers of one process (``scrapy collect``; usually one) and what they share.

    Together they have no more requests in flight at a host than one may have, and no title is requested twice.
    """

    crawlers: Sequence[Crawler]
    semaphores: dict[str, asyncio.Semaphore] = field(default_factory=dict)
    """By host, the limit of requests in flight (``downloader/throttle.py`` creates them)."""
    claimed: set[tuple[str, int]] = field(default_factory=set)
    """Titles (kind, id) that one of several crawlers has requested."""

    @classmethod
    def form(cls, crawlers: Sequence[Crawler]) -> Self:
        """Put these crawlers into one group, as their ``crawler.group``."""
        group = cls(crawlers)
        for crawler in crawlers:
            vars(crawler)["group"] = group
        return group

    def claim(self, title: tuple[str, int]) -> bool:
        """Whether no other crawler has claimed the title (kind, id); the caller has claimed it then."""
        if len(self.crawlers) == 1:
            return True  # costs no memory per title
        is_new = title not in self.claimed
        self.claimed.add(title)
        return is_new


class Moviecrawler:
    """The add-on: sets policies, store, cache and life cycle on the crawler, and Scrapy's settings from ours."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def update_settings(self, settings: BaseSettings) -> None:
        crawler: Any = self._crawler
        crawler.config = config = Config.from_settings(settings)
        crawler.policies = Policies.of(config)
        crawler.store = store_of(config)
        crawler.cache = cache_of(config)
        crawler.run = CrawlLifecycle(crawler)
        crawler.store.on_damage = crawler.run.report_damage
        if not hasattr(crawler, "group"):  # ``scrapy collect`` has formed one
            CrawlGroup.form([crawler])
        policies, first = crawler.policies, crawler.group.crawlers[0]
        crawler.host_pools = HostPools(policies.hosts, config.failover)
        # What one crawler of a process learns about a source, all know.
        crawler.breakers = getattr(first, "breakers", None) or SourceBreakers(
            policies.hosts, token_hex(4), config.download.source_patience
        )
        crawler.block_detector = getattr(first, "block_detector", None) or BlockDetector()
        for host in policies.hosts.hosts if crawler is first else ():
            if host.exposes_key and any(config.keys(host.source)):
                logger.warning("%s: the key is sent unencrypted; use https://", host.public_base)
        if not policies.pictures.enabled:  # loading what makes them takes long
            settings["ITEM_PIPELINES"].pop("moviecrawler.pipelines.images.ImagesPipeline", None)
        settings.set("DOWNLOAD_SLOTS", _download_slots(crawler.policies), "project")
        for options in settings.getdict("FEEDS").values():
            options.setdefault("item_classes", FEED_ITEMS)


def _download_slots(policies: Policies) -> dict[str, dict[str, Any]]:
    """Scrapy's DOWNLOAD_SLOTS: one per host, with the concurrency of its rate limit."""
    slots = {}
    for host in policies.hosts.hosts:
        slots.setdefault(
            host.origin, {"concurrency": policies.rate_limits[host.rate_limit_name].concurrency, "delay": 0}
        )
    return slots
