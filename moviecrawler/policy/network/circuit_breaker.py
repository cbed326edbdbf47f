"""The circuit breaker of one of several equivalent hosts: how healthy it is, and whether it is left alone for a while.

No clock is read here: ``now`` and ``sent`` are seconds on the caller's monotonic clock.

The breaker is closed (the host gets requests), open (it gets none until a cool-down is over) or half-open (the
cool-down is over, and one request at a time probes whether the host has recovered); the terms are those of
Michael Nygard, "Release It!".
"""

import math
from collections import Counter
from typing import Any, Literal

from moviecrawler.config.groups import FailoverConfig
from moviecrawler.policy.histogram import Histogram
from moviecrawler.policy.network.hosts import Host

NEWEST_WEIGHT = 0.1
"""Weight of the newest answer in the moving averages of success and latency."""

MIN_HEALTH = 0.5
"""The breaker of a host whose health is below this opens, too."""

PROBE_TIMEOUT = 60.0
"""Seconds after which a probe without an outcome (its run was stopped, for example) is forgotten."""

CLOCK_TOLERANCE = 0.5
"""Seconds by which two workers may differ about the end of the same cool-down."""

QUANTILES = (("p50", 0.50), ("p95", 0.95))

State = Literal["closed", "open", "half-open"]


class CircuitBreaker:
    """State and statistics of one host."""

    def __init__(self, host: Host, config: FailoverConfig) -> None:
        self.host = host
        self.requests = 0
        self.open_until = self.paused_until = -math.inf
        self._config = config
        self._failure_reasons: Counter[str] = Counter()
        self._latencies = Histogram()
        self._opened = 0  # times
        self._open = False
        self._changed_at = -math.inf
        self._cool_down = config.cool_down
        self._probe_sent = -math.inf
        self._failures_in_a_row = 0
        self._success = 1.0
        self._latency: float | None = None
        self._measured = 0

    @property
    def is_closed(self) -> bool:
        return not self._open

    @property
    def latency(self) -> float | None:
        """Seconds to the first byte, as a moving average; None before the first good answer."""
        return self._latency

    def state(self, now: float) -> State:
        return "closed" if not self._open else "half-open" if now >= self.open_until else "open"

    def health(self, fast_latency: float) -> float:
        """0 to 1: the share of good answers, times ``fast_latency`` (seconds) / latency where the host is slower."""
        if self._open:
            return 0.0
        slow = self._latency is not None and self._measured >= self._config.failures and self._latency > fast_latency
        return self._success * fast_latency / self._latency if slow and self._latency else self._success

    def paused_for(self, now: float) -> float:
        """Seconds for which the host has asked for a pause; 0 where it has not."""
        return max(0.0, self.paused_until - now)

    def pause_until(self, until: float) -> None:
        """Send nothing until then: the host asked for it."""
        self.paused_until = max(self.paused_until, until)

    def apply_remote_open(self, until: float, now: float) -> None:
        """Another worker's breaker of this host is open until then."""
        if until <= now or (self._open and until <= self.open_until + CLOCK_TOLERANCE):
            return
        if not self._open:
            self._cool_down = self._config.cool_down
            self._opened += 1
        self._open, self._changed_at, self.open_until, self._probe_sent = True, now, until, -math.inf

    def apply_remote_close(self, now: float) -> None:
        """Another worker uses this host again: one request of ours may probe it."""
        self.open_until = min(self.open_until, now)

    def can_probe(self, now: float) -> bool:
        """Whether the cool-down is over and no probe is in flight."""
        return self.state(now) == "half-open" and not 0 <= now - self._probe_sent < PROBE_TIMEOUT

    def start_probe(self, now: float) -> None:
        self._probe_sent = now

    def count(self, good: bool | None, seconds: float | None, reason: str) -> None:
        """Count one request for the report."""
        self.requests += 1
        if seconds is not None:
            self._latencies.record(seconds)
        if good is False:
            self._failure_reasons[reason] += 1

    def report(self, now: float, fast_latency: float) -> dict[str, Any]:
        """What ``docs/stats.md`` lists under ``hosts/``; latencies only of a host that has answered at least once."""
        latencies = self._latencies
        quantiles = {f"latency_{name}": round(latencies.quantile(q), 4) for name, q in QUANTILES if latencies.count}
        return {
            "requests": self.requests,
            "failures": self._failure_reasons.total(),
            **{f"failures/{reason}": count for reason, count in self._failure_reasons.items()},
            **quantiles,
            "health": round(self.health(fast_latency), 3),
            "state": self.state(now),
            "opened": self._opened,
        }

    def record(self, good: bool | None, *, sent: float, now: float, seconds: float | None, fast_latency: float) -> None:
        """Record a request's outcome. ``seconds``: to its first byte (None: there was none)."""
        is_probe = self._open and sent >= self.open_until
        if is_probe:
            self._probe_sent = -math.inf
        if good is None or sent < self._changed_at:
            return  # no outcome, or an outdated one: the request was sent before the breaker opened or closed
        if self._open:
            if good and (seconds or 0.0) * MIN_HEALTH <= fast_latency:
                self._close(now, seconds)
            elif is_probe:
                self._cool_down = min(self._cool_down * 2, self._config.cool_down_max)
                self._trip(now)
            return
        self._failures_in_a_row = 0 if good else self._failures_in_a_row + 1
        self._success += NEWEST_WEIGHT * (good - self._success)
        if good and seconds is not None:
            self._measured += 1
            self._latency = (
                seconds if self._latency is None else self._latency + NEWEST_WEIGHT * (seconds - self._latency)
            )
        if self._failures_in_a_row >= self._config.failures or self.health(fast_latency) < MIN_HEALTH:
            self._cool_down = self._config.cool_down
            self._trip(now)

    def _trip(self, now: float) -> None:
        self._open, self._changed_at, self.open_until = True, now, now + self._cool_down
        self._opened += 1

    def _close(self, now: float, seconds: float | None) -> None:
        self._open, self._changed_at = False, now
        self._failures_in_a_row, self._success, self._latency, self._measured = 0, 1.0, seconds, 1
