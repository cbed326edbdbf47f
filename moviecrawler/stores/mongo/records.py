"""Records in MongoDB: one collection per kind, each row with a ``_version`` that changes with every write."""

import re
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from typing import Any

from pymongo import ReplaceOne

from moviecrawler.documents.records import RecordKind, Row
from moviecrawler.stores.base import TIME_OF, StoredText
from moviecrawler.stores.canonical_json import StoredRow, to_stored_text
from moviecrawler.stores.merge_patch import Patches
from moviecrawler.stores.mongo.compare_and_set import Query, bulk_write, compare_and_set, versioned
from moviecrawler.stores.mongo.connection import Connection
from moviecrawler.stores.validation import check_record_kind, check_rows, check_timed_kind

_IDS = 5000
"""Ids that ``ids`` returns at a time."""

_PAGE = 200
"""Rows that ``iterate`` holds in memory."""


class MongoRecords:
    """See :class:`moviecrawler.stores.base.Records`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def put(self, kind: RecordKind[Row], rows: Sequence[Row]) -> None:
        last = {row["_id"]: versioned(kind, row["_id"], row, None) for row in check_rows(kind, rows)}
        pending: list[ReplaceOne[Any]] = [
            ReplaceOne({"_id": row.id}, row.document, upsert=True) for row in last.values()
        ]
        async with self._connection.database() as database:
            while pending:
                # If two processes insert the same row at once, the second one replaces it in the next round.
                _, conflicted = await bulk_write(database[kind], pending)
                pending = [pending[index] for index in conflicted]

    async def patch(self, kind: RecordKind[Row], rows: Sequence[Row]) -> None:
        patches = Patches(check_rows(kind, rows))
        await self.revise(kind, patches.ids, patches)

    async def revise(
        self, kind: RecordKind[Row], ids: Iterable[str], change: Callable[[str, Row | None], Row | None]
    ) -> int:
        check_record_kind(kind)
        pending, count = set(ids), 0
        async with self._connection.database() as database:
            while pending:
                stored: dict[str, Any] = {}
                guards: dict[str, Query] = {}
                async for found in database[kind].find({"_id": {"$in": list(pending)}}):
                    guards[found["_id"]] = {"_version": found.pop("_version", None)}
                    stored[found["_id"]] = found
                changed = {id_: row for id_ in pending if (row := change(id_, stored.get(id_))) is not stored.get(id_)}
                rows = check_rows(kind, [row for row in changed.values() if row is not None])
                # Paths in $set could not do this: names with dots, scalars that become objects, numbers like indexes.
                writes = [versioned(kind, row["_id"], row, guards.get(row["_id"])) for row in rows]
                pending = await compare_and_set(database[kind], writes)
                for id_ in (id_ for id_, row in changed.items() if row is None):
                    # One by one: the result of a bulk write does not say which deletion matched nothing.
                    if not (await database[kind].delete_one({"_id": id_, **guards[id_]})).deleted_count:
                        pending.add(id_)
                count += len(changed) - len(pending)
        return count

    async def get(self, kind: RecordKind[Row], ids: Iterable[str]) -> dict[str, Row]:
        check_record_kind(kind)
        async with self._connection.database() as database:
            found = database[kind].find({"_id": {"$in": list(set(ids))}}, {"_version": 0})
            rows: dict[str, Any] = {row["_id"]: row async for row in found}
            return rows

    async def iterate(self, kind: RecordKind[Row], prefix: str = "", after: str = "") -> AsyncIterator[Row]:
        check_record_kind(kind)
        later: Query = {"_id": {"$gte": prefix, "$gt": after}}
        while True:
            async with self._connection.database() as database:
                page: list[Any] = await database[kind].find(later, {"_version": 0}).sort("_id").limit(_PAGE).to_list()
            if not page:
                return
            later = {"_id": {"$gt": page[-1]["_id"]}}
            for row in page:
                if not row["_id"].startswith(prefix):
                    return
                yield row

    async def ids(self, kind: str) -> AsyncIterator[list[str]]:
        check_record_kind(kind)
        after = ""
        while True:
            async with self._connection.database() as database:
                found = database[kind].find({"_id": {"$gt": after}}, {"_id": 1}).sort("_id").limit(_IDS)
                page = [row["_id"] for row in await found.to_list()]
            if not page:
                return
            yield page
            after = page[-1]

    async def texts(self, kind: RecordKind[Row]) -> AsyncIterator[list[StoredText]]:
        async for row in self.iterate(kind):
            yield [(row["_id"], to_stored_text(row))]

    async def newest(self, kind: RecordKind[Row], since: str = "") -> AsyncIterator[Row]:
        time = TIME_OF[check_timed_kind(kind)]
        at_least: Query = {time: {"$gte": since}} if since else {}
        order = [(time, -1)] if time == "_id" else [(time, -1), ("_id", -1)]
        later: Query = {}
        while True:
            query = {"$and": [at_least, later]} if at_least and later else at_least or later
            async with self._connection.database() as database:
                found = database[kind].find(query, {"_version": 0}).sort(order).limit(_PAGE)
                page: list[Any] = await found.to_list()
            for row in page:
                yield row
            if not page:
                return
            later = _after(time, page[-1])

    async def tally(self, kind: str, prefix: str, fields: Sequence[str]) -> list[tuple[list[Any], int]]:
        check_record_kind(kind)
        values = [{"$ifNull": [f"${field}", None]} for field in fields]
        pipeline: list[dict[str, Any]] = [
            {"$match": {"_id": {"$regex": f"^{re.escape(prefix)}"}}},
            {"$group": {"_id": values, "count": {"$sum": 1}}},
        ]
        async with self._connection.database() as database:
            return [(row["_id"], row["count"]) async for row in await database[kind].aggregate(pipeline)]

    async def delete(self, kind: str, ids: Iterable[str]) -> int:
        check_record_kind(kind)
        async with self._connection.database() as database:
            return (await database[kind].delete_many({"_id": {"$in": list(set(ids))}})).deleted_count


def _after(time: str, row: StoredRow) -> Query:
    """The rows that come after this one, the newest first; null comes last."""
    if time == "_id":
        return {"_id": {"$lt": row["_id"]}}
    same = {time: row.get(time), "_id": {"$lt": row["_id"]}}
    return same if row.get(time) is None else {"$or": [{time: {"$lt": row[time]}}, {time: None}, same]}
