"""What the TMDB spiders share: one request per title, and its callback."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

import scrapy
from scrapy.http import Response

from moviecrawler.exceptions import ParseError
from moviecrawler.items import Dropped, Title
from moviecrawler.policy.content import ContentFilter
from moviecrawler.sources import tmdb
from moviecrawler.spiders.base import DETAIL, MovieSpider, now

_RECENT = 2000  # titles, that is 100 pages
_PARSERS = {"movies": (tmdb.movie_url, tmdb.parse_movie), "shows": (tmdb.show_url, tmdb.parse_show)}


class TmdbSpider(MovieSpider):
    """Base of the spiders of TMDB. ``force`` asks again for what is not due."""

    force = False

    def __init__(self, name: str | None = None, **given: str) -> None:
        super().__init__(name, **given)
        self._recent: dict[tuple[str, int], None] = {}

    @property
    def content(self) -> ContentFilter:
        """The filter for what listings show; a spider argument wins over its setting."""
        return self.crawler.policies.content

    @property
    def base(self) -> str:
        return self.crawler.policies.hosts.bases("tmdb", "api")[0]

    @property
    def language(self) -> str:
        """The language to ask in: the first one that the user prefers."""
        return self.crawler.policies.languages.first

    def title_request(
        self, kind: str, id: int, *, discovered: bool, trending: dict[str, Any] | None = None
    ) -> scrapy.Request:
        """The one request for everything that TMDB knows of a title (``append_to_response``).

        Where the store already knows it, and it is not due, ``middlewares/fresh.py`` takes the request out.
        """
        url, _ = _PARSERS[kind]
        return self.request(
            url(self.base, id, self.language, self.crawler.policies.languages.image_languages()),
            self.parse_title,
            priority=DETAIL,
            dont_filter=True,
            meta={} if self.force else {"if_due": [kind, id]},
            cb_kwargs={"kind": kind, "id": id, "discovered": discovered, "trending": trending},
        )

    def parse_title(
        self, response: Response, kind: str, id: int, discovered: bool, trending: dict[str, Any] | None
    ) -> Iterator[Title]:
        _, parse = _PARSERS[kind]
        title = parse(response.json(), self.language)
        if title.id != id:
            raise ParseError(f"asked for {kind}/{id}, the answer is of {title.id}")
        title.seen(now(), discovered=discovered, forced=self.force, trending=trending)
        yield title

    def follow(self, rows: Iterable[tmdb.ListingRow], trending: dict[str, Any] | None = None) -> Iterator[Any]:
        """Requests for the rows of a listing that the filter lets through, popular ones first."""
        for row in sorted(self._new(rows), key=lambda row: -(row.popularity or 0)):
            self.crawler.stats.inc_value("titles/found")
            verdict = self.content.judge_row(row, datetime.now(UTC))
            if not verdict.keep:
                yield Dropped(kind=row.kind, id=row.id, title=row.title, reason=verdict.reason, at=now())
                continue
            rank = {**trending, "rank": row.rank} if trending else None
            yield self.title_request(row.kind, row.id, discovered=True, trending=rank)

    def _new(self, rows: Iterable[tmdb.ListingRow]) -> list[tmdb.ListingRow]:
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
