"""The add-on that measures a run: timing, metrics, profile (``docs/metrics.md``)."""

import time
from importlib.util import find_spec
from typing import Self

from scrapy.crawler import Crawler
from scrapy.settings import BaseSettings
from scrapy.statscollectors import MemoryStatsCollector
from scrapy.utils.misc import load_object

from moviecrawler.exceptions import ConfigurationError
from moviecrawler.policy.setting_values import switch, whole_number, within
from moviecrawler.policy.timing import NoTiming, Timing


class Stats(MemoryStatsCollector):
    """Scrapy's, without its check for a deprecated argument at every access, which takes 1 % of a film's CPU."""

    __getattribute__ = object.__getattribute__


class Instrumentation:
    """Adds the components that measure, only if they are enabled."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls()

    def update_settings(self, settings: BaseSettings) -> None:
        if switch("TIMING_ENABLED", settings["TIMING_ENABLED"]):
            settings.set("ITEM_PROCESSOR", "moviecrawler.pipelines.timed.TimedPipelines", "addon")
        if settings["METRICS_PORT"] != "":
            _add_extension(settings, "moviecrawler.observability.metrics.Metrics", 150)
        if switch("PROFILE", settings["PROFILE"]):
            _add_extension(settings, "moviecrawler.observability.profile.Profile", 160)


def build_timing(settings: BaseSettings) -> Timing:
    """In which every stage of a run records its times."""
    return (Timing if switch("TIMING_ENABLED", settings["TIMING_ENABLED"]) else NoTiming)(time.perf_counter)


def check(settings: BaseSettings) -> None:
    """ConfigurationError for the first setting that is wrong or lacks its library."""
    for name in ("TIMING_ENABLED", "PROFILE"):
        switch(name, settings[name])
    if settings["METRICS_PORT"] != "":
        within("METRICS_PORT", whole_number("METRICS_PORT", settings["METRICS_PORT"]), 0, 65535)
        if find_spec("prometheus_client") is None:
            raise ConfigurationError("METRICS_PORT is set, but its library is missing: pip install prometheus-client")


def _add_extension(settings: BaseSettings, extension: str, order: int) -> None:
    settings.setdefault_in_component_priority_dict("EXTENSIONS", load_object(extension), order)
