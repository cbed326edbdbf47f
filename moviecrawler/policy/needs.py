"""Whether a source may be asked at all: is there a key, has the user switched it on?"""

from collections.abc import Mapping
from typing import Any

from moviecrawler.policy.api_keys import read_key
from moviecrawler.policy.numbers import switch

_KEYS = {
    "tmdb": ("TMDB", ("TMDB_ACCESS_TOKEN", "TMDB_API_KEY"), "https://www.themoviedb.org/settings/api"),
    "omdb": ("OMDB", ("OMDB_API_KEY",), "https://www.omdbapi.com/apikey.aspx"),
}

NO_KEY = (
    "No {name} key: set {setting} in .env or the environment (free: {place}), "
    "or try without one, against the bundled sandbox: scrapy sandbox -- scrapy {command}"
)
LEFT_OUT = "{name} is left out, since there is no key: set {setting} in .env or the environment (free: {place})"
SWITCHED_OFF = (
    "The Numbers is not asked: its terms restrict automated use. "
    "Read them on https://www.the-numbers.com, and set THE_NUMBERS_ENABLED=1 if they let you."
)


def missing_key(source: str, settings: Mapping[str, Any], command: str) -> str:
    """One line on the key that a source lacks, empty where it has one or needs none. ConfigurationError: a bad key.

    >>> missing_key("omdb", {"OMDB_API_KEY": ""}, "crawl omdb").partition(":")[0]
    'No OMDB key'
    >>> missing_key("omdb", {"OMDB_API_KEY": "0123abcd"}, "crawl omdb")
    ''
    """
    if source not in _KEYS:
        return ""
    name, names, place = _KEYS[source]
    keys = [read_key(setting, settings.get(setting)) for setting in names]
    if any(keys):
        return ""
    return NO_KEY.format(name=name, setting=names[0], place=place, command=command)


def left_out(source: str) -> str:
    """One line on a source that has no key, where others are asked all the same.

    >>> left_out("omdb").partition(",")[0]
    'OMDB is left out'
    """
    name, names, place = _KEYS[source]
    return LEFT_OUT.format(name=name, setting=names[0], place=place)


def not_asked(settings: Mapping[str, Any]) -> dict[str, str]:
    """What is missing, by each source that cannot be asked. TMDB is never among them: without it there is nothing.

    >>> not_asked({"OMDB_API_KEY": "", "THE_NUMBERS_ENABLED": "1"})
    {'omdb': 'OMDB_API_KEY is not set'}
    """
    found = {}
    if missing_key("omdb", settings, ""):
        found["omdb"] = "OMDB_API_KEY is not set"
    if switched_off("the_numbers", settings):
        found["the_numbers"] = "THE_NUMBERS_ENABLED is 0"
    return found


def switched_off(source: str, settings: Mapping[str, Any]) -> bool:
    """Whether the user has not said that this source may be asked."""
    return source == "the_numbers" and not switch("THE_NUMBERS_ENABLED", settings["THE_NUMBERS_ENABLED"])
