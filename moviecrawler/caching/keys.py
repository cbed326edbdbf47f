"""Which answers are cached, and under which key."""

from typing import Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.utils.request import RequestFingerprinterProtocol

from moviecrawler.caching.tier import Key
from moviecrawler.policy.network.hosts import Hosts
from moviecrawler.policy.network.http_cache import endpoint_of


class CacheKeys:
    """Keys of requests, from URLs without credentials: those are added below the cache, by the handler."""

    def __init__(self, hosts: Hosts, fingerprinter: RequestFingerprinterProtocol) -> None:
        self._hosts, self._fingerprinter = hosts, fingerprinter

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        hosts: Hosts = crawler.policies.hosts  # type: ignore[attr-defined]  # the add-on sets it
        return cls(hosts, crawler.request_fingerprinter)

    def of(self, request: Request) -> Key | None:
        """The key; None for what is not an answer about titles: pictures are files already."""
        host = self._hosts.match(request.url)
        if host is None or not host.has_titles or request.method != "GET":
            return None
        path = request.url.removeprefix(host.base)
        return Key(endpoint_of(host.source, path), self._fingerprinter.fingerprint(request).hex())
