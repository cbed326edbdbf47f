"""The client, and the one place where its errors become ours."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC
from typing import Any, Literal

from bson.codec_options import CodecOptions
from pymongo import AsyncMongoClient, ReadPreference, WriteConcern
from pymongo.errors import PyMongoError

from moviecrawler.exceptions import StoreError
from moviecrawler.stores.base import Access
from moviecrawler.stores.mongo.address import Address
from moviecrawler.stores.mongo.errors import CAUGHT, store_error
from moviecrawler.stores.mongo.schema import Database, prepare

_DEFAULTS: dict[str, Any] = {"serverSelectionTimeoutMS": 5_000, "connectTimeoutMS": 5_000, "socketTimeoutMS": 60_000}
"""Milliseconds; options of the URI take precedence."""

_SAFE = WriteConcern(w="majority", j=True, wtimeout=60_000)
"""Acknowledged means durable: on the disk of most members, whatever the URI says."""

_OPTIONS: CodecOptions[dict[str, Any]] = CodecOptions(tz_aware=True, tzinfo=UTC)


class Connection:
    """Lends the database: ``async with connection.database() as database``. ``where`` names it in messages."""

    def __init__(self, address: Address, where: str, access: Access | Literal["replace"] = "make") -> None:
        self.where = where
        self._address = address
        self._access = access
        self._settings = {name: value for name, value in _DEFAULTS.items() if name.lower() not in address.options}
        self._client: AsyncMongoClient[dict[str, Any]] | None = None
        self._lent = 0
        self._idle = asyncio.Event()
        self._idle.set()

    async def open(self) -> None:
        """Connect and bring the schema up to date; StoreError when the server is unreachable or refuses."""
        if self._client is not None:
            return
        try:
            self._client = AsyncMongoClient(self._address.uri, **self._settings)
        except (PyMongoError, ValueError, OSError):
            raise StoreError(f"{self.where}: no connection can be made with STORE_URI; check its options") from None
        try:
            async with self.database() as database:
                await database.command("ping")
                if self._access != "replace":
                    await prepare(database, self.where, self._access)
        except BaseException:
            await self.close()
            raise

    @asynccontextmanager
    async def database(self) -> AsyncIterator[Database]:
        """The database for one call of the store; errors inside are raised as StoreError or ValueError."""
        if self._client is None:
            raise StoreError(f"{self.where}: the store is closed")
        self._lent += 1
        self._idle.clear()
        try:
            yield self._client.get_database(self._address.database, _OPTIONS, ReadPreference.PRIMARY, _SAFE)
        except CAUGHT as error:
            raise store_error(self.where, error) from None
        finally:
            self._lent -= 1
            if not self._lent:
                self._idle.set()

    async def close(self) -> None:
        """Wait for the running calls and disconnect. A second call does nothing."""
        client, self._client = self._client, None
        if client is not None:
            await self._idle.wait()
            await client.close()
