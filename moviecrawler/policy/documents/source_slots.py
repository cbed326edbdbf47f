"""A source's slot: what it said, when, and what its hash is. An answer in, the next slot out.

A source that tells of a title on several pages (The Numbers: the film's own, budgets, charts) keeps what each page
said in ``parts``; ``data`` is all of them laid over each other, the newest on top, so their order of arrival cannot
matter. ``fetched_at`` is that of the title's own page, since the tables never say all.
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
"""Part of every hash: raised when the parsers make something else of the same answer, or know another field."""

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
    """The source's slot, as far as the item alone decides it: data, their hash, when they came.

    ``hash`` covers the canonical data without what drifts (popularity, votes, scores), and names ``PARSER_VERSION``.
    """
    data = {name: value for name, value in item.model_dump().items() if value not in _EMPTY}
    for name in ("source", "source_id", "part", "id"):
        data.pop(name, None)
    return {"fetched_at": item.fetched_at, "hash": _hash(data), "source_id": item.source_id, "data": data}


def title_of(kind: str, id: int, source: Source, slot: Slot) -> Title:
    """The item that the slot keeps, without what only another version knows; pydantic's ValidationError."""
    model = MODELS[kind]
    data = {name: value for name, value in slot["data"].items() if name in model.model_fields}
    return model(**data, id=id, source=source, source_id=slot["source_id"])


def compare_hashes(before: str | None, after: str) -> Literal["same", "changed", "reread"]:
    """What two hashes say of two answers; ``reread``: other parsers read the first, so the site may have said the same.

    >>> compared(None, "2:ab"), compared("ab", "2:ab"), compared("2:ab", "2:cd"), compared("ab", "2:cd")
    ('changed', 'same', 'changed', 'reread')
    """
    if before is None:
        return "changed"
    (old_reading, _, old), (reading, _, new) = before.rpartition(":"), after.rpartition(":")
    if old == new:
        return "same"
    return "changed" if old_reading == reading else "reread"


def with_answer(before: Slot, new: Slot, part: Part, *, again: bool, now: str) -> Slot | None:
    """The slot with a new answer (:func:`slot_of`) in it; None when one from the same page is there and not older.

    An answer that was only parsed ``again`` takes the place of the one that it was read from. What claims to come from
    after ``now`` is older than all that does not (``timestamps``).
    """
    parts = before.get("parts")
    if part == "title" and not parts:
        at = _moment(new["fetched_at"], before["fetched_at"], again, now)
        return {**before, **new, "fetched_at": at} if at else None
    if not parts:
        own = {"fetched_at": before["fetched_at"], "data": before["data"]}
        parts = {"title": own} if before["fetched_at"] else {}
    at = _moment(new["fetched_at"], parts.get(part, {}).get("fetched_at"), again, now)
    if at is None:
        return None
    newest = all(_age(other["fetched_at"], now) <= _age(at, now) for other in parts.values())
    parts = {**parts, part: {"fetched_at": at, "data": new["data"]}}
    data = _overlaid(parts, now)
    return {
        **before,
        "fetched_at": parts.get("title", {}).get("fetched_at"),
        "hash": _hash(data),
        "source_id": new["source_id"] if newest else before["source_id"],
        "data": data,
        "parts": parts,
    }


def _moment(fetched_at: str, stored: str | None, again: bool, now: str) -> str | None:
    """The ``fetched_at`` to store, None for an answer that comes too late."""
    if again:
        return stored if stored and _age(stored, now) <= _age(fetched_at, now) else None
    return fetched_at if _age(stored, now) < _age(fetched_at, now) else None


def _age(moment: str | None, now: str) -> tuple[str, str]:
    """By which answers are ordered, the oldest first."""
    return timestamps.trusted(moment, now), moment or ""


def _overlaid(parts: Mapping[str, Slot], now: str) -> dict[str, Any]:
    """What all parts say; the newest one wins, field by field."""
    data: dict[str, Any] = {}
    for name in sorted(parts, key=lambda name: (*_age(parts[name]["fetched_at"], now), name)):
        for field, value in parts[name]["data"].items():
            if isinstance(value, dict):
                if said := {key: inner for key, inner in value.items() if inner not in _EMPTY}:
                    data[field] = {**data.get(field, {}), **said}
            else:
                data[field] = value
    return data


def _hash(data: Mapping[str, Any]) -> str:
    steady = {name: value for name, value in data.items() if name not in VOLATILE}
    text = json.dumps(steady, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return f"{PARSER_VERSION}:{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()}"
