"""One of several hosts that have the same things: how well it does, and whether it is left alone for a while.

Nothing here has a clock: ``now`` and ``sent`` are seconds on the caller's monotonic clock.

The breaker is closed (the host is asked), open (left alone for a cool-down) or half-open (the cool-down is over, and
one request at a time may show whether the host is back); the words are those of Michael Nygard, "Release It!".
"""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self

from moviecrawler.exceptions import ConfigurationError
from moviecrawler.policy.histogram import Histogram
from moviecrawler.policy.network.hosts import Host
from moviecrawler.policy.setting_values import number, whole_number, within

WEIGHT = 0.1
"""Of the newest answer in the moving averages of success and latency."""

MIN_HEALTH = 0.5
"""A host of less health than this is left alone, too."""

PROBE_LOST = 60.0
"""Seconds after which a probe of which nothing was heard (its run was stopped, say) is forgotten."""

CLOCK_TOLERANCE = 0.5
"""Seconds by which two workers may differ on the end of a cool-down and mean the same."""

QUANTILES = (("p50", 0.50), ("p95", 0.95))

State = Literal["closed", "open", "half-open"]


@dataclass(frozen=True)
class FailoverConfig:
    """``failures`` in a row open a breaker for ``cool_down`` seconds, doubling up to ``cool_down_max``.

    ``patience``: seconds without a byte after which a picture is asked of the next host, while there is one.
    ``prefer``: "china" orders image hosts by a probe.
    """

    failures: int = 3
    cool_down: float = 30.0
    cool_down_max: float = 600.0
    patience: float = 5.0
    prefer: str = ""

    def __post_init__(self) -> None:
        within("FAILOVER_FAILURES", self.failures, 1)
        within("FAILOVER_COOL_DOWN", self.cool_down, 0, unit="seconds")
        within("FAILOVER_COOL_DOWN_MAX", self.cool_down_max, self.cool_down, unit="seconds")
        within("FAILOVER_PATIENCE", self.patience, 0.1, unit="seconds")
        if self.prefer not in ("", "china"):
            raise ConfigurationError(f"CDN_PREFER={self.prefer!r} is no preference; allowed: china, or nothing")

    @classmethod
    def parse(cls, settings: Mapping[str, Any]) -> Self:
        """From the settings of these names, as text or numbers; ConfigurationError names the one that is wrong."""
        return cls(
            failures=whole_number("FAILOVER_FAILURES", settings["FAILOVER_FAILURES"]),
            cool_down=number("FAILOVER_COOL_DOWN", settings["FAILOVER_COOL_DOWN"]),
            cool_down_max=number("FAILOVER_COOL_DOWN_MAX", settings["FAILOVER_COOL_DOWN_MAX"]),
            patience=number("FAILOVER_PATIENCE", settings["FAILOVER_PATIENCE"]),
            prefer=str(settings["CDN_PREFER"] or "").strip().lower(),
        )


class CircuitBreaker:
    """What is known of one host."""

    def __init__(self, host: Host, policy: FailoverConfig) -> None:
        self.host = host
        self.requests = 0
        self.open_until = self.away_until = -math.inf
        self._policy = policy
        self._causes: Counter[str] = Counter()
        self._latencies = Histogram()
        self._opened = 0  # times
        self._open = False
        self._changed_at = -math.inf
        self._cool_down = policy.cool_down
        self._probe_sent = -math.inf
        self._row = 0
        self._success = 1.0
        self._latency: float | None = None
        self._measured = 0

    @property
    def closed(self) -> bool:
        return not self._open

    @property
    def latency(self) -> float | None:
        """Seconds to the first byte, as a moving average; None before the first good answer."""
        return self._latency

    def state(self, now: float) -> State:
        return "closed" if not self._open else "half-open" if now >= self.open_until else "open"

    def health(self, quick: float) -> float:
        """0 to 1: the share of good answers, times ``quick`` (seconds) / latency where that is slower."""
        if self._open:
            return 0.0
        slow = self._latency is not None and self._measured >= self._policy.failures and self._latency > quick
        return self._success * quick / self._latency if slow and self._latency else self._success

    def away(self, now: float) -> float:
        """Seconds for which the host asked to be left alone, 0 when it is not away."""
        return max(0.0, self.away_until - now)

    def pause_until(self, until: float) -> None:
        """The host said when to come back, and that is honoured."""
        self.away_until = max(self.away_until, until)

    def open_elsewhere(self, until: float, now: float) -> None:
        """Another worker leaves this host alone until then."""
        if until <= now or (self._open and until <= self.open_until + CLOCK_TOLERANCE):
            return
        if not self._open:
            self._cool_down = self._policy.cool_down
            self._opened += 1
        self._open, self._changed_at, self.open_until, self._probe_sent = True, now, until, -math.inf

    def closed_elsewhere(self, now: float) -> None:
        """Another worker asks this host again: one request of ours may see for itself."""
        self.open_until = min(self.open_until, now)

    def may_probe(self, now: float) -> bool:
        """Whether the cool-down is over and no probe is under way."""
        return self.state(now) == "half-open" and not 0 <= now - self._probe_sent < PROBE_LOST

    def probe(self, now: float) -> None:
        self._probe_sent = now

    def count(self, good: bool | None, seconds: float | None, reason: str) -> None:
        """One request, for the report."""
        self.requests += 1
        if seconds is not None:
            self._latencies.record(seconds)
        if good is False:
            self._causes[reason] += 1

    def report(self, now: float, quick: float) -> dict[str, Any]:
        """What ``docs/stats.md`` lists under ``hosts/``; latencies only of a host that has ever answered."""
        latencies = self._latencies
        quantiles = {f"latency_{name}": round(latencies.quantile(q), 4) for name, q in QUANTILES if latencies.count}
        return {
            "requests": self.requests,
            "failures": self._causes.total(),
            **{f"failures/{reason}": count for reason, count in self._causes.items()},
            **quantiles,
            "health": round(self.health(quick), 3),
            "state": self.state(now),
            "opened": self._opened,
        }

    def record(self, good: bool | None, *, sent: float, now: float, seconds: float | None, quick: float) -> None:
        """One request's end: ``seconds`` to its first byte (None: there was none); ``quick`` as for ``health``."""
        is_probe = self._open and sent >= self.open_until
        if is_probe:
            self._probe_sent = -math.inf
        if good is None or sent < self._changed_at:
            return  # says nothing, or nothing of today: it was sent before the breaker opened or closed
        if self._open:
            if good and (seconds or 0.0) * MIN_HEALTH <= quick:
                self._close(now, seconds)
            elif is_probe:
                self._cool_down = min(self._cool_down * 2, self._policy.cool_down_max)
                self._trip(now)
            return
        self._row = 0 if good else self._row + 1
        self._success += WEIGHT * (good - self._success)
        if good and seconds is not None:
            self._measured += 1
            self._latency = seconds if self._latency is None else self._latency + WEIGHT * (seconds - self._latency)
        if self._row >= self._policy.failures or self.health(quick) < MIN_HEALTH:
            self._cool_down = self._policy.cool_down
            self._trip(now)

    def _trip(self, now: float) -> None:
        self._open, self._changed_at, self.open_until = True, now, now + self._cool_down
        self._opened += 1

    def _close(self, now: float, seconds: float | None) -> None:
        self._open, self._changed_at = False, now
        self._row, self._success, self._latency, self._measured = 0, 1.0, seconds, 1
