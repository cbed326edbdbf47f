"""How often a host is asked: GCRA, the generic cell rate algorithm (ITU-T I.371, Annex A), without a clock.

The whole state is one number, the *theoretical arrival time* (``tat``, seconds on the caller's clock): the moment
at which the bucket would be full again. Start with 0.0. Who sends, tests and stores it in one atomic step:

>>> gcra, tat, sent = Gcra(rate=4, burst=2), 0.0, []
>>> for now in (100.0, 100.0, 100.0, 100.25):
...     if gcra.wait(tat, now) <= 0:
...         tat = gcra.after(tat, now)
...         sent.append(now)
>>> sent
[100.0, 100.0, 100.25]
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

from moviecrawler.policy.setting_values import number, whole_number, within

ARRIVAL_JITTER = 0.020
"""Seconds by which two requests may come closer together on their way to the server."""

LONGEST_MARGIN = 0.200
"""Seconds; without this cap, "one request" would cost a slow host with a small burst much of what it may use."""

DECREASE = 0.85
"""What is left of a budget that turned out to be too large."""

GROWTH = 0.1 / 60
"""Of the whole budget, a second, on the way back to it."""

LEAST_FACTOR = 0.01


@dataclass(frozen=True)
class Gcra:
    """In any t seconds at most ``burst + rate * t`` requests conform; ``rate`` 0 is no limit.

    ``margin`` (seconds) makes the burst smaller by what flows in that time, never below one request.
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
        """The new ``tat`` once a request that conformed has been sent."""
        return max(tat, now) + self.interval

    def paused(self, tat: float, now: float, seconds: float) -> float:
        """The ``tat`` after which the next request conforms ``seconds`` from now, then come the others at ``rate``.

        The host has just said that it has enough: no burst is left at the end of the pause. A pause never makes
        the next request earlier than it was.

        >>> gcra = Gcra(rate=4, burst=40)
        >>> tat = gcra.paused(100.0, 100.0, 30.0)
        >>> gcra.wait(tat, 100.0), gcra.wait(gcra.after(tat, 130.0), 130.0)
        (30.0, 0.25)
        """
        return max(tat, now + seconds + self.tolerance)

    def clamp(self, tat: float, now: float, longest_pause: float) -> float:
        """``tat`` as it is, or the burst used up just now where ``tat`` cannot be of this clock.

        A monotonic clock starts again with the machine: a stored ``tat`` further ahead than the longest pause
        allows is a left-over of another boot, and waiting for it could take days.
        """
        used_up = now + self.tolerance + self.interval
        return used_up if tat > used_up + longest_pause else tat


class Adaptive(NamedTuple):
    """The share of a budget that the host seems to grant: less after a "too many", growing back from then on.

    ``factor`` held at ``since``, the end of the last pause (seconds on the caller's clock).

    >>> adaptive = Adaptive().throttled(sent=99.0, now=100.0, pause=20.0)
    >>> adaptive.at(120.0), adaptive.at(150.0), adaptive.at(300.0)
    (0.85, 0.9, 1.0)
    """

    factor: float = 1.0
    since: float = 0.0

    def at(self, now: float) -> float:
        """The share now, 0 to 1; before ``since``, and with a clock that went back, it has not grown."""
        return round(min(1.0, self.factor + GROWTH * max(0.0, now - self.since)), 9)

    def throttled(self, *, sent: float, now: float, pause: float) -> "Adaptive":
        """After a "too many" to a request that was sent at ``sent``, with a pause in seconds.

        One decrease per pause: requests that were under way when the first "too many" came say nothing of the
        smaller budget. It suffices that they were sent before the end of that pause, as nobody sends within one.
        """
        if sent <= self.since:
            return self._replace(since=max(self.since, now + pause))
        return Adaptive(max(LEAST_FACTOR, self.at(now) * DECREASE), now + pause)

    def clamp(self, now: float, longest_pause: float) -> "Adaptive":
        """The same, from ``now`` on where ``since`` cannot be of this clock (see ``Gcra.clamp``)."""
        return self if self.since <= now + longest_pause else self._replace(since=now)


@dataclass(frozen=True)
class RateLimit:
    """What one host is asked at most: ``rate`` requests a second (0: no limit), ``burst``, ``concurrency`` in flight.

    ``gcra`` stays a little under it. A server that enforces exactly the same budget sees our requests when they
    arrive, and the network moves them closer together: the margin is one request plus 20 ms, at most 200 ms.
    """

    rate: float
    burst: int
    concurrency: int
    setting: str = "BUDGET"

    def __post_init__(self) -> None:
        within(f"{self.setting}_RATE", self.rate, 0, unit="requests a second (0: no limit)")
        within(f"{self.setting}_BURST", self.burst, 1)
        within(f"{self.setting}_CONCURRENCY", self.concurrency, 1)

    @classmethod
    def parse(cls, prefix: str, rate: object, burst: object, concurrency: object) -> Self:
        """From settings, as strings or numbers; ConfigurationError names ``TMDB_RATE`` for the prefix ``TMDB``.

        >>> Budget.parse("TMDB", "4", "40", "10").gcra.interval
        0.25
        """
        return cls(
            rate=number(f"{prefix}_RATE", rate),
            burst=whole_number(f"{prefix}_BURST", burst),
            concurrency=whole_number(f"{prefix}_CONCURRENCY", concurrency),
            setting=prefix,
        )

    @property
    def gcra(self) -> Gcra:
        return self.share(1.0)

    def share(self, factor: float) -> Gcra:
        """This share of the budget. The burst shrinks with the rate: in seconds, what may be caught up stays the same.

        >>> Budget(rate=4, burst=40, concurrency=10).share(0.5).interval
        0.5
        """
        if not self.rate:
            return Gcra(0.0)
        rate = self.rate * factor
        return Gcra(rate, max(1.0, self.burst * factor), margin=min(1 / rate + ARRIVAL_JITTER, LONGEST_MARGIN))


def budgets(settings: Mapping[str, Any]) -> dict[str, RateLimit]:
    """All budgets by ``Host.budget``, from the settings; ConfigurationError names the one that is wrong.

    Of The Numbers one page at a time, THE_NUMBERS_DELAY apart over all processes.
    """
    delay = within("THE_NUMBERS_DELAY", number("THE_NUMBERS_DELAY", settings["THE_NUMBERS_DELAY"]), 0, unit="seconds")
    of_apis = {
        source: RateLimit.parse(name, *(settings[f"{name}_{part}"] for part in ("RATE", "BURST", "CONCURRENCY")))
        for source, name in (("tmdb", "TMDB"), ("omdb", "OMDB"))
    }
    return {
        **of_apis,
        "the_numbers": RateLimit(rate=1 / delay if delay else 0, burst=1, concurrency=1),
        "exports": RateLimit(rate=0, burst=1, concurrency=2),
        "images": RateLimit.parse("IMAGES", 0, 1, settings["IMAGES_CONCURRENCY"]),
    }


class RateLimitState(NamedTuple):
    """What is kept of a source, wherever it is kept: the theoretical arrival time, and the share of its budget.

    ``downloader/rate_limit.py`` keeps it in a file; ``distributed/rate_limit.py`` does the same as this in Redis.
    """

    tat: float = 0.0
    adaptive: Adaptive = Adaptive()

    def take(self, budget: RateLimit, now: float) -> tuple["RateLimitState", float]:
        """Take a place: 0 or less; or the seconds to wait before asking again, and nothing has changed."""
        gcra = budget.share(self.adaptive.at(now))
        wait = gcra.wait(self.tat, now)
        return (self if wait > 0 else self._replace(tat=gcra.after(self.tat, now))), wait

    def pause(self, budget: RateLimit, now: float, seconds: float, sent: float) -> "RateLimitState":
        """Nobody sends for ``seconds``: the answer to a request of the moment ``sent`` asked for it."""
        adaptive = self.adaptive.throttled(sent=sent, now=now, pause=seconds)
        return RateLimitState(budget.share(adaptive.factor).paused(self.tat, now, seconds), adaptive)

    def spent(self, budget: RateLimit) -> "RateLimitState":
        """As if the burst had been used up at the moment ``tat``."""
        gcra = budget.share(self.adaptive.factor)
        return self._replace(tat=self.tat + gcra.tolerance + gcra.interval)

    def clamp(self, budget: RateLimit, now: float, longest_pause: float) -> "RateLimitState":
        """The same, where it cannot be of this clock as if the burst had been used up just now."""
        adaptive = self.adaptive.clamp(now, longest_pause)
        return RateLimitState(budget.share(adaptive.at(now)).clamp(self.tat, now, longest_pause), adaptive)
