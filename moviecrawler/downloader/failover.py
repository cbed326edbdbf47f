"""Sends one request to one host after the other until one has the answer.

It is below retry and cache, which only know the request itself with the first base URL. So a picture has one
fingerprint whichever host serves it, no stale answer is used while another host has a fresh one, and back-off only
begins when no host is left. All attempts share one download slot and one throttle, since the scheduler must see how
many pictures are in flight.
"""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from moviecrawler.downloader.cdn_probe import CdnProbe, ProbeHost
from moviecrawler.downloader.throttle import Throttle
from moviecrawler.exceptions import AnswerError
from moviecrawler.policy.network.host_pool import HostPool, is_host_success
from moviecrawler.policy.network.hosts import Host

ALL_PAUSED = "throttled/paused"
"""The reason of a request that was not sent: all hosts asked for a pause."""

DEFAULT_PAUSE = 1.0  # seconds, when a host throttles without a word on how long

GONE_AFTER_HOSTS = 2
"""Hosts that must answer that a picture is gone; a single one may just not have it yet."""

_SAME_EVERYWHERE = frozenset({"refused/too_large", "failed/no_files"})

_PRECEDENCE = {"failed": 0, "garbage": 0, "throttled": 1}
"""Which of several hosts' failures decides what follows: the one that a retry resolves soonest."""


@dataclass
class Attempt:
    """One host's turn, beginning at ``sent`` (``time.monotonic``). The transport sets ``first_byte`` (seconds)."""

    host: Host
    url: str
    patience: float | None
    """Seconds without a byte after which another host is tried, None where there is none."""
    sent: float
    first_byte: float | None = None
    error: AnswerError | None = None


FetchFrom = Callable[[Request, Attempt, Throttle], Awaitable[Response]]


class Failover:
    """The hosts' health is in ``crawler.host_pools``, which the two handlers (``http`` and ``https``) share."""

    def __init__(self, crawler: Crawler, fetch: FetchFrom, probe_host: ProbeHost) -> None:
        self._hosts = crawler.policies.hosts
        self._pools = crawler.host_pools
        self._fetch = fetch
        self._cdn_probe = CdnProbe(probe_host) if crawler.config.failover.prefer else None

    async def download(self, request: Request, named: Host, throttle: Throttle, *, probe: bool = False) -> Response:
        """The first good answer, else the AnswerError, of all hosts', that a retry resolves soonest.

        A ``probe`` is sent although the source is down.
        """
        pool = self._pools.of(named)
        if self._cdn_probe is not None and named.role == "cdn":
            self._cdn_probe.begin(pool, lambda host: self._hosts.url_at(request.url, host))
        attempts: list[Attempt] = []
        while len(attempts) < len(pool.hosts):
            # Inside the throttle: after a long wait another host may be the best choice.
            async with throttle.acquire(probe=probe):
                if (attempt := self._next_attempt(request, named, pool, attempts)) is None:
                    break
                attempts.append(attempt)
                try:
                    response = await self._fetch(request, attempt, throttle)
                except AnswerError as error:
                    # Without its traceback, whose frames keep the body and the request alive.
                    attempt.error = error.with_traceback(None)
                    self._note_failure(request, pool, attempt)
                else:
                    _record(pool, attempt, good=True)
                    _record_missing(pool, attempts, good=False)
                    return response
            if not _is_worth_another_host(attempts):
                break
        _record_missing(pool, attempts, good=None)
        raise _final_error(pool, attempts)

    def close(self) -> None:
        if self._cdn_probe is not None:
            self._cdn_probe.close()

    def _next_attempt(self, request: Request, named: Host, pool: HostPool, attempts: list[Attempt]) -> Attempt | None:
        now = time.monotonic()
        tried = [attempt.host for attempt in attempts]
        if (host := pool.choose(now, tried)) is None:
            return None
        address = request.url if host is named else self._hosts.url_at(request.url, host)
        has_fallback = host.role == "cdn" and pool.has_another(now, [*tried, host])
        return Attempt(host, address, self._pools.config.patience if has_fallback else None, now)

    def _note_failure(self, request: Request, pool: HostPool, attempt: Attempt) -> None:
        """Record a failure in the request's history and in the health of its host."""
        error, host = attempt.error, attempt.host
        assert error is not None
        request.meta["history"] = [*request.meta.get("history", ()), f"{error.reason} from {host.origin}"]
        if host.role == "cdn" and error.kind == "throttled":
            pause = DEFAULT_PAUSE if error.retry_after is None else error.retry_after
            pool.pause_until(host, time.monotonic() + pause)
        if error.kind != "gone":
            _record(
                pool, attempt, good=None if error.reason in _SAME_EVERYWHERE else is_host_success(host.role, error.kind)
            )


def _record(pool: HostPool, attempt: Attempt, *, good: bool | None) -> None:
    reason = attempt.error.reason if attempt.error else ""
    pool.record(attempt.host, good, sent=attempt.sent, now=time.monotonic(), seconds=attempt.first_byte, reason=reason)


def _record_missing(pool: HostPool, attempts: list[Attempt], *, good: bool | None) -> None:
    """Record 404s once their meaning is known: False if another host has the picture, None if none of them has."""
    for attempt in attempts:
        if attempt.error and attempt.error.kind == "gone":
            _record(pool, attempt, good=good)


def _is_worth_another_host(attempts: list[Attempt]) -> bool:
    """Whether another host may do better: for pictures unless one is too large; for the rest after failures."""
    last = attempts[-1]
    assert last.error is not None
    if last.host.role != "cdn":
        return last.error.kind == "failed"
    return last.error.reason not in _SAME_EVERYWHERE and not _is_gone(attempts)


def _is_gone(attempts: list[Attempt]) -> bool:
    return sum(attempt.error is not None and attempt.error.kind == "gone" for attempt in attempts) >= GONE_AFTER_HOSTS


def _final_error(pool: HostPool, attempts: list[Attempt]) -> AnswerError:
    """The failure, of all hosts', on which retry and reject act."""
    errors = [attempt.error for attempt in attempts if attempt.error]
    if not errors:
        return AnswerError("throttled", ALL_PAUSED, retry_after=pool.paused_for(time.monotonic()))
    if attempts[-1].host.role != "cdn" or _is_gone(attempts):
        return errors[-1]
    return min(errors, key=lambda error: _PRECEDENCE.get(error.kind, len(_PRECEDENCE)))
