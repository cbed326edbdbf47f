"""The results of searches, kept for a while: any page of one is a slice, and it does not shift while a crawl writes."""

from array import array
from collections import OrderedDict
from collections.abc import Iterable
from secrets import token_urlsafe
from typing import NamedTuple

MOST = 64
"""Result sets that are kept; one of 50,000 titles takes 200 KB."""


class Page(NamedTuple):
    slots: list[int]
    total: int


class ResultSets:
    """Ordered slots of one index under tokens that say nothing; the one that was not read for longest goes first.

    >>> sets = ResultSets()
    >>> token = sets.add([7, 3, 5])
    >>> sets.page(token, 1, 2), sets.page("another", 0, 1)
    (Page(slots=[3, 5], total=3), None)
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._sets: OrderedDict[str, array[int]] = OrderedDict()

    def add(self, slots: Iterable[int]) -> str:
        token = token_urlsafe(12)
        self._sets[token] = array("I", slots)
        while len(self._sets) > self._most:
            self._sets.popitem(last=False)
        return token

    def page(self, token: str, start: int, count: int) -> Page | None:
        """So many slots from place ``start`` on; None for a token that is unknown, or no longer known."""
        if (found := self._sets.get(token)) is None:
            return None
        self._sets.move_to_end(token)
        return Page(found[start : start + count].tolist(), len(found))

    def clear(self) -> None:
        """When the index was made anew, its slots are others."""
        self._sets.clear()
