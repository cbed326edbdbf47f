"""How often a host is sent requests: GCRA, the generic cell rate algorithm (ITU-T I.371, Annex A), without a clock.

The whole state is one number, the *theoretical arrival time* (``tat``, seconds on the caller's clock): the time at
which the bucket would be full again. Start with 0.0. The sender tests and stores it in one atomic step:

>>> gcra, tat, sent = Gcra(rate=4, burst=2), 0.0, []
>>> for now in (100.0, 100.0, 100.0, 100.25):
...     if gcra.wait(tat, now) <= 0:
...         tat = gcra.after(tat, now)
...         sent.append(now)
>>> sent
[100.0, 100.0, 100.25]
"""

from dataclasses import dataclass
from typing import NamedTuple

from moviecrawler.config import Config

ARRIVAL_JITTER = 0.020
"""Seconds by which two requests may move closer together on their way to the server."""

MAX_MARGIN = 0.200
"""Seconds; without this cap, "one request" would cost a slow host with a small burst much of its allowance."""

DECREASE = 0.85
"""The factor applied to a rate limit that turned out to be too high."""

GROWTH = 0.1 / 60
"""The share of the full rate limit that comes back per second."""

MIN_FACTOR = 0.01


@dataclass(frozen=True)
class Gcra:
    """In any t seconds at most ``burst + rate * t`` requests conform; ``rate`` 0 is no limit.

    ``margin`` (seconds) reduces the burst by what flows in that time, never below one request.
    """

    rate: float
    burst: float = 1
    margin: float = 0.0

    @property
    def interval(self) -> float:
        """Seconds between two requests at the sustained rate."""
        return 1 / self.rate if self.rate else 0.0

    @property
    def tolerance(self) -> float:
        """Seconds by which a request may come before its theoretical arrival time."""
        return max(0.0, (self.burst - 1) * self.interval - self.margin)

    def wait(self, tat: float, now: float) -> float:
        """Seconds until the next request conforms; 0 or less: it conforms now."""
        return tat - self.tolerance - now

    def after(self, tat: float, now: float) -> float:
        """The new ``tat`` once a conforming request has been sent."""
        return max(tat, now) + self.interval

    def paused(self, tat: float, now: float, seconds: float) -> float:
        """The ``tat`` after a pause: the next request conforms ``seconds`` from now, the following ones at ``rate``.

        The host has just reported too many requests, so there is no burst at the end of the pause. A pause never makes
        the next request earlier than it was.

        >>> gcra = Gcra(rate=4, burst=40)
        >>> tat = gcra.paused(100.0, 100.0, 30.0)
        >>> gcra.wait(tat, 100.0), gcra.wait(gcra.after(tat, 130.0), 130.0)
        (30.0, 0.25)
        """
        return max(tat, now + seconds + self.tolerance)

    def clamp(self, tat: float, now: float, longest_pause: float) -> float:
        """``tat`` unchanged, or the burst used up just now where ``tat`` cannot be from this clock.

        A monotonic clock restarts with the machine: a stored ``tat`` further ahead than the longest pause allows is
        left over from another boot, and waiting for it could take days.
        """
        used_up = now + self.tolerance + self.interval
        return used_up if tat > used_up + longest_pause else tat


class Adaptive(NamedTuple):
    """The share of a rate limit that the host seems to grant: less after a 429, growing back from then on.

    ``factor`` applied at ``since``, the end of the last pause (seconds on the caller's clock).

    >>> adaptive = Adaptive().throttled(sent=99.0, now=100.0, pause=20.0)
    >>> adaptive.at(120.0), adaptive.at(150.0), adaptive.at(300.0)
    (0.85, 0.9, 1.0)
    """

    factor: float = 1.0
    since: float = 0.0

    def at(self, now: float) -> float:
        """The share at ``now``, 0 to 1; it has not grown before ``since``, nor with a clock that went back."""
        return round(min(1.0, self.factor + GROWTH * max(0.0, now - self.since)), 9)

    def throttled(self, *, sent: float, now: float, pause: float) -> "Adaptive":
        """After a 429 for a request sent at ``sent``, with a pause in seconds.

        One decrease per pause: requests that were in flight when the first 429 came say nothing about the lower limit.
        They are recognised as sent before the end of that pause, as nothing is sent during one.
        """
        if sent <= self.since:
            return self._replace(since=max(self.since, now + pause))
        return Adaptive(max(MIN_FACTOR, self.at(now) * DECREASE), now + pause)

    def clamp(self, now: float, longest_pause: float) -> "Adaptive":
        """Unchanged, or with ``since`` set to ``now`` where it cannot be from this clock (see ``Gcra.clamp``)."""
        return self if self.since <= now + longest_pause else self._replace(since=now)


@dataclass(frozen=True)
class RateLimit:
    """The limit of one host: ``rate`` requests a second (0: no limit), ``burst``, ``concurrency`` in flight.

    ``gcra`` stays a little below it. A server that enforces exactly the same limit sees our requests when they arrive,
    and the network moves them closer together: the margin is one request plus 20 ms, at most 200 ms.
    """

    rate: float
    burst: int
    concurrency: int

    @property
    def gcra(self) -> Gcra:
        return self.share(1.0)

    def share(self, factor: float) -> Gcra:
        """This share of the limit. The burst shrinks with the rate, so that it lasts for the same time.

        >>> RateLimit(rate=4, burst=40, concurrency=10).share(0.5).interval
        0.5
        """
        if not self.rate:
            return Gcra(0.0)
        rate = self.rate * factor
        return Gcra(rate, max(1.0, self.burst * factor), margin=min(1 / rate + ARRIVAL_JITTER, MAX_MARGIN))


def rate_limits(config: Config) -> dict[str, RateLimit]:
    """All rate limits by ``Host.rate_limit_name``."""
    return {
        **{name: RateLimit(*source.pace) for name, source in config.sources.items()},
        "exports": RateLimit(rate=0, burst=1, concurrency=2),
        "images": RateLimit(rate=0, burst=1, concurrency=config.images.concurrency),
    }


class RateLimitState(NamedTuple):
    """The stored state of one source: the theoretical arrival time, and the share of its rate limit.

    ``downloader/rate_limit.py`` stores it in a file; ``distributed/rate_limit.py`` implements the same in Redis.
    """

    tat: float = 0.0
    adaptive: Adaptive = Adaptive()

    def take(self, limit: RateLimit, now: float) -> tuple["RateLimitState", float]:
        """Take one request from the limit: 0 or less if it may be sent, else the seconds to wait (state unchanged)."""
        gcra = limit.share(self.adaptive.at(now))
        wait = gcra.wait(self.tat, now)
        return (self if wait > 0 else self._replace(tat=gcra.after(self.tat, now))), wait

    def pause(self, limit: RateLimit, now: float, seconds: float, sent: float) -> "RateLimitState":
        """Block sending for ``seconds``, as the answer to a request sent at ``sent`` asked for."""
        adaptive = self.adaptive.throttled(sent=sent, now=now, pause=seconds)
        return RateLimitState(limit.share(adaptive.factor).paused(self.tat, now, seconds), adaptive)

    def with_burst_used_up(self, limit: RateLimit) -> "RateLimitState":
        """As if the burst had been used up at ``tat``."""
        gcra = limit.share(self.adaptive.factor)
        return self._replace(tat=self.tat + gcra.tolerance + gcra.interval)

    def clamp(self, limit: RateLimit, now: float, longest_pause: float) -> "RateLimitState":
        """Unchanged, or as if the burst had been used up just now where the state cannot be from this clock."""
        adaptive = self.adaptive.clamp(now, longest_pause)
        return RateLimitState(limit.share(adaptive.at(now)).clamp(self.tat, now, longest_pause), adaptive)
