"""The last step before the network, below any cache: chooses a host, waits for the throttle, classifies the answer."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Self
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.crawler import Crawler
from scrapy.http import Headers, HtmlResponse, JsonResponse, Response

from moviecrawler.downloader.admission import Admission
from moviecrawler.downloader.failover import DEFAULT_PAUSE, Attempt, Failover
from moviecrawler.downloader.throttle import Throttle, Throttles
from moviecrawler.downloader.transport import Transport, conditional_headers
from moviecrawler.engine import is_backed_out
from moviecrawler.exceptions import AnswerError
from moviecrawler.policy.network.answers import Answer, ResourceKind, classify, decode
from moviecrawler.policy.network.block_detector import BlockDetector
from moviecrawler.policy.network.bodies import WORKING_SOURCE_KINDS
from moviecrawler.policy.network.host_pool import HostPools
from moviecrawler.policy.network.hosts import Host, origin
from moviecrawler.policy.secrets.redaction import Secrets
from moviecrawler.policy.timing import Timing
from moviecrawler.request_meta import meta_of
from moviecrawler.runtime import Policies, Runtime
from moviecrawler.sources import source_named
from moviecrawler.spider_protocol import is_foreign

_MAX_KEPT_PAYLOAD = 250_000
"""Bytes of an API answer whose decoded payload is kept; of larger ones too many would be in memory at a time."""


class ApiResponse(JsonResponse):
    """A JSON answer already decoded by the handler; the first ``json()`` returns that payload and drops it."""

    attributes = (*JsonResponse.attributes, "payload")

    def __init__(self, *args: Any, payload: dict[str, Any] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.payload = payload

    def json(self) -> Any:
        payload, self.payload = self.payload, None
        return decode(self.body) if payload is None else payload


class HttpDownloadHandler(BaseDownloadHandler):
    """Download handler of ``http`` and ``https``. Raises :class:`AnswerError` for all but ok answers.

    Whatever leaves it, response or exception, has the request's own URL: without a key, and of the first host. A key
    that a site repeats is redacted here, before the answer is read, cached or stored.

    A host that no setting names is refused to our spiders; for a foreign one, ``other_hosts`` (Scrapy's own handler)
    downloads from it.
    """

    def __init__(
        self,
        crawler: Crawler,
        *,
        policies: Policies,
        host_pools: HostPools,
        block_detector: BlockDetector,
        throttles: Throttles,
        admission: Admission,
        transport: Transport,
        timing: Timing,
        source_secrets: Mapping[str, Secrets],
        other_hosts: BaseDownloadHandler | None,
    ) -> None:
        super().__init__(crawler)
        self._stats, self._timing = crawler.stats, timing
        self._hosts, self._secrets = policies.hosts, policies.secrets
        self._longest_pause = policies.backoff.config.retry_after_cap
        self._source_secrets = source_secrets
        self._throttles, self._admission, self._block_detector = throttles, admission, block_detector
        self._transport, self._other_hosts = transport, other_hosts
        self._user_agent: str = crawler.settings["USER_AGENT"]
        self._failover = Failover(policies.hosts, host_pools, self._fetch, self._probe_host)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        runtime = Runtime.of(crawler)
        transport = Transport(runtime.config, crawler.settings["USER_AGENT"], lambda: is_backed_out(crawler))
        runtime.lifecycle.on_deadline.append(transport.cut)
        return cls(
            crawler,
            policies=runtime.policies,
            host_pools=runtime.host_pools,
            block_detector=runtime.block_detector,
            throttles=Throttles.of(crawler),
            admission=Admission.of(crawler),
            transport=transport,
            timing=runtime.timing,
            source_secrets={name: Secrets.of_source(source) for name, source in runtime.config.sources.items()},
            other_hosts=_scrapys_handler(crawler) if is_foreign(crawler) else None,
        )

    async def download_request(self, request: Request) -> Response:
        host = self._hosts.match(request.url)
        if host is None:
            return await self._download_elsewhere(request)
        probe = await self._admission.admit(request, host)
        try:
            response = await self._failover.download(request, host, self._throttles.of_host(host), probe=probe)
        except AnswerError as error:
            self._block_detector.record(host, request.url, error.kind)
            if host.has_titles and self._block_detector.is_blocked(host, error.kind):
                self._throttles.of_host(host).close()
            self._admission.record_outcome(host, request, error, probe=probe)
            raise
        except BaseException:
            self._admission.release(host, probe=probe)
            raise
        self._block_detector.record(host, request.url, "ok")
        self._admission.record_outcome(host, request, None, probe=probe)
        return response

    async def _download_elsewhere(self, request: Request) -> Response:
        if self._other_hosts is None:
            raise AnswerError("refused", "refused/unknown_host")
        request.headers.setdefault("User-Agent", self._user_agent)
        self._count_request(origin(request.url))
        return await self._other_hosts.download_request(request)

    async def _fetch(self, request: Request, attempt: Attempt, throttle: Throttle) -> Response:
        """One host's answer, inside the throttle; AnswerError for all but ok ones."""
        host = attempt.host
        try:
            status, headers, body = await self._transport.fetch(request, attempt)
        finally:
            meta_of(request)["download_latency"] = seconds = time.monotonic() - attempt.sent
            self._timing.record(f"download/{host.role}", seconds)
            self._count_request(host.origin)
        body = self._redacted(host, body)
        answer = classify(
            resource=_resource_kind(host, attempt.url),
            status=status,
            headers_get=headers.get,
            body=body,
            now=datetime.now(UTC),
            api=source_named(host.source).answers,
        )
        if status == 304 and not conditional_headers(request):
            answer = Answer("garbage", "garbage/304")
        self._count(host, status, len(body), answer.kind)
        if host.has_titles:
            await self._apply_to_throttle(throttle, host, answer, attempt.sent)
        if answer.kind != "ok":
            excerpt = self._secrets.excerpt(body)
            raise AnswerError(
                answer.kind, answer.reason, status=status, retry_after=answer.retry_after, excerpt=excerpt
            )
        return _response(request, host, status, self._kept_headers(headers), body, answer.payload)

    def _redacted(self, host: Host, body: bytes) -> bytes:
        """The answer of a source that gets a key, without that key; answers that repeat it are counted."""
        if host.role != "api":
            return body
        redacted = self._source_secrets[host.source].redact_bytes(body)
        if redacted != body:
            self._stats.inc_value(f"answers/{host.origin}/repeats_key")
        return redacted

    def _kept_headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        """The headers that are read later; none of an answer that repeats a key in them."""
        kept = {name: value for name, value in headers.items() if name.lower() in _READ_HEADERS}
        joined = "\n".join(kept.values())
        return kept if self._secrets.redact(joined) == joined else {}

    async def _apply_to_throttle(self, throttle: Throttle, host: Host, answer: Answer, sent: float) -> None:
        """Confirm the key, pause or close the throttle, as the source's answer demands."""
        pause = DEFAULT_PAUSE if answer.retry_after is None else answer.retry_after
        is_last = answer.kind == "quota" or (answer.kind == "auth" and self._block_detector.is_blocked(host, "auth"))
        if pause > self._longest_pause or is_last:
            throttle.close()  # ``retry.py`` ends the run with its line
        elif answer.kind == "throttled":
            left = await throttle.pause(pause, sent)
            if left is not None:
                self._stats.min_value(f"budget/{host.source}/share", round(left, 3))
        elif answer.kind in WORKING_SOURCE_KINDS:
            throttle.confirm_key()

    async def _probe_host(self, host: Host, url: str) -> bool:
        self._count_request(host.origin)
        return await self._transport.probe_host(host, url)

    def _count_request(self, origin: str) -> None:
        self._stats.inc_value("downloader/request_count")
        self._stats.inc_value(f"requests/{origin}")

    def _count(self, host: Host, status: int, size: int, kind: str) -> None:
        inc = self._stats.inc_value
        inc("downloader/response_count")
        inc(f"downloader/response_status_count/{status}")
        inc("downloader/response_bytes", size)
        inc(f"answers/{host.origin}/{kind}")

    async def close(self) -> None:
        self._failover.close()
        await self._transport.close()
        self._throttles.close()
        if self._other_hosts is not None:
            await self._other_hosts.close()


def _scrapys_handler(crawler: Crawler) -> BaseDownloadHandler:
    from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler  # our own spiders never need it

    return HTTP11DownloadHandler.from_crawler(crawler)


def _response(
    request: Request, host: Host, status: int, headers: dict[str, str], body: bytes, payload: dict[str, Any] | None
) -> Response:
    common: dict[str, Any] = {"url": request.url, "status": status, "body": body, "request": request}
    common["headers"] = Headers(headers)
    if payload is not None:
        return ApiResponse(payload=payload if len(body) <= _MAX_KEPT_PAYLOAD else None, encoding="utf-8", **common)
    # UTF-8 whatever the headers and the page itself declare: trusting them has produced "PokÃ©mon".
    return HtmlResponse(encoding="utf-8", **common) if host.role == "page" else Response(**common)


def _resource_kind(host: Host, url: str) -> ResourceKind:
    """What ``policy.network.answers`` has to classify."""
    if host.role == "page" and urlsplit(url).path == "/robots.txt":
        return "robots"
    return "picture" if host.role == "cdn" else host.role


_READ_HEADERS = frozenset({"etag", "last-modified", "date", "content-type", "cache-control"})
