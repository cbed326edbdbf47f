"""Rows that an older version stored, in today's form: the one place that knows how documents used to look.

Until schema version 2, people, studios and networks were names, a show's creators stood beside its people, and
``seasons`` and ``episodes`` were numbers. A source that was added later has no slot. Such a row is converted when it is
read, and stored in the new form when there is another reason to write it. A name becomes ``{"name": ...}``, without an
id: the older version knew none. A history stays as it was written. What has another form than expected is left as it
is, for ``policy.documents.shape`` to judge.
"""

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from moviecrawler.documents import SOURCES
from moviecrawler.documents.records import UNMATCHED
from moviecrawler.policy.documents.source_slots import empty_slot

SCHEMA_VERSION = 2

RowT = TypeVar("RowT", bound=Mapping[str, Any])

_LATER = frozenset(SOURCES[1:])
_VERSION = b'"schema_version":%d' % SCHEMA_VERSION
_LATER_SLOTS = [b'"%s":{' % source.encode() for source in SOURCES[1:]]
"""What the JSON of a document has in it if this version has stored it: the one at its beginning, the others at its end.
"""

_ROWS = ("people", "studios", "networks")
"""Fields whose rows were names."""

_PEOPLE = ("creators", "directors", "writers", "cast", "crew")
_RENAMED = {"seasons": "season_count", "episodes": "episode_count", "creators": "people.creators"}
"""Paths of locks and of the provenance."""


def upgraded(kind: str, row: RowT) -> RowT:
    """The document or record of this kind in today's form; the same object if it has that form already.

    >>> film = {"_id": 603, "schema_version": 1, "studios": ["Silver"], "people": {"directors": ["Lana Wachowski"]}}
    >>> upgraded("movies", film)
    {'_id': 603, 'schema_version': 2, 'studios': [{'name': 'Silver'}], 'people': {'directors': [{'name': 'Lana Wachowski'}]}}
    """  # noqa: E501
    if kind in ("movies", "shows"):
        row = row if _is_current(row.get("schema_version")) else cast("RowT", _document(row))
        return cast("RowT", _with_all_slots(row))
    if kind == UNMATCHED and isinstance(said := row.get("said"), dict):
        return cast("RowT", {**row, "said": _facts(said)})
    return row


def has_current_form(kind: str, text: bytes) -> bool:
    """Whether :func:`upgraded` would leave the row alone, by its compact JSON; False where that cannot be told so.

    Within a text a quotation mark has a backslash before it, so what is looked for is a name and no text.

    >>> has_current_form("movies", b'{"_id":603,"sources":{"tmdb":{},"omdb":{},"the_numbers":{}},"schema_version":2}')
    True
    """
    if kind in ("movies", "shows"):
        return _VERSION in text and all(text.rfind(slot) > 0 for slot in _LATER_SLOTS)
    return kind != UNMATCHED


def _with_all_slots(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """With an empty slot for each source that the version which stored it did not know; TMDB's was always there."""
    slots = document.get("sources")
    if not isinstance(slots, dict) or slots.keys() >= _LATER:
        return document
    return {**document, "sources": {**slots, **{source: empty_slot() for source in SOURCES[1:] if source not in slots}}}


def typed(path: str, value: Any) -> Any:
    """A value for this field, as a person may still type it: names for people, studios and networks.

    >>> typed("people.directors", ["Lana Wachowski"]), typed("year", 1999)
    ([{'name': 'Lana Wachowski'}], 1999)
    """
    name, _, part = path.partition(".")
    if path == "people":
        return _people(value)
    return _rows(value) if path in _ROWS or (name == "people" and part in _PEOPLE) else value


def _is_current(version: Any) -> bool:
    return type(version) is int and version >= SCHEMA_VERSION


def _document(document: Mapping[str, Any]) -> dict[str, Any]:
    made = {**_facts(document), "schema_version": SCHEMA_VERSION}
    if isinstance(sources := made.get("sources"), dict):
        made["sources"] = {source: _slot(slot) for source, slot in sources.items()}
    if isinstance(locks := made.get("locks"), dict):
        made["locks"] = {path: typed(path, value) for path, value in _renamed(locks).items()}
    if isinstance(provenance := made.get("provenance"), dict):
        made["provenance"] = _renamed(provenance)
    return made


def _slot(slot: Any) -> Any:
    if not isinstance(slot, dict):
        return slot
    made = {**slot, "data": _facts(slot["data"])} if isinstance(slot.get("data"), dict) else dict(slot)
    if isinstance(parts := slot.get("parts"), dict):
        made["parts"] = {name: _slot(part) for name, part in parts.items()}
    return made


def _facts(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The same facts; safe to do twice."""
    made = {}
    for name, value in facts.items():
        if name in ("seasons", "episodes") and not isinstance(value, list):
            made[_RENAMED[name]] = value
        elif name != "creators":
            made[name] = typed(name, value)
    if isinstance(creators := facts.get("creators"), list):
        people = made.get("people")
        made["people"] = {"creators": _rows(creators), **(people if isinstance(people, dict) else {})}
    return made


def _people(value: Any) -> Any:
    return {part: _rows(some) for part, some in value.items()} if isinstance(value, dict) else value


def _rows(value: Any) -> Any:
    return [{"name": one} if isinstance(one, str) else one for one in value] if isinstance(value, list) else value


def _renamed(by_path: Mapping[str, Any]) -> dict[str, Any]:
    return {_RENAMED.get(path, path): value for path, value in by_path.items()}
