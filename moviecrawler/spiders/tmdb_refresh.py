"""New TMDB data for stored titles: ``scrapy crawl tmdb_refresh``."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import UTC, date, datetime
from functools import partial
from typing import NamedTuple

from scrapy import Request
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from twisted.python.failure import Failure

from moviecrawler import timestamps
from moviecrawler.base_spiders.arguments import flag, media, whole_number
from moviecrawler.base_spiders.exports import ExportSpider, day_of
from moviecrawler.base_spiders.movie_spider import LISTING
from moviecrawler.documents import Document
from moviecrawler.exceptions import ParseError, StoreError
from moviecrawler.items import KINDS, FetchReason, Item
from moviecrawler.policy.freshness import changes_feed
from moviecrawler.policy.freshness.date_windows import LAST_PAGE, Window
from moviecrawler.policy.freshness.gone import is_called_gone
from moviecrawler.policy.freshness.id_bitmap import IdBitmap
from moviecrawler.sources import tmdb
from moviecrawler.stores.base import Key


class Checked(NamedTuple):
    """A checked daily export: stored ids that it lacks, known to be ``alive`` or requested now (``lost``)."""

    day: str
    alive: set[int]
    lost: list[int]


class TmdbRefresh(ExportSpider):
    """Yields a Movie or Show per stored title that is in TMDB's changes feed, missing from its daily export (or listed
    there though it is a tombstone), or due by the age table; in this order, each title once.

    API paths: ``/movie/changes``, ``/tv/changes`` (100 ids a page, windows of at most 14 days), ``/movie/{id}``,
    ``/tv/{id}``. The feed's cursor moves once everything in it is stored, so the next run completes one that was
    interrupted or had a ``limit``.
    """

    name = "tmdb_refresh"
    accepted_arguments = {
        "media": media("all", *KINDS, help="films, shows or both", old_name="kinds"),
        "limit": whole_number(None, least=0, help="how many titles, those of the feed first; 0: all"),
        "feed": flag(default=True, help="request the titles of the changes feed"),
        "export": flag(default=True, help="once a day, request stored titles that the daily export (30 MB) lacks"),
    }

    def __init__(self, name: str | None = None, **given: str) -> None:
        super().__init__(name, **given)
        self._left = self.limit or float("inf")
        self._asked = {kind: IdBitmap() for kind in KINDS}
        self._begun: dict[str, str] = {}
        self._read_at: dict[str, datetime] = {}
        self._asked_before: dict[str, changes_feed.FetchedForDay] = {}
        self._in_feed_today: dict[str, set[int]] = {}
        self._pages = 0
        self._page_read = asyncio.Event()
        self._is_complete = True
        self._claimed_elsewhere: dict[Key, Window] = {}
        self._checked: dict[str, Checked] = {}
        self._exported: dict[str, IdBitmap] = {}

    async def start(self) -> AsyncIterator[Request]:
        kinds = KINDS if self.media == "all" else (self.media,)
        self.crawler.run.on_close.append(self._move_cursors)
        try:
            if self.feed:
                async for request in self._feed(kinds):
                    yield request
            if self.export:
                for kind in kinds:
                    async for request in self._missing_from_export(kind):
                        yield request
            async for request in self.backpressure.limit(self._due(kinds)):
                yield request
        except StoreError:
            return  # it has stopped the run and was logged

    # --- the changes feed ---------------------------------------------------------------------------------------

    async def _feed(self, kinds: Sequence[str]) -> AsyncIterator[Request]:
        """The first page of every window; ends when all pages of all windows have been read."""
        state = self.crawler.store.state
        for kind in kinds:
            stored = await self.crawler.run.retry_store(partial(state.get, _cursor(kind))) or {}
            now = datetime.now(UTC)
            reading = changes_feed.feed_windows(stored.get("cursor"), now)
            # Titles that an unfinished attempt has stored since it began need not be requested again.
            self._begun[kind] = timestamps.trusted(stored.get("begun"), now) or reading.cursor
            self._read_at[kind], self._in_feed_today[kind] = now, set()
            self._asked_before[kind] = changes_feed.FetchedForDay.parse(stored.get("asked"))
            begun = {**stored, "begun": self._begun[kind]}
            await self.crawler.run.retry_store(partial(state.set, _cursor(kind), begun))
            for window in reading.windows:
                yield self._page(kind, window, 1)
        while self._pages:
            self._page_read.clear()
            await self._page_read.wait()

    def _page(self, kind: str, window: Window, page: int) -> Request:
        self._pages += 1
        first, last = window
        return self.request(
            tmdb.changes_url(self.base, kind, first, last, page),
            self.parse_changes,
            errback=self.changes_failed,
            priority=LISTING,
            dont_filter=True,
            meta={"cache_revalidate": True},
            cb_kwargs={"kind": kind, "first": str(first), "last": str(last), "page": page},
        )

    async def parse_changes(
        self, response: Response, kind: str, first: str, last: str, page: int
    ) -> AsyncIterator[Request]:
        window = Window(date.fromisoformat(first), date.fromisoformat(last))
        try:
            payload = response.json()
            changes = tmdb.parse_changes(payload)
            if tmdb.is_unexpectedly_empty(payload, page):
                if again := self.retry_empty_page(response):
                    self._pages += 1
                    yield again[0]
                    return
                self._is_complete = False
            if page == 1 and changes.pages > LAST_PAGE and window.days > 1:
                for part in window.split(changes.pages):
                    yield self._page(kind, part, 1)
                return
            async for request in self._changed(kind, changes.ids, window):
                yield request
            if page < min(changes.pages, LAST_PAGE):
                yield self._page(kind, window, page + 1)
        except ParseError:
            self._is_complete = False
            raise
        except StoreError:
            return
        finally:
            self._pages -= 1
            self._page_read.set()

    def changes_failed(self, failure: Failure) -> Iterable[Item]:
        self._is_complete = False
        self._pages -= 1
        self._page_read.set()
        if not failure.check(IgnoreRequest):
            yield from self.failed(failure)

    async def _changed(self, kind: str, ids: Sequence[int], window: Window) -> AsyncIterator[Request]:
        """Requests for the stored titles among these ids, except those stored after the change."""
        keys: list[Key] = [(kind, id) for id in ids if id not in self._asked[kind]]
        documents = await self.crawler.run.retry_store(partial(self.crawler.store.documents.get_many, keys))
        self.crawler.stats.inc_value("feed/named", len(keys))
        self.crawler.stats.inc_value("feed/stored", len(documents))
        if self._is_today(kind, window):
            self._in_feed_today[kind] |= {id for id in ids if (kind, id) in documents or id in self._asked[kind]}
        for key in keys:
            if key not in documents:
                continue
            if self._is_newer(documents[key], kind, window):
                self._skip("not_changed_since")
            elif self._is_today(kind, window) and key[1] in self._asked_before[kind].today(self._read_at[kind]):
                self._skip("asked_today")
            elif self._left < 1:
                self._is_complete = False
            elif self.claim(key):
                self._asked[kind].add(key[1])
                yield self._request(key, fetch_reason="feed")
            else:
                self._skip("asked_already")
                self._claimed_elsewhere[key] = window

    def _is_newer(self, document: Document, kind: str, window: Window) -> bool:
        """Whether the last answer about a title is newer than the change that the feed reports."""
        fetched_at = timestamps.trusted(document["sources"]["tmdb"]["fetched_at"], datetime.now(UTC))
        return fetched_at >= self._begun[kind] or changes_feed.covers(fetched_at or None, window)

    def _is_today(self, kind: str, window: Window) -> bool:
        """Whether the window ends on the day of this run: every run of that day reads it again."""
        return window.last == self._read_at[kind].date()

    def _skip(self, reason: str) -> None:
        self.crawler.stats.inc_value("titles/found")
        self.crawler.stats.inc_value(f"refresh/skipped/{reason}")

    async def _move_cursors(self) -> None:
        """Once everything is stored: the next run need not read again what the feed had before this run began."""
        store = self.crawler.store
        if self.crawler.run.finish_reason != "finished":
            return
        asked = await store.documents.get_many(self._claimed_elsewhere)
        if self._is_complete and all(self._is_newer(asked[key], key[0], self._claimed_elsewhere[key]) for key in asked):
            for kind, begun in self._begun.items():
                asked_today = self._asked_before[kind].after(self._in_feed_today[kind], self._read_at[kind])
                await store.state.set(_cursor(kind), {"cursor": begun, "asked": asked_today.dump()})
        for kind, checked in self._checked.items():
            alive = await store.documents.get_many((kind, id) for id in checked.lost)
            alive_ids = [id for (_, id), document in alive.items() if not is_called_gone(document["sources"]["tmdb"])]
            await store.state.set(_export(kind), {"day": checked.day, "alive": sorted({*checked.alive, *alive_ids})})

    # --- the daily export ---------------------------------------------------------------------------------------

    async def _missing_from_export(self, kind: str) -> AsyncIterator[Request]:
        """Requests for stored titles on which the daily export and the store disagree.

        Most titles missing from the export are gone. A tombstone that it lists exists again.
        """
        store, newest = self.crawler.store, str(changes_feed.export_days(datetime.now(UTC))[0])
        before = await self.crawler.run.retry_store(partial(store.state.get, _export(kind))) or {"day": "", "alive": []}
        if before["day"] == newest:
            return
        async for request in self.fetch_export(kind):
            yield request
        there = IdBitmap()
        async for rows in self.export_rows(kind):
            for row in rows:
                there.add(row.id)
        if not self.has_export(kind):
            return
        self._exported[kind] = there
        gone = {id for id, _ in await self.crawler.run.retry_store(partial(store.documents.gone, kind, "tmdb"))}
        checked = Checked(str(day_of(self.exports[kind])), set(before["alive"]), [])
        async for ids in store.documents.ids(kind):
            for id in ids:
                key, back = (kind, id), id in there and id in gone
                # Adult titles are in another file.
                lost = not (id in there or id in gone or id in checked.alive)
                if not (lost or back) or id in self._asked[kind]:
                    continue
                if self._left < 1:
                    return
                if self.claim(key):
                    self._asked[kind].add(id)
                    if lost:
                        checked.lost.append(id)
                    self.crawler.stats.inc_value("export/lost" if lost else "export/back")
                    yield self._request(key, fetch_reason="feed")
        self._checked[kind] = checked

    def listed(self, kind: str, id: int) -> bool | None:
        return id in self._exported[kind] if kind in self._exported else None

    # --- the age table ------------------------------------------------------------------------------------------

    async def _due(self, kinds: Sequence[str]) -> AsyncIterator[Request]:
        await self._expect("tmdb", kinds, self._left)
        async for title in self.due("tmdb", kinds=kinds):
            key = (title.kind, title.id)
            if self._left < 1:
                return
            if title.id not in self._asked[title.kind] and self.claim(key):
                yield self._request(key, fetch_reason="due")
        stats = self.crawler.stats  # some of those due were in the feed, or are another spider's
        stats.set_value("titles/expected", stats.get_value("titles/found", 0))

    def _request(self, key: Key, *, fetch_reason: FetchReason) -> Request:
        """The request for a title; it counts towards the ``limit``."""
        self._left -= 1
        self.crawler.stats.inc_value("titles/found")
        return self.title_request(*key, listed=False, fetch_reason=fetch_reason)


def _cursor(kind: str) -> str:
    return f"feed/tmdb/{kind}"


def _export(kind: str) -> str:
    return f"export/tmdb/{kind}"
