"""robots.txt as RFC 9309 requires it: Scrapy's own middleware allows everything when it cannot read one."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest, NotConfigured
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK
from scrapy.robotstxt import RobotParser
from scrapy.utils.misc import build_from_crawler, load_object

from moviecrawler.exceptions import AnswerError
from moviecrawler.lifecycle import CrawlLifecycle
from moviecrawler.policy.network.hosts import Hosts, origin
from moviecrawler.runtime import Runtime


class RobotsTxtMiddleware:
    """Downloader middleware for spiders with ROBOTSTXT_OBEY: the first page that is forbidden ends the run.

    If there is none (404), nothing is forbidden (section 2.3.1.3); if it cannot be read, everything is (2.3.1.4). Only
    pages are checked: for APIs and image hosts their terms of use apply.
    """

    def __init__(
        self,
        *,
        hosts: Hosts,
        user_agent: str,
        parse: Callable[[bytes], RobotParser],
        download: Callable[[Request], Awaitable[Response]],
        lifecycle: CrawlLifecycle,
    ) -> None:
        self._hosts, self._user_agent, self._lifecycle = hosts, user_agent, lifecycle
        self._parse, self._download = parse, download
        self._rules: dict[str, RobotParser] = {}
        self._lock = asyncio.Lock()  # first come, first served, also while the rules are downloaded

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        settings, runtime = crawler.settings, Runtime.of(crawler)
        if not settings.getbool("ROBOTSTXT_OBEY"):
            raise NotConfigured
        parser: type[RobotParser] = load_object(settings["ROBOTSTXT_PARSER"])
        return cls(
            hosts=runtime.policies.hosts,
            user_agent=settings["USER_AGENT"],
            parse=lambda text: build_from_crawler(parser, crawler, text),
            download=lambda request: crawler.engine.download_async(request),
            lifecycle=runtime.lifecycle,
        )

    async def process_request(self, request: Request) -> None:
        host = self._hosts.match(request.url)
        if host is None or host.role != "page" or request.callback is NO_CALLBACK:
            return
        site = origin(request.url)
        async with self._lock:
            if site not in self._rules:
                self._rules[site] = await self._read(site)
        if not self._rules[site].allowed(request.url, self._user_agent):
            self._lifecycle.stop("robots", f"robots.txt forbids {request.url}; no more requests are sent in this run.")
            raise IgnoreRequest("forbidden by robots.txt")

    async def _read(self, site: str) -> RobotParser:
        request = Request(f"{site}/robots.txt", NO_CALLBACK, meta={"download_slot": site})
        try:
            response = await self._download(request)
        except AnswerError as error:
            line = f"{request.url} cannot be read ({error.reason}), so no requests are sent in this run."
            self._lifecycle.stop("robots", line)
            raise IgnoreRequest("no robots.txt") from None
        return self._parse(response.body if response.status == 200 else b"")
