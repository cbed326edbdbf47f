"""What of a row is its owner's own: what may be kept for longer than TMDB's terms allow any content of theirs.

Locks, decisions about unmatched films, and records of runs. All else comes from the sites, or says where a crawl was.
"""

from collections.abc import Mapping
from typing import Any

from moviecrawler.documents import SOURCES
from moviecrawler.documents.records import RUNS, UNMATCHED
from moviecrawler.items import KINDS
from moviecrawler.policy.documents.compose import FIELDS, Composer
from moviecrawler.policy.documents.localization import Languages
from moviecrawler.policy.documents.source_slots import empty_slot

_LOCKS_ONLY = Composer(Languages(("en-US",)), {})
"""Where no source has said anything, neither languages nor rules matter."""


def own_part(kind: str, row: Mapping[str, Any], at: str) -> dict[str, Any] | None:
    """The row without all that is not the owner's; None if nothing is left. ``at``: timestamp from which it is due.

    >>> own_part("charts", {"_id": "trending/day/2026-11-21"}, "2026-11-21T08:15:30.123Z") is None
    True
    """
    if kind in KINDS:
        return _document(kind, row, at) if row.get("locks") else None
    if kind == RUNS:
        return dict(row)
    if kind == UNMATCHED and row.get("settled") is not None:
        kept = {name: row.get(name) for name in ("_id", "source", "source_id", "title", "year", "at", "settled")}
        return kept | {"candidates": [], "said": {name: row.get(name) for name in ("source", "source_id")}}
    return None


def _document(kind: str, row: Mapping[str, Any], at: str) -> dict[str, Any]:
    """A title that was never asked about, with its locks; TMDB's answer makes it whole again."""
    sources = {source: empty_slot() for source in SOURCES}
    sources["tmdb"]["next_refresh_at"] = at
    top, provenance = _LOCKS_ONLY.compose(kind, sources, row["locks"])
    return {
        "_id": row["_id"],
        **{name: row[name] for name in ("schema_version", "created_at", "updated_at", "revision") if name in row},
        **dict.fromkeys(FIELDS[kind]),
        **top,
        **{"trending": None, "images": {}, "same_as": None, "last_change": None},
        **{"sources": sources, "locks": row["locks"], "provenance": provenance},
    }
