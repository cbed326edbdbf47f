"""Which values a person may type for a field: a typing error is refused before it is locked for good."""

import math
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

_YEAR = (1874, 2100)
"""From the first series of photographs, Janssen's "Passage de Vénus", on."""

_ANY = (0, math.inf)
_RANGES: dict[str, tuple[float, float]] = {
    "year": _YEAR,
    "runtime": (1, 100_000),  # the longest film, "Logistics", has 51,420
    "popularity": _ANY,
    "season_count": _ANY,
    "episode_count": _ANY,
    "seasons.*.*": _ANY,
    "box_office.*": _ANY,
    "ratings.tmdb.score": (0, 10),
    "ratings.imdb.score": (0, 10),
    "ratings.*.score": (0, 100),
    "ratings.*.votes": _ANY,
    "releases.*.type": (1, 6),
    "collection.id": (1, 2**31 - 1),
}
_WEB_ADDRESS = re.compile(r"https?://[^\s/]+\S*", re.IGNORECASE)
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


def allowed_instead(path: str, value: Any) -> str:
    """What the field allows instead of this value; empty if the value is allowed.

    >>> allowed_instead("ratings.imdb.score", 12), allowed_instead("year", 1999), allowed_instead("genres.0", " ")
    ('0 to 10', '', "visible text, or null for 'unknown'")
    """
    if isinstance(value, str):
        return _allowed_text(path, value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ""
    least, most = next((limits for name, limits in _RANGES.items() if _matches_path(name, path)), (-math.inf, math.inf))
    if least <= value <= most:
        return ""
    return f"{least:g} to {most:.0f}" if most < math.inf else f"{least:g} or more"


def leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """The numbers and texts in a value, each with its path.

    >>> list(leaves({"imdb": {"score": 8.0, "votes": None}}, "ratings"))
    [('ratings.imdb.score', 8.0), ('ratings.imdb.votes', None)]
    """
    if isinstance(value, dict | list):
        for name, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(inner, f"{path}.{name}")
    else:
        yield path, value


def is_day(text: str) -> bool:
    """Whether it is a calendar day in the years in which films are made.

    >>> is_day("1999-03-31"), is_day("1999-02-30"), is_day("3000-01-01")
    (True, False, False)
    """
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return False
    return day.isoformat() == text and _YEAR[0] <= day.year <= _YEAR[1]


def _allowed_text(path: str, text: str) -> str:
    if not any(sign.isprintable() and not sign.isspace() for sign in text):
        return "visible text, or null for 'unknown'"
    if path in ("homepage", "trailer") and not _WEB_ADDRESS.fullmatch(text):
        return "an address such as https://www.themoviedb.org"
    if path == "original_language" and not _LANGUAGE.fullmatch(text):
        return "a language such as ja"
    if _matches_path("releases.*.date", path) and not is_day(text):
        return "a day such as 1999-03-31"
    return ""


def _matches_path(pattern: str, path: str) -> bool:
    """``*`` stands for one part of the path."""
    parts, named = path.split("."), pattern.split(".")
    return len(parts) == len(named) and all(one in ("*", part) for one, part in zip(named, parts, strict=True))
