"""Requests wait here while their source is down; one at a time goes as a probe, so probes go through all that wait."""

import asyncio
import logging
import time
from collections import defaultdict
from typing import Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest

from moviecrawler.exceptions import AnswerError
from moviecrawler.policy.network.bodies import LET_IN
from moviecrawler.policy.network.hosts import Host
from moviecrawler.policy.network.source_breaker import SourceBreaker
from moviecrawler.policy.source_names import source_name

logger = logging.getLogger(__name__)

DOWN = "failed/source_down"
"""The reason of a request that was not sent, since its source is down."""

_LOOK_UP = 0.25  # seconds after which a waiting request looks whether anything has changed


class Admission:
    """Lets requests through to the hosts of their source, by its breaker in ``crawler.breakers``."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._stats = crawler.stats
        self._turns: dict[SourceBreaker, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._said: set[SourceBreaker] = set()

    @classmethod
    def of_crawler(cls, crawler: Crawler) -> Self:
        """The two handlers (``http`` and ``https``) and the retries share one."""
        if not hasattr(crawler, "admission"):
            crawler.admission = cls(crawler)
        return crawler.admission

    async def admit(self, request: Request, host: Host) -> bool:
        """Return when the request may be sent: True if it is a probe. AnswerError (``DOWN``) when it must not wait.

        IgnoreRequest when the run has ended meanwhile, or ends now since the source has been down for too long.
        """
        breaker: SourceBreaker = self._crawler.breakers.of(host)
        if not breaker.is_open:
            return False
        async with self._turns[breaker]:  # first come, first served
            while breaker.is_open:
                if self._crawler.run.is_stopping or not self._crawler.engine.running:
                    raise IgnoreRequest("not sent: the run is closed")
                now = time.monotonic()
                self._say(breaker, host, now)
                if breaker.admits_probe(now):
                    self._stats.inc_value(f"outages/{_slug(host)}/probes")
                    return True
                if request.meta.get("stale_usable"):
                    raise AnswerError("failed", DOWN)  # for downloadermiddlewares/stale_if_error.py
                if breaker.has_expired(now):
                    self.expire(host)
                    raise AnswerError("failed", DOWN) if not host.answers else IgnoreRequest("the source is down")
                await asyncio.sleep(_LOOK_UP)
        return False

    def expire(self, host: Host) -> None:
        """The source has been down for too long: the run ends; without pictures it goes on."""
        breaker: SourceBreaker = self._crawler.breakers.of(host)
        name, seconds = source_name(host), breaker.down_for(time.monotonic())
        if host.answers:
            line = f"no answer from {name} for {seconds:.0f} s ({breaker.last_reason} at {host.origin})"
            self._crawler.run.stop_incomplete(
                f"source/{host.source}", f"{line}; what is not stored stays due: run again."
            )
        elif host.role == "cdn":
            line = f"no picture from the {name} for {seconds:.0f} s ({breaker.last_reason}); pictures stay due"
            self._crawler.run.give_up("pictures", f"{line}: run again.")

    def settle(self, host: Host, request: Request, error: AnswerError | None, *, probe: bool) -> None:
        """What came of an admitted request: ``error`` None for an ok answer.

        Failures of the source are recorded by ``retry.py``, with what the request remembers of them.
        """
        breaker: SourceBreaker = self._crawler.breakers.of(host)
        kind = "ok" if error is None else error.kind
        if kind in LET_IN:
            now = time.monotonic()
            self._note_success(breaker, host, now, now - request.meta.get("download_latency", 0))
        elif error is not None and error.reason != DOWN and probe:
            breaker.end_probe(time.monotonic(), failed=True)

    def let_go(self, host: Host, *, probe: bool) -> None:
        """An admitted request was not sent."""
        if probe:
            self._crawler.breakers.of(host).end_probe(time.monotonic(), failed=False)

    def _note_success(self, breaker: SourceBreaker, host: Host, now: float, sent: float) -> None:
        down_for = breaker.record_success(now, sent)
        if down_for is not None:
            self._said.discard(breaker)
            self._stats.inc_value(f"outages/{_slug(host)}/seconds", round(down_for, 1))
            logger.info("%s: answers again, after %.0f s", source_name(host), down_for)

    def _say(self, breaker: SourceBreaker, host: Host, now: float) -> None:
        if breaker.is_down(now) and breaker not in self._said:
            self._said.add(breaker)
            self._stats.inc_value(f"outages/{_slug(host)}/count")
            line = "%s: no answer for %.0f s (%s); waiting, with a probe now and then (SOURCE_PATIENCE)"
            logger.warning(line, source_name(host), breaker.down_for(now), breaker.last_reason)


def _slug(host: Host) -> str:
    return host.source if host.answers else f"{host.source}_{host.role}"
