"""The TMDB replica: the answer of each path. Keys, limits and faults are handled by ``faults.middleware``."""

from __future__ import annotations

import datetime as dt
import functools
import json
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from hashlib import md5
from typing import Any

from aiohttp import web

from moviecrawler.sandbox.catalogue.index import Catalogue
from moviecrawler.sandbox.catalogue.tables import GENRES
from moviecrawler.sandbox.catalogue.works import KINDS, Kind
from moviecrawler.sandbox.faults.errors import TmdbError
from moviecrawler.sandbox.tmdb import export, external_ids, film_collection, named_lists
from moviecrawler.sandbox.tmdb.changes_feed import ChangesFeed
from moviecrawler.sandbox.tmdb.details import details, listing_row, part
from moviecrawler.sandbox.tmdb.listings import Listings

_MAX_PARTS = 20
_MIN_AGE, _MAX_AGE = 600, 22_800  # seconds of max-age; the live API has been seen to send 2,588 to 22,812
_CACHE_BYTES = 64_000_000

CONFIGURATION = {
    "change_keys": ["images", "overview", "release_date", "runtime", "title", "translations"],
    "images": {
        "base_url": "http://image.tmdb.org/t/p/",
        "secure_base_url": "https://image.tmdb.org/t/p/",
        "backdrop_sizes": ["w300", "w780", "w1280", "original"],
        "logo_sizes": ["w45", "w92", "w154", "w185", "w300", "w500", "original"],
        "poster_sizes": ["w92", "w154", "w185", "w342", "w500", "w780", "original"],
        "profile_sizes": ["w45", "w185", "h632", "original"],
        "still_sizes": ["w92", "w185", "w300", "original"],
    },
}


class TmdbApi:
    """Answers in JSON. Encoded answers are cached up to a limit, until a test changes the catalogue."""

    def __init__(self, catalogue: Catalogue, clock: Callable[[], dt.datetime]) -> None:
        self._catalogue = catalogue
        self._clock = clock
        self._listings = Listings(catalogue)
        self._feed = ChangesFeed(catalogue, clock())
        self._cache: OrderedDict[str, tuple[bytes, str]] = OrderedDict()
        self._cached_bytes = 0
        self._version = catalogue.version

    def routes(self) -> list[web.RouteDef]:
        """All routes, fixed paths before those with an id."""
        routes = [
            web.get("/3/configuration", self._answer(lambda request: CONFIGURATION)),
            web.get("/3/trending/{media:movie|tv|all}/{window:day|week}", self._answer(self._trending)),
            web.get("/3/find/{external_id}", self._answer(self._find)),
            web.get("/3/search/multi", self._answer(lambda request: self._listings.search_multi(request.query))),
            web.get("/3/collection/{id}", self._answer(self._collection)),
            web.get("/p/exports/{name}", self._export),
        ]
        for kind in KINDS:
            bind = functools.partial
            routes += [
                web.get(f"/3/discover/{kind}", self._answer(bind(self._discover, kind))),
                web.get(f"/3/genre/{kind}/list", self._answer(bind(self._genres, kind))),
                web.get(f"/3/search/{kind}", self._answer(bind(self._search, kind))),
                *(
                    web.get(f"/3/{kind}/{name}", self._answer(bind(self._named_list, kind, name)))
                    for name in named_lists.NAMES[kind]
                ),
                web.get(f"/3/{kind}/changes", bind(self._changes, kind)),
                web.get(f"/3/{kind}/{{id}}", self._answer(bind(self._details, kind))),
                web.get(f"/3/{kind}/{{id}}/{{part}}", self._answer(bind(self._part, kind))),
            ]
        return routes

    def _answer(
        self, build: Callable[[web.Request], Mapping[str, Any]]
    ) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def handler(request: web.Request) -> web.Response:
            if self._version != self._catalogue.version:
                self._cache.clear()
                self._cached_bytes = 0
                self._version = self._catalogue.version
            names = sorted(name for name in request.query if name != "api_key")
            key = "&".join([request.path, *(f"{name}={request.query[name]}" for name in names)])
            if key in self._cache:
                self._cache.move_to_end(key)
            else:
                self._keep(key, build(request))
            body, etag = self._cache[key]
            return _response(request, body, etag)

        return handler

    def _keep(self, key: str, answer: Mapping[str, Any]) -> None:
        body = json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode()
        self._cache[key] = body, f'W/"{md5(body, usedforsecurity=False).hexdigest()}"'
        self._cached_bytes += len(body)
        while self._cached_bytes > _CACHE_BYTES and len(self._cache) > 1:
            _, (dropped, _) = self._cache.popitem(last=False)
            self._cached_bytes -= len(dropped)

    def _trending(self, request: web.Request) -> Mapping[str, Any]:
        return self._listings.trending(request.match_info["media"], request.match_info["window"], request.query)

    def _discover(self, kind: Kind, request: web.Request) -> Mapping[str, Any]:
        return self._listings.discover(kind, request.query)

    def _search(self, kind: Kind, request: web.Request) -> Mapping[str, Any]:
        return self._listings.search(kind, request.query)

    def _named_list(self, kind: Kind, name: str, request: web.Request) -> Mapping[str, Any]:
        return self._listings.named_list(kind, name, request.query)

    def _collection(self, request: web.Request) -> Mapping[str, Any]:
        text = request.match_info["id"]
        identity = int(text) if text.isdecimal() else -1
        found = film_collection.details(self._catalogue, identity, request.query.get("language", ""))
        if found is None:
            raise TmdbError(34)
        return found

    def _genres(self, kind: Kind, request: web.Request) -> Mapping[str, Any]:
        return {"genres": [{"id": number, "name": name} for number, name in GENRES[kind].items()]}

    async def _changes(self, kind: Kind, request: web.Request) -> web.Response:
        answer = self._feed.changes(kind, request.query, self._clock())
        body = json.dumps(answer, separators=(",", ":")).encode()
        return _response(request, body, f'W/"{md5(body, usedforsecurity=False).hexdigest()}"')

    def _details(self, kind: Kind, request: web.Request) -> Mapping[str, Any]:
        append = [name for name in request.query.get("append_to_response", "").split(",") if name]
        if len(append) > _MAX_PARTS:
            raise TmdbError(27)
        work = self._catalogue.get(kind, self._identity(kind, request))
        if work is None:
            raise TmdbError(34)
        language, included = request.query.get("language", ""), request.query.get("include_image_language", "")
        return self._catalogue.with_patches(kind, details(work, append, language, included))

    def _part(self, kind: Kind, request: web.Request) -> Mapping[str, Any]:
        work = self._catalogue.get(kind, self._identity(kind, request))
        language, included = request.query.get("language", ""), request.query.get("include_image_language", "")
        found = part(work, request.match_info["part"], language, included) if work else None
        if work is None or found is None:
            raise TmdbError(34)
        return {"id": work.id, **found}

    def _identity(self, kind: Kind, request: web.Request) -> int:
        text = request.match_info["id"]
        if text.startswith("tt") and kind == "movie":
            return next((work.id for work in self._catalogue.find_by_imdb_id(text) if work.kind == kind), -1)
        return int(text) if text.isdecimal() else -1

    def _find(self, request: web.Request) -> Mapping[str, Any]:
        found: dict[str, list[object]] = {
            f"{name}_results": [] for name in ("movie", "person", "tv", "tv_episode", "tv_season")
        }
        source = request.query.get("external_source", "")
        if source not in external_ids.SOURCES:
            raise TmdbError(5)
        for work in external_ids.find(self._catalogue, source, request.match_info["external_id"]):
            answer = listing_row(work, request.query.get("language", ""), work.kind)
            found[f"{work.kind}_results"].append(self._catalogue.with_patches(work.kind, answer, row=True))
        return found

    async def _export(self, request: web.Request) -> web.Response:
        kind = export.kind_of_file(request.match_info["name"], self._clock().date())
        if kind is None:
            raise TmdbError(34)
        return web.Response(body=export.gzip_export(self._catalogue, kind), content_type="application/gzip")


def _response(request: web.Request, body: bytes, etag: str) -> web.Response:
    age = _MIN_AGE + int(etag[3:11], 16) % (_MAX_AGE - _MIN_AGE)
    headers = {"ETag": etag, "Cache-Control": f"public, max-age={age}", "Vary": "Accept-Encoding"}
    if etag in request.headers.get("If-None-Match", ""):
        return web.Response(status=304, headers=headers)
    return web.Response(body=body, headers=headers | {"Content-Type": "application/json;charset=utf-8"})
