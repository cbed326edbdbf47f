"""The API's rate limit: GCRA, the leaky bucket that needs one number."""

from __future__ import annotations


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
