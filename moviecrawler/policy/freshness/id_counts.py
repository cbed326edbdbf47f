"""How often each id was named, in two bytes per id: all of TMDB in a few megabytes."""

from array import array
from collections.abc import Iterator

_BITS = 12
_MOST = 2**16 - 1
MAX_PAGES = 4096
"""Of 8 KB each: ids beyond what this holds are made up."""


class IdCounts:
    """Counts of whole numbers from 0 on, up to 65,535 each. Only pages that contain a number use memory.

    >>> counts = IdCounts()
    >>> [counts.add(id) for id in (603, 604, 603)]
    [True, True, True]
    >>> list(counts.at_least(2))
    [(603, 2)]
    """

    def __init__(self) -> None:
        self._pages: dict[int, array[int]] = {}

    def add(self, id: int) -> bool:
        """False for an id that is not counted, since ``MAX_PAGES`` are full."""
        page = self._pages.get(id >> _BITS)
        if page is None:
            if id < 0 or len(self._pages) == MAX_PAGES:
                return False
            page = self._pages[id >> _BITS] = array("H", bytes(2 << _BITS))
        place = id & (1 << _BITS) - 1
        page[place] = min(page[place] + 1, _MOST)
        return True

    def at_least(self, least: int) -> Iterator[tuple[int, int]]:
        """Id and count, by ascending id."""
        for number, page in sorted(self._pages.items()):
            for place, count in enumerate(page):
                if count >= least:
                    yield number << _BITS | place, count
