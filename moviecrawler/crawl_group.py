"""The crawlers of one process, which know each other (``scrapy collect``)."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self, cast

from scrapy.crawler import Crawler

_ATTRIBUTE = "crawl_group"  # of the crawler


@dataclass(frozen=True)
class CrawlGroup:
    """The crawlers of one process (usually one) and what they share.

    Together they have no more requests in flight at a host than one may have, and no title is requested twice.
    """

    crawlers: Sequence[Crawler]
    semaphores: dict[str, asyncio.Semaphore] = field(default_factory=dict)
    """By host, the limit of requests in flight (``downloader/throttle.py`` creates them)."""
    claimed: set[tuple[str, int]] = field(default_factory=set)
    """Titles (kind, id) that one of several crawlers has requested."""
    seeding_decided: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once it is known whether this worker seeds the first crawl (``distributed/scheduler.py``)."""
    seeding_asked: set[Crawler] = field(default_factory=set)
    """The crawlers that have been told who seeds their crawl."""

    @classmethod
    def form(cls, crawlers: Sequence[Crawler]) -> Self:
        """Put these crawlers into one group, before any of them begins."""
        group = cls(crawlers)
        for crawler in crawlers:
            vars(crawler)[_ATTRIBUTE] = group
        return group

    @classmethod
    def of(cls, crawler: Crawler) -> Self:
        """The group of the crawler: the one that was formed, else one with no other crawler."""
        group = cast(Self | None, vars(crawler).get(_ATTRIBUTE))
        return cls.form([crawler]) if group is None else group

    @property
    def first(self) -> Crawler:
        """The crawler that acts for all where one is enough."""
        return self.crawlers[0]

    def claim(self, title: tuple[str, int]) -> bool:
        """Whether no other crawler has claimed the title (kind, id); the caller has claimed it then."""
        if len(self.crawlers) == 1:
            return True  # costs no memory per title
        is_new = title not in self.claimed
        self.claimed.add(title)
        return is_new
