"""Numbers and switches of settings: text in, value out, or one line on which setting is wrong and what is allowed."""

import math
from typing import TypeVar

from moviecrawler.exceptions import ConfigurationError

SWITCH = {**dict.fromkeys(("0", "false", "no", "off"), False), **dict.fromkeys(("1", "true", "yes", "on"), True)}
"""Words for off and on, in lower case."""

Number = TypeVar("Number", int, float)


def number(setting: str, value: object) -> float:
    """A number, given as text or as itself; ConfigurationError for all else.

    >>> number("TMDB_RATE", "0.5")
    0.5
    """
    try:
        return float(str(value))
    except ValueError:
        raise ConfigurationError(f"{setting}={value!r} is no number; allowed: a number, such as 4 or 0.5") from None


def whole(setting: str, value: object) -> int:
    """A whole number, given as text or as itself; ConfigurationError for all else.

    >>> whole("TMDB_BURST", "40")
    40
    """
    try:
        return int(str(value))
    except ValueError:
        raise ConfigurationError(
            f"{setting}={value!r} is no whole number; allowed: a whole number, such as 10"
        ) from None


def switch(setting: str, value: object) -> bool:
    """On or off, given as text or as itself; ConfigurationError for all else.

    >>> switch("IMAGES_ENABLED", "0")
    False
    """
    try:
        return SWITCH[str(value).strip().lower()]
    except KeyError:
        raise ConfigurationError(f"{setting}={value!r} is neither yes nor no; allowed: 0, 1") from None


def within(setting: str, value: Number, least: Number, most: Number | None = None, *, unit: str = "") -> Number:
    """``value``, if it lies between the two (None: no upper end); ConfigurationError otherwise, for NaN too.

    >>> within("FILTER_MIN_RATING", 6.5, 0.0, 10.0)
    6.5
    """
    if least <= value < math.inf and (most is None or value <= most):
        return value
    end = "or more" if most is None else f"to {most}"
    raise ConfigurationError(f"{setting}={value!r} is out of range; allowed: {least} {end}{unit and ' ' + unit}")
