"""The wire: one HTTP GET through aiohttp, with the host's credentials, proxy and timeouts.

aiohttp's parser is in C: 0.77 ms of CPU a request where Scrapy's Twisted handler takes 1.08.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Any

import aiohttp
from scrapy import Request
from scrapy.exceptions import IgnoreRequest
from scrapy.settings import BaseSettings
from yarl import URL

from moviecrawler.downloader.credentials import Credentials
from moviecrawler.downloader.failover import Attempt
from moviecrawler.downloader.proxies import proxy_for
from moviecrawler.downloader.room import LARGE, Room
from moviecrawler.downloader.session import open_session
from moviecrawler.exceptions import AnswerError
from moviecrawler.policy.hosts import Host
from moviecrawler.policy.limits import Limits
from moviecrawler.policy.packing import unpack

_AT_ONCE = 100_000
"""Packed bytes that the event loop unpacks itself, in some milliseconds at most."""

_TIMES = 8
"""Bytes of memory that one of an API answer or page takes, decoded, read and stored."""


class Wire:
    """The one place that knows a key: what leaves it, answer or exception, has none."""

    def __init__(self, settings: BaseSettings, is_busy: Callable[[], bool] = bool) -> None:
        """``is_busy``: see ``Room``."""
        self._room = Room(is_busy)
        self._credentials = Credentials.from_settings(settings)
        self._limits = Limits.parse(settings)
        self._silence = settings.getfloat("CONNECT_TIMEOUT")
        self._whole, self._whole_file = settings.getfloat("DOWNLOAD_TIMEOUT"), settings.getfloat("IMAGES_TIMEOUT")
        self._headers = {"User-Agent": settings["USER_AGENT"], "Accept-Encoding": "gzip, deflate"}
        self._session: aiohttp.ClientSession | None = None
        self._under_way: set[asyncio.Timeout] = set()
        self._is_cut = False

    async def fetch(self, request: Request, attempt: Attempt) -> tuple[int, Any, bytes]:
        """Status, headers and whole body; every failure of the network becomes a keyless AnswerError."""
        host = attempt.host
        url, signature = self._credentials.sign(host, attempt.url)
        limit = asyncio.timeout(0 if self._is_cut else None)
        self._under_way.add(limit)
        headers = {name.decode(): value[0].decode("latin-1") for name, value in request.headers.items() if value}
        try:
            async with (
                limit,
                self._connections.get(
                    URL(url, encoded=True),
                    headers={**headers, **signature},
                    timeout=self._timeout(attempt),
                    proxy=proxy_for(host.origin),
                    allow_redirects=False,
                ) as response,
            ):
                attempt.first_byte = time.monotonic() - attempt.sent
                return response.status, response.headers, await self._read(response, host)
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
        finally:
            self._under_way.discard(limit)
        if self._is_cut:
            raise IgnoreRequest("cut off: the run ends")
        # Raised outside of the except clause: the cause may hold the keyed URL, and __context__ would keep it.
        raise AnswerError(reason.partition("/")[0], reason)

    async def knock(self, host: Host, url: str) -> bool:
        """Whether the head of the answer is a picture's; the body is not read."""
        try:
            async with self._connections.get(
                URL(url, encoded=True), proxy=proxy_for(host.origin), allow_redirects=False
            ) as response:
                return response.status == 200 and response.content_type.startswith("image/")
        except (aiohttp.ClientError, OSError, ValueError):
            return False

    def cut(self) -> None:
        """End what is in flight, and what would still come: nobody waits for it any more."""
        self._is_cut = True
        for limit in self._under_way:
            limit.reschedule(0)

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    @property
    def _connections(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = open_session(self._headers)
        return self._session

    def _timeout(self, attempt: Attempt) -> aiohttp.ClientTimeout:
        silence = min(self._silence, attempt.patience or self._silence)
        # A look-up of the name has no limit of its own in aiohttp; while there is another host, it counts too.
        whole = self._whole if attempt.host.answers else self._whole_file
        return aiohttp.ClientTimeout(total=whole, connect=attempt.patience, sock_connect=silence, sock_read=silence)

    async def _read(self, response: aiohttp.ClientResponse, host: Host) -> bytes:
        """The body, unpacked unless it is a packed file; AnswerError where it is larger than its kind may be."""
        most, packing = self._limits.of(host.role), response.headers.get("Content-Encoding", "")
        times = _TIMES if host.answers else 1
        large = min(LARGE // times, most)
        chunks: deque[bytes] = deque()
        size = 0
        async with AsyncExitStack() as stack:
            async for chunk in response.content.iter_any():
                before, size = size, size + len(chunk)
                if max(size, response.content_length or 0) > most:
                    raise AnswerError("refused", "refused/too_large", status=response.status)
                if before <= large < size:
                    await stack.enter_async_context(self._room.of(times * (response.content_length or most)))
                chunks.append(chunk)
            body = chunks[0] if len(chunks) == 1 else b"".join(chunks)
            if host.role == "file":
                return body
            try:
                try:
                    return await _unpacked(body, packing, large if size <= large else most)
                except AnswerError as error:
                    if error.kind != "refused" or size > large:
                        raise
                await stack.enter_async_context(self._room.of(times * most))
                return await _unpacked(body, packing, most)
            except AnswerError as error:
                error.status = response.status
                raise


async def _unpacked(body: bytes, packing: str, most: int) -> bytes:
    if len(body) <= _AT_ONCE:
        return unpack(body, packing, most)
    return await asyncio.to_thread(unpack, body, packing, most)
