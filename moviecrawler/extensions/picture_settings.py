"""Notices that the settings of pictures are not those by which the stored ones were made."""

from datetime import UTC, datetime, timedelta
from typing import Any, Self

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.statscollectors import StatsCollector

from moviecrawler import timestamps
from moviecrawler.crawl_group import CrawlGroup
from moviecrawler.exceptions import StoreError
from moviecrawler.items import KINDS
from moviecrawler.lifecycle import CrawlLifecycle
from moviecrawler.policy.documents import picture_settings as policy
from moviecrawler.runtime import Runtime
from moviecrawler.spider_protocol import CrawlSpider, is_foreign, spider_of
from moviecrawler.stores.base import Store

COUNT_AGAIN = timedelta(days=1)
"""After this, titles that a change concerns are counted again; no document is read for that."""


class PictureSettings:
    """Compares the settings with those that the store remembers, at the end of a run.

    The stats ``pictures/changed/...`` and ``pictures/concerned/...`` are for the summary, which names the command that
    mends it. What is remembered changes once ``scrapy pictures`` has looked at every title.
    """

    def __init__(
        self,
        now: dict[str, str],
        *,
        spider: CrawlSpider,
        store: Store,
        lifecycle: CrawlLifecycle,
        group: CrawlGroup,
        stats: StatsCollector,
        is_alone: bool,
    ) -> None:
        self._now, self._spider, self._store, self._lifecycle = now, spider, store, lifecycle
        self._group, self._stats, self._is_alone = group, stats, is_alone

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        runtime = Runtime.of(crawler)
        notice = cls(
            policy.picture_settings(runtime.config),
            spider=spider_of(crawler),
            store=runtime.store,
            lifecycle=runtime.lifecycle,
            group=runtime.group,
            stats=crawler.stats,
            is_alone=runtime.worker_group is None,
        )
        if not is_foreign(crawler) and crawler is runtime.group.crawlers[-1]:
            crawler.signals.connect(notice._opened, signals.spider_opened)
            runtime.lifecycle.on_close.append(notice._compare)
        return notice

    async def _opened(self) -> None:
        """Of a store without titles, all pictures will be made by the settings of today."""
        try:
            if await self._store.state.get(policy.STATE) is None and not await self._is_filled():
                await self._store.state.set(policy.STATE, policy.as_state(self._now, None))
        except StoreError:
            return  # whatever else needs the store reports it

    async def _is_filled(self) -> bool:
        counts = [await self._store.documents.count(kind) for kind in KINDS]
        return any(counts)

    async def _compare(self) -> None:
        """Called when everything is stored, before the store is closed (``CrawlLifecycle.on_close``)."""
        try:
            known: dict[str, Any] = await self._store.state.get(policy.STATE) or {}
            remembered = await self._remembered(known)
            if remembered != known:
                await self._store.state.set(policy.STATE, remembered)
        except StoreError as error:
            self._lifecycle.give_up("settings", f"the settings of pictures could not be compared: {error}")

    async def _remembered(self, known: dict[str, Any]) -> dict[str, Any]:
        settings, checked_until = known.get("settings") or {}, known.get("checked_until")
        checked = self._spider.checked_pictures
        if checked and self._lifecycle.finish_reason == "finished":
            settings = policy.mended(settings, self._now, redrawn=checked.redrawn)
            # Another worker may have failed to fetch some of them.
            checked_until = checked.since if self._is_alone else checked_until
        found = policy.changed(settings, self._now)
        counted = await self._concerned(found, known.get("concerned") or {}) if any(found) else {}
        if any(found) and not any(counted["titles"].values()):
            return policy.as_state(self._now, checked_until)
        if self._now["IMAGES_ENABLED"] == "1":
            for what, names in found._asdict().items():
                if names and (number := counted["titles"][what]):
                    self._stats.set_value(f"pictures/changed/{what}", ", ".join(names))
                    self._stats.set_value(f"pictures/concerned/{what}", number)
        if any(found) and self._has_made_any():
            settings = policy.mixed(settings, self._now)
        return policy.as_state({**self._now, **settings}, checked_until, counted)

    def _has_made_any(self) -> bool:
        """Whether this process has made pictures, or titles that should have some."""
        begun = [crawler.stats for crawler in self._group.crawlers if Runtime.find(crawler)]
        return any(stats.get_value(name) for stats in begun for name in ("pictures/made", "titles/inserted"))

    async def _concerned(self, found: policy.Changed, before: dict[str, Any]) -> dict[str, Any]:
        """How many titles the changes concern at most: the last count, or one from the store's counters."""
        now, changed = datetime.now(UTC), [list(names) for names in found]
        if before.get("changed") == changed:
            at = timestamps.trusted(before["at"], now)
            if at and timestamps.parse(at) > now - COUNT_AGAIN:
                return before
        coverages = [await self._store.documents.stats(kind, timestamps.iso(now)) for kind in KINDS]
        titles = {
            what: sum(policy.concerned(names, coverage.total, coverage.fields) for coverage in coverages)
            for what, names in found._asdict().items()
        }
        return {"changed": changed, "titles": titles, "at": timestamps.iso(now)}
