"""Adds stored titles to feeds (``-O films.jsonl``) that the run found and did not request, since they are not due."""

import logging
from collections.abc import Callable
from typing import Self

from pydantic import ValidationError
from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.extensions.feedexport import FeedExporter, ItemFilter
from scrapy.statscollectors import StatsCollector

from moviecrawler.documents import Document
from moviecrawler.items import Item, Title
from moviecrawler.policy.documents.source_slots import title_of
from moviecrawler.runtime import Runtime
from moviecrawler.stores.base import Key
from moviecrawler.timestamps import iso

logger = logging.getLogger(__name__)


class OwnItems(ItemFilter):
    """What feeds of a foreign spider contain: titles and all items of its own, none of the records that we make."""

    def accepts(self, item: object) -> bool:
        return super().accepts(item) and (isinstance(item, Title) or not isinstance(item, Item))


class StoredInFeeds:
    """Puts each title that is found and not due into the feeds that are overwritten, with TMDB's last data.

    A feed without any title is not written, so that it does not replace an older one (``FEED_STORE_EMPTY``).
    """

    def __init__(self, spider: Spider, find_feeds: Callable[[], FeedExporter | None], stats: StatsCollector) -> None:
        self._spider, self._find_feeds, self._stats = spider, find_feeds, stats
        self._added: set[Key] = set()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        if not crawler.settings.getdict("FEEDS"):
            raise NotConfigured
        assert crawler.spider is not None, "Scrapy creates the spider before its components"
        stored = cls(crawler.spider, lambda: crawler.get_extension(FeedExporter), crawler.stats)
        Runtime.of(crawler).lifecycle.on_skipped.append(stored._add)
        crawler.signals.connect(stored._close, signals.spider_closed)
        return stored

    @property
    def _feeds(self) -> FeedExporter:
        feeds = self._find_feeds()
        assert feeds is not None, "FEEDS is set"
        return feeds

    def _add(self, kind: str, document: Document) -> None:
        key, slot = (kind, document["_id"]), document["sources"]["tmdb"]
        if key in self._added or (slot["fetched_at"] or "") >= iso(self._stats.get_value("start_time")):
            return
        self._added.add(key)
        try:
            title = title_of(kind, document["_id"], "tmdb", slot)
        except ValidationError:
            logger.warning("%s/%d is not in the feed: its stored data are of another version; run scrapy reparse", *key)
            return
        feeds = self._feeds
        appended = [feed for feed in feeds.slots if not feed.feed_options.get("overwrite")]
        feeds.slots = [feed for feed in feeds.slots if feed not in appended]
        feeds.item_scraped(title, self._spider)
        feeds.slots += appended

    def _close(self) -> None:
        for slot in self._feeds.slots:
            if not slot.itemcount and slot.batch_id == 1:
                logger.warning("%s was not changed: this run found no title to write there", slot.uri)
        if self._added:
            logger.info("%d titles were not due: overwritten feeds have their stored data", len(self._added))
