"""The middleware of all servers: request log, latency, faults, keys, rate limit and quota."""

from __future__ import annotations

import asyncio
import datetime as dt
import math
import socket
import struct
import time
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode

from aiohttp import web
from aiohttp.payload import Payload
from aiohttp.typedefs import Handler, Middleware

from moviecrawler.sandbox.faults import fault_responses
from moviecrawler.sandbox.faults.errors import ErrorAnswer, OmdbError, TmdbError
from moviecrawler.sandbox.faults.fault_rules import FaultRule, FaultRules
from moviecrawler.sandbox.faults.limits import DailyQuota, RateLimit
from moviecrawler.sandbox.request_log import LogEntry, RequestLog
from moviecrawler.sandbox.settings import Settings

CONTROL_PATH = "/_sandbox"
_KEYS = ("api_key", "apikey")
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class SandboxMiddleware:
    """The state that all servers share; ``for_server`` makes the middleware of each of them."""

    def __init__(self, settings: Settings, faults: FaultRules, request_log: RequestLog) -> None:
        self.settings = settings
        self.faults = faults
        self.request_log = request_log
        self.rate_limit = RateLimit(settings.rate, settings.burst)
        self.quota = DailyQuota(settings.omdb_quota)

    def change_settings(self, changes: Mapping[str, object]) -> None:
        """Apply new settings at once; a new rate starts with a full burst, a new quota with nothing used."""
        self.settings.update(changes)
        if "rate" in changes or "burst" in changes:
            self.rate_limit = RateLimit(self.settings.rate, self.settings.burst)
        if "omdb_quota" in changes:
            self.quota = DailyQuota(self.settings.omdb_quota)

    def for_server(self, server: str) -> Middleware:
        """The aiohttp middleware of one of the servers."""

        @web.middleware
        async def handle(request: web.Request, handler: Handler) -> web.StreamResponse:
            if server == "api" and request.path.startswith(CONTROL_PATH):
                if "Origin" in request.headers:
                    raise web.HTTPForbidden(text="requests from web pages (Origin) are refused\n")
                return await handler(request)
            entry = self._record_arrival(server, request)
            try:
                response = await self._respond(server, request, handler, entry)
                entry.status = None if entry.fault in ("reset", "dead") else response.status
                return response
            finally:
                self.request_log.record_outcome(entry)

        return handle

    def _record_arrival(self, server: str, request: web.Request) -> LogEntry:
        query = parse_qsl(request.query_string, keep_blank_values=True)
        credential = "header" if "Authorization" in request.headers else None
        if any(name in _KEYS for name, _ in query):
            credential = "query"
        safe = urlencode([(name, "***" if name in _KEYS else value) for name, value in query], safe="*,|")
        peer = request.transport.get_extra_info("peername") if request.transport else None
        port = peer[1] if peer else None
        return self.request_log.record_arrival(
            time.monotonic(), server, request.method, request.path, safe, credential, port
        )

    async def _respond(
        self, server: str, request: web.Request, handler: Handler, entry: LogEntry
    ) -> web.StreamResponse:
        fault = self.faults.next_fault(server, request.path)
        entry.fault = fault.kind if fault else None
        if fault and fault.kind in ("reset", "dead"):
            return _reset(request)
        if self.settings.latency:
            await asyncio.sleep(self.settings.latency / 1000)
        try:
            if wait := self._check_access(server, request):
                return fault_responses.rate_limited(str(math.ceil(wait)) if self.settings.retry_after else "")
            if fault:
                return await self._respond_with_fault(fault, server, request, handler)
            return await handler(request)
        except ErrorAnswer as error:
            return fault_responses.json_response(error.status, error.body)
        except web.HTTPNotFound:
            return fault_responses.not_found(server)

    def _check_access(self, server: str, request: web.Request) -> float:
        """The seconds until TMDB's rate limit admits the request, or 0. Raises ``ErrorAnswer`` for key and quota."""
        if server == "api" and request.path.startswith("/3/"):
            header = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
            key = header or request.query.get("api_key", "")
            if not key or self.settings.key not in ("", key):
                raise TmdbError(7)
            return self.rate_limit.seconds_to_wait(time.monotonic())
        if server == "omdb":
            key = request.query.get("apikey", "")
            if not key:
                raise OmdbError("No API key provided.")
            if self.settings.omdb_key not in ("", key):
                raise OmdbError("Invalid API key!")
            if not self.quota.take(dt.datetime.now(dt.UTC).date()):
                raise OmdbError("Request limit reached!")
        return 0.0

    async def _respond_with_fault(
        self, fault: FaultRule, server: str, request: web.Request, handler: Handler
    ) -> web.StreamResponse:
        if fault.kind == "slow":
            await asyncio.sleep(fault.seconds if fault.seconds is not None else self.settings.slow_seconds)
            return await handler(request)
        if fault.kind == "truncate":
            return await _truncate(request, await handler(request))
        if fault.kind == "half":
            complete = await handler(request)
            body = await _body(complete)
            return web.Response(status=complete.status, body=body[: len(body) // 2], content_type=complete.content_type)
        return fault_responses.fault_response(server, fault, retry_after=self.settings.retry_after)


def _reset(request: web.Request) -> web.Response:
    transport = request.transport
    if transport is not None:
        # A linger time of zero turns the close into a reset.
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        transport.abort()
    return web.Response()


async def _truncate(request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
    body = await _body(response)
    partial = web.StreamResponse(status=response.status, headers=response.headers)
    partial.content_length = max(len(body), 2)
    await partial.prepare(request)
    await partial.write(body[: len(body) // 2] or b"{")
    partial.force_close()
    if request.transport is not None:
        request.transport.close()
    return partial


async def _body(response: web.StreamResponse) -> bytes:
    """The complete body, even of a response that would be streamed."""
    body = response.body if isinstance(response, web.Response) else None
    if isinstance(body, Payload):
        return await body.as_bytes()
    return body if isinstance(body, bytes) else b""
