"""The wiring: policies from the final settings, the one store of a crawler, and the one way in which a run ends early.

What is built here hangs on the crawler (``crawler.policies``, ``crawler.store``, ``crawler.run``,
``crawler.host_pools``), so that no room has to import another for it.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from secrets import token_hex
from typing import Any, Self, TypeVar
from urllib.request import getproxies

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider
from scrapy.settings import BaseSettings

from moviecrawler import instrumentation
from moviecrawler.distributed import addon as distributed
from moviecrawler.exceptions import ConfigurationError, StoreError, StoreUnavailable
from moviecrawler.places import cache_of, data_dir, font_files, pictures_folder, store_of
from moviecrawler.policy.documents.content_filter import ContentFilter
from moviecrawler.policy.documents.images import ImagePolicy
from moviecrawler.policy.documents.localization import Languages
from moviecrawler.policy.documents.second_line import parse_choice
from moviecrawler.policy.freshness.refresh import Refresh
from moviecrawler.policy.network.backoff import Backoff
from moviecrawler.policy.network.block_detector import BlockDetector
from moviecrawler.policy.network.body_limits import BodyLimits
from moviecrawler.policy.network.circuit_breaker import FailoverConfig
from moviecrawler.policy.network.daily_quota import Quota
from moviecrawler.policy.network.host_pool import HostPools
from moviecrawler.policy.network.hosts import Hosts
from moviecrawler.policy.network.http_cache import CachePolicy
from moviecrawler.policy.network.rate_limit import RateLimit, rate_limits
from moviecrawler.policy.network.source_breaker import SourceBreakers, SourcePatience
from moviecrawler.policy.secrets.api_keys import KEY_SETTINGS_OF
from moviecrawler.policy.secrets.redaction import Secrets
from moviecrawler.policy.setting_values import number, switch
from moviecrawler.rendering.encode import Quality
from moviecrawler.rendering.fonts import Fonts
from moviecrawler.rendering.formats import parse_formats
from moviecrawler.rendering.memory_budget import MemoryBudget
from moviecrawler.rendering.sizes import parse_sizes

logger = logging.getLogger(__name__)
T = TypeVar("T")

FEED_ITEMS = ["moviecrawler.items.Movie", "moviecrawler.items.Show"]


@dataclass(frozen=True)
class Policies:
    """All decisions of a run, validated; ConfigurationError names the setting that is wrong."""

    hosts: Hosts
    limits: BodyLimits
    rate_limits: dict[str, RateLimit]
    quotas: tuple[Quota, ...]
    backoff: Backoff
    cache: CachePolicy
    failover: FailoverConfig
    patience: SourcePatience
    content: ContentFilter
    refresh: Refresh
    languages: Languages
    pictures: ImagePolicy
    secrets: Secrets
    """All keys and passwords: what is kept or said of a run holds none."""

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> Self:
        return cls(
            hosts=Hosts.build(
                {
                    "TMDB_BASE_URL": ("tmdb", "api", settings["TMDB_BASE_URL"]),
                    "TMDB_IMAGE_BASE_URLS": ("tmdb", "cdn", settings["TMDB_IMAGE_BASE_URLS"]),
                    "TMDB_EXPORT_BASE_URL": ("tmdb", "file", settings["TMDB_EXPORT_BASE_URL"]),
                    "OMDB_BASE_URL": ("omdb", "api", settings["OMDB_BASE_URL"]),
                    "THE_NUMBERS_BASE_URL": ("the_numbers", "page", settings["THE_NUMBERS_BASE_URL"]),
                }
            ),
            limits=BodyLimits.parse(settings),
            rate_limits=rate_limits(settings),
            quotas=(Quota.parse("omdb", settings),),
            backoff=Backoff.parse(settings),
            cache=CachePolicy.parse(settings),
            failover=FailoverConfig.parse(settings),
            patience=SourcePatience.parse(settings),
            content=ContentFilter.parse(settings),
            refresh=Refresh.parse(settings),
            languages=Languages.parse(settings["LANGUAGES"]),
            pictures=_pictures(settings),
            secrets=Secrets.parse(settings, getproxies()),
        )


def _pictures(settings: BaseSettings) -> ImagePolicy:
    return ImagePolicy(
        enabled=switch("IMAGES_ENABLED", settings["IMAGES_ENABLED"]),
        folder=pictures_folder(settings),
        poster_sizes=parse_sizes("IMAGES_POSTER_SIZES", settings["IMAGES_POSTER_SIZES"]),
        backdrop_sizes=parse_sizes("IMAGES_BACKDROP_SIZES", settings["IMAGES_BACKDROP_SIZES"]),
        suffixes=tuple(format.suffix for format in parse_formats(settings["IMAGES_FORMAT"])),
        subtitle=parse_choice(settings["OVERLAY_SUBTITLE"]),
        languages=Languages.parse(settings["LANGUAGES"]),
    )


def check(settings: BaseSettings) -> None:
    """Build everything that settings decide and drop it again; one line for the first thing that is wrong."""
    Policies.from_settings(settings)
    store_of(settings)
    cache_of(settings)
    Quality.parse(settings["IMAGES_QUALITY"], settings["IMAGES_MAX_FILE_MB"])
    Fonts(font_files(settings))
    for name in ("CONNECT_TIMEOUT", "DOWNLOAD_TIMEOUT", "IMAGES_TIMEOUT", "STORE_PATIENCE", "PROGRESS_SECONDS"):
        if number(name, settings[name]) <= 0:
            raise ConfigurationError(f"{name}={settings[name]!r}; allowed: seconds, more than 0")
    switch("CSV_DEFUSED", settings["CSV_DEFUSED"])
    MemoryBudget.parse(settings["IMAGES_MAX_MEMORY_MB"])
    instrumentation.check(settings)
    distributed.check(settings)
    if settings["LOG_LEVEL"] not in logging.getLevelNamesMapping():
        allowed = "DEBUG, INFO, WARNING, ERROR, CRITICAL"
        raise ConfigurationError(f"LOG_LEVEL={settings['LOG_LEVEL']!r} is no level; allowed: {allowed}")


class CrawlLifecycle:
    """The one way in which a run ends before its work is done: one line for the person, one finish reason."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._closing: asyncio.Task[None] | None = None
        self._store_failure: StoreError | None = None
        self.accounts: list[Callable[[], Awaitable[None]]] = []
        """What is settled with the store at the very end, before the record of the run is made."""
        self.hurried: list[Callable[[], object]] = []
        """What cuts off work in flight, when a signal to end is some seconds old (``extensions/deadline.py``)."""
        self.last_words: Callable[[], Iterable[str]] = list
        """The lines of the summary as far as it goes, for an end that waits for nothing."""
        self.skipped: list[Callable[[str, dict[str, Any]], object]] = []
        """Who is told of each stored title (kind, document) that is named and not asked for, since it is not due."""
        self.reason = ""
        """Why the run has ended, for the accounts; empty before."""
        self.settled = asyncio.Event()
        """Set when the record of the run is made (``observability/runs.py``), or nobody makes one."""
        self.settled.set()
        self.missing: dict[str, str] = {}
        """What was given up, by a short name, with its line: such a run ends as ``incomplete``."""
        crawler.signals.connect(self._finish, signals.spider_idle)

    def abandon(self, what: str, line: str) -> None:
        """Give up all that is left: the run ends as ``incomplete``, and what was not asked for stays due."""
        self.give_up(what, line)
        self._close("incomplete")

    @property
    def ended(self) -> bool:
        return self._closing is not None

    def end(self, reason: str, line: str) -> None:
        """Say ``line`` and close the spider with this finish reason; what is in flight is still stored."""
        if self._closing is None:
            # A quota that is used up is no failure: the run did what it could.
            logger.log(logging.WARNING if reason == "quota" else logging.ERROR, line, extra=self._whose)
            self._close(reason)

    def _close(self, reason: str) -> None:
        if self._closing is None:
            self._closing = asyncio.ensure_future(self._crawler.engine.close_spider_async(reason=reason))

    def give_up(self, what: str, line: str) -> None:
        """A part of the work is not done: one ERROR line, and the run's finish reason, record and exit status say so.

        ``what`` is a short name such as ``listing`` or ``pictures``; of the same name only the first line is said, the
        others are counted (``incomplete/<what>``).
        """
        self._crawler.stats.inc_value(f"incomplete/{what}")
        if self.reason == "finished":  # found out when the accounts were made
            self.reason = "incomplete"
        if what not in self.missing:
            self.missing[what] = line
            logger.error(line, extra=self._whose)

    def found_damage(self, line: str) -> None:
        """A stored row is damaged; each is said."""
        if "damaged" in self.missing:
            logger.warning(line, extra=self._whose)
        self.give_up("damaged", line)

    @property
    def _whose(self) -> dict[str, Any]:
        """For the log: ``extensions/names.py`` says it where several spiders share one."""
        return {"spider": self._crawler.spider}

    def _finish(self) -> None:
        """When all is done that can be done: what was given up makes ``incomplete`` of ``finished``."""
        if self.missing:
            raise CloseSpider("incomplete")

    async def retry_store(self, ask: Callable[[], Awaitable[T]]) -> T:
        """What ``ask`` gets from the store; while its server is away, asks again for STORE_PATIENCE seconds.

        A StoreError ends the run before it is raised; who gets one has nothing more to say, and who comes later
        does not wait for the same.
        """
        if self._store_failure is not None:
            raise self._store_failure
        loop = asyncio.get_running_loop()
        deadline, pause = loop.time() + self._crawler.settings.getfloat("STORE_PATIENCE"), 0.5
        while True:
            try:
                return await ask()
            except StoreError as error:
                if self.ended or not isinstance(error, StoreUnavailable) or loop.time() + pause > deadline:
                    self._store_failure = error
                    self.end("store_failed", f"the store failed, the run ends: {error}")
                    raise
                logger.warning("%s; the crawl waits and tries again in %.1f s", error, pause, extra=self._whose)
                self._crawler.stats.inc_value("store/waits")
                await asyncio.sleep(pause)
                pause = min(2 * pause, 10)


def join(crawlers: Sequence[Crawler]) -> None:
    """Let the crawlers of one process know each other.

    Together they are in flight at a host as often as one may be, and none asks for a title that another has asked for.
    """
    places: dict[str, asyncio.Semaphore] = {}
    claims: set[tuple[str, int]] = set()
    for crawler in crawlers:
        vars(crawler).update(companions=crawlers, places=places, claims=claims)


class Moviecrawler:
    """The add-on of the project."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def update_settings(self, settings: BaseSettings) -> None:
        crawler: Any = self._crawler
        crawler.policies = Policies.from_settings(settings)
        crawler.store = store_of(settings)
        crawler.cache = cache_of(settings)
        crawler.run = CrawlLifecycle(crawler)
        crawler.store.on_damage = crawler.run.found_damage
        if not hasattr(crawler, "companions"):  # ``scrapy collect`` has set them
            join([crawler])
        policies, first = crawler.policies, crawler.companions[0]
        crawler.host_pools = HostPools(policies.hosts, policies.failover)
        # What one crawler of a process finds out of a source, all know.
        crawler.breakers = getattr(first, "breakers", None) or SourceBreakers(
            policies.hosts, token_hex(4), policies.patience
        )
        crawler.block_detector = getattr(first, "block_detector", None) or BlockDetector()
        for host in policies.hosts.hosts if crawler is first else ():
            if host.exposes_key and any(settings[name] for name in KEY_SETTINGS_OF[host.source]):
                logger.warning("%s: the key travels without encryption; use https://", host.public_base)
        if not policies.pictures.enabled:  # what makes them takes long to load
            settings["ITEM_PIPELINES"].pop("moviecrawler.pipelines.images.ImagesPipeline", None)
        settings.set("DATA_DIR", str(data_dir(settings)), "cmdline")
        settings.set("OVERLAY_FONTS", ",".join(font_files(settings)), "cmdline")
        settings.set("DOWNLOAD_SLOTS", _slots(crawler.policies), "project")
        for options in settings.getdict("FEEDS").values():
            options.setdefault("item_classes", FEED_ITEMS)


def _slots(policies: Policies) -> dict[str, dict[str, Any]]:
    """A downloader slot per host, as wide as its budget lets it be."""
    slots = {}
    for host in policies.hosts.hosts:
        slots.setdefault(
            host.origin, {"concurrency": policies.rate_limits[host.rate_limit_name].concurrency, "delay": 0}
        )
    return slots
