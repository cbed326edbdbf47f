"""Memory that pictures share: as many at a time as fit into it, whatever the number of threads."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition, Lock
from typing import Self

from moviecrawler.exceptions import ConfigurationError, PictureError


class Memory:
    """``most``: bytes that all pictures which are being made hold together."""

    def __init__(self, most: float = 145e6) -> None:
        self._most = self._free = most
        self._turn = Lock()
        self._given_back = Condition()

    @classmethod
    def parse(cls, megabytes: str) -> Self:
        """From the setting IMAGES_MAX_MEMORY_MB (10^6 bytes)."""
        try:
            most = float(megabytes)
        except ValueError:
            most = 0.0
        if not 1 <= most < float("inf"):
            raise ConfigurationError(f"IMAGES_MAX_MEMORY_MB={megabytes!r}: use a number from 1 up, such as 145")
        return cls(most * 1e6)

    def fits(self, size: float) -> bool:
        """Whether there could be room for ``size`` bytes at all."""
        return size <= self._most

    @contextmanager
    def of(self, size: int, what: str) -> Iterator[None]:
        """Waits until there is room for ``size`` bytes, first come, first served; PictureError for more than all."""
        if not self.fits(size):
            raise PictureError(
                f"{what} takes {size / 1e6:.0f} MB to decode and save, over IMAGES_MAX_MEMORY_MB={self._most / 1e6:g}"
            )
        with self._turn, self._given_back:
            self._given_back.wait_for(lambda: self._free >= size)
            self._free -= size
        try:
            yield
        finally:
            with self._given_back:
                self._free += size
                self._given_back.notify()
