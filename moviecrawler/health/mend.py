"""The next version of a document in which something was wrong that needs no site, and no guess, to be put right."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, cast

from moviecrawler.documents import SOURCES, Document, SourceSlot
from moviecrawler.health.titles import REQUIRED, unsaid
from moviecrawler.items import Title
from moviecrawler.policy.documents.compose import Composer, without_unasked
from moviecrawler.policy.documents.merge import bump_revision, merge, set_last_change, set_refresh_dates
from moviecrawler.policy.documents.shape import defect
from moviecrawler.policy.documents.source_slots import empty_slot
from moviecrawler.policy.documents.upgrade import SCHEMA_VERSION, upgraded
from moviecrawler.policy.freshness.refresh import Refresh, is_ahead
from moviecrawler.timestamps import iso, latest_trusted

REPAIR = "repair"
"""The source of a change that no source has made."""


def mended(
    document: Document,
    *,
    kind: str,
    ask: Collection[str] = (),
    unlink: bool = False,
    composer: Composer,
    refresh: Refresh,
    now: datetime,
) -> Document:
    """The next version of a whole document; the same object if there is nothing to do.

    Its facts and their provenance are composed anew if one of them is wrong. What is dated in the future is due now, as
    are the sources in ``ask``, and TMDB if the title is still unknown. ``unlink``: its ``same_as`` leads nowhere.
    """
    at, made = iso(now), cast("Document", {**document, "sources": dict(document["sources"])})
    if unlink:
        made["same_as"] = None
    if any(not document.get(field) for field in REQUIRED) or unsaid(document):
        top, made["provenance"] = composer.compose(kind, made["sources"], made["locks"])
        made |= cast("Document", without_unasked(top, document))
    made["created_at"] = _not_ahead(made.get("created_at"), now) or _not_ahead(_first_known(made), now) or at
    made["updated_at"] = _not_ahead(made["updated_at"], now) or at
    ahead = [source for source, slot in made["sources"].items() if slot and is_ahead(slot, at)]
    for source in {*ask, *ahead, *(() if made["title"] else ("tmdb",))}:
        slot = made["sources"][source]
        if refresh.can_ask(source, kind, made) and not (slot["next_refresh_at"] or at) <= at:
            made["sources"][source] = {**slot, "recheck_at": at}
    if made == document:
        return document
    set_refresh_dates(kind, made, refresh, at)
    set_last_change(document, bump_revision(made, at), REPAIR)
    return made


def restored(
    kind: str,
    row: Mapping[str, Any],
    answers: Iterable[Title],
    *,
    composer: Composer,
    refresh: Refresh,
    now: datetime,
) -> Document | None:
    """The next version of a damaged document, of its whole parts; None if not even its revision is one.

    A source whose slot is damaged speaks through its kept answer, if it is among ``answers``, and is due otherwise.
    """
    row, at = upgraded(kind, row), iso(now)
    if defect(kind, row, ("_id", "revision")):
        return None
    whole = {name: value for name, value in row.items() if not defect(kind, {name: value}, (name,))}
    slots = row.get("sources")
    sources = {source: _whole_slot(kind, source, slots) for source in SOURCES}
    document = cast("Document", {**_BOOKKEEPING, **whole, "sources": sources, "schema_version": SCHEMA_VERSION})
    document["created_at"] = document.get("created_at") or at
    top, document["provenance"] = composer.compose(kind, sources, document["locks"])
    document |= cast("Document", top)
    set_refresh_dates(kind, document, refresh, at)
    bump_revision(document, at)
    for item in answers:
        if not document["sources"][item.source]["fetched_at"]:
            item.set_fetch(item.context.fetched_at)
            revision = document["revision"]
            document = merge(document, item, composer=composer, refresh=refresh, now=now).document
            document["revision"] = revision
    return None if defect(kind, document) else document


_BOOKKEEPING: Mapping[str, Any] = {
    "trending": None,
    "images": {},
    "same_as": None,
    "locks": {},
    "last_change": None,
}


def _whole_slot(kind: str, source: str, slots: Any) -> SourceSlot:
    slot = slots.get(source) if isinstance(slots, dict) else None
    alone = {name: empty_slot() for name in SOURCES} | {source: slot}
    return empty_slot() if defect(kind, {"sources": alone}, ("sources",)) else cast("SourceSlot", slot)


def _not_ahead(timestamp: str | None, now: datetime) -> str:
    return timestamp if timestamp and timestamp <= latest_trusted(now) else ""


def _first_known(document: Document) -> str:
    """The earliest time at which a source is known to have answered."""
    return min((slot["fetched_at"] or "" for slot in document["sources"].values() if slot["fetched_at"]), default="")
