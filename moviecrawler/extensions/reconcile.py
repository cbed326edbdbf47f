"""What new, changed and vanished titles mean for what was stored before: settled once, at the end of a run."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Self

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from moviecrawler import timestamps
from moviecrawler.exceptions import StoreError
from moviecrawler.ingest.claims import carry, latest
from moviecrawler.ingest.matching import match
from moviecrawler.ingest.upsert import rewrite
from moviecrawler.items import KINDS, Movie, TitleTable
from moviecrawler.policy.documents.merge import linked
from moviecrawler.stores.base import Document

_BATCH = 200

_NEVER = "0001-01-01T00:00:00.000Z"

SETTLED = "settled_until"
"""Name in the store's state: what was written until then has been settled."""


class Reconcile:
    """Links a tombstone with the id that its film has now, and finds documents for films that were nobody's.

    A film that was given to a document by its title alone is weighed again: a namesake may have arrived. One that was
    given for good is, where its document or a namesake has been written.

    All that was written since the last run settled counts, by whomever: one that was killed leaves it to the next.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._stats = crawler.stats
        crawler.run.on_close.append(self.settle)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def settle(self) -> None:
        """Called when everything is stored, before the store is closed."""
        now, store = datetime.now(UTC), self._crawler.store
        try:
            until = timestamps.past(await store.state.get(SETTLED), now)
            written = {kind: await store.documents.written_after(kind, until or _NEVER) for kind in KINDS}
            for kind in KINDS:
                if written[kind]:
                    await self._link(kind)
            if written["movies"]:
                await self._match()
                await self._match_again(written["movies"])
            if any(written.values()):
                # Others' clocks may be behind ours, and settling twice changes nothing.
                await store.state.set(SETTLED, timestamps.iso(now - timestamps.SKEW))
        except (StoreError, DropItem) as error:
            self._crawler.run.give_up("settled", f"what this run means for stored films could not be settled: {error}")

    async def _link(self, kind: str) -> None:
        """Both ids of a film learn of each other; a tombstone that several titles could be stays alone."""
        documents = self._crawler.store.documents
        gone = dict(await documents.gone(kind, "tmdb"))
        for ids in _batches([id for id, imdb_id in gone.items() if imdb_id]):
            carriers = await documents.by_imdb_id(kind, {str(gone[id]) for id in ids})
            living = {id: [other for other in carriers.get(str(gone[id]), ()) if other not in gone] for id in ids}
            pairs = {id: others[0] for id, others in living.items() if len(others) == 1}
            stored = await documents.get_many([(kind, id) for id in pairs])
            for (_, id), tombstone in stored.items():
                if tombstone.get("same_as") != pairs[id]:
                    # The tombstone last: as long as it does not know, the next run tries again.
                    await rewrite(self._crawler.store, (kind, pairs[id]), partial(linked, other=id))
                    await rewrite(self._crawler.store, (kind, id), partial(linked, other=pairs[id]))
                    self._stats.inc_value("reconcile/linked")

    async def _match(self) -> None:
        """Films that are nobody's, or only presumed somebody's, are looked up again, as the tables would have done."""
        now = timestamps.iso(datetime.now(UTC))
        async for rows in self._waiting():
            titles = [Movie(**row["said"]) for row in rows]
            for title, row in zip(titles, rows, strict=True):
                title.seen(min(row["at"], now))
            await self._weigh(titles, {row["source_id"]: row.get("presumed") for row in rows}, now)

    async def _match_again(self, written: Sequence[int]) -> None:
        """What a film has for good, by the very day or a director, may be as much another's of its name."""
        now, documents = timestamps.iso(datetime.now(UTC)), self._crawler.store.documents
        for ids in _batches(written):
            known = await documents.namesakes("movies", "the_numbers", ids)
            films = await documents.get_many([("movies", id) for id in known])
            titles = {id: latest(film, "the_numbers", now) for (_, id), film in films.items()}
            if titles:
                had = {title.source_id: id for id, title in titles.items()}
                await self._weigh(list(titles.values()), had, now, again=True)

    async def _weigh(
        self, titles: Sequence[Movie], had: Mapping[str, int | None], now: str, *, again: bool = False
    ) -> None:
        """Store what is not as it was: ``had`` tells which film each of a source's names was."""
        store, policies = self._crawler.store, self._crawler.policies
        matches = await match(store, titles, now, again=again)
        await carry(store, matches.moves, languages=policies.languages, refresh=policies.refresh)
        given = {one: id for one, id in matches.ids.items() if id != had[one]}
        if not (given or matches.unmatched or matches.found):
            return
        found = [title for title in titles if title.source_id in given]
        table = TitleTable(source=titles[0].source, url="", at=now, titles=found)
        table.resolved(given, matches.unmatched, matches.found)
        await self._crawler.commits.add(table)
        self._stats.inc_value("reconcile/matched", len(given))

    async def _waiting(self) -> AsyncIterator[list[Document]]:
        """Records that nobody has settled, of one source each time."""
        rows: list[Document] = []
        async for row in self._crawler.store.records.iterate("unmatched"):
            if row["settled"] is not None:
                continue
            if rows and (len(rows) == _BATCH or rows[0]["source"] != row["source"]):
                yield rows
                rows = []
            rows.append(row)
        if rows:
            yield rows


def _batches(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[start : start + _BATCH] for start in range(0, len(ids), _BATCH))
