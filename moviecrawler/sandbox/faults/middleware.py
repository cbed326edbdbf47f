"""What every request passes before its answer: the log, latency, faults, keys, the rate limit and the quota."""

from __future__ import annotations

import asyncio
import datetime as dt
import math
import socket
import struct
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

from aiohttp import web
from aiohttp.payload import Payload
from aiohttp.typedefs import Handler, Middleware

from moviecrawler.sandbox.control.request_log import Entry, Journal
from moviecrawler.sandbox.faults import fault_responses
from moviecrawler.sandbox.faults.errors import ApiError, OmdbError, Refusal
from moviecrawler.sandbox.faults.fault_rules import Fault, Faults
from moviecrawler.sandbox.faults.limits import Limit, Quota
from moviecrawler.sandbox.settings import Settings

CONTROL = "/_sandbox"
_KEYS = ("api_key", "apikey")
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Gate:
    """The state that all servers share; ``middleware(server)`` goes into each of them."""

    def __init__(self, settings: Settings, faults: Faults, journal: Journal) -> None:
        self.settings = settings
        self.faults = faults
        self.journal = journal
        self.limit = Limit(settings.rate, settings.burst)
        self.quota = Quota(settings.omdb_quota)

    def change_settings(self, changes: Mapping[str, Any]) -> None:
        """Take over new settings at once; a new rate starts with a full burst, a new quota with nothing used."""
        self.settings.update(changes)
        if "rate" in changes or "burst" in changes:
            self.limit = Limit(self.settings.rate, self.settings.burst)
        if "omdb_quota" in changes:
            self.quota = Quota(self.settings.omdb_quota)

    def middleware(self, server: str) -> Middleware:
        """An aiohttp middleware for one of the servers."""

        @web.middleware
        async def gate(request: web.Request, handler: Handler) -> web.StreamResponse:
            if server == "api" and request.path.startswith(CONTROL):
                if "Origin" in request.headers:
                    raise web.HTTPForbidden(text="the control is not for web pages\n")
                return await handler(request)
            entry = self._arrival(server, request)
            try:
                response = await self._respond(server, request, handler, entry)
                entry.status = None if entry.fault in ("reset", "dead") else response.status
                return response
            finally:
                self.journal.done(entry)

        return gate

    def _arrival(self, server: str, request: web.Request) -> Entry:
        query = parse_qsl(request.query_string, keep_blank_values=True)
        credential = "header" if "Authorization" in request.headers else None
        if any(name in _KEYS for name, _ in query):
            credential = "query"
        safe = urlencode([(name, "***" if name in _KEYS else value) for name, value in query], safe="*,|")
        peer = request.transport.get_extra_info("peername") if request.transport else None
        port = peer[1] if peer else None
        return self.journal.arrival(time.monotonic(), server, request.method, request.path, safe, credential, port)

    async def _respond(self, server: str, request: web.Request, handler: Handler, entry: Entry) -> web.StreamResponse:
        fault = self.faults.strike(server, request.path)
        entry.fault = fault.kind if fault else None
        if fault and fault.kind in ("reset", "dead"):
            return _reset(request)
        if self.settings.latency:
            await asyncio.sleep(self.settings.latency / 1000)
        try:
            if wait := self._admit(server, request):
                return fault_responses.throttled(str(math.ceil(wait)) if self.settings.retry_after else "")
            if fault:
                return await self._misbehave(fault, server, request, handler)
            return await handler(request)
        except Refusal as refusal:
            return fault_responses.json_answer(refusal.status, refusal.answer)
        except web.HTTPNotFound:
            return fault_responses.not_found(server)

    def _admit(self, server: str, request: web.Request) -> float:
        """0, or the seconds that TMDB wants the client to wait. Raises ``Refusal`` for a key and a quota."""
        if server == "api" and request.path.startswith("/3/"):
            header = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
            key = header or request.query.get("api_key", "")
            if not key or self.settings.key not in ("", key):
                raise ApiError(7)
            return self.limit.wait(time.monotonic())
        if server == "omdb":
            key = request.query.get("apikey", "")
            if not key:
                raise OmdbError("No API key provided.")
            if self.settings.omdb_key not in ("", key):
                raise OmdbError("Invalid API key!")
            if not self.quota.take(dt.datetime.now(dt.UTC).date()):
                raise OmdbError("Request limit reached!")
        return 0.0

    async def _misbehave(self, fault: Fault, server: str, request: web.Request, handler: Handler) -> web.StreamResponse:
        if fault.kind == "slow":
            await asyncio.sleep(fault.seconds if fault.seconds is not None else self.settings.slow_seconds)
            return await handler(request)
        if fault.kind == "truncate":
            return await _truncate(request, await handler(request))
        if fault.kind == "half":
            whole = await handler(request)
            body = await _body(whole)
            return web.Response(status=whole.status, body=body[: len(body) // 2], content_type=whole.content_type)
        return fault_responses.misbehaviour(server, fault, retry_after=self.settings.retry_after)


def _reset(request: web.Request) -> web.Response:
    transport = request.transport
    if transport is not None:
        # A lingering time of zero makes the close a reset instead of an orderly end.
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        transport.abort()
    return web.Response()


async def _truncate(request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
    body = await _body(response)
    cut = web.StreamResponse(status=response.status, headers=response.headers)
    cut.content_length = max(len(body), 2)
    await cut.prepare(request)
    await cut.write(body[: len(body) // 2] or b"{")
    cut.force_close()
    if request.transport is not None:
        request.transport.close()
    return cut


async def _body(response: web.StreamResponse) -> bytes:
    """The whole of it, also of what would be made piece by piece."""
    body = response.body if isinstance(response, web.Response) else None
    if isinstance(body, Payload):
        return await body.as_bytes()
    return body if isinstance(body, bytes) else b""
