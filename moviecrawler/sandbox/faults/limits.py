"""What may be asked: the API's rate limit (GCRA, the leaky bucket that needs one number) and OMDB's daily quota."""

from __future__ import annotations

import datetime as dt


class Limit:
    """``rate`` requests a second with a burst; a rate of 0 means no limit."""

    def __init__(self, rate: float, burst: int) -> None:
        self.rate = rate
        self.burst = max(1, burst)
        self._arrival = 0.0  # the theoretical arrival time of the next request, on the caller's clock

    def wait(self, now: float) -> float:
        """0 when the request conforms (and is counted), else the seconds until one would.

        >>> limit = Limit(rate=2, burst=1)
        >>> limit.wait(10.0), limit.wait(10.1), limit.wait(10.5)
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


class Quota:
    """So many answers a day; 0 means no limit."""

    def __init__(self, a_day: int) -> None:
        self._a_day = a_day
        self._day: dt.date | None = None
        self._used = 0

    def take(self, today: dt.date) -> bool:
        """Whether one more is left today; then it is used.

        >>> quota, day = Quota(1), dt.date(2026, 11, 21)
        >>> quota.take(day), quota.take(day), quota.take(day + dt.timedelta(days=1))
        (True, False, True)
        """
        if today != self._day:
            self._day, self._used = today, 0
        if self._a_day and self._used >= self._a_day:
            return False
        self._used += 1
        return True
