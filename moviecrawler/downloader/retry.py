"""What follows when an answer is not ok: once more later, the end of the run, or the spider's errback."""

import logging
import random
from typing import Any, Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest

from moviecrawler.downloader.failover import AWAY
from moviecrawler.exceptions import AnswerError, StoreError

logger = logging.getLogger(__name__)

_NAMES = {"tmdb": "TMDB", "omdb": "OMDB", "the_numbers": "The Numbers"}
_KEYS = {
    "tmdb": "Check TMDB_ACCESS_TOKEN or TMDB_API_KEY; a key is free: https://www.themoviedb.org/settings/api",
    "omdb": "Check OMDB_API_KEY; a key is free: https://www.omdbapi.com/apikey.aspx",
}

_ENDS_RUN = {
    "auth": ("wrong_key", "{source} refused the key ({reason}). {key}"),
    "quota": ("quota", "{source}'s quota of the day is used up; what is left stays due."),
    "blocked": ("blocked", "{source} blocks us ({reason}); nothing more is asked in this run."),
}
_THROTTLED_TOO_LONG = (
    "throttled",
    "{source} asks for a pause of {seconds:.0f} s; that is more than we wait. Run again later.",
)


class Retry:
    """Downloader middleware. The delay is ``policy.backoff``'s; the scheduler holds the request that long."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._hosts = crawler.policies.hosts
        self._backoff = crawler.policies.backoff

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_exception(self, request: Request, exception: Exception) -> Request | None:
        if isinstance(exception, StoreError):
            self._crawler.run.end("store_failed", str(exception))
            raise IgnoreRequest("store_failed")
        if not isinstance(exception, AnswerError):
            return None
        if end := self._end(request, exception):
            self._crawler.run.end(*end)
            raise IgnoreRequest(end[0])
        if not self._backoff.retries(exception.kind):
            return None
        # Who was not even sent, since all hosts asked for a pause, has not tried.
        tried = request.meta.get("tried", 0) + (exception.reason != AWAY)
        delay = self._backoff.delay(tried, exception.retry_after, random.random)
        if delay is None:
            self._crawler.stats.inc_value("retry/exhausted")
            return None
        if exception.reason != AWAY:
            self._crawler.stats.inc_value("retry/count")
            self._crawler.stats.inc_value(f"retry/{exception.reason}")
        logger.debug("%s: %s, again in %.1f s (try %d)", request.url, exception.reason, delay, tried + 1)
        return request.replace(dont_filter=True, meta={**request.meta, "tried": tried, "delay": delay})

    def _end(self, request: Request, answer: AnswerError) -> tuple[str, str] | None:
        """(finish reason, line for the person) when this answer of a source ends the run."""
        host = self._hosts.match(request.url)
        if host is None or not host.answers:
            return None
        facts: dict[str, Any] = {"source": _NAMES[host.source], "reason": answer.reason}
        if answer.kind in _ENDS_RUN:
            finish_reason, line = _ENDS_RUN[answer.kind]
            return finish_reason, line.format(key=_KEYS.get(host.source), **facts)
        if answer.kind == "throttled" and (answer.retry_after or 0) > self._backoff.retry_after_cap:
            finish_reason, line = _THROTTLED_TOO_LONG
            return finish_reason, line.format(seconds=answer.retry_after, **facts)
        return None
