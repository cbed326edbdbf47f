"""The add-on that measures a run: timing, metrics, profile (``docs/metrics.md``)."""

import time
from importlib.util import find_spec
from typing import Any, Self

from scrapy.crawler import Crawler
from scrapy.settings import BaseSettings
from scrapy.statscollectors import MemoryStatsCollector
from scrapy.utils.misc import load_object

from moviecrawler.config import Config
from moviecrawler.exceptions import ConfigurationError
from moviecrawler.observability.timing import NoTiming, Timing


class Stats(MemoryStatsCollector):
    """Scrapy's, without its check for a deprecated argument at every access, which takes 1 % of a film's CPU."""

    __getattribute__ = object.__getattribute__


class Instrumentation:
    """Sets ``crawler.timing``, in which every stage records its times, and adds extensions only if they are enabled."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def update_settings(self, settings: BaseSettings) -> None:
        crawler: Any = self._crawler
        if crawler.config.run.timing:
            crawler.timing = Timing(time.perf_counter)
            settings.set("ITEM_PROCESSOR", "moviecrawler.pipelines.timed.TimedPipelines", "addon")
        else:
            crawler.timing = NoTiming(time.perf_counter)
        if crawler.config.run.metrics_port is not None:
            _add_extension(settings, "moviecrawler.observability.metrics.Metrics", 150)
        if crawler.config.run.profile:
            _add_extension(settings, "moviecrawler.observability.profile.Profile", 160)


def check(config: Config) -> None:
    """ConfigurationError if a setting lacks its library."""
    if config.run.metrics_port is not None and find_spec("prometheus_client") is None:
        raise ConfigurationError("METRICS_PORT is set, but its library is missing: pip install prometheus-client")


def _add_extension(settings: BaseSettings, extension: str, order: int) -> None:
    settings.setdefault_in_component_priority_dict("EXTENSIONS", load_object(extension), order)
