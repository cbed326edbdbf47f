"""Which poster, backdrop, logo and portraits stand for a title, by the languages of the reader.

TMDB's own choice (``poster_path``, ``backdrop_path``) is for the language of the request. The candidates beside it
(``posters``, ``backdrops``, ``logos``: path, language, width, height; best first) know more languages.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, cast

from moviecrawler.documents import Document
from moviecrawler.policy.documents.localization import Languages

MAX_PROFILES = 10
"""Portraits of a title, of which ``MAX_MAKERS`` are of those who made it."""
MAX_MAKERS = 2

_TEXTLESS = (None, "", "xx")
_FILE_NAME = re.compile(r"/[A-Za-z0-9_-]+(\.[A-Za-z0-9]+)?")
"""Of a portrait: the name of its file is made from it."""


def poster_path(document: Document, languages: Languages) -> str | None:
    """TMDB's choice, unless it is known to be in a less wanted language than another poster.

    >>> film = {"sources": {"tmdb": {"data": {"poster_path": "/en.jpg"}}},
    ...         "posters": [{"path": "/en.jpg", "language": "en"}, {"path": "/de.jpg", "language": "de"}]}
    >>> [poster_path(film, Languages.parse(tags)) for tags in ("de-DE,en-US", "en-US", "fr-FR")]
    ['/de.jpg', '/en.jpg', '/en.jpg']
    """
    own = document["sources"]["tmdb"]["data"].get("poster_path")
    return _of_best_language(_candidates(document, "posters"), own, _wanted(languages))


def backdrop_path(document: Document) -> str | None:
    """TMDB's choice, unless it is known to have text on it and another one has none."""
    own = document["sources"]["tmdb"]["data"].get("backdrop_path")
    return _of_best_language(_candidates(document, "backdrops"), own, list(_TEXTLESS))


def logo_path(document: Document, languages: Languages) -> str | None:
    """The first logo in the first of the languages that has one, else one without a language; None if there is none.

    A logo in another language than those that the reader has asked for is none of the title that is shown.
    TMDB draws its SVG files as PNG where it is asked for that.

    >>> film = {"logos": [{"path": "/en.svg", "language": "en"}, {"path": "/plain.png", "language": None}]}
    >>> [logo_path(film, Languages.parse(tags)) for tags in ("fr,en", "ja")]
    ['/en.png', '/plain.png']
    """
    path = _of_best_language(_candidates(document, "logos"), None, [*_wanted(languages), *_TEXTLESS])
    return f"{path.removesuffix('.svg')}.png" if path and path.endswith(".svg") else path


def profile_paths(document: Document) -> list[str]:
    """The portraits of two of the creators or directors, then of the cast in its order: ten in all, each once."""
    people = cast("Mapping[str, Any]", document.get("people") or {})
    makers = islice(_portraits([*(people.get("creators") or ()), *(people.get("directors") or ())]), MAX_MAKERS)
    paths = dict.fromkeys([*makers, *_portraits(people.get("cast") or ())])
    return list(paths)[:MAX_PROFILES]


def _portraits(people: Any) -> Iterator[str]:
    for person in people:
        path = person.get("profile_path") if isinstance(person, dict) else None
        if path and _FILE_NAME.fullmatch(path):
            yield path


def _wanted(languages: Languages) -> list[str | None]:
    return list(dict.fromkeys(tag.partition("-")[0] for tag in languages.preferred))


def _candidates(document: Document, role: str) -> list[Mapping[str, Any]]:
    """Rows that have a path; none in a document that an older version has written."""
    rows = cast("Mapping[str, Any]", document).get(role) or ()
    return [row for row in rows if row.get("path")]


def _of_best_language(candidates: list[Mapping[str, Any]], own: str | None, wanted: list[str | None]) -> str | None:
    """The first candidate in the first of the wanted languages that has any; ``own`` if it is one, or is no candidate
    at all, or if no candidate is in a wanted language."""
    if own is not None and own not in (row["path"] for row in candidates):
        return own
    for language in wanted:
        if paths := [row["path"] for row in candidates if row.get("language") == language]:
            return own if own in paths else paths[0]
    return own
