"""Where a document contains timestamps (``docs/data-model.md``)."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from moviecrawler.documents import Document

_FORM = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", re.ASCII)
_TOP = ("created_at", "updated_at")
_PARTS = ("trending", "last_change")
_SLOT = (
    *("fetched_at", "changed_at", "frozen_at", "recheck_at", "next_refresh_at"),
    *("failed_at", "gone_at", "gone_noted_at"),
)
_PART_OF_SLOT = ("fetched_at",)


def map_timestamps(document: Mapping[str, Any], change: Callable[[Any], Any]) -> dict[str, Any]:
    """A copy with ``change`` applied to every timestamp; nulls stay.

    >>> map_timestamps({"_id": 603, "updated_at": "2026", "sources": {"tmdb": {"gone_at": None}}}, int)
    {'_id': 603, 'updated_at': 2026, 'sources': {'tmdb': {'gone_at': None}}}
    """
    changed = _map(document, _TOP, change)
    for part in _PARTS:
        if changed.get(part):
            changed[part] = _map(changed[part], ("at",), change)
    if changed.get("sources"):
        changed["sources"] = {name: slot and _map_slot(slot, change) for name, slot in changed["sources"].items()}
    return changed


def check_timestamps(document: Document) -> None:
    """ValueError unless all timestamps are :func:`canonical` or null."""
    places: list[tuple[Mapping[str, object], tuple[str, ...]]] = [(document, _TOP)]
    places += [(part, ("at",)) for part in (document.get("trending"), document.get("last_change")) if part]
    for slot in filter(None, (document.get("sources") or {}).values()):
        places += [(slot, _SLOT), *((part, _PART_OF_SLOT) for part in (slot.get("parts") or {}).values())]
    for place, names in places:
        for name in names:
            if (timestamp := place.get(name)) is not None:
                canonical(timestamp)


def is_timestamp(path: Sequence[str]) -> bool:
    """Whether what stands at this place of a document is a timestamp.

    >>> is_timestamp(("sources", "omdb", "frozen_at")), is_timestamp(("images", "poster", "gone", "at"))
    (True, False)
    """
    match tuple(path):
        case (name,):
            return name in _TOP
        case (part, "at"):
            return part in _PARTS
        case ("sources", _, name):
            return name in _SLOT
        case ("sources", _, "parts", _, name):
            return name in _PART_OF_SLOT
    return False


def canonical(timestamp: Any) -> str:
    """The timestamp itself; ValueError unless it has the one form that sorts by time.

    >>> canonical("2026-11-21T08:15:30Z")
    Traceback (most recent call last):
    ValueError: '2026-11-21T08:15:30Z' is not a timestamp like 2026-11-21T08:15:30.123Z
    """
    try:
        if _FORM.fullmatch(timestamp) and datetime.fromisoformat(timestamp):
            return str(timestamp)
    except (TypeError, ValueError):
        pass
    raise ValueError(f"{timestamp!r} is not a timestamp like 2026-11-21T08:15:30.123Z")


def _map_slot(slot: Mapping[str, Any], change: Callable[[Any], Any]) -> dict[str, Any]:
    changed = _map(slot, _SLOT, change)
    if changed.get("parts"):
        changed["parts"] = {name: _map(part, _PART_OF_SLOT, change) for name, part in changed["parts"].items()}
    return changed


def _map(part: Mapping[str, Any], names: tuple[str, ...], change: Callable[[Any], Any]) -> dict[str, Any]:
    return {**part, **{name: change(part[name]) for name in names if part.get(name) is not None}}
