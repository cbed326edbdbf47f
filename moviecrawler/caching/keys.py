"""Which answers are cached, and under which key."""

from typing import Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.utils.request import RequestFingerprinterProtocol

from moviecrawler.caching.tier import Key
from moviecrawler.policy.network.hosts import Hosts
from moviecrawler.policy.network.http_cache import CachePolicy
from moviecrawler.runtime import Runtime


class CacheKeys:
    """Keys of requests, from URLs without credentials: those are added below the cache, by the handler."""

    def __init__(self, hosts: Hosts, policy: CachePolicy, fingerprinter: RequestFingerprinterProtocol) -> None:
        self._hosts, self._policy, self._fingerprinter = hosts, policy, fingerprinter

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        policies = Runtime.of(crawler).policies
        return cls(policies.hosts, policies.cache, crawler.request_fingerprinter)

    def of(self, request: Request) -> Key | None:
        """The key; None for what is not an answer about titles: pictures are files already."""
        host = self._hosts.match(request.url)
        if host is None or not host.has_titles or request.method != "GET":
            return None
        path = request.url.removeprefix(host.base)
        return Key(self._policy.endpoint(host.source, path), self._fingerprinter.fingerprint(request).hex())
