"""How long things took, in a few dozen numbers, however many things there were."""

import math
from collections import Counter

STEP = 1.05
"""The width of a bucket: a quantile is right to 2.5 %."""

LEAST = 1e-4  # seconds; what is quicker counts as that


class Latencies:
    """Counts of seconds in buckets that grow by ``STEP``.

    >>> latencies = Latencies()
    >>> for seconds in (0.1, 0.1, 0.1, 2.0):
    ...     latencies.add(seconds)
    >>> round(latencies.quantile(0.5), 2), round(latencies.quantile(0.95), 1)
    (0.1, 2.0)
    """

    def __init__(self) -> None:
        self._buckets: Counter[int] = Counter()

    def add(self, seconds: float) -> None:
        self._buckets[round(math.log(max(seconds, LEAST)) / math.log(STEP))] += 1

    def quantile(self, share: float) -> float:
        """The seconds within which this share of things was done; 0.0 when there was none."""
        wanted = share * self._buckets.total()
        done = 0
        for bucket in sorted(self._buckets):
            done += self._buckets[bucket]
            if done >= wanted:
                return STEP**bucket
        return 0.0
