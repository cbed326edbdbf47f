"""Makes items durable: ONE read of their documents, ONE bulk write of them, one write per kind of record.

Several processes may write the same documents: each write is guarded by the revision, and after a conflict the document
is read, merged and written again. A ``changes`` record is put by every process that sees a document in the version that
brought the change, before it writes the next version; so a process killed between two writes loses no history.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

from moviecrawler.documents import Document, has_changed
from moviecrawler.documents.records import CHANGES, RAW
from moviecrawler.exceptions import StoreError
from moviecrawler.ingest.raw import raw_row
from moviecrawler.ingest.rows import change_row, record_writes
from moviecrawler.ingest.samples import put_samples
from moviecrawler.ingest.versions import ItemsByKey, Versions, items_by_key, next_versions
from moviecrawler.items import ChartPage, Item, Title, TitleTable
from moviecrawler.policy.documents.compose import Composer
from moviecrawler.policy.documents.samples import Retention
from moviecrawler.policy.freshness.refresh import Refresh
from moviecrawler.stores.base import Key, Store, Write

ROUNDS = 5
"""How often conflicts of a compare-and-set are read, merged and written again."""


@dataclass
class UpsertResult:
    """The result of a batch. ``outcomes`` by source, kind and id (:class:`Versions`); ``records`` counts by kind.

    ``conflicted`` are items that lost every round; they are not stored, or only some titles of a table are. ``damaged``
    are items whose stored document cannot be read: it is never overwritten, since a person may still repair it.
    """

    outcomes: dict[tuple[str, str, int], str] = field(default_factory=dict)
    documents: dict[Key, Document] = field(default_factory=dict)
    conflicted: list[Item] = field(default_factory=list)
    damaged: list[Item] = field(default_factory=list)
    records: dict[str, int] = field(default_factory=dict)
    reads: int = 0
    writes: int = 0
    conflicts: int = 0


class Upserter:
    """Stores batches of items. ``measure`` times each read and write of documents; ``samples``: how long they stay."""

    def __init__(
        self,
        store: Store,
        *,
        composer: Composer,
        refresh: Refresh,
        samples: Retention = Retention(),  # noqa: B008  # it is frozen
        measure: Callable[[str], AbstractContextManager[Any]] = nullcontext,
    ) -> None:
        self._store = store
        self._damaged: Mapping[str, str] = getattr(store, "damaged", {})  # of a CheckedStore
        self._composer = composer
        self._refresh = refresh
        self._samples = samples
        self._measure = measure

    async def write(self, items: Sequence[Item], result: UpsertResult | None = None) -> UpsertResult:
        """Make the items durable; ``result`` also shows what was done before an error.

        Storing a batch twice changes nothing: a stored answer is not merged again.
        """
        result = result or UpsertResult()
        plan, tries = items_by_key(items), 0
        while plan and tries < ROUNDS:
            versions, lost = await self._round(plan, result)
            tries += bool(lost)
            plan = {key: plan[key] for key in lost} | {
                key: later for key, later in versions.later.items() if key not in lost
            }
        if conflicted := {id(item) for lost_items in plan.values() for item in lost_items}:
            result.conflicted += [item for item in items if conflicted.intersection(map(id, (item, *titles_of(item))))]
        await self._put_records(items, result)
        for title in (title for item in items for title in titles_of(item)):
            if document := _document(title, result):
                title.context.document = document
        return result

    async def _round(self, plan: ItemsByKey, result: UpsertResult) -> tuple[Versions, set[Key]]:
        with self._measure("store/read"):
            stored = await self._store.documents.get_many(plan)
        result.reads += 1
        if damaged := {key for key in plan if key not in stored and "{}/{}".format(*key) in self._damaged}:
            result.damaged += [item for key in damaged for item in plan[key] if not isinstance(item, ChartPage)]
            plan = {key: items for key, items in plan.items() if key not in damaged}
        now = datetime.now(UTC)
        versions = next_versions(plan, stored, composer=self._composer, refresh=self._refresh, now=now)
        lost: set[Key] = set()
        if versions.writes:
            await record_changes(self._store, stored, [(write.kind, write.id) for write in versions.writes])
            with self._measure("store/write"):
                lost = (await self._store.documents.write(versions.writes)).conflicts
            result.writes += 1
            result.conflicts += len(lost)
        result.documents |= {key: document for key, document in versions.documents.items() if key not in lost}
        result.outcomes |= {key: outcome for key, outcome in versions.outcomes.items() if key[1:] not in lost}
        return versions, lost

    async def _put_records(self, items: Sequence[Item], result: UpsertResult) -> None:
        """Once per kind and batch. The changes come last: only these would be put by another process as well."""
        records, rows, sampled = self._store.records, record_writes(items), []
        for title in (title for item in items for title in titles_of(item)):
            if document := _document(title, result):
                sampled.append(title)
            # The slot's own answer, also if the previous attempt stored it.
            context = title.context
            if context.raw and document and document["sources"][title.source]["fetched_at"] == context.fetched_at:
                rows.put(RAW, raw_row(title))
        for write, wanted in ((records.patch, rows.patches), (records.put, rows.puts)):
            for kind, by_id in wanted.items():
                await write(kind, list(by_id.values()))
                result.records[kind] = result.records.get(kind, 0) + len(by_id)
        for kind, keys in rows.deletes.items():
            await records.delete(kind, keys)
        if changed := await put_samples(self._store, sampled, self._samples, datetime.now(UTC)):
            result.records["samples"] = changed
        if changed := await record_changes(self._store, result.documents, result.documents):
            result.records["changes"] = changed


async def record_changes(store: Store, documents: Mapping[Key, Document], keys: Iterable[Key]) -> int:
    """Put the ``changes`` record of every document whose current version brought a change; returns how many."""
    rows = [change_row(key, documents[key]) for key in keys if key in documents and has_changed(documents[key])]
    if rows:
        await store.records.put(CHANGES, rows)
    return len(rows)


class Change(Protocol):
    """Makes the next version of a document; returns the same object if there is nothing to change."""

    def __call__(self, document: Document, *, now: datetime) -> Document: ...


async def rewrite(store: Store, key: Key, change: Change) -> Document:
    """The document after ``change``, durable; StoreError if it is not stored or others win every round."""
    name = "{}/{}".format(*key)
    for _ in range(ROUNDS):
        stored = await store.documents.get_many([key])
        if key not in stored:
            raise StoreError(f"{name} is not stored")
        document = change(stored[key], now=datetime.now(UTC))
        if document is stored[key]:
            return document
        await record_changes(store, stored, [key])
        outcome = await store.documents.write([Write(*key, document, stored[key]["revision"])])
        if not outcome.conflicts:
            await record_changes(store, {key: document}, [key])
            return document
    raise StoreError(f"{name} cannot be written: other writers were always faster; try again")


def titles_of(item: Item) -> Sequence[Title]:
    """The titles in an item: itself, those of a table, or none."""
    return item.titles if isinstance(item, TitleTable) else [item] if isinstance(item, Title) else ()


def _document(title: Title, result: UpsertResult) -> Document | None:
    return None if title.id is None else result.documents.get((title.kind, title.id))
