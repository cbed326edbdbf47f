"""Single values of an untrusted answer of any source: the right type, or None. Nothing raises.

TMDB writes "" and 0 for "unknown"; ids, money, minutes and counts are read accordingly. Numbers may come as text.
Impossible values (a runtime of years, a release in the year 1) are None, too: no value is better than a wrong one.
"""

import re
from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import Any

from moviecrawler.sources.text import text

MAX_EXACT_INTEGER = 2**53  # what JSON readers and both stores keep exactly

FIRST_YEAR, LAST_YEAR = 1870, 2150
"""The first moving pictures are from 1874; a film of 2015 will be shown in 2115."""

MAX_FILM_MINUTES, MAX_EPISODE_MINUTES = 60_000, 1_440
"""Minutes; the longest film runs 51,420."""

MAX_EPISODES = 200_000
"""Of a show; the longest daily soap has 20,000."""

MAX_DOLLARS = 10_000_000_000
MAX_VOTES = 100_000_000
MAX_POPULARITY = 1e6
"""The highest popularity seen at TMDB is under 20,000."""

_NUMBER = re.compile(r"([0-9]{1,15}|[0-9]{1,3}(?:,[0-9]{3}){1,4}|[0-9]{1,3}(?: [0-9]{3}){1,4})(\.[0-9]{1,15})?")
_WEB_ADDRESS = re.compile(r"https?://\S+", re.IGNORECASE)
_BETWEEN = re.compile(r"[\W_]+")
_UNRATED = frozenset({"", "nr", "ur", "norating", "none", "na", "pending", "ratingpending", "tba", "tbc", "tbd"})
_TRUTHS = {"true": True, "false": False, "1": True, "0": False}


def count(value: Any, most: int = MAX_EXACT_INTEGER - 1) -> int | None:
    """A positive whole number up to ``most``; 0 is TMDB's "unknown".

    >>> count(136), count(136.0), count("136"), count(0), count(True), count(2000, most=1440)
    (136, 136, 136, None, None, None)
    """
    if type(value) is not int:
        value = _read(value) if isinstance(value, str) else value
        if not (isinstance(value, float) and value.is_integer()):
            return None
        value = int(value)
    return value if 0 < value <= most else None


def amount(value: Any, most: float = MAX_EXACT_INTEGER - 1) -> float | None:
    """A finite number from 0 up to ``most``: TMDB writes some averages as integers.

    >>> amount(8), amount("8.1"), amount(0.0), amount(float("nan")), amount(-1), amount(True)
    (8.0, 8.1, 0.0, None, None, None)
    """
    if isinstance(value, str):
        value = _read(value)
    return float(value) if type(value) in (int, float) and 0 <= value <= most else None


def whole_number(value: Any) -> int | None:
    """A whole number from 0 on, where 0 is a value: pages, results.

    >>> whole_number(0), whole_number("500"), whole_number(2.5), whole_number(-1), whole_number(True)
    (0, 500, None, None, None)
    """
    found = amount(value)
    return int(found) if found is not None and found.is_integer() else None


def _read(value: str) -> float | None:
    """The number in a text, with commas or spaces between thousands; no sign, no unit."""
    found = _NUMBER.fullmatch(text(value) or "")
    return float(found[1].replace(",", "").replace(" ", "") + (found[2] or "")) if found else None


def boolean(value: Any) -> bool | None:
    """A boolean, also as text or number, as other programs write it; or None.

    >>> boolean(False), boolean("true"), boolean(0), boolean(2), boolean("no")
    (False, True, False, None, None)
    """
    if isinstance(value, bool) or value is None:
        return value
    return _TRUTHS.get(str(value).strip().lower()) if type(value) in (int, str) else None


def iso_date(value: Any) -> str | None:
    """The date of an ISO 8601 date or timestamp, if that day exists and films did by then.

    >>> iso_date("1999-03-31"), iso_date("2013-02-14T00:00:00.000Z"), iso_date("2023-02-30"), iso_date("0001-01-01")
    ('1999-03-31', '2013-02-14', None, None)
    """
    said = value.strip() if isinstance(value, str) and value.isascii() else text(value) or ""
    day = said[:10]
    if day[4:8:3] != "--" or said[10:11] not in ("", "T", " "):  # fromisoformat() also accepts weeks and undashed dates
        return None
    try:
        return day if FIRST_YEAR <= date.fromisoformat(day).year <= LAST_YEAR else None
    except ValueError:
        return None


def plausible_year(value: int | None) -> int | None:
    """
    >>> plausible_year(1999), plausible_year(1), plausible_year(9999)
    (1999, None, None)
    """
    return value if value is not None and FIRST_YEAR <= value <= LAST_YEAR else None


def certification(value: Any) -> str | None:
    """A rating such as ``PG-13``; "NR" and the like mean no rating, and must not hide another source's rating.

    >>> certification("R"), certification("NR"), certification("Not Rated"), certification("")
    ('R', None, None, None)
    """
    rating = text(value)
    return None if rating is None or _is_no_rating(rating) else rating


@lru_cache(maxsize=512)
def _is_no_rating(rating: str) -> bool:
    bare = _BETWEEN.sub("", rating).lower()
    return bare in _UNRATED or bare.startswith(("notrated", "unrated", "notyetrated"))


def country(value: Any) -> str | None:
    """The code of a country, in capitals.

    >>> country("us "), country(""), country(None)
    ('US', None, None)
    """
    if isinstance(value, str) and len(value) == 2 and value.isupper():  # nearly all
        return value
    code = text(value)
    return code.upper() if code and len(code) == 2 else code


def language_code(value: Any) -> str | None:
    """The code of a language, in small letters.

    >>> language_code("EN"), language_code("")
    ('en', None)
    """
    if isinstance(value, str) and len(value) == 2 and value.islower():  # nearly all
        return value
    code = text(value)
    return code.lower() if code and len(code) in (2, 3) else code


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
    """The objects of a JSON list, in order; other values are skipped."""
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def names(values: Iterable[dict[str, Any]]) -> list[str]:
    """The non-empty ``name`` of each row, each name once, in order.

    >>> names([{"name": "Drama"}, {"name": ""}, {"id": 80}, {"name": "Drama"}])
    ['Drama']
    """
    return list(dict.fromkeys(name for row in values if (name := text(row.get("name")))))


def ids(values: Any) -> list[int]:
    """The ``id`` of each row of a JSON list, each once, in order.

    >>> ids([{"id": 604}, {"id": 0}, {"id": "605"}, {"id": 604}, 606]), ids(None)
    ([604, 605], [])
    """
    return list(dict.fromkeys(number for row in rows(values) if (number := count(row.get("id")))))
