"""Titles that a person names: by id of TMDB or IMDb, or by what they are called."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import Any, Literal

from scrapy import Request
from scrapy.http import TextResponse

from moviecrawler.base_spiders import title_files
from moviecrawler.base_spiders.movie_spider import LISTING, fetched_at
from moviecrawler.base_spiders.tmdb import TmdbSpider
from moviecrawler.documents.records import UNMATCHED
from moviecrawler.exceptions import StoreError
from moviecrawler.ingest.rows import unmatched_key
from moviecrawler.items import KINDS, SEARCH, Found, Unmatched
from moviecrawler.policy.freshness.id_bitmap import IdBitmap
from moviecrawler.policy.identity.references import Named, Reference
from moviecrawler.policy.identity.search import choose, queries
from moviecrawler.policy.printable import printable
from moviecrawler.request_meta import meta_of
from moviecrawler.sources import tmdb
from moviecrawler.sources.title_lists import Line, read_list
from moviecrawler.stores.base import Key

_PAGE = 500
"""Lines of a list per read of the store."""

_MOST_LINES = 10
"""Lines of the log about one thing; all are counted."""

_EXCERPT = 100  # characters

_IMDB = "imdb"
_LIKELY_ID = 2**26
"""Ids up to this one are remembered in at most 8 MB; those of TMDB and IMDb reach a half of it."""


class LookupSpider(TmdbSpider):
    """Base of the spiders that are told titles. What the store knows by its IMDb id costs no ``/find``.

    API paths: ``/find/{imdb_id}``, ``/search/movie``, ``/search/tv``; one request for each title that has to be looked
    for, of a name a second and third one where the first leads to nothing certain.
    """

    @property
    def always(self) -> bool:
        """Whether titles are requested that are not due, as if it were the first time."""
        return False

    def __init__(self, name: str | None = None, **given: str) -> None:
        super().__init__(name, **given)
        self._seen = {kind: IdBitmap() for kind in (*KINDS, _IMDB)}
        self._others: set[int] = set()

    # --- lists --------------------------------------------------------------------------------------------------

    async def from_file(self, path: str, *, names: bool, kind: str = "movies") -> AsyncIterator[Request]:
        """Requests for the titles of a list, read a page at a time. A line that cannot be read makes the run
        incomplete, and the rest goes on.
        """
        where = "standard input" if path == title_files.STDIN else path
        try:
            with title_files.opened(path) as file:
                lines = read_list(title_files.lines(file), names=names, kind=kind)
                while page := await asyncio.to_thread(lambda: list(islice(lines, _PAGE))):
                    async for request in self.look_up(self._readable(page, where)):
                        yield request
        except OSError as error:
            self.runtime.lifecycle.give_up("list", f"{where} cannot be read: {error.strerror}")
        stats = self.crawler.stats
        stats.set_value("titles/expected", stats.get_value("titles/found", 0))
        if unread := stats.get_value("list/unread"):
            what = (
                "1 line is no title and was left out"
                if unread == 1
                else f"{unread} lines are no title and were left out"
            )
            line = f"{where}: {what}; correct this, then run again"
            self.runtime.lifecycle.give_up("lines", line)

    def _readable(self, page: Iterable[Line], where: str) -> Iterator[Reference]:
        for line in page:
            if line.reference is not None:
                yield line.reference
                continue
            self.crawler.stats.inc_value("list/unread")
            text = printable(line.text[:_EXCERPT])
            self._warn("list/unread", "%s, line %d: %r is no title", where, line.number, text)

    def _warn(self, stat: str, line: str, *words: object) -> None:
        """A line of the log, unless the stat has counted enough of its kind."""
        if self.crawler.stats.get_value(stat) <= _MOST_LINES:
            self.logger.warning(line, *words)

    # --- what they mean -----------------------------------------------------------------------------------------

    async def look_up(self, references: Iterable[Reference]) -> AsyncIterator[Request]:
        """Requests for these titles, each once: at most three reads of the store, however many there are."""
        new = [reference for reference in references if self._is_new(reference)]
        imdb_ids = [one for one in new if isinstance(one, str)]
        named = [one for one in new if isinstance(one, Named)]
        self.crawler.stats.inc_value("titles/found", len(new))
        try:
            by_imdb_id = await self._stored(imdb_ids)
            searched = await self._searched(named)
        except StoreError:
            return  # it has stopped the run and was logged
        for reference in new:
            if isinstance(reference, str):
                known = by_imdb_id.get(reference)
                for request in self.titles(known) if known else [self._find(reference)]:
                    yield request
            elif isinstance(reference, Named):
                row = searched.get(unmatched_key(SEARCH, reference.key))
                settled = row["settled"] if row else None
                if settled is False:
                    self.crawler.stats.inc_value("refresh/skipped/refused")
                elif settled:
                    for request in self.titles([(reference.kind, settled)]):
                        yield request
                else:
                    yield self._search(reference, attempt=0, doubted=row is not None)
            else:
                yield self._title(reference)

    def _is_new(self, reference: Reference) -> bool:
        """Whether this run has not been told the same before; for a TMDB id, of another form either."""
        key = (_IMDB, int(reference[2:])) if isinstance(reference, str) else reference
        if isinstance(key, Named) or key[1] > _LIKELY_ID:
            before = len(self._others)
            self._others.add(hash(key))
            return len(self._others) > before
        kind, id = key
        is_new = id not in self._seen[kind]
        self._seen[kind].add(id)
        return is_new

    async def _stored(self, imdb_ids: Sequence[str]) -> dict[str, list[Key]]:
        found: dict[str, list[Key]] = {}
        for kind in KINDS if imdb_ids else ():
            query = partial(self.runtime.store.documents.by_imdb_id, kind, imdb_ids)
            for imdb_id, ids in (await self.runtime.lifecycle.retry_store(query)).items():
                found.setdefault(imdb_id, []).extend((kind, id) for id in ids)
        return found

    async def _searched(self, named: Sequence[Named]) -> dict[str, Any]:
        """What earlier searches have left to a person, and what that person has decided."""
        keys = [unmatched_key(SEARCH, one.key) for one in named]
        query = partial(self.runtime.store.records.get, UNMATCHED, keys)
        return dict(await self.runtime.lifecycle.retry_store(query)) if keys else {}

    def titles(self, keys: Sequence[Key]) -> Iterator[Request]:
        """Requests for what one name or IMDb id stands for, unless it was named in another form before."""
        self.crawler.stats.inc_value("titles/found", len(keys) - 1)
        for key in keys:
            if self._is_new(key):
                yield self._title(key)
            else:
                self.crawler.stats.inc_value("refresh/skipped/asked_already")

    def _title(self, key: Key) -> Request:
        request = self.title_request(*key, listed=False, fetch_reason="manual" if self.always or self.force else "due")
        if not self.always:
            meta = meta_of(request)
            meta["skip_unless_due"], meta["filter_verdict"] = list(key), None
        return request

    # --- by IMDb id ---------------------------------------------------------------------------------------------

    def _find(self, imdb_id: str) -> Request:
        return self._shared(
            tmdb.find_url(self.base, imdb_id, self.language), self.parse_find, f"find/{imdb_id}", {"imdb_id": imdb_id}
        )

    def parse_find(self, response: TextResponse, imdb_id: str) -> Iterator[Request]:
        found = tmdb.parse_find(response.json())
        if not found:
            self.crawler.stats.inc_value("misses/tmdb/unknown")
            self._warn("misses/tmdb/unknown", "TMDB knows no film or show with the IMDb id %s", imdb_id)
            return
        yield from self.titles(found)

    # --- by name ------------------------------------------------------------------------------------------------

    def _search(self, named: Named, *, attempt: int, doubted: bool) -> Request:
        query = queries(named, self.language)[attempt]
        return self._shared(
            tmdb.search_url(self.base, _media_type(named.kind), query.title, query.year, query.language),
            self.parse_search,
            f"search/{attempt}/{named.key}",
            {**named._asdict(), "attempt": attempt, "doubted": doubted},
        )

    def parse_search(
        self, response: TextResponse, kind: str, title: str, year: int | None, attempt: int, doubted: bool
    ) -> Iterator[Request | Found | Unmatched]:
        """The title that is certainly meant, another search, or a record for a person to decide on."""
        named = Named(kind, title, year)
        listing = tmdb.parse_listing(response.json(), _media_type(kind), "search")
        asked = queries(named, self.language)
        found = choose(named, listing.rows, complete=asked[attempt].is_whole and listing.total_pages <= 1)
        if found.id is not None:
            yield from self.titles([(kind, found.id)])
            if doubted:
                yield Found(key=unmatched_key(SEARCH, named.key))
        elif found.how != "several" and attempt + 1 < len(asked):
            yield self._search(named, attempt=attempt + 1, doubted=doubted)
        else:
            if found.candidates:
                self.crawler.stats.inc_value("misses/tmdb/doubtful")
                self._warn("misses/tmdb/doubtful", "%s may be one of several", printable(named.key))
            else:
                self.crawler.stats.inc_value("misses/tmdb/not_found")
                self._warn("misses/tmdb/not_found", "%s was not found at TMDB", printable(named.key))
            results = [row for row in listing.rows if row.id in found.candidates]
            yield Unmatched(
                source=SEARCH,
                source_id=named.key,
                title=title,
                year=year,
                candidates=[row.id for row in results],
                said={"source": "tmdb", "source_id": named.key, "title": title, "year": year},
                results=[{"id": row.id, "title": row.title, "release_date": row.release_date} for row in results],
                at=fetched_at(response),
            )

    def _shared(self, url: str, callback: Any, dedup_key: str, arguments: dict[str, Any]) -> Request:
        """A request that any worker may make, and that is retried as a listing is."""
        return self.request(
            url,
            callback,
            priority=LISTING,
            dont_filter=True,
            meta={"local": False, "cache_revalidate": self.force, "dedup_key": dedup_key},
            cb_kwargs=arguments,
        )


def _media_type(kind: str) -> Literal["movie", "tv"]:
    return "movie" if kind == "movies" else "tv"
