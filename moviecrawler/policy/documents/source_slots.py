"""A source's slot: what it said, when, and its hash. Takes an answer and returns the next slot.

A source that describes a title on several pages (The Numbers: the film's own, budgets, charts) keeps the data of each
page in ``parts``; ``data`` overlays all of them, newest on top, so their order of arrival cannot matter. ``fetched_at``
is that of the title's own page, since the tables never have everything.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Literal

from moviecrawler import timestamps
from moviecrawler.items import Part, Source, Title
from moviecrawler.policy.documents.compose import MODELS, VOLATILE

Slot = dict[str, Any]

PARSER_VERSION = 2
"""Part of every hash: increment it when the parsers produce another result from the same answer, or know another field.
"""

EMPTY_SLOT: Mapping[str, Any] = {
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

_EMPTY: tuple[Any, ...] = (None, "", [], {})


def slot_of(item: Title) -> Slot:
    """The source's slot, as far as the item alone determines it: data, hash, time.

    ``hash`` covers the canonical data without volatile fields (popularity, votes, scores), and includes
    ``PARSER_VERSION``.
    """
    data = {name: value for name, value in item.model_dump().items() if value not in _EMPTY}
    for name in ("source", "source_id", "part", "id"):
        data.pop(name, None)
    return {"fetched_at": item.fetched_at, "hash": _hash(data), "source_id": item.source_id, "data": data}


def title_of(kind: str, id: int, source: Source, slot: Slot) -> Title:
    """The item in the slot, without fields that only another version knows; pydantic's ValidationError."""
    model = MODELS[kind]
    data = {name: value for name, value in slot["data"].items() if name in model.model_fields}
    return model(**data, id=id, source=source, source_id=slot["source_id"])


def compare_hashes(before: str | None, after: str) -> Literal["same", "changed", "other_parser"]:
    """Compare two answers by their hashes.

    ``other_parser``: other parsers read the first answer, so the site may have said the same.


    >>> pairs = [(None, "2:ab"), ("ab", "2:ab"), ("2:ab", "2:cd"), ("ab", "2:cd")]
    >>> [compare_hashes(before, after) for before, after in pairs]
    ['changed', 'same', 'changed', 'other_parser']
    """
    if before is None:
        return "changed"
    (old_version, _, old), (version, _, new) = before.rpartition(":"), after.rpartition(":")
    if old == new:
        return "same"
    return "changed" if old_version == version else "other_parser"


def with_answer(before: Slot, new: Slot, part: Part, *, again: bool, now: str) -> Slot | None:
    """The slot with a new answer (:func:`slot_of`); None if one from the same page is stored and is not older.

    An answer that was only parsed ``again`` replaces the one that it was parsed from. A timestamp after ``now`` counts
    as older than all others (``timestamps``).
    """
    parts = before.get("parts")
    if part == "title" and not parts:
        at = _fetched_at(new["fetched_at"], before["fetched_at"], again, now)
        return {**before, **new, "fetched_at": at} if at else None
    if not parts:
        own = {"fetched_at": before["fetched_at"], "data": before["data"]}
        parts = {"title": own} if before["fetched_at"] else {}
    at = _fetched_at(new["fetched_at"], parts.get(part, {}).get("fetched_at"), again, now)
    if at is None:
        return None
    newest = all(_sort_key(other["fetched_at"], now) <= _sort_key(at, now) for other in parts.values())
    parts = {**parts, part: {"fetched_at": at, "data": new["data"]}}
    data = _overlay(parts, now)
    return {
        **before,
        "fetched_at": parts.get("title", {}).get("fetched_at"),
        "hash": _hash(data),
        "source_id": new["source_id"] if newest else before["source_id"],
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


def _overlay(parts: Mapping[str, Slot], now: str) -> dict[str, Any]:
    """The data of all parts; the newest wins, field by field."""
    data: dict[str, Any] = {}
    for name in sorted(parts, key=lambda name: (*_sort_key(parts[name]["fetched_at"], now), name)):
        for field, value in parts[name]["data"].items():
            if isinstance(value, dict):
                if filled := {key: inner for key, inner in value.items() if inner not in _EMPTY}:
                    data[field] = {**data.get(field, {}), **filled}
            else:
                data[field] = value
    return data


def _hash(data: Mapping[str, Any]) -> str:
    steady = {name: value for name, value in data.items() if name not in VOLATILE}
    text = json.dumps(steady, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return f"{PARSER_VERSION}:{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()}"
