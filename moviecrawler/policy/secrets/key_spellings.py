"""The forms of a key without escapes: as it is, backwards, in hexadecimal, as numbers, in base64."""

import base64
import re
from collections.abc import Iterator

SHORT_KEY = 8
"""A shorter key may be an ordinary word: it is redacted only where it is a value (``key=any``, ``"any"``)."""

_BETWEEN = r"(?:[\s\0\xad\u200b-\u200f\u2060\ufeff]|=\s|<w?br ?/?>)*"
_BETWEEN_CODES = r"(?:[\s,;:.|-]|0x)*"


def forms_of(key: str) -> Iterator[str]:
    """The key as it is and in its other forms."""
    yield key
    if len(key) >= SHORT_KEY - 2:
        yield from (key[::-1], *codes_of(key), *_base64(key))


def codes_of(key: str) -> tuple[str, ...]:
    """In hexadecimal and in decimal."""
    codes = key.encode()
    return (codes.hex(), "".join(map(str, codes))) if len(key) >= SHORT_KEY - 2 else ()


def patterns_of(key: str) -> Iterator[str]:
    plain, *others = forms_of(key)
    if len(key) >= SHORT_KEY:
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
    """The key inside longer base64 text: in three alignments, without the characters that depend on its neighbours."""
    codes = key.encode()
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + codes).decode()
        yield encoded[-(-before * 8 // 6) : (len(codes) + before) * 8 // 6]
