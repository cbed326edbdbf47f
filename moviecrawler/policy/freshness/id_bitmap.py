"""A set of ids that needs one bit per id, not a hundred bytes: all of TMDB in a quarter of a megabyte."""

_BITS = 16
"""Low bits of an id: its position in a page. A page has 8 KB."""


class IdBitmap:
    """A set of whole numbers from 0 on. Only pages that contain a number use memory.

    >>> ids = IdBitmap()
    >>> ids.add(603)
    >>> 603 in ids, 604 in ids, 10**9 in ids
    (True, False, False)
    """

    def __init__(self) -> None:
        self._pages: dict[int, bytearray] = {}

    def add(self, id: int) -> None:
        if id < 0:
            raise ValueError(f"id={id}: must be 0 or more")
        page = self._pages.get(id >> _BITS)
        if page is None:
            page = self._pages[id >> _BITS] = bytearray((1 << _BITS) // 8)
        page[(id & (1 << _BITS) - 1) >> 3] |= 1 << (id & 7)

    def __contains__(self, id: int) -> bool:
        page = self._pages.get(id >> _BITS)
        return page is not None and bool(page[(id & (1 << _BITS) - 1) >> 3] & 1 << (id & 7))
