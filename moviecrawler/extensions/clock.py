"""What a run stored whose clock was ahead: said once, and due now."""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Self

from scrapy import signals
from scrapy.crawler import Crawler

from moviecrawler.exceptions import StoreError
from moviecrawler.items import KINDS
from moviecrawler.policy import moments
from moviecrawler.policy.merge import replanned
from moviecrawler.stores.base import Write
from moviecrawler.stores.writing import keep_changes

logger = logging.getLogger(__name__)

_BATCH = 200


class Clock:
    """When a run begins, documents that were written after now get other dates of refresh; they are due.

    Whatever else compares a stored moment with now sees by itself that it cannot be (``policy.moments``).
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        crawler.signals.connect(self._look, signals.spider_opened)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def _look(self) -> None:
        if self._crawler is not self._crawler.companions[0]:
            return  # one for all crawlers of a process
        documents, now, found = self._crawler.store.documents, datetime.now(UTC), 0
        try:
            for kind in KINDS:
                ids = await documents.ahead(kind, moments.latest(now))
                for start in range(0, len(ids), _BATCH):
                    found += await self._replan(kind, ids[start : start + _BATCH], now)
        except StoreError:
            return  # whoever needs the store says so
        if found:
            self._crawler.stats.inc_value("clock/ahead", found)
            logger.warning(
                "%d titles were stored by a clock that was ahead of %s: they are due now", found, moments.iso(now)
            )

    async def _replan(self, kind: str, ids: Sequence[int], now: datetime) -> int:
        documents, refresh = self._crawler.store.documents, self._crawler.policies.refresh
        stored = await documents.get_many((kind, id) for id in ids)
        await keep_changes(self._crawler.store, stored, stored)
        newer = {key: replanned(kind, document, refresh, now) for key, document in stored.items()}
        writes = [Write(*key, document, stored[key]["revision"]) for key, document in newer.items()]
        return len((await documents.write(writes)).updated)
