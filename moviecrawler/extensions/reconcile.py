"""Applies new, changed and vanished titles to what was stored before, once at the end of a run."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from itertools import product
from typing import Self

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem
from scrapy.statscollectors import StatsCollector

from moviecrawler import timestamps
from moviecrawler.documents.records import UNMATCHED, UnmatchedRecord, is_settled
from moviecrawler.exceptions import StoreError
from moviecrawler.ingest.matching import match_titles
from moviecrawler.ingest.reassign import latest_answer, reassign
from moviecrawler.ingest.upsert import rewrite
from moviecrawler.items import KINDS, SEARCH, Movie, TitleTable
from moviecrawler.lifecycle import CrawlLifecycle
from moviecrawler.policy.documents.compose import Composer
from moviecrawler.policy.documents.merge import with_same_as
from moviecrawler.policy.documents.source_slots import item_of
from moviecrawler.policy.freshness.refresh import Refresh
from moviecrawler.runtime import Commits, Runtime
from moviecrawler.sources import all_sources
from moviecrawler.stores.base import Store

_BATCH = 200

_NEVER = "0001-01-01T00:00:00.000Z"

RECONCILED_UNTIL = "settled_until"
"""Name in the store's state: the time until which written titles have been reconciled."""


class Reconcile:
    """Links tombstones with the new id of their film, and finds documents for unmatched films.

    A film that was matched with a document by its title alone is matched again, since a namesake may have arrived. A
    definite match is checked again if its document or a namesake has been written.

    This covers everything written since the last reconciliation, by any run: a killed run leaves it to the next one.
    """

    def __init__(
        self,
        *,
        store: Store,
        composer: Composer,
        refresh: Refresh,
        commits: Commits,
        lifecycle: CrawlLifecycle,
        stats: StatsCollector,
    ) -> None:
        self._store, self._composer, self._refresh = store, composer, refresh
        self._commits, self._lifecycle, self._stats = commits, lifecycle, stats

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        runtime = Runtime.of(crawler)
        reconcile = cls(
            store=runtime.store,
            composer=runtime.policies.composer,
            refresh=runtime.policies.refresh,
            commits=runtime.commits,
            lifecycle=runtime.lifecycle,
            stats=crawler.stats,
        )
        runtime.lifecycle.on_close.append(reconcile.reconcile)
        return reconcile

    async def reconcile(self) -> None:
        """Called when everything is stored, before the store is closed (``CrawlLifecycle.on_close``)."""
        now, store = datetime.now(UTC), self._store
        try:
            until = timestamps.trusted(await store.state.get(RECONCILED_UNTIL), now) or _NEVER
            written = [kind for kind in KINDS if await self._has_written(kind, until)]
            for kind in written:
                await self._link(kind)
            if "movies" in written:
                await self._match()
                async for ids in store.documents.written_after("movies", until):
                    await self._match_again(ids)
            if written:
                # Other clocks may be behind ours, and reconciling twice changes nothing.
                await store.state.set(RECONCILED_UNTIL, timestamps.iso(now - timestamps.MAX_CLOCK_SKEW))
        except (StoreError, DropItem) as error:
            self._lifecycle.give_up("settled", f"tombstones and unmatched films could not be reconciled: {error}")

    async def _has_written(self, kind: str, until: str) -> bool:
        async for _ in self._store.documents.written_after(kind, until):
            return True
        return False

    async def _link(self, kind: str) -> None:
        """Link both ids of a film (``same_as``); a tombstone that could be one of several titles is not linked."""
        documents = self._store.documents
        gone = dict(await documents.gone(kind, "tmdb"))
        for ids in _batches([id for id, imdb_id in gone.items() if imdb_id]):
            carriers = await documents.by_imdb_id(kind, {str(gone[id]) for id in ids})
            living = {id: [other for other in carriers.get(str(gone[id]), ()) if other not in gone] for id in ids}
            pairs = {id: others[0] for id, others in living.items() if len(others) == 1}
            stored = await documents.get_many([(kind, id) for id in pairs])
            for (_, id), tombstone in stored.items():
                if tombstone.get("same_as") != pairs[id]:
                    # The tombstone last: until it is linked, the next run tries again.
                    await rewrite(self._store, (kind, pairs[id]), partial(with_same_as, other=id))
                    await rewrite(self._store, (kind, id), partial(with_same_as, other=pairs[id]))
                    self._stats.inc_value("reconcile/linked")

    async def _match(self) -> None:
        """Look up unmatched and only presumed films again, as their tables would."""
        now = timestamps.iso(datetime.now(UTC))
        async for rows in self._undecided():
            titles = [item_of(Movie, row["said"]) for row in rows]
            for title, row in zip(titles, rows, strict=True):
                title.set_fetch(min(row["at"], now))
            await self._rematch(titles, {row["source_id"]: row.get("presumed") for row in rows}, now)

    async def _match_again(self, written: Sequence[int]) -> None:
        """Check definite matches (by release day or director) of written films again: a namesake may match as well."""
        now, documents = timestamps.iso(datetime.now(UTC)), self._store.documents
        by_name = [name for name, source in all_sources().items() if not source.knows_ids]
        for source, ids in product(by_name, _batches(written)):
            known = await documents.namesakes("movies", source, ids)
            films = await documents.get_many([("movies", id) for id in known])
            titles = {id: latest_answer(film, source, now) for (_, id), film in films.items()}
            if titles:
                had = {title.source_id: id for id, title in titles.items()}
                await self._rematch(list(titles.values()), had, now, again=True)

    async def _rematch(
        self, titles: Sequence[Movie], had: Mapping[str, int | None], now: str, *, again: bool = False
    ) -> None:
        """Match the titles and store what has changed; ``had`` maps the source's ids to the films they had before."""
        matches = await match_titles(self._store, titles, now, again=again)
        await reassign(self._store, matches.reassignments, composer=self._composer, refresh=self._refresh)
        given = {one: id for one, id in matches.ids.items() if id != had[one]}
        if not (given or matches.unmatched or matches.found):
            return
        found = [title for title in titles if title.source_id in given]
        table = TitleTable(source=titles[0].source, url="", at=now, titles=found)
        table.set_matches(given, matches.unmatched, matches.found)
        await self._commits.add(table)
        self._stats.inc_value("reconcile/matched", len(given))

    async def _undecided(self) -> AsyncIterator[list[UnmatchedRecord]]:
        """Batches of unmatched records that no person has decided on, each of one source; what was searched for is not
        stored, and searched for again by name.
        """
        rows: list[UnmatchedRecord] = []
        async for row in self._store.records.iterate(UNMATCHED):
            if is_settled(row) or row["source"] == SEARCH:
                continue
            if rows and (len(rows) == _BATCH or rows[0]["source"] != row["source"]):
                yield rows
                rows = []
            rows.append(row)
        if rows:
            yield rows


def _batches(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[start : start + _BATCH] for start in range(0, len(ids), _BATCH))
