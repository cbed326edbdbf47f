"""The add-on that measures a run: timing, metrics, profile (``docs/metrics.md``)."""

import time
from importlib.util import find_spec
from typing import Self

from scrapy.crawler import Crawler
from scrapy.settings import BaseSettings
from scrapy.statscollectors import MemoryStatsCollector
from scrapy.utils.misc import load_object

from moviecrawler.config.groups import RunConfig
from moviecrawler.exceptions import ConfigurationError
from moviecrawler.policy.timing import NoTiming, Timing
from moviecrawler.runtime import Runtime


class Stats(MemoryStatsCollector):
    """Scrapy's, without its check for a deprecated argument at every access, which takes 1 % of a film's CPU."""

    __getattribute__ = object.__getattribute__


class Instrumentation:
    """Adds the components that measure, only if they are enabled."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def update_settings(self, settings: BaseSettings) -> None:
        config = Runtime.of(self._crawler).config.run
        if config.timing:
            settings.set("ITEM_PROCESSOR", "moviecrawler.pipelines.timed.TimedPipelines", "addon")
        if config.metrics_port is not None:
            _add_extension(settings, "moviecrawler.observability.metrics.Metrics", 150)
        if config.profile:
            _add_extension(settings, "moviecrawler.observability.profile.Profile", 160)


def build_timing(config: RunConfig) -> Timing:
    """In which every stage of a run records its times."""
    return (Timing if config.timing else NoTiming)(time.perf_counter)


def check(config: RunConfig) -> None:
    """ConfigurationError if a setting lacks its library."""
    if config.metrics_port is not None and find_spec("prometheus_client") is None:
        raise ConfigurationError("METRICS_PORT is set, but its library is missing: pip install prometheus-client")


def _add_extension(settings: BaseSettings, extension: str, order: int) -> None:
    settings.setdefault_in_component_priority_dict("EXTENSIONS", load_object(extension), order)
