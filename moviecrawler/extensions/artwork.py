"""Requests the pictures of stored titles apart from the titles, so that a slow CDN delays neither films nor the API."""

from collections.abc import Callable
from typing import Any, Self

from scrapy import Request, signals
from scrapy.crawler import Crawler

from moviecrawler.items import Title
from moviecrawler.spider_protocol import CrawlSpider, spider_of


class ArtworkRequests:
    """Once a title is durable (``item_scraped``), requests the pictures that it lacks."""

    def __init__(self, spider: CrawlSpider, request: Callable[[Request], None]) -> None:
        self._spider, self._request = spider, request

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        artwork = cls(spider_of(crawler), lambda request: crawler.engine.crawl(request))
        crawler.signals.connect(artwork._schedule, signals.item_scraped)
        return artwork

    def _schedule(self, item: Any) -> None:
        if isinstance(item, Title) and (document := item.context.document) is not None:
            for request in self._spider.artwork_requests(item.kind, document):
                self._request(request)
