"""What all stores check in a call before they touch the data: an error is a ValueError and nothing is written."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from moviecrawler.documents.records import Row
from moviecrawler.items import KINDS
from moviecrawler.stores.base import TIME_OF, Key, Write

_RESERVED = (*KINDS, "state", "schema")
_RECORD_KIND = re.compile(r"[a-z][a-z0-9_]*")


def check_document_kind(kind: str) -> str:
    """The kind; ValueError unless documents can have it."""
    if kind not in KINDS:
        raise ValueError(f"kind={kind!r}: must be {' or '.join(KINDS)}")
    return kind


def check_record_kind(kind: str) -> str:
    """The kind; ValueError unless records can have it.

    >>> check_record_kind("movies")
    Traceback (most recent call last):
    ValueError: kind='movies': must consist of a-z, 0-9 and _, and not be one of movies, shows, state, schema
    """
    if kind in _RESERVED or not _RECORD_KIND.fullmatch(kind):
        raise ValueError(f"kind={kind!r}: must consist of a-z, 0-9 and _, and not be one of {', '.join(_RESERVED)}")
    return kind


def check_timed_kind(kind: str) -> str:
    """The kind; ValueError unless the time of its records is indexed."""
    if kind not in TIME_OF:
        raise ValueError(f"kind={kind!r}: must be {' or '.join(TIME_OF)}")
    return kind


def ids_by_kind(keys: Iterable[Key]) -> dict[str, list[int]]:
    """Each id once, by kind.

    >>> ids_by_kind([("movies", 603), ("shows", 603), ("movies", 603)])
    {'movies': [603], 'shows': [603]}
    """
    ids: defaultdict[str, list[int]] = defaultdict(list)
    for kind, id_ in dict.fromkeys(keys):
        ids[check_document_kind(kind)].append(id_)
    return dict(ids)


def writes_by_kind(writes: Sequence[Write]) -> dict[str, list[Write]]:
    """The writes by kind; ValueError if a write contradicts itself or another write of the batch.

    >>> writes_by_kind([Write("movies", 603, {"_id": 603, "revision": 2}, None)])
    Traceback (most recent call last):
    ValueError: movies/603: the document has _id 603 and revision 2, the write is for 603 and revision 1
    """
    grouped: defaultdict[str, list[Write]] = defaultdict(list)
    for write in writes:
        found = (write.document.get("_id"), write.document.get("revision"))
        wanted = (write.id, (write.expected_revision or 0) + 1)
        if found != wanted:
            raise ValueError(
                f"{write.kind}/{write.id}: the document has _id {found[0]} and revision {found[1]}, "
                f"the write is for {wanted[0]} and revision {wanted[1]}"
            )
        _check_names(write.document, f"{write.kind}/{write.id}")
        grouped[check_document_kind(write.kind)].append(write)
    if len({(write.kind, write.id) for write in writes}) < len(writes):
        raise ValueError("a key occurs twice in the batch")
    return dict(grouped)


def check_rows(kind: str, rows: Sequence[Row]) -> Sequence[Row]:
    """The rows; ValueError unless records can have this kind, these keys and these top-level names."""
    check_record_kind(kind)
    for row in rows:
        if not isinstance(row.get("_id"), str) or not row["_id"]:
            raise ValueError(f"{kind}: _id={row.get('_id')!r}: must be a non-empty str")
        _check_names(row, f"{kind}/{row['_id']}")
    return rows


def _check_names(row: Mapping[str, object], name: str) -> None:
    """MongoDB rejects a top-level ``$name``; names with ``_`` are reserved for a store's own fields."""
    for field in row:
        if field.startswith(("$", "_")) and field != "_id":
            raise ValueError(f"{name} cannot be stored: a top-level name begins with {field[0]}: {field!r}")
