"""The trailer, and what else there is to see of a title at other sites."""

import re
from datetime import UTC, datetime
from typing import Any

from moviecrawler.sources.fields import FIRST_YEAR, LAST_YEAR, boolean, language_code, rows
from moviecrawler.sources.text import text
from moviecrawler.sources.tmdb.pictures import TEXTLESS
from moviecrawler.sources.tmdb.urls import primary_subtag
from moviecrawler.timestamps import iso

MAX_VIDEOS = 40
"""Of one title, the newest; a blockbuster has 150 spots and interviews."""

_VIDEO_KEY = re.compile(r"[A-Za-z0-9_-]+")
_WATCH = {"YouTube": "https://www.youtube.com/watch?v={}", "Vimeo": "https://vimeo.com/{}"}


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


def all_videos(videos: dict[str, Any]) -> list[dict[str, Any]]:
    """Each with its site and key, the newest first; the order does not depend on TMDB's."""
    found = {}
    for row in rows(videos.get("results")):
        site, key = text(row.get("site")), text(row.get("key"))
        if site and key and _VIDEO_KEY.fullmatch(key):
            found[site, key] = {
                "site": site,
                "key": key,
                "type": text(row.get("type")),
                "name": text(row.get("name")),
                "language": None if (spoken := row.get("iso_639_1")) in TEXTLESS else language_code(spoken),
                "official": boolean(row.get("official")),
                "published_at": _timestamp(row.get("published_at")),
            }
    newest = sorted(found, key=lambda name: (found[name]["published_at"] or "", name), reverse=True)
    return [found[name] for name in newest[:MAX_VIDEOS]]


def _watch(row: dict[str, Any]) -> str | None:
    key = text(row.get("key"))
    address = _WATCH.get(text(row.get("site")) or "")
    return address.format(key) if address and key and _VIDEO_KEY.fullmatch(key) else None


def _timestamp(value: Any) -> str | None:
    """In the stored form, whatever the zone.

    >>> _timestamp("2009-12-14T22:22:44+01:00"), _timestamp("2009-12-14 21:22:44 UTC"), _timestamp("soon")
    ('2009-12-14T21:22:44.000Z', '2009-12-14T21:22:44.000Z', None)
    """
    said = (text(value) or "").removesuffix(" UTC")
    try:
        moment = datetime.fromisoformat(said)
        moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
    return iso(moment) if FIRST_YEAR <= moment.year <= LAST_YEAR else None
