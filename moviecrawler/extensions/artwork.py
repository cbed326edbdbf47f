"""Requests the pictures of stored titles apart from the titles, so that a slow CDN delays neither films nor the API."""

from typing import Any, Self

from scrapy import signals
from scrapy.crawler import Crawler

from moviecrawler.items import Title


class ArtworkRequests:
    """Once a title is durable (``item_scraped``), requests the pictures that it lacks."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        crawler.signals.connect(self._schedule, signals.item_scraped)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def _schedule(self, item: Any) -> None:
        if isinstance(item, Title) and (document := item.context.document) is not None:
            for request in self._crawler.spider.artwork_requests(item.kind, document):
                self._crawler.engine.crawl(request)
