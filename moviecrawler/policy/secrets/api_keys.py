"""The API keys: cleaned of what copying added, and told apart by their shape."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from moviecrawler.exceptions import ConfigurationError

KEY_SETTINGS = ("TMDB_ACCESS_TOKEN", "TMDB_API_KEY", "OMDB_API_KEY")
"""The settings that hold a key."""

KEY_SETTINGS_OF = {"tmdb": KEY_SETTINGS[:2], "omdb": KEY_SETTINGS[2:]}
"""By source, the settings of the keys that are sent to it, and so the keys that it may repeat."""

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
"""By source, the shapes that only another source's keys have: what it looks like, and the setting where it belongs."""


class ApiKeys(NamedTuple):
    """The keys to send to each source; empty where there is none."""

    tmdb_token: str
    tmdb_key: str
    omdb_key: str


def read_key(setting: str, value: object) -> str:
    """A key without surrounding white space, quotes, ``Bearer`` or the rest of a URL; empty when there is none.

    ConfigurationError, which does not repeat it, if an HTTP header cannot hold it, or if it is another source's key.

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
        raise ConfigurationError(f"{setting}: must consist of letters, digits and signs; it has another character")
    if key.endswith("..."):  # as in the docs
        raise ConfigurationError(
            f"{setting}: must be your own complete key; this one ends with ..., as an example does"
        )
    for shape, what, place in _OTHER_SHAPES[setting.partition("_")[0].lower()]:
        if shape.fullmatch(key):
            raise ConfigurationError(f"{setting}: looks like {what}, which belongs in {place}")
    return key


def read_keys(settings: Mapping[str, Any]) -> ApiKeys:
    """The keys of the settings; TMDB's token and key are told apart by shape, whichever setting they are in.

    >>> read_keys({"TMDB_ACCESS_TOKEN": "0123abcd0123abcd0123abcd0123abcd"}).tmdb_key
    '0123abcd0123abcd0123abcd0123abcd'
    """
    first, second, omdb_key = (read_key(name, settings.get(name)) for name in KEY_SETTINGS)
    is_key, is_token = _TMDB_KEY.fullmatch(first), _TMDB_TOKEN.fullmatch(second)
    token = second if is_token and (is_key or not first) else "" if is_key else first
    key = first if is_key and (is_token or not second) else "" if is_token else second
    return ApiKeys(token, key, omdb_key)
