"""What the TMDB spiders share: one request per title, and its callback."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import scrapy
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from twisted.python.failure import Failure

from moviecrawler import timestamps
from moviecrawler.base_spiders.movie_spider import DETAIL, LISTING, MovieSpider, fetched_at
from moviecrawler.exceptions import ParseError
from moviecrawler.items import Asked, Dropped, Raw, Title
from moviecrawler.policy.documents.content_filter import MOST_LATE, ContentFilter
from moviecrawler.sources import tmdb
from moviecrawler.stores.base import Key

_RECENT = 2000  # titles, that is 100 pages
_BROKEN_PAGES = 3  # in a row, after which a listing is given up
_PARSERS = {"movies": (tmdb.movie_url, tmdb.parse_movie), "shows": (tmdb.show_url, tmdb.parse_show)}


class TmdbSpider(MovieSpider):
    """Base of the spiders of TMDB. ``force`` asks again for what is not due, and takes no answer from the cache."""

    force = False

    def __init__(self, name: str | None = None, **given: str) -> None:
        super().__init__(name, **given)
        self._recent: dict[tuple[str, int], None] = {}

    @cached_property
    def content(self) -> ContentFilter:
        """The filter for what listings show; a spider argument wins over its setting."""
        content: ContentFilter = self.crawler.policies.content
        return replace(content, told=self._late) if content.patterns else content

    def _late(self, pattern: str) -> None:
        """A pattern that took too long for a title: it fits nothing there, and is left out when it goes on."""
        if not self.crawler.stats.get_value("filter/late"):
            self.logger.warning(
                "FILTER_PATTERNS=%r takes too long for a title, which is kept; after %d of them it is left out",
                pattern,
                MOST_LATE,
            )
        self.crawler.stats.inc_value("filter/late")

    @property
    def base(self) -> str:
        return self.crawler.policies.hosts.bases("tmdb", "api")[0]

    @property
    def language(self) -> str:
        """The language to ask in: the first one that the user prefers."""
        return self.crawler.policies.languages.first

    def claim(self, key: Key) -> bool:
        """Whether no other crawler of this process (``scrapy collect``) requests the title; it is this one's then."""
        return bool(self.crawler.group.claim(key))

    def title_request(
        self,
        kind: str,
        id: int,
        *,
        discovered: bool,
        asked: Asked = "due",
        trending: dict[str, Any] | None = None,
    ) -> scrapy.Request:
        """The one request for everything that TMDB knows of a title (``append_to_response``).

        ``discovered``: the filter applies to it. ``asked``: why; only what is due may be answered from the cache.
        """
        url, _ = _PARSERS[kind]
        return self.request(
            url(self.base, id, self.language, self.crawler.policies.languages.image_languages()),
            self.parse_title,
            priority=DETAIL,
            dont_filter=True,
            meta={
                "about": {"source": "tmdb", "kind": kind, "id": id, "discovered": discovered},
                "cache_revalidate": asked != "due",
                "once": f"tmdb/{kind}/{id}",
            },
            cb_kwargs={"kind": kind, "id": id, "discovered": discovered, "asked": asked, "trending": trending},
        )

    def parse_title(
        self, response: Response, kind: str, id: int, discovered: bool, asked: Asked, trending: dict[str, Any] | None
    ) -> Iterator[Title]:
        _, parse = _PARSERS[kind]
        title = parse(response.json(), self.language)
        if title.id != id:
            raise ParseError(f"asked for {kind}/{id}, the answer is of {title.id}")
        title.seen(
            fetched_at(response),
            discovered=discovered,
            asked=asked,
            trending=trending,
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
            # After one that is broken the next ones show soon enough whether all are.
            meta={"cache_revalidate": self.force, "patient": not where["broken"]},
            cb_kwargs=where,
        )

    def parse_page(self, response: Response, *, broken: int, **where: Any) -> Iterator[Any]:
        """What a page yields; a page that cannot be read, or is empty, does not hide the ones behind it."""
        payload = response.json()
        if tmdb.is_hole(payload, where["page"]):
            if "pages" in where:
                where["pages"] = payload["total_pages"]
            yield from self.look_again(response) or self._pass_over(broken, where)
            return
        try:
            yield from self.read_page(response, payload, **where)
        except ParseError:
            yield from self._pass_over(broken, where)
            raise

    def look_again(self, response: Response) -> list[scrapy.Request]:
        """The request for an empty page once more, from the site itself; when that was done, it is given up."""
        request = response.request
        if not request.meta.get("second_look"):
            meta = {**request.meta, "dont_cache": True, "second_look": True}
            return [request.replace(dont_filter=True, meta=meta)]
        line = f"{response.url} is empty, though TMDB counts more; what it leads to is not seen in this run"
        self.crawler.run.give_up("listing", line)
        return []

    def page_failed(self, failure: Failure) -> Iterator[Any]:
        yield from self.failed(failure)
        if not failure.check(IgnoreRequest):
            where = dict(failure.request.cb_kwargs)
            yield from self._pass_over(where.pop("broken"), where)

    def _pass_over(self, broken: int, where: dict[str, Any]) -> Iterator[Any]:
        if broken + 1 < _BROKEN_PAGES:
            yield from self.page_after(**where, broken=broken + 1)

    def read_page(self, response: Response, payload: Any, **where: Any) -> Iterator[Any]:
        """What this page of the listing yields, the request for the next page included."""
        raise NotImplementedError

    def page_after(self, *, broken: int = 0, **where: Any) -> Iterator[scrapy.Request]:
        """The request for the page after ``where``, if it is wanted; ``broken`` pages before it were unusable."""
        raise NotImplementedError

    def follow(self, rows: Iterable[tmdb.ListingRow], trending: dict[str, Any] | None = None) -> Iterator[Any]:
        """Requests for the rows of a listing, popular ones first, each with what the filter has against it.

        ``spidermiddlewares/skip_not_due.py`` takes out those that are not due, and new ones that were ``refused``.
        """
        now = datetime.now(UTC)
        for row in sorted(rows, key=lambda row: -(row.popularity or 0)):
            self.crawler.stats.inc_value("titles/found")
            verdict = self.content.judge_row(row, now)
            refused = None
            if not verdict.keep:
                why = {"reason": verdict.reason, "threshold": verdict.threshold, "genre_ids": list(row.genre_ids)}
                refused = Dropped(kind=row.kind, id=row.id, title=row.title, **why, at=timestamps.iso(now))
            rank = {**trending, "rank": row.rank} if trending else None
            asked: Asked = "by_hand" if self.force else "due"
            request = self.title_request(row.kind, row.id, discovered=True, asked=asked, trending=rank)
            request.meta.update(if_due=[row.kind, row.id], refused=refused)
            yield request

    def unseen(self, rows: Iterable[tmdb.ListingRow]) -> list[tmdb.ListingRow]:
        """Rows that the last pages did not have: titles slip from one page to the next while we read them.

        That is all the memory it takes; a dupefilter would remember every title of the catalogue.
        """
        new = []
        for row in rows:
            if (row.kind, row.id) not in self._recent:
                self._recent[row.kind, row.id] = None
                new.append(row)
        while len(self._recent) > _RECENT:
            del self._recent[next(iter(self._recent))]
        return new
