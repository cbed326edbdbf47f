"""Date windows for a listing that serves only its first pages, however many it counts (TMDB: 500)."""

import math
from datetime import date, timedelta
from itertools import pairwise
from typing import NamedTuple, Self

LAST_PAGE = 500
"""TMDB's page count goes beyond it (58,321 pages were seen), but it serves no more: page 501 is its error 22."""

_FILL = 0.8
"""How full the parts should be: films cluster on dates, and every part that is too full costs a request."""


class Window(NamedTuple):
    """Days from ``first`` to ``last``, both included."""

    first: date
    last: date

    @classmethod
    def of_years(cls, first: int, last: int) -> Self:
        return cls(date(first, 1, 1), date(last, 12, 31))

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    def split(self, pages: int) -> "list[Window]":
        """Parts that should have fewer than 500 pages each, when the whole has ``pages``.

        At the cap the real number is unknown, so 500 pages are too many. A single day is never split.

        >>> [str(part.first) for part in Window.of_years(2024, 2024).split(pages=700)]
        ['2024-01-01', '2024-07-02']
        """
        parts = min(self.days, math.ceil(pages / (LAST_PAGE * _FILL))) if pages >= LAST_PAGE else 1
        edges = [self.first + timedelta(days=round(self.days * part / parts)) for part in range(parts + 1)]
        return [Window(start, end - timedelta(days=1)) for start, end in pairwise(edges)]
