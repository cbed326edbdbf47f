"""What stands in for a crawler where no crawl is needed."""

import time
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from scrapy.settings import Settings

from moviecrawler.config import Config
from moviecrawler.crawl_group import CrawlGroup
from moviecrawler.lifecycle import CrawlLifecycle
from moviecrawler.pipelines.group_commit import GroupCommit
from moviecrawler.policy.documents.content_filter import ContentFilter
from moviecrawler.policy.documents.localization import Languages
from moviecrawler.policy.documents.samples import Retention
from moviecrawler.policy.timing import NoTiming
from moviecrawler.runtime import Commits, Runtime
from tests.support.policies import composer, refresh


class Stats(dict[str, Any]):
    """As much of Scrapy's stats collector as our components call, and a plain dictionary for tests."""

    def inc_value(self, key: str, count: int = 1) -> None:
        self[key] = self.get(key, 0) + count

    def set_value(self, key: str, value: Any) -> None:
        self[key] = value

    def get_value(self, key: str, default: Any = None) -> Any:
        return self.get(key, default)

    def get_stats(self) -> dict[str, Any]:
        return self


class Lifecycle:
    """Records how a run was told to end, instead of ending it."""

    def __init__(self) -> None:
        self.stopped: list[tuple[str, str]] = []
        self.given_up: dict[str, str] = {}
        self.lines: list[str] = []
        """Of everything that was given up."""
        self.on_skipped: list[Any] = []
        self.on_deadline: list[Any] = []
        self.on_close: list[Any] = []
        self.finish_reason = ""
        self.is_stopping = False
        self.is_running = True

    def stop(self, reason: str, line: str) -> None:
        self.stopped.append((reason, line))

    def stop_incomplete(self, what: str, line: str) -> None:
        self.stop("incomplete", line)

    def give_up(self, what: str, line: str) -> None:
        self.given_up[what] = line
        self.lines.append(line)

    async def retry_store(self, operation: Any) -> Any:
        return await operation()


def stand_in(*, spider: Any = None, settings: Mapping[str, Any] | None = None, **parts: Any) -> Any:
    """A crawler with a :class:`Runtime` of these ``parts``; ``ended`` has the reasons for which its engine was closed.

    Without them, it has no store and knows no host, measures nothing, and ends by its own :class:`CrawlLifecycle`.
    """
    ended: list[str] = []

    async def close_spider_async(*, reason: str) -> None:
        ended.append(reason)

    crawler: Any = SimpleNamespace(
        stats=Stats(),
        signals=SimpleNamespace(connect=lambda receiver, signal: None),
        settings=Settings(dict(settings or {})),
        engine=SimpleNamespace(close_spider_async=close_spider_async, running=True),
        spider=spider or SimpleNamespace(name="tests"),
        ended=ended,
    )
    install_runtime(crawler, **parts)
    return crawler


def install_runtime(crawler: Any, **parts: Any) -> None:
    """Give a crawler a :class:`Runtime` of these parts; the others are those of :func:`stand_in`."""
    names = ("store", "host_pools", "breakers", "block_detector", "worker_group", "redis")
    nothing: dict[str, Any] = dict.fromkeys(names)
    config = Config.from_settings(crawler.settings)
    policies = SimpleNamespace(
        languages=Languages.parse("en-US"),
        composer=composer(),
        refresh=refresh(),
        content=ContentFilter(),
        samples=Retention(config.store.sample_days),
    )
    defaults: dict[str, Any] = {
        "config": config,
        "policies": policies,
        "lifecycle": CrawlLifecycle(crawler, config.store.patience),
        "group": CrawlGroup([crawler]),
        "timing": NoTiming(time.perf_counter),
        "build_commits": lambda: GroupCommit.from_crawler(crawler),
    }
    Runtime(**{**nothing, **defaults, **parts}).install(crawler)


def commits_of(store: Any, patience: float = 5.0) -> tuple[Commits, Any]:
    """The group commit of a crawler with this store, and the crawler."""
    crawler = stand_in(store=store, settings={"STORE_PATIENCE": patience})
    return Runtime.of(crawler).commits, crawler
