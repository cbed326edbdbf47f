"""Films and shows in MongoDB: one collection per kind."""

from collections.abc import AsyncIterator, Iterable, Sequence

from pymongo import UpdateOne

from moviecrawler.documents import SOURCES, Document
from moviecrawler.items import KINDS
from moviecrawler.policy.filters.expressions import Filter
from moviecrawler.stores.base import Coverage, DueTitle, Key, StoredText, Version, Write, WriteOutcome
from moviecrawler.stores.canonical_json import StoredRow, to_stored_text
from moviecrawler.stores.mongo import searches
from moviecrawler.stores.mongo.codec import derived_anew, due_places, from_mongo, is_indexed, to_mongo, version_of
from moviecrawler.stores.mongo.compare_and_set import Collection, CompareAndSet, Query, compare_and_set, encoded
from moviecrawler.stores.mongo.connection import Connection
from moviecrawler.stores.mongo.filters import query
from moviecrawler.stores.timestamps import canonical
from moviecrawler.stores.validation import check_document_kind, ids_by_kind, writes_by_kind
from moviecrawler.timestamps import parse

_IDS = 5000
"""Ids that ``ids`` returns at a time."""

_PAGE = 200
"""Documents that ``iterate`` holds in memory."""


class MongoDocuments:
    """See :class:`moviecrawler.stores.base.Documents`."""

    def __init__(self, connection: Connection, order: str) -> None:
        self._connection = connection
        self._order = order

    async def get_many(self, keys: Iterable[Key]) -> dict[Key, Document]:
        documents: dict[Key, Document] = {}
        async with self._connection.database() as database:
            for kind, ids in ids_by_kind(keys).items():
                async for stored in database[kind].find({"_id": {"$in": ids}}):
                    documents[kind, stored["_id"]] = from_mongo(stored)
        return documents

    async def write(self, writes: Sequence[Write]) -> WriteOutcome:
        rows = {
            kind: [_guarded_write(write, self._order) for write in batch]
            for kind, batch in writes_by_kind(writes).items()
        }
        outcome = WriteOutcome()
        async with self._connection.database() as database:
            for kind, batch in rows.items():
                outcome.conflicts.update((kind, id_) for id_ in await compare_and_set(database[kind], batch))
        for write in writes:
            if (key := (write.kind, write.id)) not in outcome.conflicts:
                (outcome.inserted if write.expected_revision is None else outcome.updated).add(key)
        return outcome

    async def iterate(
        self, kind: str, fields: tuple[str, ...] = (), *, where: Filter | None = None
    ) -> AsyncIterator[Document]:
        pages = self._pages(kind, query(where, kind) if where else {}, dict.fromkeys(fields, 1) or None)
        async for page in pages:
            for stored in page:
                yield from_mongo(stored)

    async def _pages(
        self, kind: str, wanted: Query, projection: dict[str, int] | None = None, size: int = _PAGE
    ) -> AsyncIterator[list[StoredRow]]:
        """By key, not one cursor: the server drops a cursor that is idle for more than ten minutes."""
        check_document_kind(kind)
        later: Query = {}
        while True:
            async with self._connection.database() as database:
                page = await database[kind].find(wanted | later, projection).sort("_id").limit(size).to_list()
            if not page:
                return
            yield page
            later = {"_id": {"$gt": page[-1]["_id"]}}

    async def texts(self, kind: str) -> AsyncIterator[list[StoredText]]:
        async for document in self.iterate(kind):
            yield [(document["_id"], to_stored_text(document))]

    async def due(self, kind: str, source: str, now: str, limit: int, after: DueTitle | None = None) -> list[DueTitle]:
        check_document_kind(kind)
        until = parse(canonical(now))
        async with self._connection.database() as database:
            return await searches.due(database[kind], kind, source, until, limit, after)

    async def rerank(self, kind: str) -> int:
        moved = 0
        async for page in self._pages(kind, {}):
            async with self._connection.database() as database:
                moved += await _rerank(database[kind], page, self._order)
        return moved

    async def due_counts_by_age(self, kind: str, source: str, now: str) -> dict[str, int]:
        check_document_kind(kind)
        canonical(now)
        async with self._connection.database() as database:
            return await searches.due_counts_by_age(database[kind], source, now)

    async def stats(self, kind: str, now: str, sources: Iterable[str] = SOURCES) -> Coverage:
        check_document_kind(kind)
        canonical(now)
        async with self._connection.database() as database:
            return await searches.stats(database[kind], now, frozenset(sources))

    def ids(self, kind: str) -> AsyncIterator[list[int]]:
        return self._ids(kind, {})

    def written_after(self, kind: str, timestamp: str) -> AsyncIterator[list[int]]:
        return self._ids(kind, {"updated_at": {"$gt": parse(canonical(timestamp))}})

    async def _ids(self, kind: str, query: Query) -> AsyncIterator[list[int]]:
        async for page in self._pages(kind, query, {"_id": 1}, _IDS):
            yield [stored["_id"] for stored in page]

    async def known(self, kind: str, ids: Iterable[int]) -> set[int]:
        check_document_kind(kind)
        async with self._connection.database() as database:
            found = database[kind].find({"_id": {"$in": list(set(ids))}}, {"_id": 1})
            return {row["_id"] async for row in found}

    async def versions(self, kind: str, ids: Iterable[int]) -> dict[int, Version]:
        check_document_kind(kind)
        fields = {"revision": 1, "updated_at": 1}
        async with self._connection.database() as database:
            found = database[kind].find({"_id": {"$in": list(set(ids))}}, fields)
            return {row["_id"]: version_of(row) async for row in found}

    async def by_imdb_id(self, kind: str, imdb_ids: Iterable[str]) -> dict[str, list[int]]:
        check_document_kind(kind)
        async with self._connection.database() as database:
            return await searches.ids_by(database[kind], "imdb_id", imdb_ids)

    async def by_source_id(self, kind: str, source: str, source_ids: Iterable[str]) -> dict[str, list[int]]:
        check_document_kind(kind)
        async with self._connection.database() as database:
            return await searches.ids_by(database[kind], f"sources.{source}.source_id", source_ids)

    async def gone(self, kind: str, source: str) -> list[tuple[int, str | None]]:
        check_document_kind(kind)
        async with self._connection.database() as database:
            found = database[kind].find({"_gone": source}, {"imdb_id": 1}).sort("_id")
            return [(row["_id"], row.get("imdb_id")) async for row in found]

    async def candidates(self, kind: str, names: Iterable[str]) -> dict[str, list[Document]]:
        check_document_kind(kind)
        async with self._connection.database() as database:
            return await searches.candidates(database[kind], set(names))

    async def namesakes(self, kind: str, source: str, ids: Iterable[int]) -> list[int]:
        check_document_kind(kind)
        async with self._connection.database() as database:
            return await searches.namesakes(database[kind], source, set(ids))

    async def misindexed(self, kind: str) -> AsyncIterator[str]:
        async for page in self._pages(kind, {}):
            for stored in page:
                if not is_indexed(stored):
                    yield f"{kind}/{stored['_id']}"

    async def reindex(self) -> None:
        for kind in KINDS:
            async for page in self._pages(kind, {}):
                updates = [
                    UpdateOne({"_id": stored["_id"], "revision": stored.get("revision")}, derived_anew(stored))
                    for stored in page
                    if not is_indexed(stored)
                ]
                if updates:
                    async with self._connection.database() as database:
                        await database[kind].bulk_write(updates, ordered=False)

    async def count(self, kind: str) -> int:
        check_document_kind(kind)
        async with self._connection.database() as database:
            return await database[kind].count_documents({})


async def _rerank(collection: Collection, page: list[StoredRow], order: str) -> int:
    """Guarded by revision: a document that was written meanwhile already has its place in the order."""
    updates = [
        UpdateOne({"_id": stored["_id"], "revision": stored["revision"]}, {"$set": {"_wishes": wanted}})
        for stored in page
        if (wanted := due_places(stored, order)) is not None and wanted != stored.get("_wishes")
    ]
    return (await collection.bulk_write(updates, ordered=False)).modified_count if updates else 0


def _guarded_write(write: Write, order: str) -> CompareAndSet:
    name, expected = f"{write.kind}/{write.id}", write.expected_revision
    raw = encoded(to_mongo(write.document, name, order), name)
    before = None if expected is None else {"revision": expected}
    return CompareAndSet(write.id, raw, before, {"revision": write.document["revision"]})
