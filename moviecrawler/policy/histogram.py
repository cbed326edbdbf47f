"""Durations of a whole run in fixed memory: a histogram with logarithmic buckets.

Every bucket is 10 % wider than the one before, so a quantile is known within 5 % of its value at 0.1 ms as at 100 s
(Masson, Rim, Lee: "DDSketch", VLDB 2019, section 2). 24 buckets are a decade, so that 1 ms, 10 ms, 100 ms are exact
bounds, and every eighth bucket can be exported to Prometheus.
"""

import math
from collections.abc import Iterator
from itertools import accumulate
from typing import Self

PER_DECADE = 24
LOWEST, HIGHEST = -6, 4
"""Powers of ten, in seconds. Shorter and longer durations are counted in the first and last bucket."""

_GROWTH = 10 ** (1 / PER_DECADE)
_BUCKETS = (HIGHEST - LOWEST) * PER_DECADE + 1
_OFFSET = -LOWEST * PER_DECADE

ERROR = (_GROWTH - 1) / (_GROWTH + 1)
"""The largest relative error of a quantile: 4.8 %."""


class Histogram:
    """Durations in seconds; always 241 integers.

    Bucket ``i`` holds the durations above ``bound(i - 1)`` and up to ``bound(i)``.

    >>> latency = Histogram()
    >>> for milliseconds in range(1, 101):
    ...     latency.record(milliseconds / 1000)
    >>> latency.count, round(latency.sum, 3), round(latency.quantile(0.5), 3), round(latency.quantile(0.99), 3)
    (100, 5.05, 0.049, 0.095)
    """

    __slots__ = ("_counts", "sum")

    def __init__(self) -> None:
        self._counts = [0] * _BUCKETS
        self.sum = 0.0

    def record(self, seconds: float) -> None:
        """Count one duration; one that is not above 0 counts as the shortest."""
        index = math.ceil(math.log10(seconds) * PER_DECADE) + _OFFSET if seconds > 0 else 0
        self._counts[0 if index < 0 else index if index < _BUCKETS else -1] += 1
        self.sum += seconds

    @property
    def count(self) -> int:
        return sum(self._counts)

    def quantile(self, q: float) -> float:
        """The duration that a part ``q`` (above 0, up to 1) of all do not exceed; ValueError when there are none.

        It is within ERROR of the nearest-rank quantile, if that lies between 10**LOWEST and 10**HIGHEST seconds.
        """
        rank = math.ceil(q * self.count)
        if not 0 < q <= 1 or not rank:
            raise ValueError(f"no quantile {q} of {self.count} durations")
        index = next(index for index, below in enumerate(accumulate(self._counts)) if below >= rank)
        # The value with the same relative distance from both ends of the bucket.
        return _bound(index) * (1 - ERROR)

    def add(self, other: Self) -> None:
        """Merge: as if everything that ``other`` recorded had been recorded here."""
        self._counts = [ours + theirs for ours, theirs in zip(self._counts, other._counts, strict=True)]
        self.sum += other.sum

    def cumulative(self, step: int = 1) -> Iterator[tuple[float, int]]:
        """(upper bound in seconds, number of durations up to it) for every ``step``-th bucket, the last one infinite.

        Safe to read in another thread: a concurrent record is counted in all values or in none.
        """
        counts = list(accumulate(self._counts.copy()))
        for index in range(0, _BUCKETS - 1, step):
            yield _bound(index), counts[index]
        yield math.inf, counts[-1]


def _bound(index: int) -> float:
    # 10**-3 is 0.001 to the last digit; 10 ** (72 / 24 - 6) need not be.
    decade, part = divmod(index - _OFFSET, PER_DECADE)
    return float(10.0**decade if not part else 10 ** (decade + part / PER_DECADE))
