"""The control of a running sandbox, at ``/_sandbox`` on the API's port."""

from __future__ import annotations

import datetime as dt
import functools
import json
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from moviecrawler.sandbox import faults
from moviecrawler.sandbox.catalogue import Catalogue
from moviecrawler.sandbox.gate import CONTROL, Gate
from moviecrawler.sandbox.titles import KINDS, Kind


class Control:
    """Faults, settings, log, stats, and changes of the catalogue."""

    def __init__(
        self,
        gate: Gate,
        catalogue: Catalogue,
        clock: Callable[[], dt.datetime],
        after_faults: Callable[[], Awaitable[None]],
    ) -> None:
        self._gate = gate
        self._catalogue = catalogue
        self._clock = clock
        self._after_faults = after_faults

    def routes(self) -> list[web.RouteDef]:
        """All paths of the control."""
        routes = [
            web.get(f"{CONTROL}/faults", self._get_faults),
            web.put(f"{CONTROL}/faults", self._put_faults),
            web.get(f"{CONTROL}/settings", self._get_settings),
            web.put(f"{CONTROL}/settings", self._put_settings),
            web.get(f"{CONTROL}/log", self._get_log),
            web.delete(f"{CONTROL}/log", self._delete_log),
            web.get(f"{CONTROL}/stats", self._get_stats),
        ]
        for kind in KINDS:
            path = f"{CONTROL}/{kind}/{{id:\\d+}}"
            routes += [
                web.post(path, functools.partial(self._patch, kind)),
                web.delete(path, functools.partial(self._remove, kind)),
            ]
        return routes

    async def _get_faults(self, request: web.Request) -> web.Response:
        return web.json_response([rule.as_json() for rule in self._gate.faults.rules])

    async def _put_faults(self, request: web.Request) -> web.Response:
        try:
            rules = [faults.from_json(rule) for rule in await _json(request, list)]
        except (TypeError, ValueError) as error:
            raise _bad_request(error) from None
        self._gate.faults.replace(rules)
        await self._after_faults()
        return await self._get_faults(request)

    async def _get_settings(self, request: web.Request) -> web.Response:
        return web.json_response(self._gate.settings.as_json())

    async def _put_settings(self, request: web.Request) -> web.Response:
        changes = await _json(request, dict)
        try:
            self._gate.change_settings(changes)
        except ValueError as error:
            raise _bad_request(error) from None
        return await self._get_settings(request)

    async def _get_log(self, request: web.Request) -> web.Response:
        since = request.query.get("since", "0")
        if not since.isdecimal():
            raise _bad_request(ValueError(f"since={since} is no number of a log entry"))
        lines = (json.dumps(entry) + "\n" for entry in self._gate.journal.since(int(since)))
        return web.Response(text="".join(lines), content_type="application/x-ndjson")

    async def _delete_log(self, request: web.Request) -> web.Response:
        self._gate.journal.clear()
        return web.Response(status=204)

    async def _get_stats(self, request: web.Request) -> web.Response:
        return web.json_response(self._gate.journal.stats())

    async def _patch(self, kind: Kind, request: web.Request) -> web.Response:
        fields = await _json(request, dict)
        if not self._catalogue.patch(kind, int(request.match_info["id"]), fields, self._clock()):
            raise web.HTTPNotFound(text=f"the sandbox has no {request.path.removeprefix(CONTROL)}\n")
        return web.Response(status=204)

    async def _remove(self, kind: Kind, request: web.Request) -> web.Response:
        if not self._catalogue.remove(kind, int(request.match_info["id"])):
            raise web.HTTPNotFound(text=f"the sandbox has no {request.path.removeprefix(CONTROL)}\n")
        return web.Response(status=204)


async def _json(request: web.Request, wanted: type) -> Any:
    try:
        body = await request.json()
    except ValueError as error:
        raise _bad_request(error) from None
    if not isinstance(body, wanted):
        raise _bad_request(ValueError(f"the body is no JSON {'list' if wanted is list else 'object'}"))
    return body


def _bad_request(error: Exception) -> web.HTTPBadRequest:
    return web.HTTPBadRequest(text=f"{error}\n")
