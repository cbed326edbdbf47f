"""Which of several hosts that have the same things is asked, and what an answer says of its host.

Nothing here has a clock: ``now`` and ``sent`` are seconds on the caller's monotonic clock.
"""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from moviecrawler.policy.network.circuit_breaker import CircuitBreaker, FailoverConfig
from moviecrawler.policy.network.hosts import Host, Hosts, Role

QUICK = 1.0
"""Seconds to the first byte that are quick enough while no other host has been measured."""

FAR_ABOVE = 4.0
"""Times the quickest other host's latency; ``QUICKEST`` seconds are never too long."""

QUICKEST = 0.25


def verdict(role: Role, kind: str) -> bool | None:
    """What a kind of ``policy.network.answers`` says of the host: True for well, False for not, None for nothing.

    A picture that is none, or an error page, is a failure of its CDN; a missing one may be missing everywhere. Of all
    others only failures count, since keys, budgets and titles are the same behind all addresses of a site.

    >>> verdict("cdn", "garbage"), verdict("cdn", "gone"), verdict("api", "auth"), verdict("api", "failed")
    (False, None, True, False)
    """
    if role != "cdn":
        return kind != "failed"
    return None if kind == "gone" else kind == "ok"


class HostPool:
    """The hosts that have the same things, in the order of preference. ``by_speed``: a slow one loses to a fast one."""

    def __init__(self, hosts: Iterable[Host], policy: FailoverConfig, *, by_speed: bool) -> None:
        self._mirrors = {host: CircuitBreaker(host, policy) for host in hosts}
        self._by_speed = by_speed

    @property
    def hosts(self) -> tuple[Host, ...]:
        return tuple(self._mirrors)

    def order(self, hosts: Sequence[Host]) -> None:
        """A new order of preference; hosts that are not named come last, in their order."""
        last = [host for host in self._mirrors if host not in hosts]
        self._mirrors = {host: self._mirrors[host] for host in (*hosts, *last)}

    @property
    def mirrors(self) -> Iterable[CircuitBreaker]:
        return self._mirrors.values()

    def choose(self, now: float, tried: Sequence[Host] = ()) -> Host | None:
        """The next host to ask, the first that is not open; a half-open one is asked by one request at a time.

        None when all have been tried that are worth it, or all are away. Who has tried none gets one, though all
        be open: the one whose cool-down is over first.
        """
        there = [mirror for mirror in self._untried(tried) if not mirror.away(now)]
        for mirror in there:
            if mirror.closed:
                return mirror.host
            if mirror.may_probe(now):
                mirror.probe(now)
                return mirror.host
        if tried or not there:
            return None
        return min(there, key=lambda mirror: mirror.open_until).host

    def has_another(self, now: float, tried: Sequence[Host]) -> bool:
        """Whether a healthy host is left beside those."""
        return any(mirror.closed and not mirror.away(now) for mirror in self._untried(tried))

    def away(self, now: float) -> float:
        """Seconds until the first of all hosts may be asked again; 0 when one may be asked now."""
        return min(mirror.away(now) for mirror in self._mirrors.values())

    def pause_until(self, host: Host, until: float) -> None:
        """The host asked to be left alone until then."""
        self._mirrors[host].pause_until(until)

    def record(
        self, host: Host, good: bool | None, *, sent: float, now: float, seconds: float | None, reason: str = ""
    ) -> None:
        """One request's end (see :func:`verdict`); ``seconds`` to the first byte, ``reason`` of a failure."""
        mirror = self._mirrors[host]
        mirror.count(good, seconds, reason)
        mirror.record(good, sent=sent, now=now, seconds=seconds, quick=self._quick(mirror))

    def report(self, now: float) -> Iterator[tuple[Host, dict[str, Any]]]:
        """Of each host that was asked: what ``docs/stats.md`` lists under ``hosts/``."""
        for host, mirror in self._mirrors.items():
            if mirror.requests:
                yield host, mirror.report(now, self._quick(mirror))

    def _untried(self, tried: Sequence[Host]) -> list[CircuitBreaker]:
        return [mirror for host, mirror in self._mirrors.items() if host not in tried]

    def _quick(self, mirror: CircuitBreaker) -> float:
        """Seconds to the first byte that are quick enough; who is alone cannot be too slow."""
        others = [other for other in self._mirrors.values() if other is not mirror and other.closed]
        if not others or not self._by_speed:
            return math.inf
        known = [other.latency for other in others if other.latency is not None]
        return max(QUICKEST, FAR_ABOVE * min(known)) if known else QUICK


class HostPools:
    """The rings of all sources: one for each one's API, pages, files and pictures."""

    def __init__(self, hosts: Hosts, policy: FailoverConfig) -> None:
        self.policy = policy
        self._rings = {
            key: HostPool(hosts.mirrors(*key), policy, by_speed=key[1] == "cdn")
            for key in dict.fromkeys((host.source, host.role) for host in hosts.hosts)
        }

    def of(self, host: Host) -> HostPool:
        return self._rings[host.source, host.role]

    def mirrors(self) -> Iterator[tuple[str, CircuitBreaker]]:
        """All hosts, each by a name that is the same in every worker; it holds no key."""
        for (source, role), ring in self._rings.items():
            for mirror in ring.mirrors:
                yield f"{source}/{role} {mirror.host.place}", mirror

    def report(self, now: float) -> Iterator[tuple[str, dict[str, Any]]]:
        """Each host's name, which is its origin (two of one origin differ by path), and :meth:`HostPool.report`."""
        origins = Counter(host.origin for ring in self._rings.values() for host in ring.hosts)
        for ring in self._rings.values():
            for host, facts in ring.report(now):
                yield host.origin if origins[host.origin] == 1 else host.place, facts
