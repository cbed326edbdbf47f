"""The store in a MongoDB database."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

from moviecrawler.stores.base import Access, Documents, Records, State, Upkeep, Usage
from moviecrawler.stores.mongo.address import Address
from moviecrawler.stores.mongo.connection import Connection
from moviecrawler.stores.mongo.documents import MongoDocuments
from moviecrawler.stores.mongo.records import MongoRecords
from moviecrawler.stores.mongo.replacement import MongoReplacement, replacement
from moviecrawler.stores.mongo.snapshot import MongoSnapshot, snapshot
from moviecrawler.stores.mongo.state import MongoState


class MongoStore:
    """See :class:`moviecrawler.stores.base.Store`. ``order``: one of ``policy.freshness.refresh.ORDERS``."""

    documents: Documents
    records: Records
    state: State
    describe: str
    upkeep: Upkeep | None

    def __init__(self, address: Address, order: str, access: Access = "make") -> None:
        self.describe = f"MongoDB {address.hosts}/{address.database}"
        self._address = address
        self._connection = Connection(address, self.describe, access)
        self.documents = MongoDocuments(self._connection, order)
        self.records = MongoRecords(self._connection)
        self.state = MongoState(self._connection)
        self.upkeep = None

    async def open(self) -> None:
        await self._connection.open()

    async def usage(self) -> Usage:
        async with self._connection.database() as database:
            stats = await database.command("dbStats")
            version = await database["schema"].find_one({"_id": "version"})
        return Usage(version["number"] if version else 0, int(stats["storageSize"] + stats.get("indexSize", 0)))

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[MongoSnapshot]:
        connection = Connection(self._address, self.describe, "read")
        await connection.open()
        try:
            async with snapshot(connection) as found:
                yield found
        finally:
            await connection.close()

    @asynccontextmanager
    async def replacement(self, order: str) -> AsyncIterator[MongoReplacement]:
        connection = Connection(self._address, self.describe, "replace")
        await connection.open()
        try:
            async with replacement(connection, order) as new:
                yield new
        finally:
            await connection.close()

    async def expire_copies(self, before: datetime) -> list[str]:
        return []

    async def close(self) -> None:
        await self._connection.close()
