"""A source's daily quota: which counter holds it, and how much of it is reserved at once.

Days are UTC days. OMDB does not say when its own day begins; around midnight it may refuse requests before the
counter is full, and then OMDB's answer counts.
"""

from dataclasses import dataclass
from datetime import datetime

from moviecrawler import timestamps

MAX_RESERVATION = 20
"""Requests reserved with one call of the store. What a killed process had reserved and not used is lost for the day."""


@dataclass(frozen=True)
class Quota:
    """``daily`` requests per UTC day; 0 is no quota."""

    source: str
    daily: int

    def __bool__(self) -> bool:
        return self.daily > 0

    @property
    def reservation(self) -> int:
        """How many to reserve at once: a tenth of a small quota, so that the first worker does not take it all.

        >>> [Quota("omdb", daily).reservation for daily in (1000, 100, 5, 0)]
        [20, 10, 1, 0]
        """
        return min(MAX_RESERVATION, -(-self.daily // 10))

    def counter_name(self, now: datetime) -> str:
        """The name of the day's counter in the store's state.

        >>> Quota("omdb", 1000).counter_name(timestamps.parse("2026-11-21T23:59:59.999Z"))
        'quota/omdb/2026-11-21'
        """
        return f"quota/{self.source}/{timestamps.day(now)}"
