"""The keys of the APIs: freed of what copying brought along, and told apart by their shape."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from moviecrawler.exceptions import ConfigurationError

KEY_SETTINGS = ("TMDB_ACCESS_TOKEN", "TMDB_API_KEY", "OMDB_API_KEY")
"""The settings that hold a key."""

KEY_SETTINGS_OF = {"tmdb": KEY_SETTINGS[:2], "omdb": KEY_SETTINGS[2:]}
"""By source, what it is told, and so what it can repeat."""

_SENDABLE = re.compile(r"[!-~]*")
_STRIPPED = " \t\r\n\v\f\u00a0\u200b\u200e\u200f\u2060\ufeff\"'`\u2018\u2019\u201c\u201d\u201e"
_HEADER = re.compile(r"(?:authorization\s*:\s*)?bearer(?:\s+|$)", re.IGNORECASE)
_PARAMETER = re.compile(r"(?:\S*[?&])?api_?key=([^&\s]*)(?:&\S*)?", re.IGNORECASE)

_TMDB_TOKEN = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]+")
_TMDB_KEY = re.compile(r"[0-9a-fA-F]{32}")
_OMDB_KEY = re.compile(r"[0-9a-fA-F]{8}")
_OTHER_SHAPES = {
    "tmdb": [(_OMDB_KEY, "a key of OMDB (8 hexadecimal digits)", "OMDB_API_KEY")],
    "omdb": [
        (_TMDB_TOKEN, "an access token of TMDB (eyJ...)", "TMDB_ACCESS_TOKEN"),
        (_TMDB_KEY, "a key of TMDB (32 hexadecimal digits)", "TMDB_API_KEY"),
    ],
}
"""By source, the shapes that only a key of another one has: what it looks like, and where it belongs."""


class ApiKeys(NamedTuple):
    """What each source is asked with; empty where there is none."""

    tmdb_token: str
    tmdb_key: str
    omdb_key: str


def read_key(setting: str, value: object) -> str:
    """A key without white space, quotes, ``Bearer`` or the rest of a URL around it; empty when there is none.

    ConfigurationError, which does not repeat it, when no HTTP header can hold it, or when it is another source's.

    >>> read_key("TMDB_API_KEY", " '0123abcd0123abcd0123abcd0123abcd'\\n")
    '0123abcd0123abcd0123abcd0123abcd'
    >>> read_key("OMDB_API_KEY", "https://www.omdbapi.com/?i=tt3896198&apikey=0123abcd")
    '0123abcd'
    """
    key = str(value or "").strip(_STRIPPED)
    if header := _HEADER.match(key):
        key = key[header.end() :].strip(_STRIPPED)
    if parameter := _PARAMETER.fullmatch(key):
        key = parameter[1].strip(_STRIPPED)
    if not _SENDABLE.fullmatch(key):
        raise ConfigurationError(f"{setting} holds a character that no key has; allowed: letters, digits and signs")
    if key.endswith("..."):  # as the docs have it
        raise ConfigurationError(f"{setting} ends with ...: that is an example; put your own whole key there")
    for shape, what, place in _OTHER_SHAPES[setting.partition("_")[0].lower()]:
        if shape.fullmatch(key):
            raise ConfigurationError(f"{setting} holds what looks like {what}: that belongs in {place}")
    return key


def read_keys(settings: Mapping[str, Any]) -> ApiKeys:
    """The keys of the settings; a token and a key of TMDB are used as what they are, in whichever setting.

    >>> read_keys({"TMDB_ACCESS_TOKEN": "0123abcd0123abcd0123abcd0123abcd"}).tmdb_key
    '0123abcd0123abcd0123abcd0123abcd'
    """
    first, second, omdb_key = (read_key(name, settings.get(name)) for name in KEY_SETTINGS)
    is_key, is_token = _TMDB_KEY.fullmatch(first), _TMDB_TOKEN.fullmatch(second)
    token = second if is_token and (is_key or not first) else "" if is_key else first
    key = first if is_key and (is_token or not second) else "" if is_token else second
    return ApiKeys(token, key, omdb_key)
