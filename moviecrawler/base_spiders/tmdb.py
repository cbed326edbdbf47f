"""What the TMDB spiders share: one request per title, listings page by page, and their callbacks."""

from collections.abc import AsyncIterator, Callable, Container, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any, cast

import scrapy
from scrapy.http import Response, TextResponse
from twisted.python.failure import Failure

from moviecrawler import timestamps
from moviecrawler.base_spiders.errback import is_dropped, request_of
from moviecrawler.base_spiders.movie_spider import DETAIL, LISTING, MovieSpider, fetched_at
from moviecrawler.documents import Document, Trending, is_gone
from moviecrawler.documents.records import DROPPED
from moviecrawler.exceptions import ParseError, StoreError
from moviecrawler.items import Dropped, FetchReason, Raw, Title
from moviecrawler.request_meta import RequestMeta, meta_of
from moviecrawler.sources import tmdb

_RECENT = 2000  # titles, that is 100 pages
_MAX_BROKEN_PAGES = 3  # in a row; then the listing is given up
_PARSERS = {"movies": (tmdb.movie_url, tmdb.parse_movie), "shows": (tmdb.show_url, tmdb.parse_show)}


class TmdbSpider(MovieSpider):
    """Base of the TMDB spiders. ``force`` requests titles that are not due, too, and bypasses the response cache."""

    force = False
    read_page: Callable[..., Iterator[Any]]
    """Of a spider with listings: what a page (response, payload, and ``where`` it is) yields, including the request for
    the next page.
    """
    next_page: Callable[..., Iterator[scrapy.Request]]
    """The request for the page after ``where``, if there is one; ``unusable`` pages before it were unusable."""

    def __init__(self, name: str | None = None, **given: str) -> None:
        super().__init__(name, **given)
        self._recent: dict[tuple[str, int], None] = {}

    @property
    def base(self) -> str:
        return self.runtime.policies.hosts.bases("tmdb", "api")[0]

    @property
    def language(self) -> str:
        """The language of requests: the first one that the user prefers."""
        return self.runtime.policies.languages.first

    def title_request(
        self,
        kind: str,
        id: int,
        *,
        listed: bool,
        fetch_reason: FetchReason = "due",
        trending: Trending | None = None,
    ) -> scrapy.Request:
        """The one request for everything that TMDB knows about a title (``append_to_response``).

        ``listed``: the filter applies to it. ``fetch_reason``: only for ``due`` the cache may answer.
        """
        url, _ = _PARSERS[kind]
        return self.request(
            url(self.base, id, self.language, self.runtime.policies.languages.image_languages()),
            self.parse_title,
            priority=DETAIL,
            dont_filter=True,
            meta={
                "target": {"source": "tmdb", "kind": kind, "id": id, "listed": listed},
                "cache_revalidate": fetch_reason != "due",
                "dedup_key": f"tmdb/{kind}/{id}",
            },
            cb_kwargs={
                "kind": kind,
                "id": id,
                "listed": listed,
                "fetch_reason": fetch_reason,
                "trending": trending,
            },
        )

    def parse_title(
        self,
        response: TextResponse,
        kind: str,
        id: int,
        listed: bool,
        fetch_reason: FetchReason,
        trending: dict[str, Any] | None,
    ) -> Iterator[Title]:
        _, parse = _PARSERS[kind]
        title = parse(response.json(), self.language, self.runtime.config.language.watch_regions)
        if title.id != id:
            raise ParseError(f"requested {kind}/{id}, but the answer is about {title.id}")
        title.set_fetch(
            fetched_at(response),
            listed=listed,
            reason=fetch_reason,
            trending=cast("Trending | None", trending),
            raw=Raw(response.url, response.body),
        )
        yield title

    def listing_request(self, url: str, **where: Any) -> scrapy.Request:
        """The request for one page of a listing; ``where`` are the arguments of ``parse_page``."""
        return self.request(
            url,
            self.parse_page,
            errback=self.page_failed,
            priority=LISTING,
            # Behind a broken page, the next ones show soon enough whether all are broken.
            meta={"cache_revalidate": self.force, "retry_longer": not where["unusable"]},
            cb_kwargs=where,
        )

    def parse_page(self, response: TextResponse, *, unusable: int, **where: Any) -> Iterator[Any]:
        """What a page yields; one that cannot be parsed, or is empty, does not end the listing."""
        payload = response.json()
        if tmdb.is_unexpectedly_empty(payload, where["page"]):
            if "pages" in where:
                where["pages"] = payload["total_pages"]
            yield from self.retry_empty_page(response) or self._pass_over(unusable, where)
            return
        try:
            yield from self.read_page(response, payload, **where)
        except ParseError:
            yield from self._pass_over(unusable, where)
            raise

    def retry_empty_page(self, response: Response) -> list[scrapy.Request]:
        """Another request for an empty page, bypassing the cache; the second time, the page is given up instead."""
        request = response.request
        assert request is not None
        if not meta_of(request).get("refetched"):
            meta: RequestMeta = {**meta_of(request), "dont_cache": True, "refetched": True}
            return [request.replace(dont_filter=True, meta=meta)]
        line = f"{response.url} is empty, though TMDB counts more; what it leads to is not seen in this run"
        self.runtime.lifecycle.give_up("listing", line)
        return []

    def page_failed(self, failure: Failure) -> Iterator[Any]:
        yield from self.failed(failure)
        if not is_dropped(failure):
            where = dict(request_of(failure).cb_kwargs)
            yield from self._pass_over(where.pop("unusable"), where)

    def _pass_over(self, unusable: int, where: dict[str, Any]) -> Iterator[Any]:
        if unusable + 1 < _MAX_BROKEN_PAGES:
            yield from self.next_page(**where, unusable=unusable + 1)

    def follow(self, rows: Iterable[tmdb.ListingRow], trending: dict[str, Any] | None = None) -> Iterator[Any]:
        """Requests for the rows of a listing, popular ones first, each with the verdict of the content filter.

        ``spidermiddlewares/skip_not_due.py`` removes those that are not due, and new ones that were ``refused``.
        """
        now = datetime.now(UTC)
        for row in sorted(rows, key=lambda row: -(row.popularity or 0)):
            self.crawler.stats.inc_value("titles/found")
            verdict = self.content.judge_row(row, now)
            refused = None
            if not verdict.keep:
                refused = Dropped(
                    kind=row.kind,
                    id=row.id,
                    title=row.title,
                    reason=verdict.reason or "",
                    threshold=verdict.threshold,
                    genre_ids=list(row.genre_ids),
                    at=timestamps.iso(now),
                )
            rank = cast(Trending, {**trending, "rank": row.rank}) if trending else None
            fetch_reason: FetchReason = "manual" if self.force else "due"
            request = self.title_request(row.kind, row.id, listed=True, fetch_reason=fetch_reason, trending=rank)
            meta = meta_of(request)
            meta["skip_unless_due"], meta["filter_verdict"] = [row.kind, row.id], refused
            yield request

    async def stored(self, kind: str) -> AsyncIterator[Document]:
        """All stored titles that TMDB has not called gone, one at a time; a store that fails ends the run, and this."""
        try:
            async for document in self.runtime.store.documents.iterate(kind):
                if not is_gone(document):
                    yield document
        except StoreError as error:
            self.runtime.lifecycle.stop("store_failed", f"the store failed, the run ends: {error}")

    async def lacking(self, kind: str, ids: Sequence[int], gone: Container[int] = ()) -> list[int]:
        """The ids that are not stored, or are tombstones (``gone``), and were not recently dropped by the filter.

        A StoreError has stopped the run before it is raised.
        """
        store, retry_store = self.runtime.store, self.runtime.lifecycle.retry_store
        known = await retry_store(partial(store.documents.known, kind, ids))
        new = [id for id in ids if id not in known or id in gone]
        self.crawler.stats.inc_value("refresh/skipped/stored", len(ids) - len(new))
        if not new or not self.content.config.enabled:
            return new
        dropped = await retry_store(partial(store.records.get, DROPPED, [f"{kind}/{id}" for id in new]))
        content, now = self.content, datetime.now(UTC)
        kept = [id for id in new if not content.still_refuses(dropped.get(f"{kind}/{id}"), now)]
        self.crawler.stats.inc_value("refresh/skipped/dropped", len(new) - len(kept))
        return kept

    def unseen(self, rows: Iterable[tmdb.ListingRow]) -> list[tmdb.ListingRow]:
        """Rows that the last pages did not have: titles move from one page to the next between requests.

        Only the last pages are remembered; a dupefilter would remember every title of the catalogue.
        """
        new = []
        for row in rows:
            if (row.kind, row.id) not in self._recent:
                self._recent[row.kind, row.id] = None
                new.append(row)
        while len(self._recent) > _RECENT:
            del self._recent[next(iter(self._recent))]
        return new
