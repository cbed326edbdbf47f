"""Indexes and schema version of the database."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from pymongo import IndexModel, ReplaceOne
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import DuplicateKeyError, OperationFailure

from moviecrawler.documents import SOURCES
from moviecrawler.exceptions import StoreAbsent, StoreError
from moviecrawler.items import KINDS
from moviecrawler.policy.documents.upgrade import upgraded
from moviecrawler.policy.freshness.refresh import ORDERS
from moviecrawler.stores.base import Access
from moviecrawler.stores.coverage import counter_names
from moviecrawler.stores.mongo.codec import from_mongo, to_mongo
from moviecrawler.stores.ordering import ORDER_STATE

Database = AsyncDatabase[dict[str, Any]]
Step = Callable[[Database], Awaitable[None]]

RESTORE = "restore"
"""In the collection ``schema`` while a restore renames collections: old and new ones stand side by side."""

_PAGE = 200
"""Documents that a migration holds in memory."""

INDEXES = [
    *(IndexModel(name) for name in ("imdb_id", "_titles", "year", "popularity", "updated_at")),
    *(IndexModel(name) for name in ("_day", "_incomplete_since")),
    IndexModel("_gone", sparse=True),
]
CHANGES_INDEXES = [IndexModel([("at", 1), ("_id", 1)])]
for source in SOURCES:
    slot, wish = f"sources.{source}", f"_wishes.{source}"
    INDEXES += [
        IndexModel(f"{slot}.source_id"),
        IndexModel([(f"{slot}.next_refresh_at", 1), ("_day", 1)]),
        IndexModel([(f"{wish}.turn", 1), (f"{wish}.rank", -1), ("_id", 1), (f"{slot}.next_refresh_at", 1)]),
    ]


async def _drop_old_indexes(database: Database) -> None:
    for kind in KINDS:
        for source in SOURCES:
            with suppress(OperationFailure):  # there is no such index
                await database[kind].drop_index(f"sources.{source}.next_refresh_at_1__id_1")


async def _more_spellings(_: Database) -> None:
    """Titles are found by more of their spellings."""


async def _changes_by_time(database: Database) -> None:
    """Also, the fields of documents of schema version 2 are counted; an older moviecrawler cannot read these."""
    await database["changes"].create_indexes(CHANGES_INDEXES)


STEPS: tuple[Step, ...] = (_drop_old_indexes, _more_spellings, _changes_by_time)
"""Step n (counted from 1) turns schema version n into n + 1.

A step must be safe to run twice, and by two processes at once: MongoDB has no transaction around it. A step does not
touch fields that begin with ``_``: after the last step all of them are rebuilt from the documents."""


async def prepare(database: Database, where: str, access: Access = "make") -> None:
    """Create what is missing and run the missing steps; StoreError when the data is of a newer moviecrawler.

    Access ``read`` writes nothing if the data is up to date, and only ``make`` creates a database: else StoreAbsent.
    """
    schema, newest = database["schema"], len(STEPS) + 1
    await _refuse_half_restored(database, where)
    found = await schema.find_one({"_id": "version"})
    if not found and access != "make":
        raise StoreAbsent(f"{where}: nothing is stored there yet")
    if found and found["number"] == newest and access == "read":
        return
    version = found["number"] if found else newest
    if version > newest:
        raise StoreError(
            f"{where}: it has schema version {version}, this moviecrawler supports versions up to {newest}; "
            "use the newer moviecrawler that wrote it"
        )
    for step in STEPS[version - 1 :]:
        await step(database)
    if version < newest:
        await _rebuild_private_fields(database)
        await schema.update_one({"_id": "version", "number": version}, {"$set": {"number": newest}})
    if not found:
        with suppress(DuplicateKeyError):  # another process opens the same new database
            await schema.insert_one({"_id": "version", "number": newest})
    for kind in KINDS:
        await database[kind].create_indexes(INDEXES)
    await database["changes"].create_indexes(CHANGES_INDEXES)


async def _refuse_half_restored(database: Database, where: str) -> None:
    if await database["schema"].find_one({"_id": RESTORE}):
        what = "a restore was ended while it put collections in their places"
        raise StoreError(f"{where}: {what}; run scrapy restore --force again")


async def _rebuild_private_fields(database: Database) -> None:
    """In the first order."""
    await database["state"].delete_one({"_id": ORDER_STATE})
    for kind in KINDS:
        later: dict[str, Any] = {}
        while page := await database[kind].find(later).sort("_id").limit(_PAGE).to_list():
            later = {"_id": {"$gt": page[-1]["_id"]}}
            # Guarded by revision: a document that was written meanwhile is up to date.
            guards = [{"_id": stored["_id"], "revision": stored["revision"]} for stored in page]
            await database[kind].bulk_write(
                [
                    ReplaceOne(guard, with_private_fields(kind, from_mongo(stored)))
                    for guard, stored in zip(guards, page, strict=True)
                ],
                ordered=False,
            )


def with_private_fields(kind: str, document: Any, order: str = ORDERS[0]) -> dict[str, Any]:
    """A document of an older version stays as it is, and is counted as what it is read as."""
    counted = counter_names(upgraded(kind, document))
    return to_mongo(document, f"{kind}/{document['_id']}", order) | {"_counted": counted}
