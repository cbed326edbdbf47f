"""Reading single values of an untrusted answer, whichever source it is of: the right type, or None. Nothing raises.

TMDB writes "" and 0 for "unknown"; ids, money, minutes and counts are read accordingly.
"""

import re
from collections.abc import Iterable
from datetime import date
from typing import Any

LARGEST = 2**53  # what JSON readers and both stores keep exactly

_IMDB_ID = re.compile(r"tt[0-9]{7,8}")
_WEB_ADDRESS = re.compile(r"https?://\S+", re.IGNORECASE)


def text(value: Any) -> str | None:
    """A string without the space around it (TMDB's Chinese texts begin with U+3000); None when nothing is left.

    >>> text("\\u3000 A hacker learns the truth. "), text(""), text(7)
    ('A hacker learns the truth.', None, None)
    """
    if not isinstance(value, str):
        return None
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:  # JSON may hold half of a surrogate pair; no store can
            value = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return value.strip() or None


def count(value: Any) -> int | None:
    """A positive whole number; 0 is TMDB's "unknown".

    >>> count(136), count(136.0), count(0), count(True), count("136")
    (136, 136, None, None, None)
    """
    if type(value) is not int:
        if not (isinstance(value, float) and value.is_integer()):
            return None
        value = int(value)
    return value if 0 < value < LARGEST else None


def amount(value: Any) -> float | None:
    """A finite number from 0 up: TMDB writes some averages as integers.

    >>> amount(8), amount(0.0), amount(float("nan")), amount(-1), amount(True)
    (8.0, 0.0, None, None, None)
    """
    if type(value) not in (int, float) or not 0 <= value < LARGEST:
        return None
    return float(value)


def truth(value: Any) -> bool | None:
    """A boolean, or None.

    >>> truth(False), truth(0)
    (False, None)
    """
    return value if isinstance(value, bool) else None


def iso_date(value: Any) -> str | None:
    """The date part of an ISO 8601 date or moment, when there is such a day.

    >>> iso_date("1999-03-31"), iso_date("2013-02-14T00:00:00.000Z"), iso_date(""), iso_date("2023-02-30")
    ('1999-03-31', '2013-02-14', None, None)
    """
    day = value[:10] if isinstance(value, str) else ""
    if day[4:8:3] != "--":  # fromisoformat() also knows weeks and undashed dates
        return None
    try:
        date.fromisoformat(day)
    except ValueError:
        return None
    return day


def imdb_id(value: Any) -> str | None:
    """An IMDb title id: "tt" and 7 or 8 digits, zero-padded.

    >>> imdb_id("tt0133093"), imdb_id("tt133093"), imdb_id("nm0000206")
    ('tt0133093', None, None)
    """
    return value if isinstance(value, str) and _IMDB_ID.fullmatch(value) else None


def web_address(value: Any) -> str | None:
    """A link that is safe to show: http or https, never "javascript:".

    >>> web_address("https://www.warnerbros.com/movies/matrix"), web_address("javascript:alert(1)")
    ('https://www.warnerbros.com/movies/matrix', None)
    """
    address = text(value)
    return address if address and _WEB_ADDRESS.fullmatch(address) else None


def part(payload: dict[str, Any], key: str) -> dict[str, Any]:
    """A JSON object inside another one; {} when it is missing or something else."""
    value = payload.get(key)
    return value if isinstance(value, dict) else {}


def rows(value: Any) -> list[dict[str, Any]]:
    """The objects of a JSON list, in order; what is no object is skipped."""
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def names(values: Iterable[dict[str, Any]]) -> list[str]:
    """The non-empty ``name`` of each row, each name once, in order.

    >>> names([{"name": "Drama"}, {"name": ""}, {"id": 80}, {"name": "Drama"}])
    ['Drama']
    """
    return list(dict.fromkeys(name for row in values if (name := text(row.get("name")))))
