"""Computes a document's top level from its slots and locks, with the provenance of each field.

A pure function of slots, locks and LANGUAGES. Precedence is the table in ``docs/policies.md``: the order of the
sources, but for the fields that a source leads. Empty values, "N/A" and 0 fall through to the next source, false
and a popularity of 0 do not; a lock overrides all sources.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

from pydantic import BaseModel

from moviecrawler.documents import SOURCES, Document, FieldChange, Quality, SourceSlot
from moviecrawler.documents.facts import BoxOffice, Facts, SourceData
from moviecrawler.items import Movie, People, Show, Title
from moviecrawler.policy.documents.localization import Languages, best_overview, best_tagline, best_title
from moviecrawler.policy.documents.quality import quality

VOLATILE = frozenset({"popularity", "ratings", "watch", "recommendations", "logos", "posters", "backdrops", "softcore"})
"""Fields that drift by themselves: no entry in the history, no reason to thaw. TMDB began to send ``softcore`` in 2026,
of one title after the other."""

DRIFTING_PATHS = frozenset({"profile_path", "logo_path", "poster_path"})
"""Pictures of people, studios, collections and seasons, inside of fields: drifting too."""

MODELS: dict[str, type[Title]] = {"movies": Movie, "shows": Show}
_OWN_RULE = frozenset({"title", "overview", "tagline", "people", "ratings", "box_office"})
_SLOT_ONLY = frozenset({"source", "source_id", "part", "id", "genre_ids", "poster_path", "backdrop_path"})

_BEST = {"title": best_title, "overview": best_overview, "tagline": best_tagline}

_FIXED = frozenset({"people", "box_office", "collection"})
"""Objects that have the same parts in every document of a version."""

_BOX_OFFICE = tuple(BoxOffice.__annotations__)


_BY_LANGUAGE = frozenset({"titles", "overviews", "taglines"})

ParserMatch = Literal["same", "other_fields", "other_parser"]
"""Whether the parsers of two answers are the same (``source_slots.compare_hashes``)."""

_BLANK: tuple[Any, ...] = (None, [], {})


class TopLevel(Facts):
    """What :meth:`Composer.compose` makes of the slots and locks."""

    quality: Quality


@dataclass(frozen=True)
class MergeRule:
    """How far a source is believed.

    ``leads``: fields for which it comes before all others. ``least_usd``: smaller amounts of its box office count as
    absent; they stay in the slot.
    """

    leads: frozenset[str] = frozenset()
    least_usd: int = 0


_NO_RULE = MergeRule()


class Composer:
    """``rules``: by source; one without a rule leads nothing, and all its amounts count."""

    def __init__(self, languages: Languages, rules: Mapping[str, MergeRule]) -> None:
        self._languages = languages
        self._led = {
            name: tuple(sorted(SOURCES, key=lambda source: name not in rules.get(source, _NO_RULE).leads))
            for name in frozenset[str]().union(*(rule.leads for rule in rules.values()))
        }
        self._least_usd = {source: rule.least_usd for source, rule in rules.items()}

    def order(self, name: str) -> tuple[str, ...]:
        """The sources in the order in which they are believed about a top-level field."""
        return self._led.get(name, SOURCES)

    def compose(
        self, kind: str, sources: Mapping[str, SourceSlot], locks: Mapping[str, Any]
    ) -> tuple[TopLevel, dict[str, str]]:
        """(top level, provenance), from slots and locks alone: the order in which sources answered cannot matter."""
        data = {source: found for source in SOURCES if (found := sources[source]["data"])}
        top: dict[str, Any] = {}
        provenance: dict[str, str] = {}
        for name, default in _DEFAULTS[kind].items():
            found = self._first(data, name, provenance)
            top[name] = default() if found is None else found
        tmdb = data.get("tmdb") or SourceData()
        for name, best in _BEST.items():
            if preferred := best(tmdb, self._languages):
                provenance[name] = "tmdb"
            top[name] = preferred or self._first(data, name, provenance)
        top["people"] = {part: self._first_part(data, "people", part, provenance) or [] for part in People.model_fields}
        top["ratings"] = {}
        for source, fields in data.items():
            for site, rating in fields.get("ratings", {}).items():
                if site not in top["ratings"]:
                    top["ratings"][site] = rating
                    provenance[f"ratings.{site}"] = source
        top["box_office"] = {part: self._first_part(data, "box_office", part, provenance) for part in _BOX_OFFICE}
        if locks:
            provenance = _lock(top, provenance, locks)
        top["quality"] = quality(cast("SourceData", {**top, "genre_ids": tmdb.get("genre_ids")}))
        return cast("TopLevel", top), provenance

    def _first(self, data: Mapping[str, SourceData], name: str, provenance: dict[str, str]) -> Any:
        """The first source's non-empty value; its source goes into ``provenance[name]``."""
        for source in self._led.get(name, data):
            value = data[source].get(name) if source in data else None
            if value is False or (value and value != "N/A") or (name == "popularity" and value is not None):
                provenance[name] = source
                return value
        return None

    def _first_part(self, data: Mapping[str, SourceData], name: str, part: str, provenance: dict[str, str]) -> Any:
        for source in self._led.get(name, data):
            whole: Mapping[str, Any] = data.get(source) or {}
            value = (whole.get(name) or {}).get(part)
            if not value or (name == "box_office" and value < self._least_usd.get(source, 0)):
                continue
            provenance[f"{name}.{part}"] = source
            return value
        return None


def without_unasked(top: TopLevel, before: Mapping[str, Any]) -> TopLevel:
    """The top level without blank fields that ``before``, of an older version, does not have.

    No source has been asked for them yet: when one says something, it is no change.
    """
    blank = [name for name, value in top.items() if name not in before and value in _BLANK]
    made: dict[str, Any] = {name: value for name, value in top.items() if name not in blank}
    if (people := before.get("people")) is not None:
        made["people"] = {part: some for part, some in top["people"].items() if some or part in people}
    return cast("TopLevel", made)


def without_source(document: Document, source: str) -> Document:
    """The document with everything blank that only ``source`` has provided."""
    provided = [path for path, who in document.get("provenance", {}).items() if who == source]
    parts = {path.partition(".")[0] for path in provided}
    fields: Mapping[str, Any] = document
    found = {**fields, **{name: dict(fields[name]) for name in parts if isinstance(fields[name], dict)}}
    for path in provided:
        name, _, part = path.partition(".")
        place, last = (found[name], part) if part else (found, name)
        place[last] = type(place[last])() if isinstance(place[last], list | dict) else None
    return cast("Document", found)


def diff(old: Mapping[str, Any], new: Mapping[str, Any], *, parsers: ParserMatch = "same") -> Iterator[FieldChange]:
    """The changes that a person would care about, field by field.

    A field that the older document does not have, at the top or in its rows, was unknown to its version: its appearance
    is not a change. ``parsers``: where different parsers have read the answers, a language that only the newer one has
    found is none either; where these only knew other fields, it is.
    """
    known_before = _KNOWN_BEFORE[parsers]
    for name in _DIFFED:
        before, after = old.get(name), new.get(name)
        if before == after or name not in old:
            continue
        if isinstance(before, dict) and isinstance(after, dict):
            parts = before.keys() if name in known_before else before.keys() | after.keys()
            for part in sorted(parts - DRIFTING_PATHS):
                if _differ(before.get(part), after.get(part)):
                    yield {"path": f"{name}.{part}", "old": before.get(part), "new": after.get(part)}
        elif _differ(before, after):
            yield {"path": name, "old": before, "new": after}


def _differ(before: Any, after: Any) -> bool:
    """Whether the values differ in what the older one knows."""
    if before == after:
        return False
    if not (isinstance(before, list) and isinstance(after, list) and _are_rows(before) and _are_rows(after)):
        return True
    known = {part for row in before for part in row} - DRIFTING_PATHS
    if known == {"name"}:  # of which older versions kept each once, whoever had it
        return list(dict.fromkeys(row["name"] for row in before)) != list(dict.fromkeys(row["name"] for row in after))
    return [[row.get(part) for part in known] for row in before] != [[row.get(part) for part in known] for row in after]


def _are_rows(values: list[Any]) -> bool:
    return all(isinstance(row, dict) for row in values)


def _lock(top: dict[str, Any], provenance: Mapping[str, str], locks: Mapping[str, Any]) -> dict[str, str]:
    """Put the locked values in place, outer ones first, with their provenance."""
    for path in sorted(locks):
        *parents, name = path.split(".")
        place = top
        for parent in parents:
            place[parent] = dict(place.get(parent) or {})  # a copy: the original may belong to the slot
            place = place[parent]
        place[name] = locks[path]
        provenance = {field: who for field, who in provenance.items() if not field.startswith(f"{path}.")}
        provenance[path] = "locked"
    return dict(provenance)


def _defaults(model: type[Title]) -> dict[str, Any]:
    """Top-level field -> a function that makes its empty value; in the model's order, which is the document's."""
    kept = {}
    for name, field in model.model_fields.items():
        if name not in _SLOT_ONLY and name not in _OWN_RULE:
            empty = field.get_default()
            kept[name] = dict if isinstance(empty, BaseModel) else type(empty) if empty in ([], {}) else (lambda: None)
    return kept


_DEFAULTS = {kind: _defaults(model) for kind, model in MODELS.items()}
FIELDS = {kind: [name for name in model.model_fields if name not in _SLOT_ONLY] for kind, model in MODELS.items()}
"""The document's fields that sources provide, by kind, in their order."""

_DIFFED = tuple(dict.fromkeys(name for names in FIELDS.values() for name in names if name not in VOLATILE))

_KNOWN_BEFORE: dict[ParserMatch, frozenset[str]] = {
    "same": _FIXED,
    "other_fields": frozenset(_DIFFED) - _BY_LANGUAGE,
    "other_parser": frozenset(_DIFFED),
}
"""Objects of which only those parts count that the older document has."""
