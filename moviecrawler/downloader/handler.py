"""The last step before the wire, below any cache: host, gate, credentials, timeouts, and what kind of answer came.

It speaks HTTP through aiohttp (its parser is in C: 0.77 ms of CPU a request where Scrapy's Twisted handler takes
1.08), and it is the one place that knows a key: whatever leaves it, response or exception, has the keyless URL.
"""

import time
from collections import deque
from datetime import UTC, datetime
from typing import Any

import aiohttp
from scrapy import Request
from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.crawler import Crawler
from scrapy.http import Headers, HtmlResponse, JsonResponse, Response
from yarl import URL

from moviecrawler.downloader.credentials import Credentials
from moviecrawler.downloader.failover import PAUSE, Attempt, Failover
from moviecrawler.downloader.gate import Gate, Gates
from moviecrawler.downloader.proxies import proxy_for
from moviecrawler.downloader.session import open_session
from moviecrawler.exceptions import AnswerError
from moviecrawler.policy.answers import Answer, classify
from moviecrawler.policy.hosts import Host

_CLOSING = frozenset({"auth", "quota", "blocked"})
"""Kinds of an API's answer after which nothing more is sent; ``retry.py`` ends the run with its line."""

_PROVING = frozenset({"ok", "gone", "refused"})
"""Kinds that only a right key gets; an error of the server proves nothing."""

_EXCERPT = 300  # characters of a bad answer that a reject keeps


class ApiResponse(JsonResponse):
    """A JSON answer that was decoded once, below; ``json()`` hands that on."""

    attributes = (*JsonResponse.attributes, "payload")

    def __init__(self, *args: Any, payload: dict[str, Any] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.payload = payload

    def json(self) -> Any:
        return super().json() if self.payload is None else self.payload


class Handler(BaseDownloadHandler):
    """Download handler of ``http`` and ``https``. Raises :class:`AnswerError` for all but ok answers."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        settings = crawler.settings
        self._stats = crawler.stats
        self._hosts = crawler.policies.hosts
        self._credentials = Credentials.from_settings(settings)
        self._max_size = settings.getint("DOWNLOAD_MAXSIZE")
        self._silence = settings.getfloat("CONNECT_TIMEOUT")
        self._whole = {"api": settings.getfloat("DOWNLOAD_TIMEOUT"), "cdn": settings.getfloat("IMAGES_TIMEOUT")}
        self._headers = {"User-Agent": settings["USER_AGENT"], "Accept-Encoding": "gzip, deflate"}
        self._session: aiohttp.ClientSession | None = None
        self._longest_pause = crawler.policies.backoff.retry_after_cap
        self._gates = Gates.of_crawler(crawler)
        self._failover = Failover(crawler, self._ask)

    async def download_request(self, request: Request) -> Response:
        host = self._hosts.match(request.url)
        if host is None:
            raise AnswerError("refused", "refused/unknown_host")
        return await self._failover.download(request, host)

    async def _ask(self, request: Request, attempt: Attempt) -> Response:
        """One host's answer; AnswerError for all but ok ones."""
        host = attempt.host
        gate = self._gates.of_host(host)
        async with gate.entered():
            attempt.sent = time.monotonic()
            try:
                status, headers, body = await self._fetch(request, attempt)
            finally:
                request.meta["download_latency"] = time.monotonic() - attempt.sent
                self._stats.inc_value("downloader/request_count")
                self._stats.inc_value(f"requests/{host.origin}")
            answer = classify(
                role="api" if host.role == "api" else "picture",
                source=host.source,
                status=status,
                headers_get=headers.get,
                body=body,
                now=datetime.now(UTC),
            )
            self._count(host, status, len(body), answer.kind)
            if host.role == "api":
                await self._tell(gate, host, answer, attempt.sent)
        if answer.kind != "ok":
            excerpt = body[:_EXCERPT].decode("utf-8", "replace")
            raise AnswerError(
                answer.kind, answer.reason, status=status, retry_after=answer.retry_after, excerpt=excerpt
            )
        return _response(request, host, status, headers, body, answer.payload)

    async def _tell(self, gate: Gate, host: Host, answer: Answer, sent: float) -> None:
        """What an API's answer means for all who wait to ask it."""
        pause = PAUSE if answer.retry_after is None else answer.retry_after
        if pause > self._longest_pause or answer.kind in _CLOSING:
            gate.shut()
        elif answer.kind == "throttled":
            left = await gate.pause(pause, sent)
            if left is not None:
                self._stats.min_value(f"budget/{host.source}/share", round(left, 3))
        elif answer.kind in _PROVING:
            gate.prove()

    async def _fetch(self, request: Request, attempt: Attempt) -> tuple[int, Any, bytes]:
        """Status, headers and whole body; every failure of the network becomes a keyless AnswerError."""
        if self._session is None:
            self._session = open_session(self._headers)
        host = attempt.host
        url, signature = self._credentials.sign(host, attempt.url)
        headers = {name.decode(): value[0].decode("latin-1") for name, value in request.headers.items() if value}
        try:
            async with self._session.get(
                URL(url, encoded=True),
                headers={**headers, **signature},
                timeout=self._timeout(attempt),
                proxy=proxy_for(host.origin),
                allow_redirects=False,
            ) as response:
                attempt.first_byte = time.monotonic() - attempt.sent
                return response.status, response.headers, await self._read(response)
        except TimeoutError:
            reason = "failed/timeout"
        except aiohttp.ClientPayloadError:
            reason = "garbage/truncated"
        except aiohttp.ClientConnectorDNSError:
            reason = "failed/dns"
        except aiohttp.ClientSSLError:
            reason = "failed/tls"
        except aiohttp.ClientConnectorError:
            reason = "failed/refused"
        except (aiohttp.ClientError, OSError, ValueError):
            reason = "failed/connection"
        # Raised outside of the except clause: the cause may hold the keyed URL, and __context__ would keep it.
        raise AnswerError(reason.partition("/")[0], reason)

    def _timeout(self, attempt: Attempt) -> aiohttp.ClientTimeout:
        silence = min(self._silence, attempt.patience or self._silence)
        # A look-up of the name has no limit of its own in aiohttp; while there is another host, it counts too.
        return aiohttp.ClientTimeout(
            total=self._whole[attempt.host.role], connect=attempt.patience, sock_connect=silence, sock_read=silence
        )

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        """The decompressed body, as far as it is not larger than DOWNLOAD_MAXSIZE."""
        chunks: deque[bytes] = deque()
        size = 0
        async for chunk in response.content.iter_any():
            size += len(chunk)
            if size > self._max_size:
                raise AnswerError("refused", "refused/too_large", status=response.status)
            chunks.append(chunk)
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)

    def _count(self, host: Host, status: int, size: int, kind: str) -> None:
        inc = self._stats.inc_value
        inc("downloader/response_count")
        inc(f"downloader/response_status_count/{status}")
        inc("downloader/response_bytes", size)
        inc(f"answers/{host.origin}/{kind}")

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
        self._gates.close()


def _response(
    request: Request, host: Host, status: int, headers: Any, body: bytes, payload: dict[str, Any] | None
) -> Response:
    kept = Headers({name: value for name, value in headers.items() if name not in _CONSUMED})
    common: dict[str, Any] = {"url": request.url, "status": status, "headers": kept, "body": body, "request": request}
    if payload is not None:
        return ApiResponse(payload=payload, encoding="utf-8", **common)
    return Response(**common) if host.role == "cdn" else HtmlResponse(**common)


_CONSUMED = frozenset({"Content-Encoding", "Transfer-Encoding", "Connection"})
