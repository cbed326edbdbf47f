"""Bulk compare-and-set: one round trip, and every conflict by its id."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from bson import ObjectId, encode
from bson.errors import BSONError
from bson.raw_bson import RawBSONDocument
from pymongo import InsertOne, ReplaceOne
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import BulkWriteError

from moviecrawler.stores.canonical_json import to_text

_DUPLICATE_KEY = 11000
_MAX_BYTES = 16 * 2**20
"""Bytes of a document (https://www.mongodb.com/docs/manual/reference/limits/)."""

Collection = AsyncCollection[dict[str, Any]]
Query = dict[str, Any]
Operation = InsertOne[Any] | ReplaceOne[Any]


class CompareAndSet(NamedTuple):
    """``document`` replaces the one that matches ``before`` (None: is inserted), and itself matches ``after``."""

    id: Any
    document: RawBSONDocument
    before: Query | None
    after: Query


def encoded(document: Mapping[str, Any], name: str) -> RawBSONDocument:
    """The document as it will be sent; ValueError with ``name`` when MongoDB cannot hold it."""
    try:
        raw = encode(document)
    except (BSONError, OverflowError, ValueError, RecursionError) as error:
        raise ValueError(f"{name} cannot be stored: {error}") from error
    if len(raw) > _MAX_BYTES:
        raise ValueError(f"{name} cannot be stored: it has {len(raw)} bytes, MongoDB holds {_MAX_BYTES}")
    return RawBSONDocument(raw)


def versioned(kind: str, id_: str, row: Mapping[str, Any], before: Query | None) -> CompareAndSet:
    """A row that is not a document, with a ``_version`` that tells the next writer whether it is unchanged."""
    name, after = f"{kind}/{id_}", {"_version": ObjectId()}
    plain = {field: value for field, value in row.items() if field != "_version"}
    to_text(plain, name)
    return CompareAndSet(id_, encoded(plain | after, name), before, after)


async def compare_and_set(collection: Collection, rows: Sequence[CompareAndSet]) -> set[Any]:
    """Write all rows whose guard still holds; returns the ids of the others.

    The result of a bulk write does not say which update matched nothing. As an upsert of (_id, guard) an update cannot
    match nothing: it tries to insert the _id again and fails with a duplicate key, which names it.
    """
    operations: list[Operation] = [
        InsertOne(row.document)
        if row.before is None
        else ReplaceOne({"_id": row.id, **row.before}, row.document, upsert=True)
        for row in rows
    ]
    upserted, conflicted = await bulk_write(collection, operations)
    if upserted:
        # Deleted by another process since they were read: the upsert revived them, so delete them again.
        revived = [{"_id": rows[index].id, **rows[index].after} for index in upserted]
        await collection.delete_many({"$or": revived})
    return {rows[index].id for index in (*conflicted, *upserted)}


async def bulk_write(collection: Collection, operations: Sequence[Operation]) -> tuple[list[int], list[int]]:
    """The indexes of the operations that upserted, and of those that met a duplicate key; all others are done."""
    if not operations:
        return [], []
    try:
        result: Any = (await collection.bulk_write(operations, ordered=False)).bulk_api_result
    except BulkWriteError as error:
        result = error.details
        if result["writeConcernErrors"] or any(one["code"] != _DUPLICATE_KEY for one in result["writeErrors"]):
            raise
    return [one["index"] for one in result["upserted"]], [one["index"] for one in result["writeErrors"]]
