"""Between a document and what MongoDB holds of it: moments are BSON dates there, and ``_titles`` makes it findable."""

from datetime import datetime
from typing import Any

from moviecrawler.policy.moments import iso, parse
from moviecrawler.stores.json_text import to_text
from moviecrawler.stores.moments import canonical, map_moments
from moviecrawler.stores.titles import normalised_titles

Document = dict[str, Any]


def to_mongo(document: Document, name: str) -> Document:
    """What is stored; ValueError with ``name`` when the document is not JSON or a moment is not one.

    >>> to_mongo({"_id": 949, "title": "Heat", "updated_at": "2026-11-21T08:15:30.123Z"}, "movies/949")["updated_at"]
    datetime.datetime(2026, 11, 21, 8, 15, 30, 123000, tzinfo=datetime.timezone.utc)
    """
    to_text(document, name)
    try:
        stored = map_moments(document, lambda moment: parse(canonical(moment)))
    except ValueError as error:
        raise ValueError(f"{name} cannot be stored: {error}") from error
    return stored | {"_titles": normalised_titles(document)}


def from_mongo(stored: Document) -> Document:
    """The document as it was given.

    >>> from_mongo(to_mongo({"_id": 949, "title": "Heat", "updated_at": "2026-11-21T08:15:30.123Z"}, "movies/949"))
    {'_id': 949, 'title': 'Heat', 'updated_at': '2026-11-21T08:15:30.123Z'}
    """
    document = map_moments(stored, _moment)
    document.pop("_titles", None)
    return document


def _moment(value: Any) -> Any:
    return iso(value) if isinstance(value, datetime) else value
