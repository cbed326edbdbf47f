"""Which poster and backdrop stand for a title, and what there is to choose from."""

import re
from typing import Any, Literal

from moviecrawler.sources.fields import amount, count, language_code, rows
from moviecrawler.sources.text import text
from moviecrawler.sources.tmdb.urls import primary_subtag

TEXTLESS = (None, "", "xx")  # null until October 2025, "xx" since

MAX_CANDIDATES = 8
"""Pictures of one role and language that are kept to choose from; a blockbuster has 300 posters."""

MAX_PIXELS = 100_000

# No segment begins with a dot: a path is joined to a host and to a folder.
_PATH = re.compile(r"(/[A-Za-z0-9_-][A-Za-z0-9_.-]*)+")


def picture_path(
    payload: dict[str, Any], images: dict[str, Any], role: Literal["poster", "backdrop"], language: str
) -> str | None:
    """TMDB's own choice for ``language``; without one the best of ``images``, or None.

    Best is, in this order: a backdrop without text; the wanted language and region; the wanted language; English;
    a poster without text; then TMDB's vote average and vote count.
    """
    if own := path_of(payload.get(f"{role}_path")):
        return own
    wanted, region = primary_subtag(language), language.partition("-")[2]
    textless = 5 if role == "backdrop" else 1

    def worth(row: dict[str, Any]) -> tuple[int, float, float]:
        spoken = row.get("iso_639_1")
        if spoken in TEXTLESS:
            suits = textless
        elif spoken == wanted:
            suits = 4 if row.get("iso_3166_1") == region else 3
        else:
            suits = 2 if spoken == "en" else 0
        return suits, amount(row.get("vote_average")) or 0.0, amount(row.get("vote_count")) or 0.0

    ranked = sorted(rows(images.get(f"{role}s")), key=worth, reverse=True)
    return next((path for row in ranked if (path := path_of(row.get("file_path")))), None)


def candidates(values: Any) -> list[dict[str, Any]]:
    """``{"path", "language", "width", "height"}`` of the first ``MAX_CANDIDATES`` pictures of each language.

    TMDB lists the best ones first; the language is None for pictures without text.
    """
    found: list[dict[str, Any]] = []
    left: dict[str | None, int] = {}
    for row in rows(values):
        spoken = row.get("iso_639_1")
        language = None if spoken in TEXTLESS else language_code(spoken)
        if (room := left.get(language, MAX_CANDIDATES)) and (path := path_of(row.get("file_path"))):
            left[language] = room - 1
            found.append(
                {
                    "path": path,
                    "language": language,
                    "width": count(row.get("width"), most=MAX_PIXELS),
                    "height": count(row.get("height"), most=MAX_PIXELS),
                }
            )
    return found


def path_of(value: Any) -> str | None:
    """TMDB's path of a picture, if it is one: it is joined to a host and to a folder.

    >>> path_of("/aB3.jpg"), path_of("/../etc/passwd"), path_of("aB3.jpg"), path_of(None)
    ('/aB3.jpg', None, None, None)
    """
    if isinstance(value, str) and _PATH.fullmatch(value):  # nearly all
        return value
    path = text(value)
    return path if path and _PATH.fullmatch(path) else None
