"""What all spiders share: parsed arguments, requests for titles and pictures, and the errback."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property, partial
from typing import Any, ClassVar, Self

import scrapy
from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.http import Response
from twisted.python.failure import Failure

from moviecrawler import timestamps
from moviecrawler.base_spiders.arguments import Argument, parse_arguments
from moviecrawler.base_spiders.artwork import ArtworkMixin
from moviecrawler.base_spiders.errback import is_dropped, request_of
from moviecrawler.base_spiders.streaming import END_OF_TIME, Backpressure, due_as_found, due_titles
from moviecrawler.exceptions import AnswerError, StoreError
from moviecrawler.items import KINDS, FailedLookup, Reject
from moviecrawler.policy.documents.content_filter import MAX_TIMEOUTS, ContentFilter
from moviecrawler.policy.network.backoff import NON_API_REASONS
from moviecrawler.policy.network.hosts import origin
from moviecrawler.request_meta import leads_to_titles, meta_of
from moviecrawler.spider_protocol import CheckedPictures, required_sources
from moviecrawler.stores.base import DueTitle, Key

LISTING, DETAIL = 0, 10
"""Request priorities: the titles of a listing page before the next page."""

_UNANSWERED = frozenset({"failed", "throttled"})
"""Kinds of ``policy.network.answers`` that say nothing about what was requested."""

_NO_WHOLE_ANSWER = NON_API_REASONS | {"garbage/truncated", "garbage/304"}
"""Reasons of bodies that came instead of an answer about a title."""

_MISSING = {
    "listing": "what it leads to is not seen in this run",
    "titles": "the title is missing; scrapy export rejects shows all",
    "pictures": "the picture stays due",
}

_IGNORED_ARGUMENTS = frozenset({"_job"})  # Scrapyd passes it to every job


class MovieSpider(ArtworkMixin, scrapy.Spider):
    """Base of our spiders. ``accepted_arguments`` declares the spider's arguments; their values become attributes.

    A request about a stored title carries ``meta["target"] = {"source", "kind", "id"}``: if it fails for good, a
    :class:`~moviecrawler.items.FailedLookup` beside the reject says when the title is due again.
    """

    accepted_arguments: ClassVar[Mapping[str, Argument]] = {}
    required_sources: ClassVar[tuple[str, ...]] = ("tmdb",)
    """The sources that it requests: ``scrapy crawl`` checks that it may (``policy.prerequisites``)."""
    reads_listing: ClassVar[bool] = False
    """Whether it finds titles in a listing of the site, not by what is due or was named: ``MONITOR_MIN_FOUND``."""
    may_lack_pages: ClassVar[bool] = False
    """Whether the site need not have every page of a listing: a missing one does not make the run incomplete."""

    checked_pictures: CheckedPictures | None = None

    def __init__(self, name: str | None = None, **given: str) -> None:
        if name is not None and "name" in self.accepted_arguments:
            given["name"], name = name, None
        super().__init__(name)
        self.arguments = self.parse_arguments(given)
        """All arguments, by name, as they are stored in the record of the run."""
        self.job = given.get("_job")
        """Scrapyd's id of the job; None if the run was not started by Scrapyd."""
        # An argument may have the name of Scrapy's method start(), or be called "name".
        vars(self).update({name: value for name, value in self.arguments.items() if name not in ("start", "name")})
        self.backpressure = Backpressure()

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **given: Any) -> Self:
        spider = super().from_crawler(crawler, *args, **given)
        crawler.signals.connect(spider._answered, signals.response_received)
        return spider

    @cached_property
    def content(self) -> ContentFilter:
        """The content filter for listings; a spider argument overrides its setting."""
        content = self.runtime.policies.content
        return replace(content, on_timeout=self._late) if content.config.patterns else content

    def _late(self, pattern: str) -> None:
        """A pattern took too long for a title: it counts as not matching, and is dropped if that repeats."""
        if not self.crawler.stats.get_value("filter/late"):
            self.logger.warning(
                "FILTER_PATTERNS=%r takes too long for a title, which is kept; after %d such titles it is ignored",
                pattern,
                MAX_TIMEOUTS,
            )
        self.crawler.stats.inc_value("filter/late")

    def claim(self, key: Key) -> bool:
        """Whether no other crawler of this process (``scrapy collect``) requests the title; it is this one's then."""
        return self.runtime.group.claim(key)

    @classmethod
    def parse_arguments(cls, given: Mapping[str, str]) -> dict[str, Any]:
        """The values of all arguments; ArgumentError for a wrong one."""
        ours = {name: value for name, value in given.items() if name not in _IGNORED_ARGUMENTS}
        return parse_arguments(cls.name, cls.accepted_arguments, ours)

    def request(self, url: str, callback: Callable[..., Any], *, priority: int, **kwargs: Any) -> scrapy.Request:
        """A request in the download slot of its host, with :meth:`failed` as its errback.

        A listing page is retried longer than others (``meta["retry_longer"]``), since nothing is known of what it leads
        to. If several workers share a queue, a listing page stays with the worker that reads the listing
        (``meta["local"]``), and a request with a key (``meta["dedup_key"]``) is made once, whichever worker finds it.
        """
        is_listing = priority == LISTING
        meta = {
            "download_slot": origin(url),
            "local": is_listing,
            "retry_longer": is_listing,
            **kwargs.pop("meta", {}),
        }
        errback = kwargs.pop("errback", self.failed)
        return scrapy.Request(url, callback, errback=errback, priority=priority, meta=meta, **kwargs)

    def due(
        self, source: str, *, kinds: Sequence[str] = KINDS, limit: int | None = None, all_of_them: bool = False
    ) -> AsyncIterator[DueTitle]:
        """Titles that are due at the source, in its order, read from the store page by page.

        ``all_of_them``: every title that can be requested from the source, due or not.
        """
        documents, retry_store = self.runtime.store.documents, self.runtime.lifecycle.retry_store

        def query(kind: str, by: str, most: int, after: DueTitle | None) -> Awaitable[list[DueTitle]]:
            return retry_store(partial(documents.due, kind, source, by, most, after))

        return due_titles(query, kinds, limit, by=END_OF_TIME if all_of_them else "")

    def listed(self, kind: str, id: int) -> bool | None:
        """Whether TMDB's daily export has the title; None if this run has not read it."""
        return None

    async def due_as_found(
        self, source: str, *, kinds: Sequence[str] = KINDS, limit: int | None = None, all_of_them: bool = False
    ) -> AsyncIterator[list[DueTitle]]:
        """The same in small batches, and titles that become due while TMDB spiders run beside it (``scrapy collect``).

        So the very first run, which begins with an empty store, finds titles, too.
        """
        left = limit or float("inf")
        if not (all_of_them or self._may_become_due()):
            await self._expect(source, kinds, left)
        async for titles in due_as_found(
            lambda: self.due(source, kinds=kinds, all_of_them=all_of_them), self._may_become_due
        ):
            yield titles[: int(min(left, len(titles)))]
            left -= len(titles)
            if left <= 0:
                return

    async def _expect(self, source: str, kinds: Sequence[str], most: float) -> None:
        """Set ``titles/expected`` to what was found so far and what is due, so that progress can be shown."""
        documents, retry_store, due = self.runtime.store.documents, self.runtime.lifecycle.retry_store, 0
        with suppress(StoreError):  # it has stopped the run and was logged
            for kind in kinds:
                counts = await retry_store(partial(documents.due_counts_by_age, kind, source, now()))
                due += sum(counts.values())
            found = self.crawler.stats.get_value("titles/found", 0)
            self.crawler.stats.set_value("titles/expected", int(found + min(due, most)))

    def _may_become_due(self) -> bool:
        """Whether another crawler of the process still requests titles from TMDB."""
        others = (crawler for crawler in self.runtime.group.crawlers if crawler is not self.crawler)
        return any(other.crawling and "tmdb" in required_sources(other.spidercls) for other in others)

    def _answered(self, request: scrapy.Request) -> None:
        self.backpressure.release(request)

    def failed(self, failure: Failure) -> Iterator[Reject | FailedLookup]:
        """The shared errback: a request that failed its last try becomes a reject, one that a stopping run drops does
        not.

        The run is incomplete if there was no answer, or if a listing page is missing for any reason, unless that page
        need not exist (``may_lack_pages``).
        """
        request = request_of(failure)
        meta = meta_of(request)
        self.backpressure.release(request)
        if is_dropped(failure):
            meta["release"] = True  # for another worker
            return
        error = failure.value
        answer = error if isinstance(error, AnswerError) else AnswerError("failed", f"failed/{type(error).__name__}")
        no_answer = answer.kind in _UNANSWERED or ("target" in meta and answer.reason in _NO_WHOLE_ANSWER)
        is_no_page = self.may_lack_pages and answer.kind == "gone"
        if no_answer or (leads_to_titles(request) and not is_no_page):
            self.give_up(request, answer.reason)
        yield Reject(
            url=request.url,
            reason=answer.kind,
            detail=answer.reason.partition("/")[2],
            status=answer.status,
            tries=meta.get("retry_times", 0) + 1,
            history=meta.get("history", []),
            excerpt=answer.excerpt,
            spider=self.name,
            at=now(),
        )
        if about := meta.get("target"):
            yield FailedLookup(**about, reason=answer.kind, at=now())

    def give_up(self, request: scrapy.Request, reason: str) -> None:
        """Make the run incomplete: what this request was for is missing."""
        meta = meta_of(request)
        what = "listing" if leads_to_titles(request) else "titles" if meta.get("target") else "pictures"
        tries = meta.get("retry_times", 0) + 1
        line = f"{request.url} is given up after {tries} tries ({reason}); {_MISSING[what]}"
        self.runtime.lifecycle.give_up(what, line)


def fetched_at(response: Response) -> str:
    """Timestamp at which the site gave this answer; that of a cached one is when it was stored."""
    stored_at = meta_of(response).get("cache_timestamp")
    return now() if stored_at is None else timestamps.iso(datetime.fromtimestamp(stored_at, UTC))


def now() -> str:
    return timestamps.iso(datetime.now(UTC))
