"""Every run leaves a record of itself; then the store is closed."""

import logging
from datetime import UTC, datetime
from typing import Any, Self

from scrapy import Spider, signals
from scrapy.crawler import Crawler

from moviecrawler.exceptions import StoreError
from moviecrawler.policy import moments

logger = logging.getLogger(__name__)


class Runs:
    """``runs`` record: spider, arguments, start, end, finish reason, stats. Key: ``{start}/{spider}``."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._started = datetime.now(UTC)
        crawler.signals.connect(self._closed, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def _closed(self, spider: Spider, reason: str) -> None:
        store, self._crawler.run.reason = self._crawler.store, reason
        try:
            if reason != "store_failed":
                for settle in self._crawler.run.accounts:
                    await settle()
                await store.records.put("runs", [self._row(spider, reason)])
        except StoreError as error:
            logger.error("the record of this run is lost: %s", error)
        finally:
            await store.close()

    def _row(self, spider: Any, reason: str) -> dict[str, Any]:
        started = moments.iso(self._started)
        stats = self._crawler.stats.get_stats()
        blot_all = self._crawler.policies.secrets.blot_all
        return {
            "_id": f"{started}/{spider.name}",
            "spider": spider.name,
            "arguments": blot_all(spider.chosen),
            "started_at": started,
            "finished_at": moments.iso(datetime.now(UTC)),
            "finish_reason": reason,
            "incomplete": blot_all(list(self._crawler.run.missing.values())),
            "stats": blot_all(
                {name: stats[name] for name in sorted(stats) if isinstance(stats[name], int | float | str)}
            ),
        }
