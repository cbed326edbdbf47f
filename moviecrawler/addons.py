"""The add-on of the project: builds policies from the final settings, the store, and what a crawl shares."""

import logging
from functools import partial
from secrets import token_hex
from typing import Any, Self
from urllib.request import getproxies

from scrapy.crawler import Crawler
from scrapy.settings import BaseSettings

from moviecrawler import instrumentation
from moviecrawler.crawl_group import CrawlGroup
from moviecrawler.distributed import addon as distributed
from moviecrawler.exceptions import ConfigurationError
from moviecrawler.lifecycle import CrawlLifecycle
from moviecrawler.places import cache_of, cache_uri, data_dir, font_files, pictures_folder, store_of
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
from moviecrawler.policy.network.rate_limit import rate_limits
from moviecrawler.policy.network.source_breaker import SourceBreakers, SourcePatience
from moviecrawler.policy.network.worker_group import WorkerGroup
from moviecrawler.policy.secrets.api_keys import KEY_SETTINGS_OF
from moviecrawler.policy.secrets.redaction import Secrets
from moviecrawler.policy.setting_values import number, one_of, switch
from moviecrawler.rendering.encode import Quality
from moviecrawler.rendering.fonts import Fonts
from moviecrawler.rendering.formats import parse_formats
from moviecrawler.rendering.memory_budget import MemoryBudget
from moviecrawler.rendering.sizes import parse_sizes
from moviecrawler.runtime import Commits, Policies, Runtime
from moviecrawler.spider_protocol import is_foreign

logger = logging.getLogger(__name__)

FEED_ITEMS = ["moviecrawler.items.Movie", "moviecrawler.items.Show"]


def build_policies(settings: BaseSettings) -> Policies:
    """All decisions of a run; ConfigurationError names the wrong setting."""
    return Policies(
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
    """Build everything that settings decide, and discard it; ConfigurationError for the first wrong setting."""
    build_policies(settings)
    store_of(settings)
    cache_of(settings)
    Quality.parse(settings["IMAGES_QUALITY"], settings["IMAGES_MAX_FILE_MB"])
    Fonts(font_files(settings))
    for name in ("CONNECT_TIMEOUT", "DOWNLOAD_TIMEOUT", "IMAGES_TIMEOUT", "STORE_PATIENCE", "PROGRESS_SECONDS"):
        if number(name, settings[name]) <= 0:
            raise ConfigurationError(f"{name}={settings[name]!r}: must be seconds, more than 0")
    switch("CSV_DEFUSED", settings["CSV_DEFUSED"])
    MemoryBudget.parse(settings["IMAGES_MAX_MEMORY_MB"])
    instrumentation.check(settings)
    distributed.check(settings)
    if settings["LOG_LEVEL"] not in logging.getLevelNamesMapping():
        levels = one_of(("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"))
        raise ConfigurationError(f"LOG_LEVEL={settings['LOG_LEVEL']!r}: must be {levels}")


class Moviecrawler:
    """The add-on: builds the :class:`Runtime` of the crawler, and sets Scrapy's settings from ours."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def update_settings(self, settings: BaseSettings) -> None:
        runtime = _build_runtime(self._crawler, settings)
        runtime.install(self._crawler)
        policies = runtime.policies
        for host in policies.hosts.hosts if self._crawler is runtime.group.first else ():
            if host.exposes_key and any(settings[name] for name in KEY_SETTINGS_OF[host.source]):
                logger.warning("%s: the key is sent unencrypted; use https://", host.public_base)
        if not policies.pictures.enabled:  # loading what makes them takes long
            settings["ITEM_PIPELINES"].pop("moviecrawler.pipelines.images.ImagesPipeline", None)
        if cache_of(settings) is None:
            settings.set("HTTPCACHE_ENABLED", False, "cmdline")
        settings.set("CACHE_URI", cache_uri(settings), "cmdline")
        settings.set("DATA_DIR", str(data_dir(settings)), "cmdline")
        settings.set("OVERLAY_FONTS", ",".join(font_files(settings)), "cmdline")
        settings.set("DOWNLOAD_SLOTS", _download_slots(policies), "project")
        for options in settings.getdict("FEEDS").values():
            if is_foreign(self._crawler):
                options.setdefault("item_filter", "moviecrawler.extensions.feeds.OwnItems")
            else:
                options.setdefault("item_classes", FEED_ITEMS)


def _build_runtime(crawler: Crawler, settings: BaseSettings) -> Runtime:
    policies, store = build_policies(settings), store_of(settings)
    lifecycle, group = CrawlLifecycle.from_crawler(crawler), CrawlGroup.of(crawler)
    store.on_damage = lifecycle.report_damage
    worker_group = WorkerGroup.parse(settings)
    known = Runtime.find(group.first)
    return Runtime(
        policies=policies,
        store=store,
        lifecycle=lifecycle,
        group=group,
        host_pools=HostPools(policies.hosts, policies.failover),
        breakers=known.breakers if known else SourceBreakers(policies.hosts, token_hex(4), policies.patience),
        block_detector=known.block_detector if known else BlockDetector(),
        timing=instrumentation.build_timing(settings),
        worker_group=worker_group,
        redis=distributed.client_of(worker_group, lifecycle) if worker_group else None,
        build_commits=partial(_build_commits, crawler),
    )


def _build_commits(crawler: Crawler) -> Commits:
    from moviecrawler.pipelines.group_commit import GroupCommit  # no command needs it

    return GroupCommit.from_crawler(crawler)


def _download_slots(policies: Policies) -> dict[str, dict[str, Any]]:
    """Scrapy's DOWNLOAD_SLOTS: one per host, with the concurrency of its rate limit."""
    slots: dict[str, dict[str, Any]] = {}
    for host in policies.hosts.hosts:
        slots.setdefault(
            host.origin, {"concurrency": policies.rate_limits[host.rate_limit_name].concurrency, "delay": 0}
        )
    return slots
