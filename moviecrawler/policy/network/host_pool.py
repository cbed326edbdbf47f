"""Chooses between equivalent hosts, by what their answers say about them.

No clock is read here: ``now`` and ``sent`` are seconds on the caller's monotonic clock.
"""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from moviecrawler.config.groups import FailoverConfig
from moviecrawler.config.urls import Role
from moviecrawler.policy.network.circuit_breaker import CircuitBreaker
from moviecrawler.policy.network.hosts import Host, Hosts

FAST_LATENCY = 1.0
"""Seconds to the first byte that count as fast while no other host has been measured."""

SLOW_FACTOR = 4.0
"""A host is slow beyond this many times the latency of the fastest other host; see ``ALWAYS_FAST_LATENCY``."""

ALWAYS_FAST_LATENCY = 0.25
"""Seconds to the first byte that are never slow, whatever the other hosts take."""


def is_host_success(role: Role, kind: str) -> bool | None:
    """What a kind of ``policy.network.answers`` says about the host: True, False, or None for nothing.

    An error page, or a file that is no picture, is a failure of its CDN; a missing picture may be missing everywhere.
    For API and page hosts only ``failed`` counts against the host: keys, limits and titles are the same behind all
    addresses of a site.

    >>> is_host_success("cdn", "garbage"), is_host_success("cdn", "gone")
    (False, None)
    >>> is_host_success("api", "auth"), is_host_success("api", "failed")
    (True, False)
    """
    if role != "cdn":
        return kind != "failed"
    return None if kind == "gone" else kind == "ok"


class HostPool:
    """Equivalent hosts, in the order of preference. ``by_speed``: a slow host loses to a fast one."""

    def __init__(self, hosts: Iterable[Host], config: FailoverConfig, *, by_speed: bool) -> None:
        self._breakers = {host: CircuitBreaker(host, config) for host in hosts}
        self._by_speed = by_speed

    @property
    def hosts(self) -> tuple[Host, ...]:
        return tuple(self._breakers)

    def reorder(self, hosts: Sequence[Host]) -> None:
        """Set a new order of preference; hosts that are not named come last, in their order."""
        last = [host for host in self._breakers if host not in hosts]
        self._breakers = {host: self._breakers[host] for host in (*hosts, *last)}

    @property
    def breakers(self) -> Iterable[CircuitBreaker]:
        return self._breakers.values()

    def choose(self, now: float, tried: Sequence[Host] = ()) -> Host | None:
        """The next host to send to: the first that is not open. A half-open host gets one request at a time as a probe.

        None when all hosts worth trying have been tried, or all are paused. A request that has tried none gets one
        even if all breakers are open: the one whose cool-down ends first.
        """
        available = [breaker for breaker in self._untried(tried) if not breaker.paused_for(now)]
        for breaker in available:
            if breaker.is_closed:
                return breaker.host
            if breaker.can_probe(now):
                breaker.start_probe(now)
                return breaker.host
        if tried or not available:
            return None
        return min(available, key=lambda breaker: breaker.open_until).host

    def has_another(self, now: float, tried: Sequence[Host]) -> bool:
        """Whether a healthy host is left besides those."""
        return any(breaker.is_closed and not breaker.paused_for(now) for breaker in self._untried(tried))

    def paused_for(self, now: float) -> float:
        """Seconds until the first of all hosts may be used again; 0 when one may be used now."""
        return min(breaker.paused_for(now) for breaker in self._breakers.values())

    def pause_until(self, host: Host, until: float) -> None:
        """Send nothing to the host until then: it asked for a pause."""
        self._breakers[host].pause_until(until)

    def record(
        self, host: Host, good: bool | None, *, sent: float, now: float, seconds: float | None, reason: str = ""
    ) -> None:
        """Record a request's outcome (see :func:`is_host_success`). ``seconds``: to the first byte."""
        breaker = self._breakers[host]
        breaker.count(good, seconds, reason)
        breaker.record(good, sent=sent, now=now, seconds=seconds, fast_latency=self._fast_latency(breaker))

    def report(self, now: float) -> Iterator[tuple[Host, dict[str, Any]]]:
        """For each host that got requests: what ``docs/stats.md`` lists under ``hosts/``."""
        for host, breaker in self._breakers.items():
            if breaker.requests:
                yield host, breaker.report(now, self._fast_latency(breaker))

    def _untried(self, tried: Sequence[Host]) -> list[CircuitBreaker]:
        return [breaker for host, breaker in self._breakers.items() if host not in tried]

    def _fast_latency(self, breaker: CircuitBreaker) -> float:
        """Seconds to the first byte that are fast enough for this host; without another host, any."""
        others = [other for other in self._breakers.values() if other is not breaker and other.is_closed]
        if not others or not self._by_speed:
            return math.inf
        known = [other.latency for other in others if other.latency is not None]
        return max(ALWAYS_FAST_LATENCY, SLOW_FACTOR * min(known)) if known else FAST_LATENCY


class HostPools:
    """The pools of all sources: one each for a source's API, pages, files and pictures."""

    def __init__(self, hosts: Hosts, config: FailoverConfig) -> None:
        self.config = config
        self._pools = {
            key: HostPool(hosts.alternatives(*key), config, by_speed=key[1] == "cdn")
            for key in dict.fromkeys((host.source, host.role) for host in hosts.hosts)
        }

    def of(self, host: Host) -> HostPool:
        return self._pools[host.source, host.role]

    def breakers(self) -> Iterator[tuple[str, CircuitBreaker]]:
        """The breakers of all hosts, each by a name that is the same in every worker and holds no key."""
        for (source, role), pool in self._pools.items():
            for breaker in pool.breakers:
                yield f"{source}/{role} {breaker.host.public_base}", breaker

    def report(self, now: float) -> Iterator[tuple[str, dict[str, Any]]]:
        """Each host's name, its origin (its base where several share the origin), with :meth:`HostPool.report`."""
        origins = Counter(host.origin for pool in self._pools.values() for host in pool.hosts)
        for pool in self._pools.values():
            for host, facts in pool.report(now):
                yield host.origin if origins[host.origin] == 1 else host.public_base, facts
