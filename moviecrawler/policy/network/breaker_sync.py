"""What workers tell each other about hosts and sources: which ones are left alone, and for how long.

No clock is read here: ``now`` is seconds on the caller's monotonic clock.
"""

import math
from collections.abc import Iterator, Mapping

from moviecrawler.policy.network.circuit_breaker import CLOCK_TOLERANCE
from moviecrawler.policy.network.host_pool import HostPools
from moviecrawler.policy.network.source_breaker import SourceBreaker, SourceBreakers


class BreakerSync:
    """One worker's side: its own findings go out, the findings of all workers are applied.

    A fact is ``open NAME`` (the breaker of that host is open), ``paused NAME`` (the host asked for a pause) or
    ``down NAME WORKER`` (that source does not answer, and that worker probes it), with the seconds for which it still
    holds.
    """

    def __init__(self, pools: HostPools, breakers: SourceBreakers) -> None:
        self._host_breakers = dict(pools.breakers())
        self._source_breakers = dict(breakers.items())
        self._worker = breakers.name
        self._known: dict[str, float] = {}
        """Fact -> until when it holds, as last received; an outgoing fact is added when it comes back."""

    def outgoing(self, now: float) -> Iterator[tuple[str, float | None]]:
        """What this worker has found out itself and not all workers know yet; None for seconds: no longer true."""
        for name, host_breaker in self._host_breakers.items():
            opened, paused = f"open {name}", f"paused {name}"
            if host_breaker.is_closed and opened in self._known:
                yield opened, None
            yield from self._if_later(opened, -math.inf if host_breaker.is_closed else host_breaker.open_until, now)
            yield from self._if_later(paused, host_breaker.paused_until, now)
        for name, breaker in self._source_breakers.items():
            down = f"down {name} {self._worker}"
            if not breaker.is_open and down in self._known:
                yield down, None
            yield from self._if_later(down, breaker.claimed_until, now)

    def _if_later(self, fact: str, until: float, now: float) -> Iterator[tuple[str, float]]:
        if until > self._known.get(fact, now) + CLOCK_TOLERANCE:
            yield fact, until - now

    def apply(self, facts: Mapping[str, float], now: float) -> None:
        """Apply ``facts``, all that any worker has published; values are the seconds for which each still holds."""
        before, self._known = self._known, {}
        for name, host_breaker in self._host_breakers.items():
            opened, paused = f"open {name}", f"paused {name}"
            if paused in facts:
                self._known[paused] = now + facts[paused]
                host_breaker.pause_until(now + facts[paused])
            if opened in facts:
                self._known[opened] = now + facts[opened]
                host_breaker.apply_remote_open(now + facts[opened], now)
            elif before.get(opened, now) > now + CLOCK_TOLERANCE:
                host_breaker.apply_remote_close(now)
        for fact, left in facts.items():
            if (breaker := self._source_breaker(fact)) is not None:
                self._known[fact] = now + left
                if not self._is_ours(fact):
                    breaker.apply_remote_open(now + left, fact.rpartition(" ")[2], now)
        for fact, until in before.items():
            withdrawn = fact not in facts and until > now + CLOCK_TOLERANCE
            if withdrawn and not self._is_ours(fact) and (breaker := self._source_breaker(fact)) is not None:
                breaker.apply_remote_close(now)

    def _source_breaker(self, fact: str) -> SourceBreaker | None:
        """The breaker that a ``down`` fact is about, if we know it."""
        kind, _, rest = fact.partition(" ")
        return self._source_breakers.get(rest.rpartition(" ")[0]) if kind == "down" else None

    def _is_ours(self, fact: str) -> bool:
        return fact.rpartition(" ")[2] == self._worker
