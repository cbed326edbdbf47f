"""Slots of all sources + locks -> the document. The top level is a pure function of slots, locks and LANGUAGES.

Precedence is POLICIES' table: TMDB, then OMDB, for nearly everything; The Numbers first for box office. Empty,
"N/A" and 0 fall through to the next source. ``trending`` and ``images`` are parts of their own, kept on merge.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from moviecrawler.items import Movie, Show, Title
from moviecrawler.policy import content, moments
from moviecrawler.policy.language import Languages, best_overview, best_title
from moviecrawler.policy.refresh import Refresh

SCHEMA_VERSION = 1
SOURCES = ("tmdb", "omdb", "the_numbers")
CREDIBLE_USD = 1000
"""TMDB's budgets and revenues below this are somebody's joke or a missing "millions"; they stay in the slot."""

Document = dict[str, Any]

_MODELS: dict[str, type[Title]] = {"movies": Movie, "shows": Show}
_OWN_RULE = frozenset({"title", "overview", "people", "ratings", "box_office"})
_SLOT_ONLY = frozenset({"source", "source_id", "id", "genre_ids", "poster_path", "backdrop_path", "adult"})
_VOLATILE = frozenset({"popularity", "ratings"})
"""They drift every day: no change for the history, no reason to thaw."""

_BOX_OFFICE: dict[str, tuple[str, ...]] = {
    "budget": ("the_numbers", "tmdb"),
    "domestic": ("the_numbers", "omdb"),
    "international": ("the_numbers",),
    "worldwide": ("the_numbers", "tmdb"),
    "opening_weekend": ("the_numbers",),
}


@dataclass(frozen=True)
class Merged:
    """The new version of a document and what the merge did; ``older``: the stored answer is newer, nothing to do."""

    document: Document
    outcome: Literal["inserted", "updated", "unchanged", "older"]


def slot_of(item: Title) -> Document:
    """The source's slot, as far as the item alone decides it: data, their hash, when they came.

    ``hash`` covers the canonical data without what drifts (popularity, votes, scores).
    """
    data = {name: value for name, value in item.model_dump().items() if value not in (None, "", [], {})}
    for name in ("source", "source_id", "id"):
        data.pop(name, None)
    steady = {name: value for name, value in data.items() if name not in _VOLATILE}
    text = json.dumps(steady, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return {
        "fetched_at": item.fetched_at,
        "hash": hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest(),
        "source_id": item.source_id,
        "data": data,
    }


def merge(
    stored: Document | None,
    item: Title,
    *,
    languages: Languages,
    refresh: Refresh,
    now: datetime,
) -> Merged:
    """The stored document with the item's slot (:func:`slot_of`) in it."""
    slot = item.slot
    if stored is None and item.id is None:
        raise ValueError("a new document needs a TMDB id")
    old = stored or _empty(item, now)
    before = old["sources"][item.source]
    if before["fetched_at"] and before["fetched_at"] >= slot["fetched_at"]:
        return Merged(old, "older")
    changed = before["hash"] != slot["hash"]
    fetched = moments.parse(slot["fetched_at"])
    after = {
        **slot,
        "gone_at": None,
        **refresh.after_fetch(item.source, before, slot["data"], changed=changed, now=fetched, forced=item.forced),
    }
    sources = {**old["sources"], item.source: after}
    top, provenance = compose(item.kind, sources, old["locks"], languages)
    document = {**old, **top, "sources": sources, "provenance": provenance}
    if item.trending and item.trending["at"] >= (old["trending"] or {}).get("at", ""):
        document["trending"] = item.trending
    document["updated_at"] = moments.iso(now)
    document["revision"] = old["revision"] + 1
    if stored is None:
        return Merged(document, "inserted")
    if difference := list(diff(old, document)):
        document["last_change"] = {"source": item.source, "at": moments.iso(now), "diff": difference}
    return Merged(document, "updated" if changed or difference else "unchanged")


def with_parts(stored: Document, now: datetime, **parts: Any) -> Document:
    """The next version of a document with other ``trending`` or ``images``; everything else stays."""
    return {**stored, **parts, "updated_at": moments.iso(now), "revision": stored["revision"] + 1}


def compose(
    kind: str, sources: Mapping[str, Document], locks: Mapping[str, Any], languages: Languages
) -> tuple[Document, dict[str, str]]:
    """(top level, provenance), from slots and locks alone: the order in which sources came cannot matter."""
    data = {source: sources[source]["data"] for source in SOURCES}
    top: Document = {}
    provenance: dict[str, str] = {}
    for name, default in _DEFAULTS[kind].items():
        top[name] = _first(data, name, SOURCES, provenance, name) or default()
    for name, best in (("title", best_title), ("overview", best_overview)):
        if preferred := best(data["tmdb"], languages):
            provenance[name] = "tmdb"
        top[name] = preferred or _first(data, name, SOURCES[1:], provenance, name)
    top["people"] = {
        part: _first_part(data, "people", part, SOURCES, provenance) or [] for part in ("directors", "writers", "cast")
    }
    top["ratings"] = {}
    for source in SOURCES:
        for house, rating in data[source].get("ratings", {}).items():
            if house not in top["ratings"]:
                top["ratings"][house] = rating
                provenance[f"ratings.{house}"] = source
    top["box_office"] = {
        part: _first_part(data, "box_office", part, order, provenance) for part, order in _BOX_OFFICE.items()
    }
    for path, value in locks.items():
        _put(top, path, value)
        provenance[path] = "locked"
    top["quality"] = content.quality({**top, "genre_ids": data["tmdb"].get("genre_ids")})
    return top, provenance


def diff(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Document]:
    """What a person would call a change: ``{"path", "old", "new"}`` per field, dotted inside objects."""
    for name in _DIFFED:
        before, after = old.get(name), new.get(name)
        if before == after:
            continue
        if isinstance(before, dict) and isinstance(after, dict):
            for part in sorted(before.keys() | after.keys()):
                if before.get(part) != after.get(part):
                    yield {"path": f"{name}.{part}", "old": before.get(part), "new": after.get(part)}
        else:
            yield {"path": name, "old": before, "new": after}


def _empty(item: Title, now: datetime) -> Document:
    slot: Document = {
        "fetched_at": None,
        "changed_at": None,
        "hash": None,
        "unchanged_cycles": 0,
        "frozen_at": None,
        "next_refresh_at": None,
        "gone_at": None,
        "source_id": None,
        "data": {},
    }
    return {
        "_id": item.id,
        "schema_version": SCHEMA_VERSION,
        **dict.fromkeys(_ORDER[item.kind]),
        "quality": None,
        "trending": None,
        "images": {},
        "sources": {source: dict(slot) for source in SOURCES},
        "locks": {},
        "provenance": {},
        "last_change": None,
        "created_at": moments.iso(now),
        "updated_at": None,
        "revision": 0,
    }


def _first(
    data: Mapping[str, Document], name: str, order: tuple[str, ...], provenance: dict[str, str], path: str
) -> Any:
    """The first source's value that says something; ``provenance[path]`` tells whose it is."""
    for source in order:
        value = data[source].get(name)
        if value and value != "N/A":
            provenance[path] = source
            return value
    return None


def _first_part(
    data: Mapping[str, Document], name: str, part: str, order: tuple[str, ...], provenance: dict[str, str]
) -> Any:
    for source in order:
        value = data[source].get(name, {}).get(part)
        if not value or (source == "tmdb" and name == "box_office" and value < CREDIBLE_USD):
            continue
        provenance[f"{name}.{part}"] = source
        return value
    return None


def _put(top: Document, path: str, value: Any) -> None:
    *parents, name = path.split(".")
    for parent in parents:
        top[parent] = dict(top.get(parent) or {})  # a copy: it may be the slot's own
        top = top[parent]
    top[name] = value


def _defaults(model: type[Title]) -> dict[str, Any]:
    """Top-level field -> a function that makes its empty value; the document's order is the model's."""
    kept = {}
    for name, field in model.model_fields.items():
        if name not in _SLOT_ONLY and name not in _OWN_RULE:
            empty = field.get_default()
            kept[name] = type(empty) if isinstance(empty, list | dict) else (lambda: None)
    return kept


_DEFAULTS = {kind: _defaults(model) for kind, model in _MODELS.items()}
_ORDER = {kind: [name for name in model.model_fields if name not in _SLOT_ONLY] for kind, model in _MODELS.items()}
_DIFFED = tuple(dict.fromkeys(name for names in _ORDER.values() for name in names if name not in _VOLATILE))
