"""The rate limit of the API (GCRA, a leaky bucket that keeps a single number) and the daily quota of OMDB."""

from __future__ import annotations

import datetime as dt


class RateLimit:
    """At most ``rate`` requests per second, with bursts of ``burst`` requests; a rate of 0 means no limit."""

    def __init__(self, rate: float, burst: int) -> None:
        self.rate = rate
        self.burst = max(1, burst)
        self._arrival = 0.0  # the theoretical arrival time of the next request, on the caller's clock

    def seconds_to_wait(self, now: float) -> float:
        """0 if a request at ``now`` (seconds) conforms, which counts it, else the seconds until one would.

        >>> limit = RateLimit(rate=2, burst=1)
        >>> limit.seconds_to_wait(10.0), limit.seconds_to_wait(10.1), limit.seconds_to_wait(10.5)
        (0.0, 0.4, 0.0)
        """
        if not self.rate:
            return 0.0
        step = 1 / self.rate
        arrival = max(self._arrival, now)
        early = round(arrival - (self.burst - 1) * step - now, 9)
        if early > 0:
            return early
        self._arrival = arrival + step
        return 0.0


class DailyQuota:
    """At most ``per_day`` answers per day; 0 means no limit."""

    def __init__(self, per_day: int) -> None:
        self._per_day = per_day
        self._day: dt.date | None = None
        self._used = 0

    def take(self, today: dt.date) -> bool:
        """Use one answer of today's quota; False if none is left.

        >>> quota, day = DailyQuota(1), dt.date(2026, 11, 21)
        >>> quota.take(day), quota.take(day), quota.take(day + dt.timedelta(days=1))
        (True, False, True)
        """
        if today != self._day:
            self._day, self._used = today, 0
        if self._per_day and self._used >= self._per_day:
            return False
        self._used += 1
        return True
