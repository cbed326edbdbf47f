"""The form that a stored row must have to be used: another program, or a failing disk, may have left something else."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from moviecrawler.policy.freshness.refresh import SOURCES

_TEXT, _WHOLE, _OBJECT, _LIST = (str, type(None)), (int, type(None)), (dict, type(None)), (list, type(None))

_Types = dict[str, tuple[type, ...]]

_DOCUMENT: _Types = {
    "_id": (int,),
    "revision": (int,),
    "sources": (dict,),
    "locks": (dict,),
    "images": (dict,),
    "title": _TEXT,
    "imdb_id": _TEXT,
    "year": _WHOLE,
    "updated_at": _TEXT,
    "trending": _OBJECT,
    "last_change": _OBJECT,
}
_MAYBE: _Types = {
    **dict.fromkeys(("release_date", "first_air_date", "last_air_date", "original_title", "status"), _TEXT),
    **dict.fromkeys(("people", "ratings", "box_office", "titles", "quality", "provenance"), _OBJECT),
    "genres": _LIST,
    "popularity": (int, float, type(None)),
    "same_as": _WHOLE,
}
_SLOT: _Types = dict.fromkeys(("fetched_at", "frozen_at", "next_refresh_at", "gone_at"), _TEXT)
_SLOT_MAYBE: _Types = {
    **dict.fromkeys(("changed_at", "failed_at", "recheck_at", "gone_noted_at"), _TEXT),
    **dict.fromkeys(("failures", "unchanged_cycles"), _WHOLE),
    "parts": _OBJECT,
}
_TIMESTAMPS = tuple(name for name in (*_SLOT, *_SLOT_MAYBE) if name.endswith("_at"))
_RECORDS: dict[str, _Types] = {
    "raw": {"source": (str,), "kind": (str,), "id": (int,), "url": (str,), "fetched_at": (str,), "body": (str,)},
    "unmatched": {
        **{"source": (str,), "source_id": (str,), "title": _TEXT, "year": _WHOLE, "at": (str,)},
        **{"candidates": (list,), "said": (dict,), "settled": (int, bool, type(None))},
    },
    "dropped": {"at": (str,)},
    "runs": {"spider": (str,), "started_at": (str,), "stats": (dict,)},
}


def defect(kind: str, row: Mapping[str, Any]) -> str | None:
    """What is wrong with a document or record, in a few words; None: nothing.

    >>> defect("movies", {"_id": 603, "revision": 1})
    'it has no sources'
    """
    if kind not in ("movies", "shows"):
        return _wrong(row, _RECORDS.get(kind, {}))
    if wrong := _wrong(row, _DOCUMENT) or _wrong(row, _MAYBE, required=False):
        return wrong
    for source in SOURCES:
        slot = row["sources"].get(source)
        if not isinstance(slot, dict):
            return f"it has no sources.{source}"
        wrong = _wrong(slot, _SLOT) or _wrong(slot, _SLOT_MAYBE, required=False)
        if wrong or (wrong := _invalid_data(slot) or _invalid_timestamp(slot)):
            return f"in sources.{source} {wrong}"
    return None


def _wrong(row: Mapping[str, Any], types: _Types, *, required: bool = True) -> str | None:
    for name, allowed in types.items():
        if not isinstance(row.get(name), allowed):
            if name in row:
                return f"its {name} is {row[name]!r:.40}"
            if required:
                return f"it has no {name}"
        elif required and name not in row:
            return f"it has no {name}"
    return None


def _invalid_data(slot: Mapping[str, Any]) -> str | None:
    return None if isinstance(slot.get("data", {}), dict) else f"its data is {slot['data']!r:.40}"


def _invalid_timestamp(slot: Mapping[str, Any]) -> str | None:
    for name in _TIMESTAMPS:
        if timestamp := slot.get(name):
            try:
                datetime.fromisoformat(timestamp)
            except ValueError:
                return f"its {name} is {timestamp!r:.40}"
    return None
