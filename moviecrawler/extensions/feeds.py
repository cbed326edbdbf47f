"""Adds stored titles to feeds (``-O films.jsonl``) that the run found and did not request, since they are not due."""

import logging
from typing import Any, Self

from pydantic import ValidationError
from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.extensions.feedexport import FeedExporter

from moviecrawler.documents import Document
from moviecrawler.policy.documents.source_slots import title_of
from moviecrawler.stores.base import Key
from moviecrawler.timestamps import iso

logger = logging.getLogger(__name__)


class StoredInFeeds:
    """Puts each title that is found and not due into the feeds that are overwritten, with TMDB's last data.

    A feed without any title is not written, so that it does not replace an older one (``FEED_STORE_EMPTY``).
    """

    def __init__(self, crawler: Crawler) -> None:
        if not crawler.settings.getdict("FEEDS"):
            raise NotConfigured
        self._crawler = crawler
        self._added: set[Key] = set()
        crawler.run.on_skipped.append(self._add)
        crawler.signals.connect(self._close, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    @property
    def _feeds(self) -> Any:
        return self._crawler.get_extension(FeedExporter)

    def _add(self, kind: str, document: Document) -> None:
        key, slot = (kind, document["_id"]), document["sources"]["tmdb"]
        if key in self._added or slot["fetched_at"] >= iso(self._crawler.stats.get_value("start_time")):
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
        feeds.item_scraped(title, self._crawler.spider)
        feeds.slots += appended

    def _close(self) -> None:
        for slot in self._feeds.slots:
            if not slot.itemcount and slot.batch_id == 1:
                logger.warning("%s was not changed: this run found no title to write there", slot.uri)
        if self._added:
            logger.info("%d titles were not due: overwritten feeds have their stored data", len(self._added))
