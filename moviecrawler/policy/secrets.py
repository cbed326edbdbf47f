"""Keys in every spelling in which they could turn up in a text."""

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from moviecrawler.exceptions import ConfigurationError

KEYS = ("TMDB_ACCESS_TOKEN", "TMDB_API_KEY", "OMDB_API_KEY")
"""The settings that hold a key."""

_SHORTEST = 6
"""A shorter "key" is somebody's placeholder, and blotting it out would garble ordinary words."""

_SENDABLE = re.compile(r"[!-~]*")


def read_key(setting: str, value: object) -> str:
    """A key without the white space that copying it brought along; empty when there is none.

    ConfigurationError, which does not repeat it, when no HTTP header can hold it.

    >>> read_key("TMDB_API_KEY", " 0123abcd\\n")
    '0123abcd'
    """
    key = str(value or "").strip()
    if not _SENDABLE.fullmatch(key):
        raise ConfigurationError(f"{setting} holds a character that no key has; allowed: letters, digits and signs")
    return key


@dataclass(frozen=True, repr=False)
class Secrets:
    """The keys of a run; ``repr`` shows none."""

    keys: tuple[str, ...]
    _spellings: re.Pattern[str] | None = field(init=False)

    def __post_init__(self) -> None:
        keys = sorted({key for key in self.keys if len(key) >= _SHORTEST}, key=len, reverse=True)
        patterns = [pattern for key in keys for pattern in (_percent_encoded(key), *_base64(key))]
        object.__setattr__(self, "_spellings", re.compile("|".join(patterns)) if patterns else None)

    def blot(self, text: str) -> str:
        """The text with ``[key]`` in place of every key.

        >>> Secrets(("s3cr&t-key",)).blot("GET /3?api_key=s3cr%26t-key")
        'GET /3?api_key=[key]'
        """
        return self._spellings.sub("[key]", text) if self._spellings else text


def _percent_encoded(key: str) -> str:
    """A pattern for the key as it is and with any of its characters percent-encoded (RFC 3986, section 2.1)."""
    return "".join(f"(?:{re.escape(character)}|(?i:%{ord(character):02x}))" for character in key)


def _base64(key: str) -> Iterator[str]:
    """Patterns for the key inside longer base64 text: three alignments, less the characters that neighbours change."""
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + key.encode()).decode()
        whole = len(key) + before
        yield re.escape(encoded[-(-before * 8 // 6) : whole * 8 // 6])
