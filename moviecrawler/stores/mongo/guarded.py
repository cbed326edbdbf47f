"""Bulk compare-and-set: one round trip, and every loser by name."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from bson import encode
from bson.errors import BSONError
from bson.raw_bson import RawBSONDocument
from pymongo import InsertOne, ReplaceOne
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import BulkWriteError

_DUPLICATE_KEY = 11000
_LARGEST = 16 * 2**20
"""Bytes of a document (https://www.mongodb.com/docs/manual/reference/limits/)."""

Collection = AsyncCollection[dict[str, Any]]
Operation = InsertOne[Any] | ReplaceOne[Any]


class Guarded(NamedTuple):
    """``document`` takes the place of the one that ``guard`` matches (None: of nothing)."""

    document: dict[str, Any]
    guard: dict[str, Any] | None


def encoded(document: dict[str, Any], name: str) -> RawBSONDocument:
    """The document as it will be sent; ValueError with ``name`` when MongoDB cannot hold it."""
    try:
        raw = encode(document)
    except (BSONError, OverflowError, ValueError, RecursionError) as error:
        raise ValueError(f"{name} cannot be stored: {error}") from error
    if len(raw) > _LARGEST:
        raise ValueError(f"{name} cannot be stored: it has {len(raw)} bytes, MongoDB holds {_LARGEST}")
    return RawBSONDocument(raw)


async def write_guarded(collection: Collection, rows: Sequence[Guarded]) -> set[Any]:
    """Write all rows whose guard still holds; the ids of the others.

    The results of a bulk write do not say which update matched nothing. As an upsert of (_id, guard) it cannot
    match nothing: it tries to insert the _id again and fails with a duplicate key, which names it.
    """
    operations: list[Operation] = []
    for document, guard in rows:
        raw = encoded(document, f"{collection.name}/{document['_id']}")
        if guard is None:
            operations.append(InsertOne(raw))
        else:
            operations.append(ReplaceOne({"_id": document["_id"], **guard}, raw, upsert=True))
    upserted, losers = await bulk_write(collection, operations)
    if revived := [rows[index] for index in upserted]:
        # Deleted by someone since it was read: the upsert brought it back, so take it away again.
        await collection.delete_many({"$or": [{"_id": row.document["_id"], **_own(row)} for row in revived]})
    return {rows[index].document["_id"] for index in (*losers, *upserted)}


def _own(row: Guarded) -> dict[str, Any]:
    assert row.guard is not None
    return {name: row.document[name] for name in row.guard}


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
