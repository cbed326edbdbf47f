"""Between a document and what MongoDB holds of it: moments are BSON dates, and names with ``_`` make it findable."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from moviecrawler.policy.freshness.refresh import ORDERS, counts_from
from moviecrawler.stores.canonical_json import to_text
from moviecrawler.stores.coverage import counted
from moviecrawler.stores.due_index import ALWAYS, DueEntry, incomplete_since, slots, wishes
from moviecrawler.stores.search_keys import normalised_titles
from moviecrawler.stores.timestamps import canonical, map_moments
from moviecrawler.stores.unreadable import Unreadable
from moviecrawler.timestamps import iso, parse

_EARLIEST = datetime.min.replace(tzinfo=UTC)

Document = dict[str, Any]


def to_mongo(document: Document, name: str, order: str = ORDERS[0]) -> Document:
    """What is stored; ValueError with ``name`` when the document is not JSON or a moment is not one.

    >>> to_mongo({"_id": 949, "title": "Heat", "updated_at": "2026-11-21T08:15:30.123Z"}, "movies/949")["updated_at"]
    datetime.datetime(2026, 11, 21, 8, 15, 30, 123000, tzinfo=datetime.timezone.utc)
    """
    to_text(document, name)
    try:
        stored = map_moments(document, lambda moment: parse(canonical(moment)))
        return stored | _private(document, order)
    except (ValueError, TypeError, OverflowError) as error:
        raise ValueError(f"{name} cannot be stored: {error}") from error


def from_mongo(stored: Document) -> Document:
    """The document as it was given.

    >>> from_mongo(to_mongo({"_id": 949, "title": "Heat", "updated_at": "2026-11-21T08:15:30.123Z"}, "movies/949"))
    {'_id': 949, 'title': 'Heat', 'updated_at': '2026-11-21T08:15:30.123Z'}
    """
    try:
        document = map_moments(stored, _moment)
    except (TypeError, AttributeError, ValueError):
        return Unreadable(stored["_id"], "its parts are of other types")
    return {name: value for name, value in document.items() if name == "_id" or not name.startswith("_")}


def _private(document: Document, order: str) -> Document:
    """What is made from the document, to be searched and counted; see docs/stores.md."""
    asked_for = wishes(document, order)
    since = incomplete_since(asked_for.values())
    gone = [source for source, slot in slots(document).items() if slot.get("gone_at")]
    return {
        "_titles": normalised_titles(document),
        "_wishes": _places(asked_for),
        "_incomplete_since": _EARLIEST if since == ALWAYS else since and parse(since),
        "_day": counts_from(document) or "",
        "_counted": counted(document),
        # Absent where nothing is gone, so that its index has the few that are.
        **({"_gone": gone} if gone else {}),
    }


def places(stored: Document, order: str) -> Document | None:
    """``_wishes`` of what is stored, in another order; None for a document that is damaged."""
    document = from_mongo(stored)
    try:
        return None if isinstance(document, Unreadable) else _places(wishes(document, order))
    except (TypeError, ValueError, AttributeError, OverflowError):
        return None


def _places(asked_for: Mapping[str, DueEntry]) -> Document:
    return {source: {"turn": wish.turn, "rank": wish.rank} for source, wish in asked_for.items()}


def _moment(value: Any) -> Any:
    return iso(value) if isinstance(value, datetime) else value
