"""A memory budget that limits how many pictures are processed at a time, whatever the number of threads."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition, Lock
from typing import Self

from moviecrawler.exceptions import ConfigurationError, PictureError


class MemoryBudget:
    """``limit``: bytes that all pictures in progress may hold together."""

    def __init__(self, limit: float = 145e6) -> None:
        self._limit = self._free = limit
        self._queue = Lock()
        self._released = Condition()

    @classmethod
    def parse(cls, megabytes: str) -> Self:
        """The budget of the setting IMAGES_MAX_MEMORY_MB (10^6 bytes); ConfigurationError for a value below 1."""
        try:
            limit = float(megabytes)
        except ValueError:
            limit = 0.0
        if not 1 <= limit < float("inf"):
            raise ConfigurationError(f"IMAGES_MAX_MEMORY_MB={megabytes!r}: must be a number from 1 up, such as 145")
        return cls(limit * 1e6)

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
