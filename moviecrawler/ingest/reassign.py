"""Moves what a source said about a film, which it identifies by name only, from a wrongly matched title to another."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any, NamedTuple, cast

from moviecrawler import timestamps
from moviecrawler.documents import Document, SlotPart, SourceSlot
from moviecrawler.documents.records import RAW, RawRecord, Said, UnmatchedRecord
from moviecrawler.ingest.raw import raw_key
from moviecrawler.ingest.upsert import Upserter, rewrite
from moviecrawler.items import Movie
from moviecrawler.policy.documents.compose import Composer
from moviecrawler.policy.documents.merge import without_answer
from moviecrawler.policy.documents.source_slots import item_of
from moviecrawler.policy.freshness.refresh import Refresh
from moviecrawler.stores.base import Store


class Reassignment(NamedTuple):
    """What ``source`` says about its ``source_id`` belongs to the film ``to``, not ``of``; None: to no known film."""

    source: str
    source_id: str
    of: int
    to: int | None


def latest_answer(document: Document, source: str, now: str) -> Movie:
    """The most recent answer of a source that identifies this film by name."""
    slot = document["sources"][source]
    parts = _parts(Reassignment(source, slot.get("source_id") or "", document["_id"], None), slot, now)
    return max(parts, key=lambda film: film.context.fetched_at)


def known_facts(title: Movie, row: UnmatchedRecord | None, documents: Iterable[Document]) -> Said:
    """Everything the source has said about a title: now, in its ``unmatched`` record, in the documents."""
    slots = [document["sources"][title.source] for document in documents]
    before = [slot["data"] for slot in slots if slot.get("source_id") == title.source_id]
    known = [{name: value for name, value in data.items() if name in Movie.model_fields} for data in before]
    layers = [*known, *([row["said"]] if row else []), title.model_dump(exclude_defaults=True)]
    return cast("Said", _overlay(layers))


async def reassign(
    store: Store, reassignments: Iterable[Reassignment], *, composer: Composer, refresh: Refresh
) -> None:
    """Write the answers to the right films, then remove them from the wrong ones; safe to repeat if interrupted."""
    now = timestamps.iso(datetime.now(UTC))
    for move in reassignments:
        stored = await store.documents.get_many([("movies", move.of)])
        slot = stored["movies", move.of]["sources"][move.source] if stored else None
        if slot is None or slot.get("source_id") != move.source_id:
            continue
        if move.to is not None:
            await Upserter(store, composer=composer, refresh=refresh).write(list(_parts(move, slot, now)))
        await _move_raw(store, move)
        change = partial(without_answer, kind="movies", source=move.source, source_id=move.source_id)
        await rewrite(store, ("movies", move.of), partial(change, composer=composer, refresh=refresh))


def _parts(move: Reassignment, slot: SourceSlot, now: str) -> Iterable[Movie]:
    own: SlotPart = {"fetched_at": slot["fetched_at"], "data": slot["data"]}
    for part, content in (slot.get("parts") or {"title": own}).items():
        about = {"source": move.source, "source_id": move.source_id, "part": part, "id": move.to}
        film = item_of(Movie, content["data"], **about)
        film.set_fetch(min(content["fetched_at"] or now, now))
        yield film


async def _move_raw(store: Store, move: Reassignment) -> None:
    """Move the kept page, too: ``scrapy reparse`` would parse it into the wrong film again."""
    old = raw_key(move.source, "movies", move.of)
    rows = await store.records.get(RAW, [old])
    if old in rows and move.to is not None:
        new = raw_key(move.source, "movies", move.to)
        moved: RawRecord = {**rows[old], "_id": new, "id": move.to}
        await store.records.put(RAW, [moved])
    if old in rows:
        await store.records.delete(RAW, [old])


def _overlay(layers: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The last layer wins, also within ``box_office`` and ``people``."""
    found: dict[str, Any] = {}
    for layer in layers:
        for name, value in layer.items():
            both = isinstance(value, dict) and isinstance(found.get(name), dict)
            found[name] = {**found[name], **value} if both else value
    return found
