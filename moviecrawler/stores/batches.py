"""What both stores ask of a batch before they write it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from moviecrawler.items import KINDS
from moviecrawler.stores.base import Key, Write


def checked_kind(kind: str) -> str:
    """The kind, if it is one of documents; else ValueError."""
    if kind not in KINDS:
        raise ValueError(f"kind is {kind!r}; documents are {' or '.join(KINDS)}")
    return kind


def ids_by_kind(keys: Iterable[Key]) -> dict[str, list[int]]:
    """Each id once, by kind.

    >>> ids_by_kind([("movies", 603), ("shows", 603), ("movies", 603)])
    {'movies': [603], 'shows': [603]}
    """
    ids: defaultdict[str, list[int]] = defaultdict(list)
    for kind, id_ in dict.fromkeys(keys):
        ids[checked_kind(kind)].append(id_)
    return dict(ids)


def writes_by_kind(writes: Sequence[Write]) -> dict[str, list[Write]]:
    """The writes by kind; ValueError where a write contradicts itself or another one of the batch.

    >>> writes_by_kind([Write("movies", 603, {"_id": 603, "revision": 2}, None)])
    Traceback (most recent call last):
    ValueError: movies/603: the document has _id 603 and revision 2, the write is for 603 and revision 1
    """
    keys = {(write.kind, write.id) for write in writes}
    if len(keys) < len(writes):
        raise ValueError("a batch holds a key at most once")
    grouped: dict[str, list[Write]] = {kind: [] for kind in ids_by_kind(keys)}
    for write in writes:
        found = (write.document.get("_id"), write.document.get("revision"))
        wanted = (write.id, (write.expected_revision or 0) + 1)
        if found != wanted:
            raise ValueError(
                f"{write.kind}/{write.id}: the document has _id {found[0]} and revision {found[1]}, "
                f"the write is for {wanted[0]} and revision {wanted[1]}"
            )
        grouped[write.kind].append(write)
    return grouped
