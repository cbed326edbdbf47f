"""Sends one HTTP GET through aiohttp, with the host's credentials, proxy and timeouts.

aiohttp's parser is in C: 0.77 ms of CPU per request, against 1.08 ms for Scrapy's Twisted handler.
"""

import asyncio
import errno
import logging
import os
import time
from collections import deque
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Any

import aiohttp
from scrapy import Request
from scrapy.exceptions import IgnoreRequest
from yarl import URL

from moviecrawler.config import Config
from moviecrawler.config.urls import origin_of
from moviecrawler.downloader.body_memory import LARGE, BodyMemory
from moviecrawler.downloader.credentials import Credentials
from moviecrawler.downloader.failover import Attempt
from moviecrawler.downloader.proxies import proxy_for
from moviecrawler.downloader.session import open_session
from moviecrawler.exceptions import AnswerError
from moviecrawler.policy.network.bodies import is_picture
from moviecrawler.policy.network.body_limits import BodyLimits
from moviecrawler.policy.network.decompression import unpack
from moviecrawler.policy.network.hosts import Host

_AT_ONCE = 100_000
"""Compressed bytes that are decompressed on the event loop, which takes some milliseconds at most."""

_HEAD = 12
"""Bytes that are enough to recognise a picture."""

_MEMORY_FACTOR = 8
"""Bytes of memory per byte of an API answer or page: decoded, parsed and stored."""

logger = logging.getLogger(__name__)

NO_FILES = "failed/no_files"
"""The reason of a request for which no file descriptor was left; it says nothing about the host."""

_NO_FILES = frozenset({errno.EMFILE, errno.ENFILE})
_CHECK_INTERVAL = 0.2  # seconds
_CONDITIONAL_HEADERS = ("If-None-Match", "If-Modified-Since")


def conditional_headers(request: Request) -> dict[str, str]:
    """The only headers of a request that are sent; any other would travel together with the key."""
    found = {name: request.headers.get(name) for name in _CONDITIONAL_HEADERS}
    return {name: value.decode("latin-1") for name, value in found.items() if value is not None}


class Transport:
    """Adds the key: no address that leaves this class has it. What a site repeats is redacted by ``handler.py``."""

    def __init__(self, config: Config, user_agent: str, is_busy: Callable[[], bool] = bool) -> None:
        """``is_busy``: see ``BodyMemory``."""
        self._memory = BodyMemory(is_busy)
        self._credentials = Credentials.of(config)
        self._limits = BodyLimits.of(config.download, config.images)
        self._connect_timeout = config.download.connect_timeout
        self._total_timeout, self._file_timeout = config.download.timeout, config.images.timeout
        self._headers = {"User-Agent": user_agent, "Accept-Encoding": "gzip, deflate"}
        self._session: aiohttp.ClientSession | None = None
        self._warned = False
        self._in_flight: set[asyncio.Timeout] = set()
        self._is_cut = False

    async def fetch(self, request: Request, attempt: Attempt) -> tuple[int, Any, bytes]:
        """Status, headers and complete body; every failure of the network becomes an AnswerError without a key.

        While this process cannot open files, nothing is known about the host: the request waits for at most as long as
        an answer may take, and the attempt begins when it can be sent.
        """
        until = time.monotonic() + self._total_timeout
        while (answer := await self._get(request, attempt)) == NO_FILES and time.monotonic() < until:
            if not self._warned:
                self._warned = True
                logger.warning("out of file descriptors: requests wait for one; raise the limit (`ulimit -n`)")
            await asyncio.sleep(_CHECK_INTERVAL)
            attempt.sent = time.monotonic()
        if isinstance(answer, str):
            if self._is_cut:
                raise IgnoreRequest("cut off: the run ends")
            # Raised outside of an except clause: __context__ would keep the cause, which may hold the URL with the key.
            raise AnswerError(answer.partition("/")[0], answer)
        return answer

    async def _get(self, request: Request, attempt: Attempt) -> tuple[int, Any, bytes] | str:
        """The answer, or the reason why there is none."""
        host = attempt.host
        url, signature = self._credentials.sign(host, attempt.url)
        address = URL(url, encoded=True)
        if "@" in address.raw_authority or origin_of(address.scheme, address.raw_authority) != host.origin:
            raise AnswerError("refused", "refused/unknown_host")
        cutoff = asyncio.timeout(0 if self._is_cut else None)
        self._in_flight.add(cutoff)
        try:
            async with (
                cutoff,
                self._connections.get(
                    address,
                    headers={**conditional_headers(request), **signature},
                    timeout=self._timeout(attempt),
                    proxy=proxy_for(host.origin),
                    allow_redirects=False,
                ) as response,
            ):
                attempt.first_byte = time.monotonic() - attempt.sent
                return response.status, response.headers, await self._read(response, host)
        except TimeoutError:
            return "failed/timeout"
        except aiohttp.ClientPayloadError:
            return "garbage/truncated"
        except aiohttp.ClientConnectorDNSError:
            return NO_FILES if _has_no_files() else "failed/dns"
        except aiohttp.ClientSSLError:
            return "failed/tls"
        except aiohttp.ClientConnectorError as error:
            return NO_FILES if error.errno in _NO_FILES or _has_no_files() else "failed/refused"
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return NO_FILES if getattr(error, "errno", None) in _NO_FILES else "failed/connection"
        finally:
            self._in_flight.discard(cutoff)

    async def probe_host(self, host: Host, url: str) -> bool:
        """Whether the answer begins as a picture does, whatever its headers say; the rest is not read."""
        try:
            async with self._connections.get(
                URL(url, encoded=True), proxy=proxy_for(host.origin), allow_redirects=False
            ) as response:
                return response.status == 200 and is_picture(await response.content.read(_HEAD))
        except (aiohttp.ClientError, OSError, ValueError):
            return False

    def cut(self) -> None:
        """Abort what is in flight, and all later requests: nothing waits for them any more."""
        self._is_cut = True
        for cutoff in self._in_flight:
            cutoff.reschedule(0)

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    @property
    def _connections(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = open_session(self._headers)
        return self._session

    def _timeout(self, attempt: Attempt) -> aiohttp.ClientTimeout:
        socket_timeout = min(self._connect_timeout, attempt.patience or self._connect_timeout)
        # aiohttp has no timeout for DNS alone; ``connect`` includes it, and is only set while there is another host.
        total = self._total_timeout if attempt.host.has_titles else self._file_timeout
        return aiohttp.ClientTimeout(
            total=total, connect=attempt.patience, sock_connect=socket_timeout, sock_read=socket_timeout
        )

    async def _read(self, response: aiohttp.ClientResponse, host: Host) -> bytes:
        """The body, decompressed unless it is a compressed file; AnswerError if it is larger than its kind may be."""
        max_size, encoding = self._limits.for_role(host.role), response.headers.get("Content-Encoding", "")
        memory_factor = _MEMORY_FACTOR if host.has_titles else 1
        large = min(LARGE // memory_factor, max_size)
        chunks: deque[bytes] = deque()
        size = 0
        async with AsyncExitStack() as stack:
            async for chunk in response.content.iter_any():
                before, size = size, size + len(chunk)
                if max(size, response.content_length or 0) > max_size:
                    raise AnswerError("refused", "refused/too_large", status=response.status)
                if before <= large < size:
                    await stack.enter_async_context(
                        self._memory.reserve(memory_factor * (response.content_length or max_size))
                    )
                chunks.append(chunk)
            body = chunks[0] if len(chunks) == 1 else b"".join(chunks)
            if host.role == "file":
                return body
            try:
                try:
                    return await _unpacked(body, encoding, large if size <= large else max_size)
                except AnswerError as error:
                    if error.kind != "refused" or size > large:
                        raise
                await stack.enter_async_context(self._memory.reserve(memory_factor * max_size))
                return await _unpacked(body, encoding, max_size)
            except AnswerError as error:
                error.status = response.status
                raise


async def _unpacked(body: bytes, encoding: str, max_size: int) -> bytes:
    if len(body) <= _AT_ONCE:
        return unpack(body, encoding, max_size)
    return await asyncio.to_thread(unpack, body, encoding, max_size)


def _has_no_files() -> bool:
    """Whether this process cannot open any file: DNS errors caused by that do not say so."""
    try:
        os.close(os.open(os.devnull, os.O_RDONLY))
    except OSError as error:
        return error.errno in _NO_FILES
    return False
