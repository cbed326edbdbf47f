"""The add-on of the project: builds configuration and policies from the final settings, and what a crawl shares."""

import logging
from functools import partial
from secrets import token_hex
from typing import Any, Self
from urllib.request import getproxies

from scrapy.crawler import Crawler
from scrapy.settings import SETTINGS_PRIORITIES, BaseSettings, default_settings

from moviecrawler import instrumentation
from moviecrawler.config import Config
from moviecrawler.config.names import unknown_setting
from moviecrawler.crawl_group import CrawlGroup
from moviecrawler.distributed import addon as distributed
from moviecrawler.exceptions import ConfigurationError
from moviecrawler.lifecycle import CrawlLifecycle
from moviecrawler.notify import hooks
from moviecrawler.places import cache_of, store_of
from moviecrawler.policy.documents.content_filter import ContentFilter
from moviecrawler.policy.documents.images import ImagePolicy
from moviecrawler.policy.documents.localization import Languages
from moviecrawler.policy.documents.samples import Retention
from moviecrawler.policy.jobs.monitors import check_fields
from moviecrawler.policy.network.backoff import Backoff
from moviecrawler.policy.network.block_detector import BlockDetector
from moviecrawler.policy.network.body_limits import BodyLimits
from moviecrawler.policy.network.daily_quota import Quota
from moviecrawler.policy.network.host_pool import HostPools
from moviecrawler.policy.network.hosts import Hosts
from moviecrawler.policy.network.rate_limit import rate_limits
from moviecrawler.policy.network.source_breaker import SourceBreakers
from moviecrawler.policy.network.worker_group import WorkerGroup
from moviecrawler.policy.secrets.redaction import Secrets
from moviecrawler.rendering.fonts import Fonts
from moviecrawler.rendering.formats import formats_of
from moviecrawler.runtime import Commits, Policies, Runtime
from moviecrawler.sources.rules import cache_policy_of, composer_of, refresh_of
from moviecrawler.spider_protocol import is_foreign

logger = logging.getLogger(__name__)

FEED_ITEMS = ["moviecrawler.items.Movie", "moviecrawler.items.Show"]


def build_policies(config: Config) -> Policies:
    """All decisions of a run."""
    languages = Languages(config.language.preferred)
    return Policies(
        hosts=Hosts.build(
            {
                hosts.setting: (name, hosts.role, hosts.urls)
                for name, source in config.sources.items()
                for hosts in source.base_urls_by_setting
            }
        ),
        limits=BodyLimits.of(config.download, config.images),
        rate_limits=rate_limits(config),
        quotas=tuple(Quota(name, source.quota) for name, source in config.sources.items() if source.quota),
        backoff=Backoff(config.retry),
        cache=cache_policy_of(config),
        content=ContentFilter(config.filter),
        refresh=refresh_of(config),
        samples=Retention(config.store.sample_days),
        languages=languages,
        composer=composer_of(config),
        pictures=ImagePolicy(
            enabled=config.images.enabled,
            folder=config.images_folder,
            poster_sizes=config.images.poster_sizes,
            backdrop_sizes=config.images.backdrop_sizes,
            suffixes=tuple(format.suffix for format in formats_of(config.images.format)),
            subtitle=config.images.subtitle,
            languages=languages,
            logo_sizes=config.images.logo_sizes,
            profile_sizes=config.images.profile_sizes,
            overlay_logo=config.images.logo,
            ratings=config.images.ratings,
            fonts=tuple(path.name for path in config.images.fonts),
        ),
        secrets=Secrets.of(config, getproxies()),
    )


def check(settings: BaseSettings) -> Config:
    """The configuration; ConfigurationError for the first setting that is wrong.

    What the settings decide is built, and discarded: some of it finds out more (whether a font can be read).
    """
    refuse_unknown_settings(settings)
    config = Config.from_settings(settings)
    build_policies(config)
    store_of(config)
    cache_of(config)
    Fonts(list(map(str, config.images.fonts)))
    instrumentation.check(config.run)
    distributed.check(config)
    hooks.check(config.notify)
    check_fields(config.monitor, config.notify)
    return config


def refuse_unknown_settings(settings: BaseSettings) -> None:
    """ConfigurationError for a misspelt name after ``-s``; ``settings.py`` refuses those in ``.env``."""
    on_command_line = SETTINGS_PRIORITIES["cmdline"]
    for name in settings:
        if settings.getpriority(name) == on_command_line and (line := unknown_setting(name, vars(default_settings))):
            raise ConfigurationError(f"-s {line}")


class Moviecrawler:
    """The add-on: builds the :class:`Runtime` of the crawler, and sets Scrapy's settings from ours."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def update_settings(self, settings: BaseSettings) -> None:
        runtime = _build_runtime(self._crawler, Config.from_settings(settings))
        runtime.install(self._crawler)
        config, policies = runtime.config, runtime.policies
        for host in policies.hosts.hosts if self._crawler is runtime.group.first else ():
            if host.exposes_key and any(config.sources[host.source].keys):
                logger.warning("%s: the key is sent unencrypted; use https://", host.public_base)
        if not policies.pictures.enabled:  # loading what makes them takes long
            settings["ITEM_PIPELINES"].pop("moviecrawler.pipelines.images.ImagesPipeline", None)
        if cache_of(config) is None:
            settings.set("HTTPCACHE_ENABLED", False, "cmdline")
        settings.set("DOWNLOAD_SLOTS", _download_slots(policies), "project")
        for options in settings.getdict("FEEDS").values():
            if is_foreign(self._crawler):
                options.setdefault("item_filter", "moviecrawler.extensions.feeds.OwnItems")
            else:
                options.setdefault("item_classes", FEED_ITEMS)


def _build_runtime(crawler: Crawler, config: Config) -> Runtime:
    policies, store = build_policies(config), store_of(config)
    lifecycle, group = CrawlLifecycle.from_crawler(crawler, config.store.patience), CrawlGroup.of(crawler)
    store.on_damage = lifecycle.report_damage
    worker_group = WorkerGroup.of(config.queue)
    known = Runtime.find(group.first)
    return Runtime(
        config=config,
        policies=policies,
        store=store,
        lifecycle=lifecycle,
        group=group,
        host_pools=HostPools(policies.hosts, config.failover),
        breakers=known.breakers
        if known
        else SourceBreakers(policies.hosts, token_hex(4), config.download.source_patience),
        block_detector=known.block_detector if known else BlockDetector(),
        timing=instrumentation.build_timing(config.run),
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
