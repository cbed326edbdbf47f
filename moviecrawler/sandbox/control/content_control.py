"""The control of the sites' content: patch, merge and remove works on TMDB, OMDB and The Numbers."""

from __future__ import annotations

import datetime as dt
import functools
import json
from collections.abc import Callable
from typing import Any

from aiohttp import web

from moviecrawler.sandbox.catalogue.index import Catalogue
from moviecrawler.sandbox.catalogue.works import KINDS, Kind
from moviecrawler.sandbox.control.delayed_changes import DelayedChanges
from moviecrawler.sandbox.control.request_body import bad_request, json_body
from moviecrawler.sandbox.faults.middleware import CONTROL_PATH
from moviecrawler.sandbox.omdb.api import OmdbApi
from moviecrawler.sandbox.settings import Settings
from moviecrawler.sandbox.the_numbers import TheNumbers
from moviecrawler.sandbox.the_numbers.films import Film


class ContentControl:
    """Changes are answered with 204, or with 404 if a site has no such work."""

    def __init__(
        self,
        catalogue: Catalogue,
        omdb: OmdbApi,
        the_numbers: TheNumbers,
        settings: Settings,
        clock: Callable[[], dt.datetime],
    ) -> None:
        self._catalogue = catalogue
        self._omdb = omdb
        self._the_numbers = the_numbers
        self._settings = settings
        self._clock = clock
        self._delayed_changes = DelayedChanges()

    def routes(self) -> list[web.RouteDef]:
        """The routes for stale answers, TMDB, OMDB and The Numbers."""
        routes = [
            web.delete(f"{CONTROL_PATH}/stale", self._apply_delayed_changes),
            web.post(f"{CONTROL_PATH}/omdb/{{imdb_id}}", self._patch_omdb),
            web.delete(f"{CONTROL_PATH}/omdb/{{imdb_id}}", self._remove_omdb),
            web.get(f"{CONTROL_PATH}/the_numbers", self._films),
            web.post(f"{CONTROL_PATH}/the_numbers/{{slug}}", self._patch_film),
            web.delete(f"{CONTROL_PATH}/the_numbers/{{slug}}", self._remove_film),
        ]
        for kind in KINDS:
            path = f"{CONTROL_PATH}/{kind}/{{id:\\d+}}"
            routes += [
                web.post(path, functools.partial(self._patch, kind)),
                web.delete(path, functools.partial(self._remove, kind)),
                web.post(f"{path}/merge", functools.partial(self._merge, kind)),
            ]
        return routes

    async def _patch(self, kind: Kind, request: web.Request) -> web.Response:
        fields = await json_body(request, dict)
        identity = int(request.match_info["id"])
        if not self._catalogue.record_edit(kind, identity, self._clock()):
            raise _not_found(request)
        change = functools.partial(self._catalogue.patch, kind, identity, fields)
        self._delayed_changes.apply_after(self._settings.stale_seconds, change)
        return web.Response(status=204)

    async def _apply_delayed_changes(self, request: web.Request) -> web.Response:
        self._delayed_changes.apply_all()
        return web.Response(status=204)

    async def _remove(self, kind: Kind, request: web.Request) -> web.Response:
        return _no_content_or_404(request, self._catalogue.remove(kind, int(request.match_info["id"])))

    async def _merge(self, kind: Kind, request: web.Request) -> web.Response:
        into = (await json_body(request, dict)).get("into")
        if type(into) is not int or into < 1:
            raise bad_request(ValueError(f"into={into!r}: must be an id"))
        identity = int(request.match_info["id"])
        return _no_content_or_404(request, self._catalogue.merge(kind, identity, into, self._clock()))

    async def _patch_omdb(self, request: web.Request) -> web.Response:
        return _no_content_or_404(
            request, self._omdb.patch(request.match_info["imdb_id"], await json_body(request, dict))
        )

    async def _remove_omdb(self, request: web.Request) -> web.Response:
        return _no_content_or_404(request, self._omdb.remove(request.match_info["imdb_id"]))

    async def _films(self, request: web.Request) -> web.Response:
        films = (await self._the_numbers.films()).all()
        lines = (json.dumps(_film_json(film), ensure_ascii=False) + "\n" for film in films)
        return web.Response(text="".join(lines), content_type="application/x-ndjson")

    async def _patch_film(self, request: web.Request) -> web.Response:
        fields = await json_body(request, dict)
        films = await self._the_numbers.films()
        try:
            return _no_content_or_404(request, films.patch(request.match_info["slug"], fields))
        except ValueError as error:
            raise bad_request(error) from None

    async def _remove_film(self, request: web.Request) -> web.Response:
        return _no_content_or_404(request, (await self._the_numbers.films()).remove(request.match_info["slug"]))


def _film_json(film: Film) -> dict[str, Any]:
    fields = film._asdict()
    return fields | {"odd": sorted(fields.pop("edge_cases"))}


def _no_content_or_404(request: web.Request, found: bool) -> web.Response:
    if not found:
        raise _not_found(request)
    return web.Response(status=204)


def _not_found(request: web.Request) -> web.HTTPNotFound:
    return web.HTTPNotFound(text=f"the sandbox has no {request.path.removeprefix(CONTROL_PATH)}\n")
