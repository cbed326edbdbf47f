"""API keys: cleaned of what copying added, and recognised by their shape in the setting of another source."""

import re
from dataclasses import dataclass
from typing import Annotated

from pydantic import BeforeValidator, SecretStr

from moviecrawler.config.fields import WrongValue, plain_text

_SENDABLE = re.compile(r"[!-~]*")
_STRIPPED = " \t\r\n\v\f\u00a0\u200b\u200e\u200f\u2060\ufeff\"'`\u2018\u2019\u201c\u201d\u201e"
_HEADER = re.compile(r"(?:authorization\s*:\s*)?bearer(?:\s+|$)", re.IGNORECASE)
_PARAMETER = re.compile(r"(?:\S*[?&])?api_?key=([^&\s]*)(?:&\S*)?", re.IGNORECASE)


@dataclass(frozen=True)
class KeyShape:
    """Marks a field as a key that looks like ``pattern``; ``name``: "a key of OMDB (8 hexadecimal digits)"."""

    pattern: str
    name: str

    def fits(self, key: str) -> bool:
        return bool(re.fullmatch(self.pattern, key))


def read_key(value: object) -> str:
    """A key without surrounding white space, quotes, ``Bearer`` or the rest of a URL; empty when there is none.

    WrongValue, which does not repeat it, if an HTTP header cannot hold it, or if it is an example of the docs.

    >>> read_key(" '0123abcd0123abcd0123abcd0123abcd'\\n")
    '0123abcd0123abcd0123abcd0123abcd'
    >>> read_key("https://www.omdbapi.com/?i=tt3896198&apikey=0123abcd")
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
    return key


ApiKey = Annotated[SecretStr, BeforeValidator(read_key)]
