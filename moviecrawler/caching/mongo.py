"""The persistent tier in MongoDB: one collection, whose TTL index deletes expired answers."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from bson.binary import Binary
from bson.errors import BSONError
from pymongo import AsyncMongoClient, ReplaceOne
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import BulkWriteError, PyMongoError
from pymongo.uri_parser import parse_uri

from moviecrawler.caching.tier import Key, PackedEntry, TierError, Usage

COLLECTION = "answer_cache"
DATABASE = "moviecrawler"
"""The database when the URI names none."""

_DUPLICATE_KEY = 11000

_DEFAULTS: dict[str, Any] = {"serverSelectionTimeoutMS": 2_000, "connectTimeoutMS": 2_000, "socketTimeoutMS": 2_000}

_REASONS = {
    "ServerSelectionTimeoutError": "no server answers",
    "AutoReconnect": "no connection",
    "NetworkTimeout": "no answer in time",
    "OperationFailure": "refused",
}


class MongoTier:
    """See :class:`moviecrawler.caching.tier.Tier`. ValueError for a malformed URI."""

    name = "mongo"
    file = None

    def __init__(self, uri: str, describe: str) -> None:
        self.describe = describe
        self._uri = uri
        self._client: AsyncMongoClient[dict[str, Any]] | None = None
        if not uri.startswith("mongodb+srv:"):  # DNS decides on its options, when it is opened
            try:
                parse_uri(uri, validate=True, warn=False)
            except PyMongoError as error:
                raise ValueError("malformed") from error
        self._database = uri.partition("://")[2].partition("?")[0].partition("/")[2] or DATABASE

    async def open(self) -> None:
        with self._tier_errors():
            if self._client is None:
                given = self._uri.partition("?")[2].lower()
                options = {name: value for name, value in _DEFAULTS.items() if f"{name.lower()}=" not in given}
                self._client = AsyncMongoClient(self._uri, **options)
            await self._answers.create_index("expires_at", expireAfterSeconds=0)
            await self._answers.create_index([("endpoint", 1), ("stored_at", 1)])

    async def get(self, key: Key) -> bytes | None:
        with self._tier_errors():
            found = await self._answers.find_one({"_id": str(key)}, {"answer": 1})
        return bytes(found["answer"]) if found else None

    async def put(self, entries: Sequence[PackedEntry]) -> None:
        rows = {
            str(entry.key): {
                "endpoint": entry.key.endpoint,
                "stored_at": entry.stored_at,
                "expires_at": datetime.fromtimestamp(entry.stored_at + entry.retention, UTC),
                "bytes": len(entry.packed),
                "answer": Binary(entry.packed),
            }
            for entry in entries
        }
        writes = [ReplaceOne({"_id": key}, row, upsert=True) for key, row in rows.items()]
        with self._tier_errors():
            try:
                await self._answers.bulk_write(writes, ordered=False)
            except BulkWriteError as error:
                # Two workers have inserted the same answer at once: one of them is enough.
                if any(one["code"] != _DUPLICATE_KEY for one in error.details["writeErrors"]):
                    raise

    async def drop(self, key: Key) -> None:
        with self._tier_errors():
            await self._answers.delete_one({"_id": str(key)})

    async def delete(self, endpoint: str, *, before: float | None = None) -> int:
        which: dict[str, Any] = {"endpoint": endpoint}
        if before is not None:
            which["stored_at"] = {"$lt": before}
        with self._tier_errors():
            return (await self._answers.delete_many(which)).deleted_count

    async def usage(self, *, before: float | None = None) -> dict[str, Usage]:
        which: dict[str, Any] = {} if before is None else {"stored_at": {"$lt": before}}
        group = {
            "_id": "$endpoint",
            "entries": {"$sum": 1},
            "bytes": {"$sum": "$bytes"},
            "oldest": {"$min": "$stored_at"},
            "newest": {"$max": "$stored_at"},
        }
        with self._tier_errors():
            rows = await (await self._answers.aggregate([{"$match": which}, {"$group": group}])).to_list()
        return {row["_id"]: Usage(row["entries"], row["bytes"], row["oldest"], row["newest"]) for row in rows}

    async def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    @property
    def _answers(self) -> AsyncCollection[dict[str, Any]]:
        if self._client is None:
            raise TierError(f"{self.describe}: closed")
        return self._client[self._database][COLLECTION]

    @contextmanager
    def _tier_errors(self) -> Iterator[None]:
        try:
            yield
        except (PyMongoError, BSONError, OSError, ValueError) as error:
            # Only the error's class: pymongo's own text may repeat the URI.
            kind = type(error).__name__
            raise TierError(f"{self.describe}: {_REASONS.get(kind, kind)}") from None
