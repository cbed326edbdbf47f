"""JSON Merge Patch, RFC 7396."""

from collections import defaultdict
from collections.abc import Iterable
from functools import reduce
from typing import Any, cast

from moviecrawler.documents.records import Row


def merge_patch(target: Any, patch: Any) -> Any:
    """``target`` after ``patch``; neither argument is changed (RFC 7396 section 2).

    >>> merge_patch({"a": {"b": 1, "c": 2}}, {"a": {"b": None, "d": 3}})
    {'a': {'c': 2, 'd': 3}}
    """
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge_patch(merged.get(name), value)
    return merged


class Patches:
    """Patches of rows by ``_id``, as a change for ``Records.revise``: those of one row follow each other."""

    def __init__(self, patches: Iterable[Row]) -> None:
        self.ids: defaultdict[str, list[Any]] = defaultdict(list)
        for patch in patches:
            self.ids[patch["_id"]].append(patch)

    def __call__(self, id_: str, row: Row | None) -> Row | None:
        return cast("Row", reduce(merge_patch, self.ids[id_], row))
