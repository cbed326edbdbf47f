"""The OMDB replica: one title an answer, by IMDb id or by its name. Keys, quota and faults are the gate's business."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from moviecrawler.sandbox.catalogue.index import Catalogue
from moviecrawler.sandbox.catalogue.works import KINDS, Title
from moviecrawler.sandbox.faults.errors import OmdbError
from moviecrawler.sandbox.omdb.payload import NOTHING, omdb_title

_IMDB_ID = re.compile(r"tt\d{7,8}")
_TYPES = {"movie": "movie", "series": "tv"}
_SHORTEST_SEARCH = 3

# Who asks by name gets the wrong kind: Atari's game of 1983, under an id that IMDb has not given out.
_GAME = {
    **dict.fromkeys(("Title", "Year", "Rated", "Released", "Runtime", "Genre", "Plot", "Poster"), NOTHING),
    **{"Title": "Star Wars", "Year": "1983", "Ratings": [], "Metascore": NOTHING, "imdbRating": NOTHING},
    **{"imdbVotes": NOTHING, "imdbID": "tt99000011", "Type": "game", "Response": "True"},
}


class Omdb:
    """Answers as JSON, with what a test changed; patches are by IMDb id, and None takes a field away."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._patches: dict[str, dict[str, Any]] = {}
        self._gone: set[str] = set()

    def routes(self) -> list[web.RouteDef]:
        """One path for everything."""
        return [web.get("/", self._answer)]

    def patch(self, imdb_id: str, fields: Mapping[str, Any]) -> bool:
        """Change fields of an answer; False when there is no such title."""
        if self._by_id(imdb_id) is None:
            return False
        self._patches.setdefault(imdb_id, {}).update(fields)
        return True

    def remove(self, imdb_id: str) -> bool:
        """The title is unknown from now on; False when it was."""
        known = self._by_id(imdb_id) is not None
        self._gone.add(imdb_id)
        return known

    async def _answer(self, request: web.Request) -> web.Response:
        query = request.query
        if query.get("t", "").casefold() == "star wars" and not {"i", "type"} & set(query):
            shown: dict[str, Any] = _GAME
        else:
            title = self._find(query)
            answer = omdb_title(title) | self._patches.get(title.imdb_id or "", {})
            shown = {name: value for name, value in answer.items() if value is not None}
        return web.Response(
            body=json.dumps(shown, ensure_ascii=False).encode(),
            headers={"Content-Type": "application/json; charset=utf-8", "Cache-Control": "public, max-age=3600"},
        )

    def _find(self, query: Mapping[str, str]) -> Title:
        """The title that is asked for; raises ``OmdbError`` as the live API does."""
        if imdb_id := query.get("i"):
            if not _IMDB_ID.fullmatch(imdb_id):
                raise OmdbError("Incorrect IMDb ID.")
            title = self._by_id(imdb_id)
            if title is None:
                raise OmdbError("Error getting data.")
            return title
        if name := query.get("t"):
            title = self._by_name(name, query)
            if title is None:
                raise OmdbError("Movie not found!")
            return title
        if search := query.get("s"):
            raise OmdbError("Too many results." if len(search) < _SHORTEST_SEARCH else "Movie not found!")
        raise OmdbError("Something went wrong.")

    def _by_id(self, imdb_id: str) -> Title | None:
        # It is another site: what is gone from TMDB is still here.
        title = next(self._catalogue.by_imdb_id(imdb_id, gone=True), None)
        return None if title is None or imdb_id in self._gone or "OMDB unknown" in title.odd else title

    def _by_name(self, name: str, query: Mapping[str, str]) -> Title | None:
        wanted = [kind for kind in KINDS if _TYPES.get(query.get("type", ""), kind) == kind]
        for title in (title for kind in wanted for title in self._catalogue.real_titles(kind)):
            if title.title.casefold() == name.casefold() and query.get("y") in (None, "", title.year) and title.imdb_id:
                return self._by_id(title.imdb_id)
        return None
