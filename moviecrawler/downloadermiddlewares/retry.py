"""What follows when an answer is not ok: a retry, the end of the run, or the spider's errback."""

import logging
import random
import time
from typing import Any, Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.statscollectors import StatsCollector

from moviecrawler.downloader.admission import SOURCE_DOWN, Admission
from moviecrawler.downloader.failover import ALL_PAUSED
from moviecrawler.downloader.throttle import DAILY_QUOTA_USED_UP
from moviecrawler.exceptions import AnswerError, StoreError
from moviecrawler.lifecycle import CrawlLifecycle
from moviecrawler.policy.network.backoff import Backoff, is_unlikely_to_recover
from moviecrawler.policy.network.block_detector import REFUSAL_KINDS, BlockDetector
from moviecrawler.policy.network.hosts import Hosts
from moviecrawler.policy.network.source_breaker import FailureMark, SourceBreakers
from moviecrawler.policy.prerequisites import wrong_key_message
from moviecrawler.policy.source_names import source_name
from moviecrawler.request_meta import RequestMeta, meta_of
from moviecrawler.runtime import Runtime

logger = logging.getLogger(__name__)

_NOT_SENT = frozenset({ALL_PAUSED, SOURCE_DOWN})
"""Reasons of requests that were not sent, and so used up no try: all hosts asked for a pause, or the source is down."""

_ENDS_RUN = {
    "auth": ("wrong_key", "{source} refused the key ({reason}). {key}"),
    "quota": ("quota", "{source}'s daily quota is used up; what is left stays due."),
    "blocked": (
        "blocked",
        "{source} blocks us ({reason}); the last answer was to {url}. No more requests are sent in this run.",
    ),
}
_THROTTLED_TOO_LONG = (
    "throttled",
    "{source} asks for a pause of {seconds:.0f} s, which is longer than a run waits. Run again later.",
)


class RetryMiddleware:
    """Downloader middleware. ``policy.network.backoff`` decides the delay; the scheduler holds the request for it."""

    def __init__(
        self,
        *,
        hosts: Hosts,
        backoff: Backoff,
        admission: Admission,
        breakers: SourceBreakers,
        block_detector: BlockDetector,
        lifecycle: CrawlLifecycle,
        stats: StatsCollector,
        sources_with_quota: frozenset[str],
    ) -> None:
        self._hosts, self._backoff, self._admission = hosts, backoff, admission
        self._breakers, self._block_detector = breakers, block_detector
        self._lifecycle, self._stats = lifecycle, stats
        self._sources_with_quota = sources_with_quota

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        runtime = Runtime.of(crawler)
        return cls(
            hosts=runtime.policies.hosts,
            backoff=runtime.policies.backoff,
            admission=Admission.of(crawler),
            breakers=runtime.breakers,
            block_detector=runtime.block_detector,
            lifecycle=runtime.lifecycle,
            stats=crawler.stats,
            sources_with_quota=frozenset(name for name, source in runtime.config.sources.items() if source.quota),
        )

    def process_exception(self, request: Request, exception: Exception) -> Request | None:
        if isinstance(exception, StoreError):
            self._lifecycle.stop("store_failed", str(exception))
            raise IgnoreRequest("store_failed")
        if not isinstance(exception, AnswerError):
            return None
        if end := self._reason_to_end(request, exception):
            self._lifecycle.stop(*end)
            raise IgnoreRequest(end[0])
        if not self._backoff.is_retried(exception.kind):
            return None
        return self._retry(request, exception)

    def _retry(self, request: Request, answer: AnswerError) -> Request | None:
        """The request to retry later; None to give up. A failure that is the source's fault uses up no try."""
        host, now, sent = self._hosts.match(request.url), time.monotonic(), answer.reason not in _NOT_SENT
        if host is None:
            return None
        breaker, meta = self._breakers.of(host), meta_of(request)
        mark = FailureMark(*meta["breaker_mark"]) if "breaker_mark" in meta else None
        tried = meta.get("retry_times", 0) if breaker.keeps_tries(mark) else 0
        if answer.kind in REFUSAL_KINDS and self._block_detector.is_blocked(host, answer.kind):
            line = f"the {source_name(host)} refuse every picture ({answer.reason}); pictures stay due: run again."
            self._lifecycle.give_up("pictures", line)  # for any other host the run has ended already
            return None
        if sent and answer.kind not in REFUSAL_KINDS:
            mark = breaker.record_failure(request.url, mark, now, answer.reason)
        if breaker.has_expired(now) and not meta.get("stale_usable"):
            self._admission.give_up(host)
            if host.has_titles:
                raise IgnoreRequest("the source is down")
            return None
        if breaker.is_open:
            if meta.get("stale_usable"):
                return None
            delay: float | None = 0.0
        else:
            tried += sent
            delay = self._backoff.delay(
                tried,
                answer.retry_after,
                random.random,
                listing=bool(meta.get("retry_longer")),
                few_tries=is_unlikely_to_recover(
                    answer.kind, answer.reason, has_quota=host.source in self._sources_with_quota
                ),
            )
        if delay is None:
            self._stats.inc_value("retry/exhausted")
            return None
        if sent:
            self._stats.inc_value("retry/count")
            self._stats.inc_value(f"retry/{answer.reason}")
        logger.debug("%s: %s, again in %.1f s (try %d)", request.url, answer.reason, delay, tried + 1)
        later: RequestMeta = {**meta, "retry_times": tried, "delay": delay}
        if mark is not None:
            later["breaker_mark"] = list(mark)
        return request.replace(dont_filter=True, meta=later)

    def _reason_to_end(self, request: Request, answer: AnswerError) -> tuple[str, str] | None:
        """(finish reason, log line) when this answer of a source ends the run."""
        host = self._hosts.match(request.url)
        if host is None or not host.has_titles:
            return None
        facts: dict[str, Any] = {"source": source_name(host), "reason": answer.reason, "url": request.url}
        if answer.kind == "quota" and answer.reason != DAILY_QUOTA_USED_UP:
            self._stats.set_value(f"quota/{host.source}/refused", 1)
        if answer.kind in _ENDS_RUN and (
            answer.kind not in REFUSAL_KINDS or self._block_detector.is_blocked(host, answer.kind)
        ):
            finish_reason, line = _ENDS_RUN[answer.kind]
            return finish_reason, line.format(key=wrong_key_message(host.source), **facts)
        if answer.kind == "throttled" and (answer.retry_after or 0) > self._backoff.config.retry_after_cap:
            finish_reason, line = _THROTTLED_TOO_LONG
            return finish_reason, line.format(seconds=answer.retry_after, **facts)
        return None
