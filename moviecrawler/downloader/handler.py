"""The last step before the wire, below any cache: which host, whose turn, and what kind of answer came."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.crawler import Crawler
from scrapy.http import Headers, HtmlResponse, JsonResponse, Response

from moviecrawler.downloader.admission import Admission
from moviecrawler.downloader.failover import PAUSE, Attempt, Failover
from moviecrawler.downloader.throttle import Throttle, Throttles
from moviecrawler.downloader.transport import Transport, questions
from moviecrawler.exceptions import AnswerError
from moviecrawler.policy.network.answers import Answer, Asked, classify, decode
from moviecrawler.policy.network.bodies import LET_IN
from moviecrawler.policy.network.hosts import Host
from moviecrawler.policy.secrets.api_keys import KEYS_OF
from moviecrawler.policy.secrets.redaction import Secrets

_KEPT = 250_000
"""Bytes of an API answer that is decoded only once; of larger ones, many would be in memory at a time."""


class ApiResponse(JsonResponse):
    """A JSON answer that was decoded once, below; the first ``json()`` hands that on and keeps nothing of it."""

    attributes = (*JsonResponse.attributes, "payload")

    def __init__(self, *args: Any, payload: dict[str, Any] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.payload = payload

    def json(self) -> Any:
        payload, self.payload = self.payload, None
        return decode(self.body) if payload is None else payload


class HttpDownloadHandler(BaseDownloadHandler):
    """Download handler of ``http`` and ``https``. Raises :class:`AnswerError` for all but ok answers.

    Whatever leaves it, response or exception, has the request's own URL: keyless, and of the first host. A key that a
    site repeats is redacted here, before anybody reads, keeps or stores its answer.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._stats = crawler.stats
        self._timing = crawler.timing
        self._hosts = crawler.policies.hosts
        self._longest_pause = crawler.policies.backoff.retry_after_cap
        self._wire = Transport(crawler.settings, lambda: crawler.engine.scraper.slot.needs_backout())
        self._secrets = crawler.policies.secrets
        self._told = {source: Secrets.told(source, crawler.settings) for source in KEYS_OF}
        crawler.run.on_deadline.append(self._wire.cut)
        self._gates = Throttles.of_crawler(crawler)
        self._admission = Admission.of_crawler(crawler)
        self._blocks = crawler.blocks
        self._failover = Failover(crawler, self._ask, self._knock)

    async def download_request(self, request: Request) -> Response:
        host = self._hosts.match(request.url)
        if host is None:
            raise AnswerError("refused", "refused/unknown_host")
        probe = await self._admission.admit(request, host)
        try:
            response = await self._failover.download(request, host, self._gates.of_host(host), probe=probe)
        except AnswerError as error:
            self._blocks.record(host, request.url, error.kind)
            if host.answers and self._blocks.blocked(host, error.kind):
                self._gates.of_host(host).shut()
            self._admission.settle(host, request, error, probe=probe)
            raise
        except BaseException:
            self._admission.let_go(host, probe=probe)
            raise
        self._blocks.record(host, request.url, "ok")
        self._admission.settle(host, request, None, probe=probe)
        return response

    async def _ask(self, request: Request, attempt: Attempt, gate: Throttle) -> Response:
        """One host's answer, once the gate is passed; AnswerError for all but ok ones."""
        host = attempt.host
        try:
            status, headers, body = await self._wire.fetch(request, attempt)
        finally:
            request.meta["download_latency"] = seconds = time.monotonic() - attempt.sent
            self._timing.record(f"download/{host.role}", seconds)
            self._count_request(host)
        body = self._without_key(host, body)
        answer = classify(
            role=_asked_for(host, attempt.url),
            source=host.source,
            status=status,
            headers_get=headers.get,
            body=body,
            now=datetime.now(UTC),
        )
        if status == 304 and not questions(request):
            answer = Answer("garbage", "garbage/304")
        self._count(host, status, len(body), answer.kind)
        if host.answers:
            await self._tell(gate, host, answer, attempt.sent)
        if answer.kind != "ok":
            excerpt = self._secrets.excerpt(body)
            raise AnswerError(
                answer.kind, answer.reason, status=status, retry_after=answer.retry_after, excerpt=excerpt
            )
        return _response(request, host, status, self._kept(headers), body, answer.payload)

    def _without_key(self, host: Host, body: bytes) -> bytes:
        """The answer of a source that was told a key; one that repeats it is counted."""
        if host.role != "api":
            return body
        redacted = self._told[host.source].redact_bytes(body)
        if redacted != body:
            self._stats.inc_value(f"answers/{host.origin}/repeats_key")
        return redacted

    def _kept(self, headers: Mapping[str, str]) -> dict[str, str]:
        """What somebody reads of them; nothing of a site that repeats a key there."""
        kept = {name: value for name, value in headers.items() if name.lower() in _READ}
        said = "\n".join(kept.values())
        return kept if self._secrets.redact(said) == said else {}

    async def _tell(self, gate: Throttle, host: Host, answer: Answer, sent: float) -> None:
        """What a source's answer means for all who wait to ask it."""
        pause = PAUSE if answer.retry_after is None else answer.retry_after
        is_last = answer.kind == "quota" or (answer.kind == "auth" and self._blocks.blocked(host, "auth"))
        if pause > self._longest_pause or is_last:
            gate.shut()  # ``retry.py`` ends the run with its line
        elif answer.kind == "throttled":
            left = await gate.pause(pause, sent)
            if left is not None:
                self._stats.min_value(f"budget/{host.source}/share", round(left, 3))
        elif answer.kind in LET_IN:
            gate.confirm_key()

    async def _knock(self, host: Host, url: str) -> bool:
        self._count_request(host)
        return await self._wire.probe_host(host, url)

    def _count_request(self, host: Host) -> None:
        self._stats.inc_value("downloader/request_count")
        self._stats.inc_value(f"requests/{host.origin}")

    def _count(self, host: Host, status: int, size: int, kind: str) -> None:
        inc = self._stats.inc_value
        inc("downloader/response_count")
        inc(f"downloader/response_status_count/{status}")
        inc("downloader/response_bytes", size)
        inc(f"answers/{host.origin}/{kind}")

    async def close(self) -> None:
        self._failover.close()
        await self._wire.close()
        self._gates.close()


def _response(
    request: Request, host: Host, status: int, headers: dict[str, str], body: bytes, payload: dict[str, Any] | None
) -> Response:
    common: dict[str, Any] = {"url": request.url, "status": status, "body": body, "request": request}
    common["headers"] = Headers(headers)
    if payload is not None:
        return ApiResponse(payload=payload if len(body) <= _KEPT else None, encoding="utf-8", **common)
    # Whatever the headers and the page itself say: "PokÃ©mon" is what others have read.
    return HtmlResponse(encoding="utf-8", **common) if host.role == "page" else Response(**common)


def _asked_for(host: Host, url: str) -> Asked:
    """What ``policy.network.answers`` has to judge."""
    if host.role == "page" and urlsplit(url).path == "/robots.txt":
        return "robots"
    return "picture" if host.role == "cdn" else host.role


_READ = frozenset({"etag", "last-modified", "date", "content-type", "cache-control"})
