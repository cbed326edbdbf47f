"""Which poster, backdrop and trailer stand for a title."""

import re
from typing import Any, Literal

from moviecrawler.sources.fields import amount, boolean, rows
from moviecrawler.sources.text import text
from moviecrawler.sources.tmdb.urls import primary_subtag

TEXTLESS = (None, "", "xx")  # null until October 2025, "xx" since

# No segment begins with a dot: a path is joined to a host and to a folder.
_PATH = re.compile(r"(/[A-Za-z0-9_-][A-Za-z0-9_.-]*)+")
_VIDEO_KEY = re.compile(r"[A-Za-z0-9_-]+")
_WATCH = {"YouTube": "https://www.youtube.com/watch?v={}", "Vimeo": "https://vimeo.com/{}"}


def picture_path(
    payload: dict[str, Any], images: dict[str, Any], role: Literal["poster", "backdrop"], language: str
) -> str | None:
    """TMDB's own choice for ``language``; without one the best of ``images``, or None.

    Best is, in this order: a backdrop without text; the wanted language and region; the wanted language; English;
    a poster without text; then TMDB's vote average and vote count.
    """
    if own := _path(payload.get(f"{role}_path")):
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
    return next((path for row in ranked if (path := _path(row.get("file_path")))), None)


def _path(value: Any) -> str | None:
    path = text(value)
    return path if path and _PATH.fullmatch(path) else None


def trailer(videos: dict[str, Any], language: str) -> str | None:
    """The address of the best trailer on YouTube or Vimeo, or None.

    The wanted language comes first, then English, then any; within a language the official trailer, any trailer,
    then a teaser; among equals TMDB's order.
    """
    wanted = primary_subtag(language)

    def rank(row: dict[str, Any]) -> tuple[bool, bool, bool, bool]:
        spoken = row.get("iso_639_1")
        return spoken != wanted, spoken != "en", text(row["type"]) != "Trailer", not boolean(row.get("official"))

    candidates = [
        row for row in rows(videos.get("results")) if text(row.get("type")) in ("Trailer", "Teaser") and _watch(row)
    ]
    return _watch(min(candidates, key=rank)) if candidates else None


def _watch(row: dict[str, Any]) -> str | None:
    key = text(row.get("key"))
    address = _WATCH.get(text(row.get("site")) or "")
    return address.format(key) if address and key and _VIDEO_KEY.fullmatch(key) else None
