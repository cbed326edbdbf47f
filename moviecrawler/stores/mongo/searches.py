"""The queries that indexes and the server's own aggregation answer."""

from collections.abc import Iterable, Set
from datetime import datetime
from typing import Any

from moviecrawler.documents import SOURCES, Document
from moviecrawler.stores.base import Coverage, DueTitle
from moviecrawler.stores.canonical_json import StoredRow
from moviecrawler.stores.coverage import coverage
from moviecrawler.stores.due_index import first_day_by_age, priority_class
from moviecrawler.stores.mongo.codec import from_mongo
from moviecrawler.stores.mongo.compare_and_set import Collection, Query
from moviecrawler.timestamps import parse

_PRIORITY_CLASSES = (0, 1)


async def due(
    collection: Collection, kind: str, source: str, until: datetime, limit: int, after: DueTitle | None
) -> list[DueTitle]:
    rank, moment = f"_wishes.{source}.rank", f"sources.{source}.next_refresh_at"
    fields = ("imdb_id", rank, moment, f"sources.{source}.fetched_at")
    rows: list[StoredRow] = []
    # One index range after another: MongoDB cannot compare (turn, rank, id) as a row.
    for part in _ranges_after(source, rank, after):
        if len(rows) < limit:
            found = collection.find({**part, moment: {"$lte": until}}, dict.fromkeys(fields, 1))
            rows += await found.sort({rank: -1, "_id": 1}).limit(limit - len(rows)).to_list()
    return [_due(kind, source, row) for row in rows]


def _ranges_after(source: str, rank: str, after: DueTitle | None) -> list[Query]:
    """The ranges that follow ``after`` in the source's order."""
    field = f"_wishes.{source}.turn"
    if after is None:
        return [{field: number} for number in _PRIORITY_CLASSES]
    current = priority_class(source, after.never)
    return [
        {field: current, rank: after.rank, "_id": {"$gt": after.id}},
        {field: current, rank: {"$lt": after.rank}},
        *({field: number} for number in _PRIORITY_CLASSES if number > current),
    ]


def _due(kind: str, source: str, row: StoredRow) -> DueTitle:
    rank, slot = row["_wishes"][source]["rank"], from_mongo(row)["sources"][source]
    return DueTitle(kind, row["_id"], row.get("imdb_id"), slot["next_refresh_at"], not slot.get("fetched_at"), rank)


async def due_counts_by_age(collection: Collection, source: str, now: str) -> dict[str, int]:
    return await _by_age(collection, {f"sources.{source}.next_refresh_at": {"$lte": parse(now)}}, now)


async def stats(collection: Collection, now: str, sources: Set[str]) -> Coverage:
    """The figures may be of slightly different times if others write to the collection meanwhile."""
    counters = await _numbers(collection, [{"$unwind": "$_counted"}, _group("$_counted")])
    due = {
        source: await collection.count_documents({f"sources.{source}.next_refresh_at": {"$lte": parse(now)}})
        for source in sources
    }
    incomplete = await collection.count_documents(_incomplete(now, sources))
    total = await collection.count_documents({})
    return coverage(total, incomplete, counters, due, await _by_age(collection, {"_day": {"$gte": ""}}, now))


def _incomplete(now: str, sources: Set[str]) -> Query:
    """The query for titles that lack a fresh answer of one of these sources."""
    if sources >= set(SOURCES):
        return {"_incomplete_since": {"$lte": parse(now)}}
    wants: list[Query] = [{"_id": {"$exists": False}}]
    for source in sources:
        wants.append({f"sources.{source}.next_refresh_at": {"$lte": parse(now)}})
        wants.append({f"_wishes.{source}": {"$exists": True}, f"sources.{source}.fetched_at": None})
    return {"$or": wants}


async def ids_by(collection: Collection, field: str, values: Iterable[str]) -> dict[str, list[int]]:
    """Ascending ids by the value of ``field``."""
    found: dict[str, list[int]] = {}
    async for row in collection.find({field: {"$in": list(set(values))}}, {field: 1}).sort("_id"):
        value: Any = row
        for name in field.split("."):
            value = value[name]
        found.setdefault(value, []).append(row["_id"])
    return found


async def candidates(collection: Collection, names: set[str]) -> dict[str, list[Document]]:
    found: dict[str, list[Document]] = {}
    async for stored in collection.find({"_titles": {"$in": list(names)}}).sort("_id"):
        document = from_mongo(stored)
        for title in names.intersection(stored["_titles"]):
            found.setdefault(title, []).append(document)
    return found


async def namesakes(collection: Collection, source: str, ids: set[int]) -> list[int]:
    titles: set[str] = set()
    async for row in collection.find({"_id": {"$in": list(ids)}}, {"_titles": 1}):
        titles.update(row["_titles"])
    named = {"$or": [{"_titles": {"$in": list(titles)}}, {"_id": {"$in": list(ids)}}]}
    found = collection.find({f"sources.{source}.source_id": {"$gt": ""}, **named}, {"_id": 1}).sort("_id")
    return [row["_id"] async for row in found]


async def _by_age(collection: Collection, query: Query, now: str) -> dict[str, int]:
    branches = [{"case": {"$gte": ["$_day", first]}, "then": name} for name, first in first_day_by_age(now).items()]
    age = {"$switch": {"branches": branches, "default": "unknown"}}
    return await _numbers(collection, [{"$match": query}, _group(age)])


def _group(by: str | Query) -> Query:
    return {"$group": {"_id": by, "number": {"$sum": 1}}}


async def _numbers(collection: Collection, pipeline: list[Query]) -> dict[str, int]:
    return {row["_id"]: row["number"] async for row in await collection.aggregate(pipeline)}
