"""A bar on a terminal for work that takes long; nothing where nobody looks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def progress_bar(unit: str) -> Iterator[Callable[[int, int | None], object]]:
    """Yields what is to be called with how many are done, and how many there are (None: unknown)."""
    from tqdm import tqdm

    bar = tqdm(unit=unit, disable=None, leave=False)

    def progress(done: int, total: int | None) -> None:
        bar.total = total
        bar.update(done - bar.n)

    try:
        yield progress
    finally:
        bar.close()
