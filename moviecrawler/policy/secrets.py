"""Keys in every spelling in which a site can repeat them, or somebody's message show them.

A text is searched as it is and once more for each layer of escapes that is taken off (percent, backslash, entity,
quoted-printable, in any mixture); in each, for the key as it is, backwards, in hexadecimal, as a list of numbers and
inside base64, whatever white space has come in between.
"""

import base64
import html
import re
from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from moviecrawler.policy.api_keys import KEYS, KEYS_OF, read_key
from moviecrawler.policy.hosts import RELAYED
from moviecrawler.policy.sharing import password_of

_SERVERS = ("REDIS_URL", "CACHE_URI", "STORE_URI", "SCRAPYD_URL")
"""The settings whose URL may hold a password."""

_WORD = 8
"""A shorter key may be an ordinary word: it is blotted out only where it stands as a value (``key=any``, ``"any"``)."""

_ENDS = r"(?![\w./+~-])"
"""Behind a short key: what goes on is another value."""

_EXCERPT = 300
"""Characters of a text or a bad answer that a reject keeps."""

_LEGIBLE = 16_384
"""Bytes, or characters, that are looked through for a key before that."""

_LAYERS = 4
"""Escapes of escapes of escapes: what is nested more deeply nobody reads by accident."""

_ESCAPE = re.compile(
    r"%(?:u00)?([0-9a-f]{2})|\\(?:u00|x|U000000)([0-9a-f]{2})|\\u\{0*([0-9a-f]{2})\}|\\([0-3][0-7]{2})"
    r"|&(?:\#x?[0-9a-f]+|[a-z]+);?|\\([nrt])|\\(.)",
    re.IGNORECASE | re.DOTALL,
)
_QUOTED_PRINTABLE = re.compile(r"=(?:([0-9A-Fa-f]{2})|\r?\n)")

_ENTITY = r"26(?:amp(?:;|%(?:25)*(?:u00)?3[bB]|\\+u003[bB]))*(?:\#|%(?:25)*(?:u00)?23|\\+u0023)"
_CODES = f"(?:3[0-9]|[46][1-9a-fA-F]|[57][0-9aAcC]|0[9adAD]|25|{_ENTITY})"
"""Of digits, letters and line breaks, and of the signs that escapes begin with; in hexadecimal."""
_HIDING = tuple(
    (sign, re.compile(pattern.encode()))  # to look for a sign alone is ten times as fast
    for sign, pattern in (
        (b"%", rf"%(?:25)*(?:u00)?{_CODES}"),
        (b"\\", rf"\\(?:u00{_CODES}|u\{{|x|U000000|[01][0-7][0-7])"),
        (b"&", r"&(?:amp;)*(?:\#|%(?:25)*23|\\u0023)"),
        (b"0x", f"0x{_CODES}[^0-9a-zA-Z]{{1,4}}0x"),
        (b"<", "<"),
        (b"\0", "\0"),
    )
)
"""What a letter or digit can be hidden behind, or torn apart with; no honest answer of ours spells one so."""

_BREAK = re.compile(rb"\\[nrt]")
_LOWER = bytes(range(256)).lower()
_SIGNS = bytes(code for code in range(256) if not chr(code).isalnum() or code > 127)
_BETWEEN = r"(?:[\s\0\xad\u200b-\u200f\u2060\ufeff]|=\s|<w?br ?/?>)*"
_BETWEEN_CODES = r"(?:[\s,;:.|-]|0x)*"


@dataclass(frozen=True, repr=False)
class Secrets:
    """The keys of a run; ``repr`` shows none."""

    keys: tuple[str, ...]

    @classmethod
    def parse(cls, settings: Mapping[str, Any], proxies: Mapping[str, str]) -> Self:
        """All keys and passwords of the settings, and of the URLs of the proxies."""
        keys = [read_key(name, settings[name]) for name in KEYS]
        servers = [str(settings[name] or "") for name in _SERVERS]
        passwords = [str(settings["SCRAPYD_PASSWORD"] or ""), *map(password_of, (*servers, *proxies.values()))]
        return cls((*keys, *passwords, *_tokens(settings["TMDB_IMAGE_BASE_URLS"])))

    @classmethod
    def told(cls, source: str, settings: Mapping[str, Any]) -> Self:
        """The keys that this source is asked with."""
        return cls(tuple(read_key(name, settings[name]) for name in KEYS_OF.get(source, ())))

    def blot(self, text: str) -> str:
        """The text with ``[key]`` in place of every key.

        >>> Secrets(("s3cr&t-key",)).blot("GET /3?api_key=s3cr%26t-key")
        'GET /3?api_key=[key]'
        """
        if not self._suspects(text.encode("utf-8", "surrogatepass")):
            return text
        found = sorted(self._find(text))
        parts, last = [], 0
        for start, end in found:
            if start >= last:
                parts += [text[last:start], "[key]"]
            last = max(last, end)
        return "".join([*parts, text[last:]])

    def excerpt(self, said: bytes | str) -> str:
        """The beginning of it, without a key: blotted before it is cut, since half a key is one, too.

        >>> Secrets(("s3cret-key",)).excerpt(297 * b"." + b"s3cret-key")[-5:]
        '..[ke'
        """
        begins = said[:_LEGIBLE]
        return self.blot(begins.decode("utf-8", "replace") if isinstance(begins, bytes) else begins)[:_EXCERPT]

    def blot_bytes(self, body: bytes) -> bytes:
        """The same for a body of any encoding; a body of 10 KB without a key takes some 30 microseconds."""
        if not self._suspects(body):
            return body
        return self.blot(body.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")

    def blot_all(self, value: Any) -> Any:
        """The same for every text in a record, names included."""
        if isinstance(value, str):
            return self.blot(value)
        if isinstance(value, Mapping):
            return {self.blot(str(name)): self.blot_all(part) for name, part in value.items()}
        return [self.blot_all(part) for part in value] if isinstance(value, list | tuple) else value

    def _suspects(self, body: bytes) -> bool:
        """Whether a key may be there; False is certain. Told from a piece of each form that all its spellings keep."""
        if not self._known:
            return False
        if self._words and self._words.search(body):
            return True
        unbroken = _BREAK.sub(b"", body) if b"\\" in body else body
        squeezed = unbroken.translate(_LOWER, _SIGNS)
        if any(piece in squeezed for piece in self._pieces):
            return True
        return any(sign in body and hiding.search(body) for sign, hiding in _HIDING)

    def _find(self, text: str) -> Iterator[tuple[int, int]]:
        for layer, places in _layers(text):
            for match in self._forms.finditer(layer):
                yield places[match.start()], places[match.end()]

    @cached_property
    def _known(self) -> list[str]:
        """The longest first: it may hold a shorter one."""
        return sorted({key for key in self.keys if key}, key=len, reverse=True)

    @cached_property
    def _pieces(self) -> tuple[bytes, ...]:
        """Of a short key only the other forms: its letters stand in many a word."""
        return tuple(
            {_longest_run(form) for key in self._known for form in _forms(key) if len(key) >= _WORD or form != key}
        )

    @cached_property
    def _words(self) -> re.Pattern[bytes] | None:
        """The short keys, where they may stand as a value."""
        words = [re.escape(key) + _ENDS for key in self._known if len(key) < _WORD]
        return re.compile("|".join(words).encode()) if words else None

    @cached_property
    def _forms(self) -> re.Pattern[str]:
        return re.compile("|".join(pattern for key in self._known for pattern in _patterns(key)), re.IGNORECASE)


def _tokens(bases: object) -> Iterator[str]:
    """What the query of a relay's template holds beside the address; a short value is an option of it."""
    for base in str(bases or "").split(","):
        for _, value in parse_qsl(urlsplit(base.strip()).query):
            if RELAYED not in value and len(value) >= _WORD:
                yield value


def _forms(key: str) -> Iterator[str]:
    """The key as it is and in its other forms."""
    yield key
    if len(key) < _WORD - 2:
        return
    codes = key.encode()
    yield from (key[::-1], codes.hex(), "".join(map(str, codes)), *_base64(key))


def _patterns(key: str) -> Iterator[str]:
    plain, *others = _forms(key)
    if len(key) < _WORD:
        yield rf"""(?:(?<=[=:"'`>])|(?<=[=:"'`>] )|(?<=Bearer ))(?-i:{re.escape(plain)}){_ENDS}"""
    else:
        yield _BETWEEN.join(map(re.escape, plain))
    if not others:
        return
    backwards, _, _, *in_base64 = others
    codes = key.encode()
    yield _BETWEEN.join(map(re.escape, backwards))
    yield _BETWEEN_CODES.join(f"{code:02x}" for code in codes)
    yield rf"(?<!\d){_BETWEEN_CODES.join(map(str, codes))}(?!\d)"
    for encoded in in_base64:
        yield _BETWEEN.join({"+": "[+-]", "/": "[/_]"}.get(character, character) for character in encoded)


def _base64(key: str) -> Iterator[str]:
    """The key inside longer base64 text: three alignments, less the characters that neighbours change."""
    codes = key.encode()
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + codes).decode()
        yield encoded[-(-before * 8 // 6) : (len(codes) + before) * 8 // 6]


def _longest_run(form: str) -> bytes:
    """The longest piece of letters and digits, in lower case: what ``_suspects`` looks for."""
    return max(re.split("[^0-9a-z]", form.lower()), key=len)[:24].encode()


def _layers(text: str) -> Iterator[tuple[str, "array[int]"]]:
    """The text, and what is left when its escapes are taken off; with the place in the text of each character."""
    places = array("L", range(len(text) + 1))
    yield text, places
    if "=" in text:
        yield _without(_QUOTED_PRINTABLE, text, places)
    for _ in range(_LAYERS):
        plain, places = _without(_ESCAPE, text, places)
        if plain == text:
            return
        text = plain
        yield text, places


def _without(escape: re.Pattern[str], text: str, places: "array[int]") -> tuple[str, "array[int]"]:
    parts: list[str] = []
    kept, last = array("L"), 0
    for match in escape.finditer(text):
        plain = _plain(match)
        parts += [text[last : match.start()], plain]
        kept += places[last : match.start()]
        kept.extend([places[match.start()]] * len(plain))
        last = match.end()
    return "".join([*parts, text[last:]]), kept + places[last:]


def _plain(match: re.Match[str]) -> str:
    """What an escape stands for; a line break or tab is white space, whatever it is written as."""
    if match[0][0] == "&":
        return html.unescape(match[0])
    if match.re is _QUOTED_PRINTABLE:
        return chr(int(match[1], 16)) if match[1] else ""
    *codes, octal, space, sign = match.groups()
    if octal:
        return chr(int(octal, 8))
    return " " if space else sign or chr(int(next(filter(None, codes)), 16))
