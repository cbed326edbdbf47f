"""One batch of items: ONE read of its documents, ONE bulk write of them, one write per kind of record."""

from collections.abc import Sequence
from datetime import UTC, datetime

from scrapy.crawler import Crawler

from moviecrawler.items import Dropped, Item, Reject, Title
from moviecrawler.pipelines.records import change_row, rows_of
from moviecrawler.pipelines.versions import Versions, next_versions, touched
from moviecrawler.policy import moments
from moviecrawler.stores.base import Document, Key, Store

ROUNDS = 5
"""How often the losers of a compare-and-set are read, merged and written again."""


class Batches:
    """Stores batches and counts what became of them."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._policies = crawler.policies
        self._store: Store = crawler.store
        self._stats = crawler.stats
        self._timing = crawler.timing

    async def store(self, items: Sequence[Item]) -> list[Item]:
        """Make the items durable; the ones that lost every round are rejected and returned.

        Storing a batch twice changes nothing: a stored answer is not merged again.
        """
        self._stats.inc_value("store/batches")
        plan = touched(items)
        documents: dict[Key, Document] = {}
        changes: list[Document] = []
        for _ in range(ROUNDS):
            if not plan:
                break
            versions, conflicts = await self._round(plan)
            documents |= versions.documents
            changes += [change_row(key, versions.documents[key]) for key in versions.changed - conflicts]
            plan = {key: plan[key] for key in conflicts}
        losers = [item for items in plan.values() for item in items]
        await self._put_records([*items, *(self.reject(item, "conflict") for item in losers)], changes)
        for item in items:
            if isinstance(item, Title):
                item.stored(documents[item.kind, item.id])
        return losers

    async def _round(self, plan: dict[Key, list[Item]]) -> tuple[Versions, set[Key]]:
        with self._timing.measure("store/read"):
            stored = await self._store.documents.get_many(plan)
        self._stats.inc_value("store/reads")
        languages, refresh = self._policies.languages, self._policies.refresh
        versions = next_versions(plan, stored, languages=languages, refresh=refresh, now=datetime.now(UTC))
        conflicts: set[Key] = set()
        if versions.writes:
            with self._timing.measure("store/write"):
                conflicts = (await self._store.documents.write(versions.writes)).conflicts
            self._stats.inc_value("store/writes")
            self._stats.inc_value("store/conflicts", len(conflicts))
        for key, outcome in versions.outcomes.items():
            if key not in conflicts:
                self._stats.inc_value(f"titles/{outcome}")
        return versions, conflicts

    async def _put_records(self, items: Sequence[Item], changes: Sequence[Document]) -> None:
        rows = rows_of(items)
        if changes:
            rows["changes"] = list(changes)
        for kind, kind_rows in rows.items():
            write = self._store.records.patch if kind == "charts" else self._store.records.put
            await write(kind, kind_rows)
            self._stats.inc_value(f"records/{kind}", len(kind_rows))
        for item in items:
            if isinstance(item, Reject):
                self._stats.inc_value(f"rejects/{item.reason}")
            elif isinstance(item, Dropped):
                self._stats.inc_value(f"filter/dropped/{item.reason}")

    def reject(self, item: Item, detail: str) -> Reject:
        """What remains of an item that could not be stored."""
        name = f"{item.kind}/{item.id}" if hasattr(item, "kind") else type(item).__name__
        return Reject(
            url=f"item:{name}",
            reason="store",
            detail=detail,
            excerpt=repr(item)[:300],
            spider=self._crawler.spider.name,
            at=moments.iso(datetime.now(UTC)),
        )
