"""Where a document holds moments (``docs/data-model.md``)."""

from collections.abc import Callable
from typing import Any

from moviecrawler.policy.moments import iso, parse

_SLOT = ("fetched_at", "changed_at", "frozen_at", "next_refresh_at", "gone_at")


def map_moments(document: dict[str, Any], change: Callable[[Any], Any]) -> dict[str, Any]:
    """A copy whose moments went through ``change``; null ones stay.

    >>> map_moments({"_id": 603, "updated_at": "2026", "sources": {"tmdb": {"gone_at": None}}}, int)
    {'_id': 603, 'updated_at': 2026, 'sources': {'tmdb': {'gone_at': None}}}
    """
    changed = _map(document, ("created_at", "updated_at"), change)
    for part in ("trending", "last_change"):
        if changed.get(part):
            changed[part] = _map(changed[part], ("at",), change)
    if changed.get("sources"):
        changed["sources"] = {name: slot and _map(slot, _SLOT, change) for name, slot in changed["sources"].items()}
    return changed


def canonical(moment: str) -> str:
    """The moment itself; ValueError unless it is in the one form that sorts by time.

    >>> canonical("2026-11-21T08:15:30Z")
    Traceback (most recent call last):
    ValueError: '2026-11-21T08:15:30Z' is not a moment like 2026-11-21T08:15:30.123Z
    """
    try:
        if iso(parse(moment)) == moment:
            return moment
    except (TypeError, ValueError):
        pass
    raise ValueError(f"{moment!r} is not a moment like 2026-11-21T08:15:30.123Z")


def _map(part: dict[str, Any], names: tuple[str, ...], change: Callable[[Any], Any]) -> dict[str, Any]:
    return part | {name: change(part[name]) for name in names if part.get(name) is not None}
