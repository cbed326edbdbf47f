"""The control of what the sites have: titles that change, move and go, on TMDB, OMDB and The Numbers."""

from __future__ import annotations

import datetime as dt
import functools
import json
from collections.abc import Callable

from aiohttp import web

from moviecrawler.sandbox.catalogue.index import Catalogue
from moviecrawler.sandbox.catalogue.works import KINDS, Kind
from moviecrawler.sandbox.control.delayed_changes import Pending
from moviecrawler.sandbox.control.request_body import bad_request, json_body
from moviecrawler.sandbox.faults.middleware import CONTROL
from moviecrawler.sandbox.omdb.api import Omdb
from moviecrawler.sandbox.settings import Settings
from moviecrawler.sandbox.the_numbers import TheNumbers


class TitlesControl:
    """Changes are answered with 204, and with 404 where a site has no such title."""

    def __init__(
        self,
        catalogue: Catalogue,
        omdb: Omdb,
        the_numbers: TheNumbers,
        settings: Settings,
        clock: Callable[[], dt.datetime],
    ) -> None:
        self._catalogue = catalogue
        self._omdb = omdb
        self._the_numbers = the_numbers
        self._settings = settings
        self._clock = clock
        self._pending = Pending()

    def routes(self) -> list[web.RouteDef]:
        """All paths."""
        routes = [
            web.delete(f"{CONTROL}/stale", self._fresh),
            web.post(f"{CONTROL}/omdb/{{imdb_id}}", self._patch_omdb),
            web.delete(f"{CONTROL}/omdb/{{imdb_id}}", self._remove_omdb),
            web.get(f"{CONTROL}/the_numbers", self._films),
            web.post(f"{CONTROL}/the_numbers/{{slug}}", self._patch_film),
            web.delete(f"{CONTROL}/the_numbers/{{slug}}", self._remove_film),
        ]
        for kind in KINDS:
            path = f"{CONTROL}/{kind}/{{id:\\d+}}"
            routes += [
                web.post(path, functools.partial(self._patch, kind)),
                web.delete(path, functools.partial(self._remove, kind)),
                web.post(f"{path}/merge", functools.partial(self._merge, kind)),
            ]
        return routes

    async def _patch(self, kind: Kind, request: web.Request) -> web.Response:
        fields = await json_body(request, dict)
        identity = int(request.match_info["id"])
        if not self._catalogue.edited(kind, identity, self._clock()):
            raise _not_there(request)
        change = functools.partial(self._catalogue.patch, kind, identity, fields)
        self._pending.after(self._settings.stale_seconds, change)
        return web.Response(status=204)

    async def _fresh(self, request: web.Request) -> web.Response:
        self._pending.all_now()
        return web.Response(status=204)

    async def _remove(self, kind: Kind, request: web.Request) -> web.Response:
        return _done(request, self._catalogue.remove(kind, int(request.match_info["id"])))

    async def _merge(self, kind: Kind, request: web.Request) -> web.Response:
        into = (await json_body(request, dict)).get("into")
        if type(into) is not int or into < 1:
            raise bad_request(ValueError(f"into={into!r} is no id"))
        identity = int(request.match_info["id"])
        return _done(request, self._catalogue.merge(kind, identity, into, self._clock()))

    async def _patch_omdb(self, request: web.Request) -> web.Response:
        return _done(request, self._omdb.patch(request.match_info["imdb_id"], await json_body(request, dict)))

    async def _remove_omdb(self, request: web.Request) -> web.Response:
        return _done(request, self._omdb.remove(request.match_info["imdb_id"]))

    async def _films(self, request: web.Request) -> web.Response:
        films = (await self._the_numbers.films()).all()
        lines = (json.dumps(film._asdict() | {"odd": sorted(film.odd)}, ensure_ascii=False) + "\n" for film in films)
        return web.Response(text="".join(lines), content_type="application/x-ndjson")

    async def _patch_film(self, request: web.Request) -> web.Response:
        fields = await json_body(request, dict)
        films = await self._the_numbers.films()
        try:
            return _done(request, films.patch(request.match_info["slug"], fields))
        except ValueError as error:
            raise bad_request(error) from None

    async def _remove_film(self, request: web.Request) -> web.Response:
        return _done(request, (await self._the_numbers.films()).remove(request.match_info["slug"]))


def _done(request: web.Request, done: bool) -> web.Response:
    if not done:
        raise _not_there(request)
    return web.Response(status=204)


def _not_there(request: web.Request) -> web.HTTPNotFound:
    return web.HTTPNotFound(text=f"the sandbox has no {request.path.removeprefix(CONTROL)}\n")
