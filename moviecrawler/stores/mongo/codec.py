"""Conversion between a document and its stored form: timestamps are BSON dates, names with ``_`` are for searches."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from moviecrawler.documents import Document, age_date
from moviecrawler.policy.documents.upgrade import upgraded
from moviecrawler.policy.freshness.refresh import ORDERS
from moviecrawler.stores.base import Version
from moviecrawler.stores.canonical_json import StoredRow, Unreadable, to_text
from moviecrawler.stores.coverage import counter_names
from moviecrawler.stores.due_index import ALWAYS, DueEntry, due_entries, filled_slots, incomplete_since
from moviecrawler.stores.search_keys import search_keys
from moviecrawler.stores.timestamps import canonical, map_timestamps
from moviecrawler.timestamps import iso, parse

_EARLIEST = datetime.min.replace(tzinfo=UTC)


def to_mongo(document: Document, name: str, order: str = ORDERS[0]) -> StoredRow:
    """The stored form; ValueError with ``name`` when the document is not valid JSON or a timestamp is malformed.

    >>> to_mongo({"_id": 949, "title": "Heat", "updated_at": "2026-11-21T08:15:30.123Z"}, "movies/949")["updated_at"]
    datetime.datetime(2026, 11, 21, 8, 15, 30, 123000, tzinfo=datetime.timezone.utc)
    """
    to_text(document, name)
    try:
        stored = map_timestamps(document, lambda timestamp: parse(canonical(timestamp)))
        return stored | _private(document, order)
    except (ValueError, TypeError, OverflowError) as error:
        raise ValueError(f"{name} cannot be stored: {error}") from error


def from_mongo(stored: StoredRow) -> Any:
    """The document as it was written, or an :class:`Unreadable`.

    >>> from_mongo(to_mongo({"_id": 949, "title": "Heat", "updated_at": "2026-11-21T08:15:30.123Z"}, "movies/949"))
    {'_id': 949, 'title': 'Heat', 'updated_at': '2026-11-21T08:15:30.123Z'}
    """
    try:
        document = map_timestamps(stored, _to_timestamp)
    except (TypeError, AttributeError, ValueError):
        return Unreadable(stored["_id"], "its parts have the wrong types")
    return {name: value for name, value in document.items() if name == "_id" or not name.startswith("_")}


def version_of(stored: StoredRow) -> Version:
    """0 and None where a damaged document has something else there."""
    revision, updated_at = stored.get("revision"), _to_timestamp(stored.get("updated_at"))
    return revision if isinstance(revision, int) else 0, updated_at if isinstance(updated_at, str) else None


def _private(document: Document, order: str) -> StoredRow:
    """The fields derived from the document for searches and counters; see docs/stores.md."""
    entries = due_entries(document, order)
    since = incomplete_since(entries.values())
    gone = [source for source, slot in filled_slots(document).items() if slot.get("gone_at")]
    return {
        "_titles": search_keys(document),
        "_wishes": _places(entries),
        "_incomplete_since": _EARLIEST if since == ALWAYS else since and parse(since),
        "_day": age_date(document) or "",
        "_counted": counter_names(document),
        # Absent where nothing is gone, so that its index stays small.
        **({"_gone": gone} if gone else {}),
    }


def due_places(stored: StoredRow, order: str) -> StoredRow | None:
    """``_wishes`` of a stored document, in another order; None for a damaged document."""
    document = from_mongo(stored)
    try:
        return None if isinstance(document, Unreadable) else _places(due_entries(document, order))
    except (TypeError, ValueError, AttributeError, OverflowError):
        return None


def is_indexed(stored: StoredRow) -> bool:
    """Whether the derived fields are those of the document, in whichever order; True for a damaged document."""
    document = from_mongo(stored)
    own = _own_fields(stored)
    try:
        return isinstance(document, Unreadable) or any(
            own == _private(form, order) for form in (document, upgraded("movies", document)) for order in ORDERS
        )
    except (TypeError, ValueError, AttributeError, OverflowError):
        return True


def derived_anew(stored: StoredRow) -> StoredRow:
    """The update that makes the derived fields those of the document, which is not damaged, in the first order."""
    wanted = _private(upgraded("movies", from_mongo(stored)), ORDERS[0])
    unwanted = _own_fields(stored).keys() - wanted.keys()
    return {"$set": wanted, **({"$unset": dict.fromkeys(unwanted, "")} if unwanted else {})}


def _own_fields(stored: StoredRow) -> StoredRow:
    return {name: value for name, value in stored.items() if name.startswith("_") and name != "_id"}


def _places(entries: Mapping[str, DueEntry]) -> StoredRow:
    return {source: {"turn": entry.priority_class, "rank": entry.rank} for source, entry in entries.items()}


def _to_timestamp(value: Any) -> Any:
    return iso(value) if isinstance(value, datetime) else value
