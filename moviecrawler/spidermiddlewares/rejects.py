"""Turns what a callback could not parse into a reject: counted, stored with its reason, never the end of a crawl."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Self

from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider
from scrapy.http import Response

from moviecrawler import timestamps
from moviecrawler.exceptions import ParseError
from moviecrawler.items import FailedLookup, Reject
from moviecrawler.policy.secrets.redaction import Secrets
from moviecrawler.request_meta import leads_to_titles, meta_of
from moviecrawler.runtime import Runtime
from moviecrawler.spider_protocol import CrawlSpider, spider_of

logger = logging.getLogger(__name__)


class RejectsMiddleware:
    """Spider middleware. A ParseError is the site's fault: one line. Any other exception is ours: a traceback.

    A request about a stored title (``meta["target"]``) also becomes a FailedLookup: else it would be the first in every
    run.
    """

    def __init__(self, spider: CrawlSpider, secrets: Secrets, give_up: Callable[[str, str], None]) -> None:
        self._spider, self._secrets, self._give_up = spider, secrets, give_up

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        runtime = Runtime.of(crawler)
        return cls(spider_of(crawler), runtime.policies.secrets, runtime.lifecycle.give_up)

    def process_spider_exception(self, response: Response, exception: Exception) -> list[Reject | FailedLookup] | None:
        if isinstance(exception, CloseSpider):
            return None
        if isinstance(exception, ParseError):
            logger.warning("%s: %s", response.url, exception, extra={"spider": self._spider})
            reason = "parse"
        else:
            logger.error("%s: a callback failed", response.url, exc_info=exception, extra={"spider": self._spider})
            reason = "callback"
        at = timestamps.iso(datetime.now(UTC))
        meta = meta_of(response)
        reject = Reject(
            url=response.url,
            reason=reason,
            detail=self._secrets.excerpt(f"{type(exception).__name__}: {exception}"),
            status=response.status,
            tries=meta.get("retry_times", 0) + 1,
            history=meta.get("history", []),
            excerpt=self._secrets.excerpt(response.body),
            spider=self._spider.name,
            at=at,
        )
        if leads_to_titles(response):
            line = f"{response.url} cannot be parsed; the titles behind it are missed in this run"
            self._give_up("listing", line)
        about = meta.get("target")
        return [reject, FailedLookup(**about, reason="parse", at=at)] if about else [reject]
