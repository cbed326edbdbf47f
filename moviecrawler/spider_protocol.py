"""What middlewares, pipelines and extensions may ask of a spider, and the answers for a spider that is none of ours."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, runtime_checkable

from scrapy import Request, Spider
from scrapy.crawler import Crawler

from moviecrawler.runtime import Runtime

if TYPE_CHECKING:
    from moviecrawler.crawl_group import CrawlGroup
    from moviecrawler.documents import Document
    from moviecrawler.policy.documents.content_filter import ContentFilter
    from moviecrawler.stores.base import Key


class CheckedPictures(NamedTuple):
    """Every stored title has been looked at for pictures that it lacks; those written after ``since`` may be missed.

    ``redrawn``: and for pictures that other settings have made.
    """

    since: str
    redrawn: bool


class Waits(Protocol):
    """``base_spiders.streaming.Backpressure``, as the shared scheduler sees it."""

    def wait_for(self, shared_queue: Callable[[], Awaitable[None]]) -> None:
        """From now on requests of ``start()`` for a shared queue await ``shared_queue()``."""

    def release(self, request: Request) -> None:
        """Count a request of ``start()`` as answered."""


@runtime_checkable
class CrawlSpider(Protocol):
    """``base_spiders.movie_spider.MovieSpider``, as all rooms beside and below it see it."""

    name: str

    @property
    def arguments(self) -> Mapping[str, Any]:
        """All arguments, by name, as they are stored in the record of the run."""

    @property
    def job(self) -> str | None:
        """Scrapyd's id of the job; None if the run was not started by Scrapyd."""

    @property
    def reads_listing(self) -> bool:
        """Whether it finds titles in a listing of the site, not by what is due or was named."""

    @property
    def force(self) -> bool:
        """Whether titles that are not due are requested, too."""

    @property
    def content(self) -> ContentFilter:
        """The content filter for what listings show."""

    @property
    def backpressure(self) -> Waits: ...

    @property
    def checked_pictures(self) -> CheckedPictures | None:
        """Set once the spider has read all titles for their pictures; None for one that does not."""

    def claim(self, key: Key) -> bool:
        """Whether no other crawler of this process requests the title; it is this one's then."""

    def listed(self, kind: str, id: int) -> bool | None:
        """Whether TMDB's daily export has the title; None if this run has not read it."""

    def artwork_requests(self, kind: str, document: Document) -> Iterator[Request]:
        """Requests for the pictures that a stored document lacks."""


class ForeignSpider:
    """The answers for a user's own ``scrapy.Spider``: it takes no arguments that we know, and wants no pictures."""

    arguments: Mapping[str, Any] = {}
    reads_listing = True
    force = False
    checked_pictures = None

    def __init__(self, spider: Spider | type[Spider], content: ContentFilter, group: CrawlGroup) -> None:
        self.name = spider.name
        self.job: str | None = getattr(spider, "_job", None)
        self.content = content
        self.claim = group.claim
        self.backpressure = self

    def wait_for(self, shared_queue: Callable[[], Awaitable[None]]) -> None:
        """Its ``start()`` is read as fast as it yields."""

    def release(self, request: Request) -> None:
        """None of its requests are counted."""

    def listed(self, kind: str, id: int) -> bool | None:
        return None

    def artwork_requests(self, kind: str, document: Document) -> Iterator[Request]:
        return iter(())


def is_foreign(crawler: Crawler) -> bool:
    """Whether the crawl's spider is none of ours."""
    return not isinstance(crawler.spider, CrawlSpider)


def spider_of(crawler: Crawler) -> CrawlSpider:
    """The spider of the crawl; default answers for a foreign one, and in ``scrapy shell``, which has none so far."""
    if isinstance(crawler.spider, CrawlSpider):
        return crawler.spider
    runtime = Runtime.of(crawler)
    return ForeignSpider(crawler.spider or crawler.spidercls, runtime.policies.content, runtime.group)


def required_sources(spider: type[Spider]) -> tuple[str, ...]:
    """The sources that spiders of this class request, as far as they say so."""
    sources: tuple[str, ...] = getattr(spider, "required_sources", ())
    return sources
