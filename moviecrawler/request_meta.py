"""Every key of ``request.meta`` that this project sets or reads, with its type, and who sets and who reads it.

Requests in Redis carry part of them; what a queued request may say is checked by ``distributed.entry_check``.
"""

from typing import Any, NotRequired, Protocol, TypedDict, cast

from moviecrawler.documents import Kind, Source
from moviecrawler.items import Dropped


class Target(TypedDict):
    """The stored title that a request is about."""

    source: Source
    kind: Kind
    id: int
    """TMDB's id, the id of the document."""
    listed: NotRequired[bool]
    """A listing has shown it in this run, so it may not be stored."""


class RequestMeta(TypedDict, total=False):
    """``request.meta``; every key may be missing."""

    # --- set by spiders -----------------------------------------------------------------------------------------
    target: Target
    """What the request is about. Read by ``MovieSpider.failed`` and the rejects middleware: when it comes to nothing,
    a failed lookup of the title is noted beside the reject."""
    dedup_key: str
    """``tmdb/movies/603``: requests with the same key are queued once per crawl. Read by the dupefilter of the shared
    queue, which does not store it: a retry has to pass."""
    local: bool
    """The request carries state of the spider (a page of a listing), so it is not shared with other workers. Read by
    the scheduler of the shared queue, ``Backpressure``, and where a lost listing makes a run incomplete."""
    retry_longer: bool
    """Retried as a page of a listing is: its content is not known, so nothing else would find it. Read by the retry
    middleware."""
    skip_unless_due: list[Any]
    """``[kind, id]`` of a row of a listing. Removed by ``SkipNotDueMiddleware``, which drops the request when the title
    is stored and not due."""
    filter_verdict: Dropped | None
    """Why the content filter drops the row, None when it does not. Removed by ``SkipNotDueMiddleware``, which yields it
    in place of the request when the title is not stored."""
    refetched: bool
    """An empty page of a listing is requested a second time, past the cache. Set and read by ``TmdbSpider``."""
    dont_cache: bool
    """Neither answered from the response cache nor stored in it (Scrapy's own key)."""
    cache_revalidate: bool
    """A cached answer is used only after the site has confirmed it. Read by the cache policy."""

    # --- set on the way -----------------------------------------------------------------------------------------
    release: bool
    """Given up because the run ends: goes back to the shared queue for another worker. Set by ``MovieSpider.failed``,
    read by ``WorkerQueue``."""
    paced: bool
    """Counted by ``Backpressure`` as one of the requests of ``start()`` that have no answer yet."""
    delay: float
    """Seconds before the request may be sent again. Set by the retry middleware, removed by the scheduler."""
    retry_times: int
    """How many tries have failed (Scrapy's own key, which its retry middleware counts in the same way); a try that
    failed because the whole source was down does not count. Set by the retry middleware."""
    breaker_mark: list[Any]
    """``[breaker, streak, outage]`` at the last failure: ``policy.network.source_breaker.FailureMark``. Set and read by
    the retry middleware."""
    history: list[str]
    """``failed/500 from https://host`` for each failed attempt. Set by the failover, stored with a reject."""
    stale_usable: bool
    """The cache has an answer for the case that the site fails. Set by the cache middleware, read by admission and
    retry, which then do not wait."""
    cache_timestamp: float
    """Seconds since 1970: when the cached answer came. Set by the cache, read by its policy and ``fetched_at``."""
    cache_latency: float
    """Seconds that the cached answer took when it was downloaded."""

    # --- Scrapy's own -------------------------------------------------------------------------------------------
    download_slot: str
    """``https://host:port``, with which the downloader limits concurrency. In Redis it stands beside the request."""
    download_latency: float
    """Seconds until the whole answer had come. Set by the download handler, read by admission and the cache."""
    autothrottle_dont_adjust_delay: bool
    """This answer's latency says nothing of the site's load. Set for pictures of The Numbers."""


class CarriesMeta(Protocol):
    """A request of Scrapy, or the response to one."""

    @property
    def meta(self) -> dict[str, Any]: ...


def meta_of(request: CarriesMeta) -> RequestMeta:
    """``request.meta`` itself, with the types of its keys."""
    return cast(RequestMeta, request.meta)


def leads_to_titles(request: CarriesMeta) -> bool:
    """Whether the request is a page of a listing, or a search: nothing else would find what it leads to."""
    meta = meta_of(request)
    return bool(meta.get("local") or meta.get("retry_longer"))
