"""The API keys: cleaned of what copying added, and told apart by their shape."""

import re
from functools import partial
from typing import Annotated

from pydantic import BeforeValidator, SecretStr

from moviecrawler.config.fields import WrongValue, plain_text

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


def read_key(source: str, value: object) -> str:
    """A key without surrounding white space, quotes, ``Bearer`` or the rest of a URL; empty when there is none.

    WrongValue, which does not repeat it, if an HTTP header cannot hold it, or if it is another source's key.

    >>> read_key("tmdb", " '0123abcd0123abcd0123abcd0123abcd'\\n")
    '0123abcd0123abcd0123abcd0123abcd'
    >>> read_key("omdb", "https://www.omdbapi.com/?i=tt3896198&apikey=0123abcd")
    '0123abcd'
    """
    key = plain_text(value).strip(_STRIPPED)
    if header := _HEADER.match(key):
        key = key[header.end() :].strip(_STRIPPED)
    if parameter := _PARAMETER.fullmatch(key):
        key = parameter[1].strip(_STRIPPED)
    if not _SENDABLE.fullmatch(key):
        raise WrongValue("must consist of letters, digits and signs; it has another character")
    if key.endswith("..."):  # as in the docs
        raise WrongValue("must be your own complete key; this one ends with ..., as an example does")
    for shape, what, place in _OTHER_SHAPES[source]:
        if shape.fullmatch(key):
            raise WrongValue(f"looks like {what}, which belongs in {place}")
    return key


TmdbKey = Annotated[SecretStr, BeforeValidator(partial(read_key, "tmdb"))]
OmdbKey = Annotated[SecretStr, BeforeValidator(partial(read_key, "omdb"))]


def tmdb_token_and_key(first: str, second: str) -> tuple[str, str]:
    """TMDB's token and key, told apart by shape, whichever setting they are in; empty where there is none.

    >>> tmdb_token_and_key("0123abcd0123abcd0123abcd0123abcd", "")
    ('', '0123abcd0123abcd0123abcd0123abcd')
    """
    is_key, is_token = _TMDB_KEY.fullmatch(first), _TMDB_TOKEN.fullmatch(second)
    token = second if is_token and (is_key or not first) else "" if is_key else first
    key = first if is_key and (is_token or not second) else "" if is_token else second
    return token, key
