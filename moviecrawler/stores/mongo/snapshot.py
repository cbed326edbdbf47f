"""All rows of a database, page by page: in a snapshot session where the server can have one."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from bson import ObjectId
from pymongo.asynchronous.client_session import AsyncClientSession

from moviecrawler.items import KINDS
from moviecrawler.stores.base import STATE
from moviecrawler.stores.canonical_json import StoredRow
from moviecrawler.stores.mongo.codec import from_mongo
from moviecrawler.stores.mongo.compare_and_set import Query
from moviecrawler.stores.mongo.connection import Connection
from moviecrawler.stores.validation import check_record_kind

_PAGE = 200
"""Rows in memory at a time."""


class MongoSnapshot:
    """See :class:`moviecrawler.stores.base.Snapshot`. ``prefix``: of the names of its collections."""

    def __init__(self, connection: Connection, session: AsyncClientSession | None, prefix: str = "") -> None:
        self.at_one_moment = session is not None
        self._connection, self._session, self._prefix = connection, session, prefix

    async def counts(self) -> dict[str, int]:
        found: dict[str, int] = {}
        async with self._connection.database() as database:
            for name in await database.list_collection_names():
                kind = name.removeprefix(self._prefix)
                if name.startswith(self._prefix) and is_kind(kind):
                    found[kind] = await database[name].count_documents({}, session=self._session)
        return {kind: number for kind, number in found.items() if number}

    async def pages(self, kind: str) -> AsyncIterator[list[StoredRow]]:
        async for page in self._found(kind, {}):
            yield page

    async def written_since(self, kind: str, since: datetime) -> AsyncIterator[list[StoredRow]]:
        """Documents by ``updated_at``, all others by ``_version``: an ObjectId has the time of its making."""
        written: Query = {"updated_at": {"$gte": since}}
        if kind not in KINDS:
            written = {"_version": {"$gte": ObjectId.from_datetime(since)}}
        if not self.at_one_moment:
            async for page in self._found(kind, written):
                yield page

    async def _found(self, kind: str, query: Query) -> AsyncIterator[list[StoredRow]]:
        later: Query = {}
        while True:
            async with self._connection.database() as database:
                collection = database[self._prefix + kind]
                found = collection.find({**query, **later}, session=self._session).sort("_id").limit(_PAGE)
                page: list[Any] = await found.to_list()
            if not page:
                return
            yield [_row(kind, stored) for stored in page]
            later = {"_id": {"$gt": page[-1]["_id"]}}


@asynccontextmanager
async def snapshot(connection: Connection) -> AsyncIterator[MongoSnapshot]:
    """In a session with ``readConcern`` ``snapshot`` on a replica set or a sharded cluster, else without."""
    async with connection.database() as database:
        client = database.client
        hello = await client.admin.command("hello")
    if not can_snapshot(hello):
        yield MongoSnapshot(connection, None)
        return
    async with client.start_session(snapshot=True) as session:
        yield MongoSnapshot(connection, session)


def can_snapshot(hello: Mapping[str, Any]) -> bool:
    """Whether the server that says ``hello`` is a member of a replica set, or the router of a sharded cluster.

    >>> can_snapshot({"setName": "rs0"}), can_snapshot({"msg": "isdbgrid"}), can_snapshot({"isWritablePrimary": True})
    (True, True, False)
    """
    return "setName" in hello or hello.get("msg") == "isdbgrid"


def is_kind(name: str) -> bool:
    """Whether a collection of this name has documents, records or the state."""
    try:
        return name in (*KINDS, STATE) or bool(check_record_kind(name))
    except ValueError:
        return False


def _row(kind: str, stored: dict[str, Any]) -> StoredRow:
    if kind in KINDS:
        document: StoredRow = from_mongo(stored)
        return document
    return {name: value for name, value in stored.items() if name != "_version"}
