"""Cursors and ledgers in MongoDB: the collection ``state``, guarded by ``_version`` like records."""

from typing import Any

from bson import ObjectId

from moviecrawler.stores.json_text import to_text
from moviecrawler.stores.mongo.connection import Connection, Database
from moviecrawler.stores.mongo.guarded import Guarded, write_guarded


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
                # MongoDB's own equality would mind the order of names in an object.
                if (found["value"] if found else None) != expected:
                    return False
                if await _replace(database, name, found, value):
                    return True


async def _replace(database: Database, name: str, found: dict[str, Any] | None, value: Any) -> bool:
    """Put ``value`` in the place of what was found; False when somebody else was faster."""
    if value is None:
        if not found:
            return True
        guard = {"_id": name, "_version": found["_version"]}
        return bool((await database["state"].delete_one(guard)).deleted_count)
    to_text(value, f"state/{name}")
    row = {"_id": name, "value": value, "_version": ObjectId()}
    return not await write_guarded(
        database["state"], [Guarded(row, {"_version": found["_version"]} if found else None)]
    )
