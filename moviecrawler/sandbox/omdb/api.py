"""The OMDB replica: one work per answer, by IMDb id or title. ``faults.middleware`` handles keys, quota and faults."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from moviecrawler.sandbox.catalogue.index import Catalogue
from moviecrawler.sandbox.catalogue.works import KINDS, Work
from moviecrawler.sandbox.faults.errors import OmdbError
from moviecrawler.sandbox.omdb.payload import NOT_AVAILABLE, omdb_payload

_IMDB_ID = re.compile(r"tt\d{7,8}")
_TYPES = {"movie": "movie", "series": "tv"}
_MIN_SEARCH_LENGTH = 3

# A search by title gets the wrong type: Atari's game of 1983, under an id that IMDb has not assigned.
_GAME = {
    **dict.fromkeys(("Title", "Year", "Rated", "Released", "Runtime", "Genre", "Plot", "Poster"), NOT_AVAILABLE),
    **{"Title": "Star Wars", "Year": "1983", "Ratings": [], "Metascore": NOT_AVAILABLE, "imdbRating": NOT_AVAILABLE},
    **{"imdbVotes": NOT_AVAILABLE, "imdbID": "tt99000011", "Type": "game", "Response": "True"},
}


class OmdbApi:
    """Answers in JSON, with the patches of a test (by IMDb id; None removes a field)."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._patches: dict[str, dict[str, Any]] = {}
        self._removed: set[str] = set()

    def routes(self) -> list[web.RouteDef]:
        """The only route."""
        return [web.get("/", self._answer)]

    def patch(self, imdb_id: str, fields: Mapping[str, Any]) -> bool:
        """Change fields of an answer; False if there is no such work."""
        if self._by_id(imdb_id) is None:
            return False
        self._patches.setdefault(imdb_id, {}).update(fields)
        return True

    def remove(self, imdb_id: str) -> bool:
        """Make a work unknown; False if it was unknown."""
        known = self._by_id(imdb_id) is not None
        self._removed.add(imdb_id)
        return known

    async def _answer(self, request: web.Request) -> web.Response:
        query = request.query
        if query.get("t", "").casefold() == "star wars" and not {"i", "type"} & set(query):
            shown: dict[str, Any] = _GAME
        else:
            work = self._find(query)
            answer = omdb_payload(work) | self._patches.get(work.imdb_id or "", {})
            shown = {name: value for name, value in answer.items() if value is not None}
        return web.Response(
            body=json.dumps(shown, ensure_ascii=False).encode(),
            headers={"Content-Type": "application/json; charset=utf-8", "Cache-Control": "public, max-age=3600"},
        )

    def _find(self, query: Mapping[str, str]) -> Work:
        """The requested work; raises ``OmdbError`` as the live API does."""
        if imdb_id := query.get("i"):
            if not _IMDB_ID.fullmatch(imdb_id):
                raise OmdbError("Incorrect IMDb ID.")
            work = self._by_id(imdb_id)
            if work is None:
                raise OmdbError("Error getting data.")
            return work
        if name := query.get("t"):
            work = self._by_title(name, query)
            if work is None:
                raise OmdbError("Movie not found!")
            return work
        if search := query.get("s"):
            raise OmdbError("Too many results." if len(search) < _MIN_SEARCH_LENGTH else "Movie not found!")
        raise OmdbError("Something went wrong.")

    def _by_id(self, imdb_id: str) -> Work | None:
        # OMDB is another site: works that TMDB has removed are still here.
        work = next(self._catalogue.find_by_imdb_id(imdb_id, include_removed=True), None)
        return None if work is None or imdb_id in self._removed or "OMDB unknown" in work.edge_cases else work

    def _by_title(self, name: str, query: Mapping[str, str]) -> Work | None:
        wanted = [kind for kind in KINDS if _TYPES.get(query.get("type", ""), kind) == kind]
        for work in (work for kind in wanted for work in self._catalogue.real_works(kind)):
            if work.title.casefold() == name.casefold() and query.get("y") in (None, "", work.year) and work.imdb_id:
                return self._by_id(work.imdb_id)
        return None
