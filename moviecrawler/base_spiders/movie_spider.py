"""What all spiders share: checked arguments, the requests for titles and pictures, and the errback."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from typing import Any, ClassVar, Self

import scrapy
from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from twisted.python.failure import Failure

from moviecrawler import timestamps
from moviecrawler.base_spiders.arguments import Argument, read_arguments
from moviecrawler.base_spiders.artwork import ArtworkMixin
from moviecrawler.base_spiders.streaming import NEVER, Backpressure, due_as_found, due_titles
from moviecrawler.exceptions import AnswerError, StoreError
from moviecrawler.items import KINDS, FailedLookup, Reject
from moviecrawler.policy.network.backoff import FOR_PEOPLE
from moviecrawler.policy.network.hosts import origin
from moviecrawler.stores.base import Due

LISTING, DETAIL = 0, 10
"""Request priorities: details of known pages before the next listing page."""

_UNANSWERED = frozenset({"failed", "throttled"})
"""Kinds of ``policy.network.answers`` in which the source says nothing of what was asked for."""

_NO_WHOLE_ANSWER = FOR_PEOPLE | {"garbage/truncated", "garbage/304"}
"""Reasons of what came instead of an answer about a title."""

_MISSING = {
    "listing": "what it leads to is not seen in this run",
    "titles": "the title is missing; scrapy export rejects shows all",
    "pictures": "the picture stays due",
}

_HARMLESS = frozenset({"_job"})  # Scrapyd gives it to every job


class MovieSpider(ArtworkMixin, scrapy.Spider):
    """Base of our spiders. ``arguments`` declares what a spider takes; the values become attributes.

    A request about a stored title carries ``meta["about"] = {"source", "kind", "id"}``: when nothing comes of it, the
    title is not asked about again before its time (a :class:`~moviecrawler.items.FailedLookup` beside the reject).
    """

    arguments: ClassVar[Mapping[str, Argument]] = {}
    needs: ClassVar[tuple[str, ...]] = ("tmdb",)
    """The sources that it asks: ``scrapy crawl`` looks whether they may be asked (``policy.prerequisites``)."""
    may_lack_pages: ClassVar[bool] = False
    """Whether the site may have no page where one is asked for, and nothing is missing then."""

    def __init__(self, name: str | None = None, **given: str) -> None:
        super().__init__(name)
        self.chosen = self.read(given)
        """All arguments by name, as the record of the run has them."""
        self.job = given.get("_job")
        """The id that Scrapyd gave to the run, None where it is none of Scrapyd's."""
        # start() is Scrapy's method, also where an argument has that name.
        vars(self).update({name: value for name, value in self.chosen.items() if name != "start"})
        self.pace = Backpressure()

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **given: Any) -> Self:
        spider = super().from_crawler(crawler, *args, **given)
        crawler.signals.connect(spider._answered, signals.response_received)
        return spider

    @classmethod
    def read(cls, given: Mapping[str, str]) -> dict[str, Any]:
        """The values of all arguments, ArgumentError for a wrong one."""
        ours = {name: value for name, value in given.items() if name not in _HARMLESS}
        return read_arguments(cls.name, cls.arguments, ours)

    def request(self, url: str, callback: Any, *, priority: int, **kwargs: Any) -> scrapy.Request:
        """A request in its host's own slot, with the errback that loses nothing.

        A page of a listing is tried longer than others (``meta["patient"]``), since what it leads to is not known.
        Where several workers share a queue, a page of a listing stays with the worker that reads the listing
        (``meta["local"]``), and what has a key (``meta["once"]``) is asked for once, whoever finds it.
        """
        is_listing = priority == LISTING
        meta = {
            "download_slot": origin(url),
            "local": is_listing,
            "patient": is_listing,
            **kwargs.pop("meta", {}),
        }
        errback = kwargs.pop("errback", self.failed)
        return scrapy.Request(url, callback, errback=errback, priority=priority, meta=meta, **kwargs)

    def due(
        self, source: str, *, kinds: Sequence[str] = KINDS, limit: int | None = None, all_of_them: bool = False
    ) -> AsyncIterator[Due]:
        """Titles whose source wants to be asked now, in the source's order, read from the store page by page.

        ``all_of_them``: whatever can be asked about, due or not.
        """
        return due_titles(self.crawler, source, kinds, limit, by=NEVER if all_of_them else "")

    def listed(self, kind: str, id: int) -> bool | None:
        """Whether TMDB's daily export has the title; None where this run has not read it."""
        return None

    async def due_as_found(
        self, source: str, *, kinds: Sequence[str] = KINDS, limit: int | None = None, all_of_them: bool = False
    ) -> AsyncIterator[list[Due]]:
        """The same in small batches, and what becomes due while spiders of TMDB beside it (``scrapy collect``) go on:
        the first run of all begins with an empty store.
        """
        left = limit or float("inf")
        if not (all_of_them or self._titles_come()):
            await self._expect(source, kinds, left)
        async for titles in due_as_found(
            lambda: self.due(source, kinds=kinds, all_of_them=all_of_them), self._titles_come
        ):
            yield titles[: int(min(left, len(titles)))]
            left -= len(titles)
            if left <= 0:
                return

    async def _expect(self, source: str, kinds: Sequence[str], most: float) -> None:
        """Count what is due beside what was found so far, for those who want to know how long it takes."""
        documents, due = self.crawler.store.documents, 0
        with suppress(StoreError):  # it has ended the run, with its line
            for kind in kinds:
                due += sum(
                    (await self.crawler.run.retry_store(partial(documents.due_by_age, kind, source, now()))).values()
                )
            found = self.crawler.stats.get_value("titles/found", 0)
            self.crawler.stats.set_value("titles/expected", int(found + min(due, most)))

    def _titles_come(self) -> bool:
        others = (companion for companion in self.crawler.group.crawlers if companion is not self.crawler)
        return any(other.crawling and "tmdb" in other.spidercls.needs for other in others)

    def _answered(self, request: scrapy.Request) -> None:
        self.pace.settled(request)

    def failed(self, failure: Failure) -> Iterator[Reject | FailedLookup]:
        """The shared errback: what failed its last try becomes a reject; what a stopping run let go does not.

        What no answer came to is given up: the run is incomplete. So it is when a page of a listing is missing,
        whatever the reason; but one that need not exist (``may_lack_pages``) leads to nothing.
        """
        self.pace.settled(failure.request)
        if failure.check(IgnoreRequest):
            failure.request.meta["let_go"] = True  # for another worker
            return
        request: scrapy.Request = failure.request
        error = failure.value
        answer = error if isinstance(error, AnswerError) else AnswerError("failed", f"failed/{type(error).__name__}")
        nothing = answer.kind in _UNANSWERED or ("about" in request.meta and answer.reason in _NO_WHOLE_ANSWER)
        lacking = self.may_lack_pages and answer.kind == "gone"
        if nothing or (request.meta.get("local") and not lacking):
            self.give_up(request, answer.reason)
        yield Reject(
            url=request.url,
            reason=answer.kind,
            detail=answer.reason.partition("/")[2],
            status=answer.status,
            tries=request.meta.get("tried", 0) + 1,
            history=request.meta.get("history", []),
            excerpt=answer.excerpt,
            spider=self.name,
            at=now(),
        )
        if about := request.meta.get("about"):
            yield FailedLookup(**about, reason=answer.kind, at=now())

    def give_up(self, request: scrapy.Request, reason: str) -> None:
        """Say that what this request was for is missing in this run."""
        what = "listing" if request.meta.get("local") else "titles" if request.meta.get("about") else "pictures"
        tries = request.meta.get("tried", 0) + 1
        line = f"{request.url} is given up after {tries} tries ({reason}); {_MISSING[what]}"
        self.crawler.run.give_up(what, line)


def fetched_at(response: Response) -> str:
    """The moment at which the site gave this answer: a cached one stays as old as it is."""
    stored_at = response.meta.get("cache_timestamp")
    return now() if stored_at is None else timestamps.iso(datetime.fromtimestamp(stored_at, UTC))


def now() -> str:
    return timestamps.iso(datetime.now(UTC))
