"""Turns what a callback could not parse into a reject: counted, stored with its reason, never the end of a crawl."""

import logging
from datetime import UTC, datetime
from typing import Self

from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider
from scrapy.http import Response

from moviecrawler import timestamps
from moviecrawler.exceptions import ParseError
from moviecrawler.items import FailedLookup, Reject

logger = logging.getLogger(__name__)


class RejectsMiddleware:
    """Spider middleware. A ParseError is the site's fault: one line. Any other exception is ours: a traceback.

    A request about a stored title (``meta["target"]``) also becomes a FailedLookup: else it would be the first in every
    run.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_spider_exception(self, response: Response, exception: Exception) -> list[Reject | FailedLookup] | None:
        if isinstance(exception, CloseSpider):
            return None
        if isinstance(exception, ParseError):
            logger.warning("%s: %s", response.url, exception, extra={"spider": self._crawler.spider})
            reason = "parse"
        else:
            logger.error(
                "%s: a callback failed", response.url, exc_info=exception, extra={"spider": self._crawler.spider}
            )
            reason = "callback"
        at = timestamps.iso(datetime.now(UTC))
        secrets = self._crawler.policies.secrets
        reject = Reject(
            url=response.url,
            reason=reason,
            detail=secrets.excerpt(f"{type(exception).__name__}: {exception}"),
            status=response.status,
            tries=response.meta.get("retry_times", 0) + 1,
            history=response.meta.get("history", []),
            excerpt=secrets.excerpt(response.body),
            spider=self._crawler.spider.name,
            at=at,
        )
        if response.meta.get("local"):
            line = f"{response.url} cannot be parsed; the titles behind it are missed in this run"
            self._crawler.run.give_up("listing", line)
        about = response.meta.get("target")
        return [reject, FailedLookup(**about, reason="parse", at=at)] if about else [reject]
