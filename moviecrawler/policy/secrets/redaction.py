"""Redacts keys, however a site or an error message spells them.

A text is searched as it is, and again for each layer of escapes that is taken off (percent, backslash, entity,
quoted-printable, in any mixture); each time for the key as it is, backwards, in hexadecimal, as a list of numbers and
inside base64, whatever white space is in between.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from moviecrawler.config import Config
from moviecrawler.config.source_group import SourceGroup
from moviecrawler.config.urls import RELAY_PLACEHOLDER
from moviecrawler.policy.network.worker_group import password_of
from moviecrawler.policy.secrets.escapes import layers
from moviecrawler.policy.secrets.key_spellings import SHORT_KEY, codes_of, forms_of, patterns_of

_ENDS = r"(?![\w./+~-])"
"""Behind a short key: otherwise the value goes on, so it is a different one."""

_HOOK_TOKEN = re.compile(r"(?<![\w-])(?=[\w-]*[0-9])[\w-]{16,}")
"""A part of a hook's address that no word is."""

_EXCERPT = 300
"""Characters of a text or a bad answer that a reject keeps."""

_LEGIBLE = 16_384
"""Bytes, or characters, that are searched for a key before that."""

_BLOCK = 4096
"""Characters: the pattern of all spellings is slow, so it only runs on blocks that hold the letters of one."""

_ENTITY = r"26(?:amp(?:;|%(?:25)*(?:u00)?3[bB]|\\+u003[bB]))*(?:\#|%(?:25)*(?:u00)?23|\\+u0023)"
_CODES = f"(?:3[0-9]|[46][1-9a-fA-F]|[57][0-9aAcC]|0[9adAD]|25|{_ENTITY})"
"""Of digits, letters and line breaks, and of the characters that begin an escape; in hexadecimal."""
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
"""What can hide a letter or digit, or split up a key; honest answers have no such spellings."""

_BREAK = re.compile(rb"\\[nrt]")
_LOWER = bytes(range(256)).lower()
_SIGNS = bytes(code for code in range(256) if not chr(code).isalnum() or code > 127)
_TAGS = tuple(f"<{word}br{space}{end}>".encode() for word in ("", "w") for space in ("", " ") for end in ("", "/"))


@dataclass(frozen=True, repr=False)
class Secrets:
    """The keys of a run; ``repr`` shows none of them."""

    keys: tuple[str, ...]

    @classmethod
    def of(cls, config: Config, proxies: Mapping[str, str]) -> Self:
        """All keys and passwords of the settings and of the proxies' URLs."""
        keys = [key for source in config.sources.values() for key in source.keys]
        passwords = [key.get_secret_value() for key in (*keys, config.scrapyd.password, config.notify.secret)]
        servers = [uri.get_secret_value() for uri in (config.queue.url, config.cache.uri, config.store.uri)]
        tokens = (token for base in config.tmdb.image_base_urls for token in _tokens(base))
        hooks = (config.notify.url, config.notify.command, config.notify.apprise)
        of_hooks = (token for hook in hooks for token in _HOOK_TOKEN.findall(hook.get_secret_value()))
        return cls((*passwords, *map(password_of, (*servers, *proxies.values())), *tokens, *of_hooks))

    @classmethod
    def of_source(cls, source: SourceGroup) -> Self:
        """The keys that are sent to this source."""
        return cls(tuple(key.get_secret_value() for key in source.keys))

    def redact(self, text: str) -> str:
        """The text with ``[key]`` in place of every key.

        >>> Secrets(("s3cr&t-key",)).redact("GET /3?api_key=s3cr%26t-key")
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

    def excerpt(self, text: bytes | str) -> str:
        """The beginning of the text without keys: redacted before it is cut, since half a key is a secret, too.

        >>> Secrets(("s3cret-key",)).excerpt(297 * b"." + b"s3cret-key")[-5:]
        '..[ke'
        """
        beginning = text[:_LEGIBLE]
        return self.redact(beginning.decode("utf-8", "replace") if isinstance(beginning, bytes) else beginning)[
            :_EXCERPT
        ]

    def redact_bytes(self, body: bytes) -> bytes:
        """The same for a body of any encoding; a body of 10 KB without a key takes some 30 microseconds."""
        if not self._suspects(body):
            return body
        return self.redact(body.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")

    def redact_all(self, value: Any) -> Any:
        """The same for every text in a record, names included."""
        if isinstance(value, str):
            return self.redact(value)
        if isinstance(value, Mapping):
            return {self.redact(str(name)): self.redact_all(part) for name, part in value.items()}
        return [self.redact_all(part) for part in value] if isinstance(value, list | tuple) else value

    def _suspects(self, body: bytes) -> bool:
        """Whether a key may be in it (False is certain), by a piece of each form that all its spellings preserve."""
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
        for layer in layers(text):
            for start, end in self._near(layer.text):
                for match in self._forms.finditer(layer.text, start, end):
                    yield layer.place(*match.span())
            for match in self._values.finditer(layer.text) if self._values else ():
                yield layer.place(*match.span())

    def _near(self, text: str) -> Iterator[tuple[int, int]]:
        """Where a key may be, however it is split up: from the block where one begins to the block where one ends."""
        signs = text.encode("ascii", "replace").translate(_LOWER)
        for tag in _TAGS if b"<" in signs else ():
            signs = signs.replace(tag, b" " * len(tag))
        plain, codes = self._squeezed
        if b"" in plain:  # a key of signs alone
            yield 0, len(text)
            return
        for letters, forms in ((signs, plain | codes), (signs.replace(b"0x", b"  "), codes)):
            squeezed = letters.translate(None, _SIGNS)
            if present := [form for form in forms if form in squeezed]:
                blocks = (letters[block : block + _BLOCK] for block in range(0, len(letters), _BLOCK))
                kept = [0, *accumulate(len(block.translate(None, _SIGNS)) for block in blocks)]
                for first, last in _joined(_blocks(squeezed, present, kept)):
                    yield first * _BLOCK, last * _BLOCK + 1

    @cached_property
    def _known(self) -> list[str]:
        """The longest first: it may contain a shorter one."""
        return sorted({key for key in self.keys if key}, key=len, reverse=True)

    @cached_property
    def _pieces(self) -> tuple[bytes, ...]:
        """Of a short key only the other forms: its letters are part of many words."""
        return tuple(
            {
                _longest_run(form)
                for key in self._known
                for form in forms_of(key)
                if len(key) >= SHORT_KEY or form != key
            }
        )

    @cached_property
    def _squeezed(self) -> tuple[set[bytes], set[bytes]]:
        """The letters and digits of each form; separately those of codes, which may follow ``0x``."""
        codes = {code for key in self._known for code in codes_of(key)}
        others = {form for key in self._known for form in forms_of(key) if len(key) >= SHORT_KEY or form != key} - codes
        return {_squeeze(form) for form in others}, {_squeeze(code) for code in codes}

    @cached_property
    def _words(self) -> re.Pattern[bytes] | None:
        """The short keys where they may be a value."""
        words = [re.escape(key) + _ENDS for key in self._known if len(key) < SHORT_KEY]
        return re.compile("|".join(words).encode()) if words else None

    @cached_property
    def _values(self) -> re.Pattern[str] | None:
        """The short keys where they are a value; searching from their letters on is ten times as fast."""
        words = [re.escape(key) for key in self._known if len(key) < SHORT_KEY]
        values = (
            rf"""{word}(?:(?<=[=:"'`>]{word})|(?<=[=:"'`>] {word})|(?<=(?i:Bearer ){word})){_ENDS}""" for word in words
        )
        return re.compile("|".join(values)) if words else None

    @cached_property
    def _forms(self) -> re.Pattern[str]:
        return re.compile("|".join(pattern for key in self._known for pattern in patterns_of(key)), re.IGNORECASE)


def _tokens(base: str) -> Iterator[str]:
    """The values in the query of a relay's template, apart from the address; a short one is an option of the relay."""
    for _, value in parse_qsl(urlsplit(base).query):
        if RELAY_PLACEHOLDER not in value and len(value) >= SHORT_KEY:
            yield value


def _longest_run(form: str) -> bytes:
    """The longest piece of letters and digits, in lower case: what ``_suspects`` looks for."""
    return max(re.split("[^0-9a-z]", form.lower()), key=len)[:24].encode()


def _squeeze(form: str) -> bytes:
    return form.encode("ascii", "replace").translate(_LOWER, _SIGNS)


def _blocks(squeezed: bytes, forms: Iterable[bytes], kept: Sequence[int]) -> Iterator[tuple[int, int]]:
    """The range of blocks of each occurrence of the forms; ``kept``: how much of ``squeezed`` is before each block."""
    for form in forms:
        at = squeezed.find(form)
        while at >= 0:
            block = bisect_right(kept, at, hi=len(kept) - 1) - 1
            next_block = kept[block + 1]
            last = squeezed.rfind(form, at, next_block - 1 + len(form))
            yield block, bisect_right(kept, last + len(form) - 1, hi=len(kept) - 1)
            at = squeezed.find(form, next_block)


def _joined(ranges: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if joined and first <= joined[-1][1]:
            first, reached = joined.pop()
            last = max(last, reached)
        joined.append((first, last))
    return joined
