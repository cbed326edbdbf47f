"""The counters behind ``stats``: which fields of a document have a value, and the state of its sources."""

from collections.abc import Mapping
from typing import Any

from moviecrawler.documents import SOURCES, Document
from moviecrawler.stores.base import Coverage
from moviecrawler.stores.due_index import filled_slots

_BOOKKEEPING = frozenset(
    ("_id", "schema_version", "revision", "created_at", "updated_at", "sources", "provenance", "locks", "last_change")
)
_IN_PARTS = frozenset(("ratings", "box_office", "people", "images"))
_EMPTY: tuple[Any, ...] = (None, "", [])
_SOURCE_COUNTERS = {"asked": "fetched_at", "frozen": "frozen_at", "gone": "gone_at"}


def filled_fields(document: Mapping[str, Any]) -> list[str]:
    """The fields that have a value; of ratings, box office, people and images each part by itself.

    False and 0 are values; null, "" and empty containers are not.

    >>> filled_fields({"title": "Heat", "tagline": None, "box_office": {"budget": 60_000_000, "domestic": None}})
    ['box_office.budget', 'title']
    """
    names = []
    for name, value in document.items():
        if not isinstance(value, dict):
            if (value or value not in _EMPTY) and name not in _BOOKKEEPING:
                names.append(name)
        elif name in _IN_PARTS:
            names += [f"{name}.{part}" for part, inner in value.items() if _has_value(inner)]
        elif name not in _BOOKKEEPING and _has_value(value):
            names.append(name)
    names.sort()
    return names


def counter_names(document: Document) -> list[str]:
    """The names of the counters that this document increments.

    >>> slot = {"fetched_at": "2026-11-21T08:15:30.123Z", "gone_at": None}
    >>> counter_names({"title": "Heat", "sources": {"tmdb": slot}})
    ['field/title', 'asked/tmdb']
    """
    names = [f"field/{name}" for name in filled_fields(document)]
    for source, slot in filled_slots(document).items():
        names += [f"{counter}/{source}" for counter, timestamp in _SOURCE_COUNTERS.items() if slot.get(timestamp)]
    return names


def coverage(
    total: int, incomplete: int, counters: Mapping[str, int], due: Mapping[str, int], ages: Mapping[str, int]
) -> Coverage:
    """The result of ``stats``, from the counters (:func:`counter_names`) and the number of due titles by source."""
    sources = {
        source: {name: counters.get(f"{name}/{source}", 0) for name in _SOURCE_COUNTERS} | {"due": due.get(source, 0)}
        for source in SOURCES
    }
    fields = {name[6:]: number for name, number in sorted(counters.items()) if name.startswith("field/") and number}
    return Coverage(total, total - incomplete, sources, dict(ages), fields)


def _has_value(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_has_value, value.values()))
    return bool(value) or value not in _EMPTY
