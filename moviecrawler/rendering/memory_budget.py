"""A memory budget that limits how many pictures are processed at a time, whatever the number of threads."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition, Lock

from moviecrawler.exceptions import PictureError


class MemoryBudget:
    """``limit``: bytes that all pictures in progress may hold together; infinite by default."""

    def __init__(self, limit: float = math.inf) -> None:
        self._limit = self._free = limit
        self._queue = Lock()
        self._released = Condition()

    def fits(self, size: float) -> bool:
        """Whether ``size`` bytes are within the whole budget."""
        return size <= self._limit

    @contextmanager
    def reserve(self, size: int, what: str) -> Iterator[None]:
        """Wait until ``size`` bytes are free, first come, first served, and hold them until the block ends.

        Raises PictureError, which names ``what``, for more than the whole budget.
        """
        if not self.fits(size):
            raise PictureError(
                f"{what} takes {size / 1e6:.0f} MB to decode and save, over IMAGES_MAX_MEMORY_MB={self._limit / 1e6:g}"
            )
        with self._queue, self._released:
            self._released.wait_for(lambda: self._free >= size)
            self._free -= size
        try:
            yield
        finally:
            with self._released:
                self._free += size
                self._released.notify()
