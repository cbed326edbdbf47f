"""Holds requests back while their source is down; one at a time is let through as a probe."""

import asyncio
import logging
import time
from collections import defaultdict
from typing import Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.statscollectors import StatsCollector

from moviecrawler.exceptions import AnswerError
from moviecrawler.lifecycle import CrawlLifecycle
from moviecrawler.policy.network.bodies import WORKING_SOURCE_KINDS
from moviecrawler.policy.network.hosts import Host
from moviecrawler.policy.network.source_breaker import SourceBreaker, SourceBreakers
from moviecrawler.policy.source_names import source_name
from moviecrawler.request_meta import meta_of
from moviecrawler.runtime import Runtime

logger = logging.getLogger(__name__)

SOURCE_DOWN = "failed/source_down"
"""The reason of a request that was not sent because its source is down."""

_CHECK_INTERVAL = 0.25  # seconds between the checks of a waiting request


class Admission:
    """Lets requests through to the hosts of their source, by its breaker."""

    def __init__(self, breakers: SourceBreakers, lifecycle: CrawlLifecycle, stats: StatsCollector) -> None:
        self._breakers, self._lifecycle, self._stats = breakers, lifecycle, stats
        self._locks: dict[SourceBreaker, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._announced: set[SourceBreaker] = set()

    @classmethod
    def of(cls, crawler: Crawler) -> Self:
        """The one of this crawler, shared by the two handlers (``http`` and ``https``) and the retry middleware."""
        runtime = Runtime.of(crawler)
        return runtime.part(cls, lambda: cls(runtime.breakers, runtime.lifecycle, crawler.stats))

    async def admit(self, request: Request, host: Host) -> bool:
        """Return when the request may be sent: True if it is a probe.

        AnswerError (``SOURCE_DOWN``) when a stale answer can stand in for it, so that it need not wait. IgnoreRequest
        when the run has ended meanwhile, or ends now because the source has been down for too long.
        """
        breaker = self._breakers.of(host)
        if not breaker.is_open:
            return False
        async with self._locks[breaker]:  # first come, first served
            while breaker.is_open:
                if not self._lifecycle.is_running:
                    raise IgnoreRequest("not sent: the run is closed")
                now = time.monotonic()
                self._announce(breaker, host, now)
                if breaker.try_start_probe(now):
                    self._stats.inc_value(f"outages/{_slug(host)}/probes")
                    return True
                if meta_of(request).get("stale_usable"):
                    raise AnswerError("failed", SOURCE_DOWN)  # for downloadermiddlewares/stale_if_error.py
                if breaker.has_expired(now):
                    self.give_up(host)
                    raise (
                        AnswerError("failed", SOURCE_DOWN)
                        if not host.has_titles
                        else IgnoreRequest("the source is down")
                    )
                await asyncio.sleep(_CHECK_INTERVAL)
        return False

    def give_up(self, host: Host) -> None:
        """The source has been down for too long: the run ends; for an image host it goes on without pictures."""
        breaker = self._breakers.of(host)
        name, seconds = source_name(host), breaker.down_for(time.monotonic())
        if host.has_titles:
            line = f"no answer from {name} for {seconds:.0f} s ({breaker.last_reason} at {host.origin})"
            self._lifecycle.stop_incomplete(
                f"source/{host.source}", f"{line}; what is not stored stays due: run again."
            )
        elif host.role == "cdn":
            line = f"no picture from the {name} for {seconds:.0f} s ({breaker.last_reason}); pictures stay due"
            self._lifecycle.give_up("pictures", f"{line}: run again.")

    def record_outcome(self, host: Host, request: Request, error: AnswerError | None, *, probe: bool) -> None:
        """Record the outcome of an admitted request: ``error`` is None for an ok answer.

        Failures of the source are recorded by ``retry.py``, with the mark that the request carries.
        """
        breaker = self._breakers.of(host)
        kind = "ok" if error is None else error.kind
        if kind in WORKING_SOURCE_KINDS:
            now = time.monotonic()
            self._note_success(breaker, host, now, now - meta_of(request).get("download_latency", 0))
        elif error is not None and error.reason != SOURCE_DOWN and probe:
            breaker.end_probe(time.monotonic(), failed=True)

    def release(self, host: Host, *, probe: bool) -> None:
        """An admitted request was not sent."""
        if probe:
            self._breakers.of(host).end_probe(time.monotonic(), failed=False)

    def _note_success(self, breaker: SourceBreaker, host: Host, now: float, sent: float) -> None:
        down_for = breaker.record_success(now, sent)
        if down_for is not None:
            self._announced.discard(breaker)
            self._stats.inc_value(f"outages/{_slug(host)}/seconds", round(down_for, 1))  # type: ignore[arg-type]
            logger.info("%s: answers again, after %.0f s", source_name(host), down_for)

    def _announce(self, breaker: SourceBreaker, host: Host, now: float) -> None:
        if breaker.is_down(now) and breaker not in self._announced:
            self._announced.add(breaker)
            self._stats.inc_value(f"outages/{_slug(host)}/count")
            line = "%s: no answer for %.0f s (%s); waiting, with a probe now and then (SOURCE_PATIENCE)"
            logger.warning(line, source_name(host), breaker.down_for(now), breaker.last_reason)


def _slug(host: Host) -> str:
    return host.source if host.has_titles else f"{host.source}_{host.role}"
