"""State values in MongoDB: cursors and counters in the collection ``state``, guarded by ``_version`` like records."""

from typing import Any

from moviecrawler.stores.mongo.compare_and_set import compare_and_set, versioned
from moviecrawler.stores.mongo.connection import Connection
from moviecrawler.stores.mongo.schema import Database
from moviecrawler.stores.state import counter_change


class MongoState:
    """See :class:`moviecrawler.stores.base.State`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def get(self, name: str) -> Any:
        async with self._connection.database() as database:
            found = await database["state"].find_one({"_id": name})
        return found["value"] if found else None

    async def set(self, name: str, value: Any) -> None:
        async with self._connection.database() as database:
            while not await _replace(database, name, await database["state"].find_one({"_id": name}), value):
                pass

    async def compare_and_set(self, name: str, expected: Any, value: Any) -> bool:
        async with self._connection.database() as database:
            while True:
                found = await database["state"].find_one({"_id": name})
                # MongoDB's own equality depends on the order of names in an object.
                if (found["value"] if found else None) != expected:
                    return False
                if await _replace(database, name, found, value):
                    return True

    async def reserve(self, name: str, n: int, limit: int) -> int:
        async with self._connection.database() as database:
            while True:
                found = await database["state"].find_one({"_id": name})
                used = found["value"] if found else None
                change = counter_change(used, n, limit, name)
                if not change or await _replace(database, name, found, (used or 0) + change):
                    return change


async def _replace(database: Database, name: str, found: dict[str, Any] | None, value: Any) -> bool:
    """Replace the value that was found by ``value``; False when another process was first."""
    if value is None:
        if not found:
            return True
        guard = {"_id": name, "_version": found["_version"]}
        return bool((await database["state"].delete_one(guard)).deleted_count)
    row = versioned("state", name, {"_id": name, "value": value}, {"_version": found["_version"]} if found else None)
    return not await compare_and_set(database["state"], [row])
