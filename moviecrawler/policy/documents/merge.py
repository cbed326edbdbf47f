"""Computes the next version of a document: with a source's new answer, without one, with another part.

The top level depends on slots and locks alone (``policy.documents.compose``), and so do the next refresh dates
(``policy.freshness.refresh``). ``trending``, ``images`` and ``same_as`` are parts of their own, kept on merge.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypedDict, Unpack, cast

from moviecrawler import timestamps
from moviecrawler.documents import SOURCES, Document, Images, SourceSlot, Trending
from moviecrawler.items import FailedLookup, Title
from moviecrawler.policy.documents.compose import FIELDS, Composer, ParserMatch, diff, without_unasked
from moviecrawler.policy.documents.source_slots import EMPTY_SLOT, compare_hashes, empty_slot, slot_of, with_answer
from moviecrawler.policy.documents.upgrade import SCHEMA_VERSION
from moviecrawler.policy.freshness.gone import gone_fields
from moviecrawler.policy.freshness.refresh import Refresh

__all__ = [
    "Merged",
    "diff",
    "merge",
    "slot_of",
    "with_failed_lookup",
    "with_parts",
    "with_refresh_dates",
]


@dataclass(frozen=True)
class Merged:
    """The new version of a document and the result of the merge; ``older``: nothing changes."""

    document: Document
    outcome: Literal["inserted", "updated", "unchanged", "older"]


def merge(
    stored: Document | None,
    item: Title,
    *,
    composer: Composer,
    refresh: Refresh,
    now: datetime,
) -> Merged:
    """The stored document with the item's answer in its source's slot; ValueError for a new one without a TMDB id."""
    if stored is None and item.id is None:
        raise ValueError("a new document needs a TMDB id")
    context, at = item.context, timestamps.iso(now)
    reason, old = context.fetch_reason, stored or _empty(item, at)
    before: SourceSlot = {**EMPTY_SLOT, **old["sources"][item.source]}
    slot = with_answer(before, context.slot or slot_of(item), item.part, again=reason == "reparse", now=at)
    if slot is None:
        return Merged(old, "older")
    comparison = compare_hashes(before["hash"], slot["hash"] or "")
    # The feed lists changes at the site, whichever parsers read the title before.
    changed = comparison == "changed" or (comparison != "same" and reason in ("feed", "reparse"))
    if comparison == "same" and reason == "reparse":
        slot["hash"] = before["hash"]
    sources = {**old["sources"], item.source: slot}
    top, provenance = composer.compose(item.kind, sources, old["locks"])
    if item.source != "tmdb":
        top = without_unasked(top, old)
    document: Document = {**old, **top, "sources": sources, "provenance": provenance}
    if item.part != "title":
        if changed:
            slot |= {"changed_at": context.fetched_at, "unchanged_cycles": 0, "frozen_at": None}
    elif reason != "reparse":
        counts_as = reason if changed or comparison == "same" else "reparse"
        fetched_at = context.fetched_at
        cycle = refresh.after_fetch(before, document, changed=changed, fetched_at=fetched_at, reason=counts_as)
        sources[item.source] = slot = {**slot, **cycle}
        if timestamps.trusted(slot["failed_at"], at) <= fetched_at:
            slot |= {"failures": 0, "failed_at": None, "gone_at": None, "gone_noted_at": None}
    set_refresh_dates(item.kind, document, refresh, at)
    if (trending := context.trending) and not is_newer_rank(old["trending"], trending["at"], at):
        document["trending"] = trending
    if reason == "reparse" and stored is not None and document == stored:
        return Merged(stored, "unchanged")
    bump_revision(document, at)
    if stored is None:
        return Merged(document, "inserted")
    differs = set_last_change(old, document, item.source, parsers="same" if comparison == "changed" else comparison)
    return Merged(document, "updated" if changed or differs else "unchanged")


def with_failed_lookup(stored: Document, failed: FailedLookup, *, refresh: Refresh, now: datetime) -> Document:
    """The document after a failed lookup: postponed, and gone if the source said so (``policy.freshness.gone``).

    Gone from TMDB is a tombstone: everything is kept, and no source is asked again. A failed lookup that is older than
    an answer, or than another failed lookup, changes nothing.
    """
    slot: SourceSlot = {**EMPTY_SLOT, **stored["sources"][failed.source]}
    if failed.at <= max(timestamps.trusted(slot["fetched_at"], now), timestamps.trusted(slot["failed_at"], now)):
        return stored
    slot |= {"failures": slot["failures"] + 1, "failed_at": failed.at}
    if failed.reason == "gone":
        slot = {**slot, **gone_fields(failed.source, slot, failed.at, now)}
    document: Document = {**stored, "sources": {**stored["sources"], failed.source: slot}}
    set_refresh_dates(failed.kind, document, refresh, timestamps.iso(now))
    return bump_revision(document, timestamps.iso(now))


def is_newer_rank(trending: Trending | None, at: str, now: str) -> bool:
    """Whether the stored rank is newer than ``at``."""
    return timestamps.trusted(trending and trending["at"], now) > at


class Parts(TypedDict, total=False):
    """The parts of a document that no answer touches."""

    trending: Trending | None
    images: Images
    same_as: int | None


def with_parts(stored: Document, now: datetime, **parts: Unpack[Parts]) -> Document:
    """The next version of a document with other parts; everything else stays."""
    return bump_revision({**stored, **parts}, timestamps.iso(now))


def with_same_as(stored: Document, other: int, *, now: datetime) -> Document:
    """The document with the other TMDB id of the same film; the same object if it is known already."""
    return stored if stored.get("same_as") == other else with_parts(stored, now, same_as=other)


def without_answer(
    stored: Document, *, kind: str, source: str, source_id: str, composer: Composer, refresh: Refresh, now: datetime
) -> Document:
    """The document as if the source had never answered, if its answer is for ``source_id``: another title."""
    if stored["sources"][source].get("source_id") != source_id:
        return stored
    sources = {**stored["sources"], source: empty_slot()}
    top, provenance = composer.compose(kind, sources, stored["locks"])
    top = without_unasked(top, stored)
    document: Document = {**stored, **top, "sources": sources, "provenance": provenance}
    set_refresh_dates(kind, document, refresh, timestamps.iso(now))
    set_last_change(stored, bump_revision(document, timestamps.iso(now)), source)
    return document


def with_refresh_dates(kind: str, stored: Document, refresh: Refresh, now: datetime) -> Document:
    """The document with dates by other settings of ``refresh``; the same object if they change nothing."""
    document: Document = {**stored, "sources": dict(stored["sources"])}
    set_refresh_dates(kind, document, refresh, timestamps.iso(now))
    return stored if document == stored else bump_revision(document, timestamps.iso(now))


def with_new_refresh_dates(kind: str, stored: Document, refresh: Refresh, now: datetime) -> Document:
    """The next version of a document written by a clock that was ahead: what is dated in the future is due now."""
    document = with_refresh_dates(kind, stored, refresh, now)
    return with_parts(stored, now) if document is stored else document


def set_last_change(old: Document, document: Document, source: str, *, parsers: ParserMatch = "same") -> bool:
    """Set ``last_change`` in the new version to its differences from the old one; returns whether there are any.

    ``revision`` is the version that brought the change: the key of its ``changes`` record.
    """
    difference = list(diff(old, document, parsers=parsers))
    if difference:
        document["last_change"] = {
            "source": source,
            "at": document["updated_at"] or "",
            "revision": document["revision"],
            "diff": difference,
        }
    return bool(difference)


def set_refresh_dates(kind: str, document: Document, refresh: Refresh, now: str) -> None:
    """Set when each source is due. A new answer can matter to all of them: it may bring the IMDb id, or the age."""
    sources = document["sources"]
    for source in SOURCES:
        at = refresh.next_refresh_at(source, kind, document, now)
        if at != sources[source]["next_refresh_at"]:
            sources[source] = {**sources[source], "next_refresh_at": at}


def bump_revision(document: Document, now: str) -> Document:
    """The document itself, marked as written at ``now``."""
    document["updated_at"] = now
    document["revision"] += 1
    return document


def _empty(item: Title, now: str) -> Document:
    document = {
        "_id": item.id,
        "schema_version": SCHEMA_VERSION,
        **dict.fromkeys(FIELDS[item.kind]),
        "quality": None,
        "trending": None,
        "images": {},
        "same_as": None,
        "sources": {source: empty_slot() for source in SOURCES},
        "locks": {},
        "provenance": {},
        "last_change": None,
        "created_at": now,
        "updated_at": None,
        "revision": 0,
    }
    return cast("Document", document)
