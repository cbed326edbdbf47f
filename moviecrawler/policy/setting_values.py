"""Numbers and switches of settings: text in, value out, or one line on which setting is wrong and what it must be."""

import math
from collections.abc import Iterable
from typing import TypeVar

from moviecrawler.exceptions import ConfigurationError

SWITCH = {**dict.fromkeys(("0", "false", "no", "off"), False), **dict.fromkeys(("1", "true", "yes", "on"), True)}
"""Words for off and on, in lower case."""

Number = TypeVar("Number", int, float)


def number(setting: str, value: object) -> float:
    """A number, given as text or as itself; ConfigurationError for anything else.

    >>> number("TMDB_RATE", "0.5")
    0.5
    """
    try:
        return float(str(value))
    except ValueError:
        raise ConfigurationError(f"{setting}={value!r}: must be a number, such as 4 or 0.5") from None


def whole_number(setting: str, value: object) -> int:
    """A whole number, given as text or as itself; ConfigurationError for anything else.

    >>> whole_number("TMDB_BURST", "40")
    40
    """
    try:
        return int(str(value))
    except ValueError:
        raise ConfigurationError(f"{setting}={value!r}: must be a whole number, such as 10") from None


def switch(setting: str, value: object) -> bool:
    """On or off, given as text or as itself; ConfigurationError for anything else.

    >>> switch("IMAGES_ENABLED", "0")
    False
    """
    try:
        return SWITCH[str(value).strip().lower()]
    except KeyError:
        raise ConfigurationError(f"{setting}={value!r}: must be 0 or 1") from None


def within(setting: str, value: Number, least: Number, most: Number | None = None, *, unit: str = "") -> Number:
    """``value`` if it lies between the two (None: no upper limit); ConfigurationError otherwise, and for NaN.

    >>> within("FILTER_MIN_RATING", 6.5, 0.0, 10.0)
    6.5
    """
    if least <= value < math.inf and (most is None or value <= most):
        return value
    limits = f"{least} or more" if most is None else f"from {least} to {most}"
    raise ConfigurationError(f"{setting}={value!r}: must be {limits}{unit and ' ' + unit}")


def one_of(values: Iterable[str]) -> str:
    """The values as the end of the sentence "must be ...".

    >>> one_of(["movies", "shows", "all"]), one_of(["0", "1"]), one_of(["omdb"])
    ('movies, shows or all', '0 or 1', 'omdb')
    """
    *others, last = values
    return f"{', '.join(others)} or {last}" if others else last
