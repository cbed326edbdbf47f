"""The control of the servers, at ``/_sandbox`` on the API's port (for what the sites contain: ``content_control``)."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable

from aiohttp import web

from moviecrawler.sandbox.control.request_body import bad_request, json_body
from moviecrawler.sandbox.faults import fault_rules
from moviecrawler.sandbox.faults.middleware import CONTROL_PATH, SandboxMiddleware


class ServerControl:
    """Faults, settings, request log and stats."""

    def __init__(self, middleware: SandboxMiddleware, after_faults: Callable[[], Awaitable[None]]) -> None:
        self._middleware = middleware
        self._after_faults = after_faults

    def routes(self) -> list[web.RouteDef]:
        """The routes for faults, settings, log and stats."""
        return [
            web.get(f"{CONTROL_PATH}/faults", self._get_faults),
            web.put(f"{CONTROL_PATH}/faults", self._put_faults),
            web.get(f"{CONTROL_PATH}/settings", self._get_settings),
            web.put(f"{CONTROL_PATH}/settings", self._put_settings),
            web.get(f"{CONTROL_PATH}/log", self._get_log),
            web.delete(f"{CONTROL_PATH}/log", self._delete_log),
            web.get(f"{CONTROL_PATH}/stats", self._get_stats),
        ]

    async def _get_faults(self, request: web.Request) -> web.Response:
        return web.json_response([rule.to_json() for rule in self._middleware.faults.rules])

    async def _put_faults(self, request: web.Request) -> web.Response:
        try:
            rules = [fault_rules.rule_from_json(rule) for rule in await json_body(request, list)]
        except (TypeError, ValueError) as error:
            raise bad_request(error) from None
        self._middleware.faults.replace(rules)
        await self._after_faults()
        return await self._get_faults(request)

    async def _get_settings(self, request: web.Request) -> web.Response:
        return web.json_response(self._middleware.settings.to_json())

    async def _put_settings(self, request: web.Request) -> web.Response:
        changes = await json_body(request, dict)
        try:
            self._middleware.change_settings(changes)
        except ValueError as error:
            raise bad_request(error) from None
        return await self._get_settings(request)

    async def _get_log(self, request: web.Request) -> web.Response:
        since = request.query.get("since", "0")
        if not since.isdecimal():
            raise bad_request(ValueError(f"since={since}: must be the number of a log entry"))
        lines = (json.dumps(entry) + "\n" for entry in self._middleware.request_log.since(int(since)))
        return web.Response(text="".join(lines), content_type="application/x-ndjson")

    async def _delete_log(self, request: web.Request) -> web.Response:
        self._middleware.request_log.clear()
        return web.Response(status=204)

    async def _get_stats(self, request: web.Request) -> web.Response:
        return web.json_response(self._middleware.request_log.stats())
