"""Whether a source is down: a circuit breaker for all hosts of one source together (Michael Nygard, "Release It!").

While it is open, only probes are sent, one at a time, and no request's tries are used up. No clock is read here:
``now`` is seconds on the caller's monotonic clock.
"""

import math
from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from moviecrawler.policy.network.circuit_breaker import CLOCK_TOLERANCE
from moviecrawler.policy.network.hosts import Host, Hosts

OPEN_AFTER_FAILURES, OPEN_AFTER_URLS = 10, 5
"""This many failures without a success in between, of this many different requests, open the breaker."""

DOWN_AFTER = 10.0
"""Seconds without a success after which a source whose breaker is open is reported as down."""

FIRST_PROBE, LONGEST_PROBE = 1.0, 30.0
"""Seconds until the next probe; doubling."""

HANDOVER = 3.0
"""Seconds that other workers wait after a worker's probe: one to publish, one to receive, one for the answer."""

PROBE_TIMEOUT = 120.0
"""Seconds after which a probe without an outcome is forgotten."""

STARTUP_PATIENCE = 30.0
"""Seconds of patience with a source that has not answered at all in this run: most often its address is wrong."""

PICTURES_PATIENCE = 60.0
"""Seconds of patience with image hosts: missing pictures come with the next run."""


class FailureMark(NamedTuple):
    """What a request carries about its last failure: the breaker's name, and its streak and outage at that time."""

    breaker: str
    streak: int
    outage: int


class SourceBreaker:
    """``name`` tells this breaker from those of other workers; ``patience`` is seconds.

    A *streak* is the time between two successes. A request's failures count towards opening the breaker only in the
    first streak in which it fails: a request that failed while others succeeded is itself at fault, and says nothing
    about the source.

    >>> breaker = SourceBreaker("worker-1", patience=600)
    >>> for number in range(10):
    ...     _ = breaker.record_failure(f"/movie/{number}", None, now=float(number))
    >>> breaker.is_open, breaker.try_start_probe(9.5), breaker.try_start_probe(10.0)
    (True, False, True)
    """

    def __init__(self, name: str, patience: float) -> None:
        self._name = name
        self._patience = patience
        self._streak = self._outage = 0
        self._failures = 0
        self._urls: set[str] = set()
        self._first_failure = math.inf
        self._succeeded = False
        self._interval = FIRST_PROBE
        self._probe_sent = -math.inf
        self._sends_probes = False
        self._last_own_check = -math.inf  # when it last probed by itself, or was opened
        self.is_open = False
        self.next_probe = math.inf
        """When the next probe may be sent."""
        self.last_reason = ""
        self.paused_until = -math.inf
        """Until when the source asked for a pause (429): only told, by ``observability``; the throttle keeps it."""

    def is_down(self, now: float) -> bool:
        """Whether it is open and there has been no success for 10 seconds."""
        return self.is_open and now - self._first_failure >= DOWN_AFTER

    def down_for(self, now: float) -> float:
        """Seconds since the first failure after the last success; 0 without a failure."""
        return max(0.0, now - self._first_failure)

    def has_expired(self, now: float) -> bool:
        """Whether the run has waited long enough."""
        if self._succeeded:
            return self.is_open and self.down_for(now) >= self._patience
        return (self.is_open or self._failures > 1) and self.down_for(now) >= min(STARTUP_PATIENCE, self._patience)

    def record_success(self, now: float, sent: float = math.inf) -> float | None:
        """The source has answered; for how many seconds it had been down, None if it was not.

        An answer to a request ``sent`` before the first failure says nothing about what has happened since.
        """
        self._succeeded = True
        if sent < self._first_failure < math.inf:
            return None
        down_for = self.down_for(now) if self.is_down(now) else None
        self._outage += self.is_open
        self._streak += 1
        self._failures = 0
        self._urls.clear()
        self._first_failure = self.next_probe = math.inf
        self._probe_sent = -math.inf
        self._interval = FIRST_PROBE
        self.is_open = False
        return down_for

    def record_failure(self, url: str, mark: FailureMark | None, now: float, reason: str = "") -> FailureMark:
        """A request has failed at all hosts of the source; returns the mark that the request has to carry."""
        self.last_reason = reason
        self._first_failure = min(self._first_failure, now)
        streak = mark.streak if mark is not None and mark.breaker == self._name else self._streak
        if mark is None or streak == self._streak:
            self._failures += 1
            if len(self._urls) < OPEN_AFTER_URLS:
                self._urls.add(url)
        if not self.is_open and self._failures >= OPEN_AFTER_FAILURES and len(self._urls) >= OPEN_AFTER_URLS:
            self._open(now + self._interval, now, sends_probes=True)
        return FailureMark(self._name, streak, self._outage)

    def keeps_tries(self, mark: FailureMark | None) -> bool:
        """Whether the tries that a request had used by its last failure count: not those of an outage that is over."""
        return mark is None or mark.breaker != self._name or mark.outage == self._outage

    def try_start_probe(self, now: float) -> bool:
        """Whether a probe is due and none is in flight. The caller then has to send it and report the outcome."""
        if now < self.next_probe or 0 <= now - self._probe_sent < PROBE_TIMEOUT:
            return False
        self._probe_sent = now
        return True

    def end_probe(self, now: float, *, failed: bool) -> None:
        """A probe has failed, or else was released without being sent (a success is recorded by ``record_success``)."""
        self._probe_sent = -math.inf
        if failed and self.is_open:
            self._interval = min(2 * self._interval, LONGEST_PROBE)
            self._open(now + self._interval, now, sends_probes=True)

    @property
    def claimed_until(self) -> float:
        """Until when others may leave the probes to this worker; -inf while it leaves them to another.

        A source that has never answered here is not claimed either: this worker's own address for it may be wrong.
        """
        return self.next_probe + HANDOVER if self.is_open and self._sends_probes and self._succeeded else -math.inf

    def apply_remote_open(self, until: float, worker: str, now: float) -> None:
        """Another ``worker``, which had answers before, gets none now and claims the probes until then.

        A worker that gets answers trusts those: it needs a failure of its own before it opens. No worker goes without a
        probe of its own for longer than LONGEST_PROBE + HANDOVER, whatever others publish.
        """
        if not self.is_open:
            if self._succeeded and not self._failures:
                return
            self._first_failure = min(self._first_failure, now)
            self._open(now + LONGEST_PROBE + HANDOVER, now, sends_probes=False)
            self.next_probe = min(self.next_probe, until)
            self.last_reason = self.last_reason or "as another worker found"
        elif until - HANDOVER > now and self._goes_first(until - HANDOVER, worker):
            self._sends_probes = False
            self.next_probe = min(max(self.next_probe, until), self._last_own_check + LONGEST_PROBE + HANDOVER)
        else:
            return
        self._interval = min(max(self._interval, until - HANDOVER - now), LONGEST_PROBE)
        self._succeeded = True  # for another worker: the address is right

    def _goes_first(self, probe: float, worker: str) -> bool:
        """Of two workers that probe, the one with the earlier probe sends all of them; if equal, the first by name."""
        return (
            not self._sends_probes
            or probe < self.next_probe - CLOCK_TOLERANCE
            or (probe <= self.next_probe + CLOCK_TOLERANCE and worker < self._name)
        )

    def apply_remote_close(self, now: float) -> None:
        """Another worker gets answers again: one request of ours may probe."""
        if self.is_open:
            self.next_probe = min(self.next_probe, now)

    def _open(self, next_probe: float, now: float, *, sends_probes: bool) -> None:
        self.is_open, self.next_probe, self._last_own_check, self._sends_probes = True, next_probe, now, sends_probes


class SourceBreakers:
    """The breakers of all sources: one each for a source's API, pages, files and pictures.

    ``name``: the worker's; ``patience``: seconds for which a run waits for a source that is down.
    """

    def __init__(self, hosts: Hosts, name: str, patience: float) -> None:
        self.name = name
        self._hosts: dict[tuple[str, str], list[Host]] = defaultdict(list)
        for host in hosts.hosts:
            self._hosts[host.source, host.role].append(host)
        self._breakers = {
            (source, role): SourceBreaker(name, min(PICTURES_PATIENCE, patience) if role == "cdn" else patience)
            for source, role in self._hosts
        }

    def of(self, host: Host) -> SourceBreaker:
        return self._breakers[host.source, host.role]

    def items(self) -> Iterator[tuple[str, SourceBreaker]]:
        """Each by a name that is the same in every worker with the same hosts."""
        for key, breaker in self._breakers.items():
            yield f"{'/'.join(key)} {','.join(sorted(host.origin for host in self._hosts[key]))}", breaker
