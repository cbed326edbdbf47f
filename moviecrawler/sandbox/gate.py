"""What every request passes before its answer: the log, latency, faults, the key and the rate limit."""

from __future__ import annotations

import asyncio
import json
import math
import socket
import struct
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from moviecrawler.sandbox import errors
from moviecrawler.sandbox.errors import ApiError
from moviecrawler.sandbox.faults import Fault, Faults
from moviecrawler.sandbox.journal import Entry, Journal
from moviecrawler.sandbox.rate import Limit
from moviecrawler.sandbox.settings import Settings

CONTROL = "/_sandbox"
_HTML = "<!DOCTYPE html><html><head><title>Just a moment...</title></head><body><h1>Please wait</h1></body></html>"
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Gate:
    """The state that the three servers share; ``middleware(server)`` goes into each of them."""

    def __init__(self, settings: Settings, faults: Faults, journal: Journal) -> None:
        self.settings = settings
        self.faults = faults
        self.journal = journal
        self.limit = Limit(settings.rate, settings.burst)

    def change_settings(self, changes: Mapping[str, Any]) -> None:
        """Take over new settings at once; a new rate starts with a full burst."""
        self.settings.update(changes)
        if "rate" in changes or "burst" in changes:
            self.limit = Limit(self.settings.rate, self.settings.burst)

    def middleware(self, server: str) -> Middleware:
        """An aiohttp middleware for one server: api, cdn1 or cdn2."""

        @web.middleware
        async def gate(request: web.Request, handler: Handler) -> web.StreamResponse:
            if server == "api" and request.path.startswith(CONTROL):
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
        if any(name == "api_key" for name, _ in query):
            credential = "query"
        safe = urlencode([(name, "***" if name == "api_key" else value) for name, value in query], safe="*,|")
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
            if server == "api" and request.path.startswith("/3/"):
                self._check_key(request)
                if wait := self.limit.wait(time.monotonic()):
                    return self._throttled(wait)
            if fault:
                return await self._misbehave(fault, server, request, handler)
            return await handler(request)
        except ApiError as error:
            return _error(error.code)
        except web.HTTPNotFound:
            return _error(34) if server == "api" else web.Response(status=404, text="<h1>File not Found</h1>")

    def _check_key(self, request: web.Request) -> None:
        header = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
        key = header or request.query.get("api_key", "")
        if not key or (self.settings.key and key != self.settings.key):
            raise ApiError(7)

    def _throttled(self, seconds: float) -> web.Response:
        headers = {"Retry-After": str(math.ceil(seconds))} if self.settings.retry_after else {}
        return _error(25, headers=headers)

    async def _misbehave(self, fault: Fault, server: str, request: web.Request, handler: Handler) -> web.StreamResponse:
        retry_after = {"Retry-After": f"{fault.seconds or 1:g}"}
        if fault.kind == "429":
            return self._throttled(fault.seconds or 1)
        if fault.kind == "503":
            return _error(9, headers=retry_after)
        if fault.kind == "500":
            return _error(11)
        if fault.kind == "error200":
            return _error(fault.code, status=200)
        if fault.kind == "html":
            return web.Response(text=_HTML, content_type="text/html")
        if fault.kind == "slow":
            await asyncio.sleep(fault.seconds if fault.seconds is not None else self.settings.slow_seconds)
            return await handler(request)
        return await _truncate(request, await handler(request))


def _error(code: int, *, status: int | None = None, headers: dict[str, str] | None = None) -> web.Response:
    return web.Response(
        status=status or errors.ERRORS[code].status,
        body=json.dumps(errors.body(code)).encode(),
        headers={"Content-Type": "application/json;charset=utf-8", **(headers or {})},
    )


def _reset(request: web.Request) -> web.Response:
    transport = request.transport
    if transport is not None:
        # A lingering time of zero makes the close a reset instead of an orderly end.
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        transport.abort()
    return web.Response()


async def _truncate(request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
    body = response.body if isinstance(response, web.Response) and isinstance(response.body, bytes) else b""
    cut = web.StreamResponse(status=response.status, headers=response.headers)
    cut.content_length = max(len(body), 2)
    await cut.prepare(request)
    await cut.write(body[: len(body) // 2] or b"{")
    cut.force_close()
    if request.transport is not None:
        request.transport.close()
    return cut
