"""A source's slot: what it said, when, and its hash. Takes an answer and returns the next slot.

A source that describes a title on several pages (The Numbers: the film's own, budgets, charts) keeps the data of each
page in ``parts``; ``data`` overlays all of them, newest on top, so their order of arrival cannot matter. ``fetched_at``
is that of the title's own page, since the tables never have everything.
"""

import hashlib
import zlib
from collections.abc import Mapping
from typing import Any, Literal, TypeVar, cast

from pydantic_core import to_json

from moviecrawler import timestamps
from moviecrawler.documents import AnsweredSlot, Part, SlotPart, Source, SourceSlot
from moviecrawler.documents.facts import SourceData
from moviecrawler.items import Movie, People, Show, Title
from moviecrawler.policy.documents.compose import DRIFTING_PATHS, MODELS, VOLATILE

TitleT = TypeVar("TitleT", bound=Title)

PARSER_VERSION = 3
"""Part of every hash: increment it when the parsers produce another result from the same answer."""

_VERSION = f"{PARSER_VERSION}.{zlib.crc32(' '.join(sorted(Movie.model_fields | Show.model_fields)).encode()):08x}"
"""Also of the fields that they know: what only a new field says is no change at the site."""

EMPTY_SLOT: SourceSlot = {
    "fetched_at": None,
    "changed_at": None,
    "hash": None,
    "unchanged_cycles": 0,
    "frozen_at": None,
    "recheck_at": None,
    "next_refresh_at": None,
    "failures": 0,
    "failed_at": None,
    "gone_at": None,
    "gone_noted_at": None,
    "source_id": None,
    "data": {},
}

_IN_ROWS = {"__all__": set(DRIFTING_PATHS)}
_DRIFTING = {
    **dict.fromkeys(("studios", "networks", "seasons"), _IN_ROWS),
    "people": dict.fromkeys(People.model_fields, _IN_ROWS),
    "collection": set(DRIFTING_PATHS),
}
"""Pictures inside of fields, as pydantic leaves them out."""

_EMPTY: tuple[Any, ...] = (None, "", [], {})


def slot_of(item: Title) -> AnsweredSlot:
    """The source's slot, as far as the item alone determines it: data, hash, time.

    ``hash`` covers the canonical data without what drifts (popularity, scores, providers, pictures to choose from), and
    includes ``PARSER_VERSION`` and the fields that are known.
    """
    said = item.model_dump()
    if known := said.get("external_ids"):
        said["external_ids"] = {house: known_id for house, known_id in known.items() if known_id is not None}
    data = {name: value for name, value in said.items() if value not in _EMPTY}
    for name in ("source", "source_id", "part", "id"):
        data.pop(name, None)
    return {
        "fetched_at": item.context.fetched_at,
        "hash": _hash(data),
        "source_id": item.source_id,
        "data": cast("SourceData", data),
    }


def empty_slot() -> SourceSlot:
    """That of a source which was never asked."""
    return {**EMPTY_SLOT, "data": {}}


def title_of(kind: str, id: int, source: Source, slot: SourceSlot) -> Title:
    """The item in the slot, without fields that only another version knows; pydantic's ValidationError."""
    return item_of(MODELS[kind], slot["data"], id=id, source=source, source_id=slot.get("source_id"))


def item_of(model: type[TitleT], said: SourceData, **more: object) -> TitleT:
    """The item that was dumped as ``said``, without what only another version knows; pydantic's ValidationError."""
    known = {name: value for name, value in said.items() if value is not None}
    return model.model_validate({**known, **more}, extra="ignore")


def compare_hashes(before: str | None, after: str) -> Literal["same", "changed", "other_fields", "other_parser"]:
    """Compare two answers by their hashes.

    ``other_fields``: the first answer was read by the same parsers, which knew other fields, so the site may have said
    the same; ``other_parser``: other parsers may also have read the fields of today otherwise.

    >>> pairs = [(None, "2:ab"), ("ab", "2:ab"), ("2:ab", "2:cd"), ("2.f0:ab", "2.f1:cd"), ("2.f0:ab", "3.f1:cd")]
    >>> [compare_hashes(before, after) for before, after in pairs]
    ['changed', 'same', 'changed', 'other_fields', 'other_parser']
    """
    if before is None:
        return "changed"
    (old_version, _, old), (version, _, new) = before.rpartition(":"), after.rpartition(":")
    if old == new:
        return "same"
    if old_version == version:
        return "changed"
    return "other_fields" if old_version.partition(".")[0] == version.partition(".")[0] else "other_parser"


def with_answer(before: SourceSlot, new: AnsweredSlot, part: Part, *, again: bool, now: str) -> SourceSlot | None:
    """The slot with a new answer (:func:`slot_of`); None if one from the same page is stored and is not older.

    An answer that was only parsed ``again`` replaces the one that it was parsed from. A timestamp after ``now`` counts
    as older than all others (``timestamps``).
    """
    parts = before.get("parts")
    if part == "title" and not parts:
        at = _fetched_at(new["fetched_at"], before["fetched_at"], again, now)
        return {**before, **new, "fetched_at": at} if at else None
    if not parts:
        own: SlotPart = {"fetched_at": before["fetched_at"], "data": before["data"]}
        parts = {"title": own} if before["fetched_at"] else {}
    known = parts.get(part)
    at = _fetched_at(new["fetched_at"], known and known["fetched_at"], again, now)
    if at is None:
        return None
    newest = all(_sort_key(other["fetched_at"], now) <= _sort_key(at, now) for other in parts.values())
    parts = {**parts, part: {"fetched_at": at, "data": new["data"]}}
    data = _overlay(parts, now)
    whole = parts.get("title")
    return {
        **before,
        "fetched_at": whole and whole["fetched_at"],
        "hash": _hash(data),
        "source_id": new["source_id"] if newest else before.get("source_id"),
        "data": data,
        "parts": parts,
    }


def _fetched_at(fetched_at: str, stored: str | None, again: bool, now: str) -> str | None:
    """The ``fetched_at`` to store, None for an answer that comes too late."""
    if again:
        return stored if stored and _sort_key(stored, now) <= _sort_key(fetched_at, now) else None
    return fetched_at if _sort_key(stored, now) < _sort_key(fetched_at, now) else None


def _sort_key(timestamp: str | None, now: str) -> tuple[str, str]:
    """The sort key of answers, oldest first."""
    return timestamps.trusted(timestamp, now), timestamp or ""


def _overlay(parts: Mapping[str, SlotPart], now: str) -> SourceData:
    """The data of all parts; the newest wins, field by field."""
    data: dict[str, Any] = {}
    for name in sorted(parts, key=lambda name: (*_sort_key(parts[name]["fetched_at"], now), name)):
        for field, value in parts[name]["data"].items():
            if isinstance(value, dict):
                if filled := {key: inner for key, inner in value.items() if inner not in _EMPTY}:
                    data[field] = {**data.get(field, {}), **filled}
            else:
                data[field] = value
    return cast("SourceData", data)


def _hash(data: Mapping[str, Any]) -> str:
    steady = {name: _ordered(data[name]) for name in sorted(data) if name not in VOLATILE}
    return f"{_VERSION}:{hashlib.sha256(to_json(steady, exclude=_DRIFTING)).hexdigest()}"  # type: ignore[arg-type]


def _ordered(value: Any) -> Any:
    return dict(sorted(value.items())) if isinstance(value, dict) else value
