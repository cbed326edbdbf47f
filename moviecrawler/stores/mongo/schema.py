"""Indexes and schema version of the database."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from pymongo import IndexModel
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import DuplicateKeyError

from moviecrawler.exceptions import StoreError
from moviecrawler.items import KINDS

Database = AsyncDatabase[dict[str, Any]]
Step = Callable[[Database], Awaitable[None]]

SOURCES = ("tmdb", "omdb", "the_numbers")

INDEXES = [
    *(IndexModel(name) for name in ("imdb_id", "_titles", "year", "popularity", "updated_at")),
    *(IndexModel(f"sources.{source}.source_id") for source in SOURCES),
    *(IndexModel([(f"sources.{source}.next_refresh_at", 1), ("_id", 1)]) for source in SOURCES),
]

STEPS: tuple[Step, ...] = ()
"""Step n (counted from 1) makes schema version n + 1 out of n.

A step must bear being run twice, and by two processes at once: MongoDB has no transaction around it.
"""


async def prepare(database: Database, where: str) -> None:
    """Create what is missing and run the missing steps; StoreError when the data is of a newer moviecrawler."""
    schema, newest = database["schema"], len(STEPS) + 1
    found = await schema.find_one({"_id": "version"})
    version = found["number"] if found else newest
    if version > newest:
        raise StoreError(
            f"{where}: it has schema version {version}, this moviecrawler knows versions up to {newest}; "
            "use the newer moviecrawler that wrote it"
        )
    for number in range(version, newest):
        await STEPS[number - 1](database)
        await schema.update_one({"_id": "version", "number": number}, {"$set": {"number": number + 1}})
    if not found:
        with suppress(DuplicateKeyError):  # another process opens the same new database
            await schema.insert_one({"_id": "version", "number": newest})
    for kind in KINDS:
        await database[kind].create_indexes(INDEXES)
