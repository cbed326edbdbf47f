"""New collections beside the store's, which take their places by renames."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from bson.raw_bson import RawBSONDocument
from pymongo import ReplaceOne

from moviecrawler.items import KINDS
from moviecrawler.stores.base import STATE
from moviecrawler.stores.canonical_json import StoredRow
from moviecrawler.stores.mongo.compare_and_set import bulk_write, encoded, versioned
from moviecrawler.stores.mongo.connection import Connection
from moviecrawler.stores.mongo.schema import CHANGES_INDEXES, INDEXES, RESTORE, STEPS, Database, with_private_fields
from moviecrawler.stores.mongo.snapshot import MongoSnapshot, is_kind
from moviecrawler.stores.validation import check_record_kind

_BESIDE = "restore."
"""Begins the names of the new collections; no kind of record can have a dot."""


class MongoReplacement:
    """See :class:`moviecrawler.stores.base.Replacement`."""

    def __init__(self, connection: Connection, order: str) -> None:
        self._connection, self._order = connection, order

    async def load(self, kind: str, rows: Sequence[StoredRow]) -> None:
        stored = [self._stored(kind, row) for row in rows]
        operations: list[ReplaceOne[Any]] = [
            ReplaceOne({"_id": row["_id"]}, one, upsert=True) for row, one in zip(rows, stored, strict=True)
        ]
        async with self._connection.database() as database:
            await bulk_write(database[_BESIDE + kind], operations)

    def _stored(self, kind: str, row: StoredRow) -> RawBSONDocument:
        name = f"{kind}/{row['_id']}"
        if kind in KINDS:
            return encoded(with_private_fields(kind, row, self._order), name)
        if kind != STATE:
            check_record_kind(kind)
        return versioned(kind, row["_id"], row, None).document

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[MongoSnapshot]:
        yield MongoSnapshot(self._connection, None, _BESIDE)


@asynccontextmanager
async def replacement(connection: Connection, order: str) -> AsyncIterator[MongoReplacement]:
    """See ``Store.replacement``. MongoDB renames one collection at a time: until the last one the store is marked, and
    cannot be opened."""
    async with connection.database() as database:
        await _drop_new(database)  # of a restore that was killed
        for kind in KINDS:
            await database[_BESIDE + kind].create_indexes(INDEXES)
        await database[f"{_BESIDE}changes"].create_indexes(CHANGES_INDEXES)
    try:
        yield MongoReplacement(connection, order)
        async with connection.database() as database:
            await _put_in_place(database)
    finally:
        async with connection.database() as database:
            await _drop_new(database)


async def _put_in_place(database: Database) -> None:
    names = await database.list_collection_names()
    new = {name.removeprefix(_BESIDE) for name in names if name.startswith(_BESIDE)}
    await database["schema"].replace_one({"_id": RESTORE}, {"_id": RESTORE}, upsert=True)
    for name in names:
        if is_kind(name) and name not in new:
            await database[name].drop()
    for name in sorted(new):
        await database[_BESIDE + name].rename(name, dropTarget=True)
    await database["schema"].replace_one({"_id": "version"}, {"_id": "version", "number": len(STEPS) + 1}, upsert=True)
    await database["schema"].delete_one({"_id": RESTORE})


async def _drop_new(database: Database) -> None:
    for name in await database.list_collection_names():
        if name.startswith(_BESIDE):
            await database[name].drop()
