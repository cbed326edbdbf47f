"""Removes weekly samples that are too old, once at the end of a run."""

from datetime import UTC, datetime
from typing import Self

from scrapy.crawler import Crawler
from scrapy.statscollectors import StatsCollector

from moviecrawler.exceptions import StoreError
from moviecrawler.ingest.samples import expire_samples
from moviecrawler.lifecycle import CrawlLifecycle
from moviecrawler.policy.documents.samples import Retention
from moviecrawler.runtime import Runtime
from moviecrawler.stores.base import Store


class ExpireSamples:
    """For titles that are not written any more, such as those that are gone: all others lose theirs when written."""

    def __init__(self, store: Store, retention: Retention, lifecycle: CrawlLifecycle, stats: StatsCollector) -> None:
        self._store, self._retention, self._lifecycle, self._stats = store, retention, lifecycle, stats

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        runtime = Runtime.of(crawler)
        expiry = cls(runtime.store, runtime.policies.samples, runtime.lifecycle, crawler.stats)
        runtime.lifecycle.on_close.append(expiry.expire)
        return expiry

    async def expire(self) -> None:
        """Called when everything is stored, before the store is closed (``CrawlLifecycle.on_close``)."""
        if self._lifecycle.finish_reason == "shutdown":
            return  # a signal does not wait for it; the next run does it
        try:
            if expired := await expire_samples(self._store, self._retention, datetime.now(UTC)):
                self._stats.inc_value("samples/expired", expired)
        except StoreError as error:
            self._lifecycle.give_up("samples", f"samples that are too old could not be removed: {error}")
