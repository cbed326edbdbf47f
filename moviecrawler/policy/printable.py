"""Untrusted text for a terminal, a log or a spreadsheet: shown, but never interpreted as control or formula."""

import re

_SEQUENCE = (
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c\n]*(?:\x07|\x1b\\|\x9c)?"
)
_SIGN = r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]"
_CONTROL = re.compile(f"{_SEQUENCE}|{_SIGN}")
"""Escape sequences (ECMA-48), control characters of both sets, line separators, and direction overrides."""

_SPACES = frozenset("\t\n\v\f\r\x85\u2028\u2029")

_LONG_SIGNS = [
    (b"\xc2", 1, frozenset(bytes([last]) for last in range(0x80, 0xA0))),
    (
        b"\xe2",
        2,
        frozenset(chr(sign).encode()[1:] for sign in (0x200E, 0x200F, *range(0x2028, 0x202F), *range(0x2066, 0x206A))),
    ),
]
"""Those that UTF-8 writes in several bytes: the first of these, how many follow, and which. The Arabic letter mark,
which reorders nothing by itself, is left out: many Arabic letters begin with the same byte."""

_FORMULA = re.compile(r"""[\t\r]|[\s"'\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20]""")
_NUMBER = re.compile(r"[+-]?[0-9][0-9,.]*(?:[eE][+-]?[0-9]+)?")


def printable(text: str, *, lines: bool = False) -> str:
    r"""The text without terminal controls; a line break becomes a space, unless ``lines`` are kept.

    >>> printable("The \x1b[31mMatrix\x1b[0m\n(1999)")
    'The Matrix (1999)'
    """
    return text if text.isprintable() else _CONTROL.sub(lambda found: _shown(found[0], lines), text)


def _shown(obeyed: str, lines: bool) -> str:
    if obeyed == "\n" and lines:
        return obeyed
    return " " if obeyed in _SPACES else ""


def escaped(json: str) -> str:
    """JSON text of the same value, with ``\\uXXXX`` for terminal controls.

    >>> escaped('"Amélie\x9b"')
    '"Amélie\\\\u009b"'
    """
    return json if json.isprintable() else re.sub(_SIGN, lambda found: f"\\u{ord(found[0]):04x}", json)


def escaped_line(json: bytes) -> bytes:
    r"""The same for JSON on one line, in UTF-8; most of it is only looked at.

    >>> escaped_line(b'"A\xc2\x9b"'), escaped_line(b'"Heat"')
    (b'"A\\u009b"', b'"Heat"')
    """
    return escaped(json.decode()).encode() if _may_have_sign(json) else json


def _may_have_sign(text: bytes) -> bool:
    """A search for one byte is so fast that nothing else is done with most lines."""
    if b"\x7f" in text:
        return True
    for first, length, others in _LONG_SIGNS:
        at = text.find(first)
        while at >= 0:
            if text[at + 1 : at + 1 + length] in others:
                return True
            at = text.find(first, at + 1)
    return False


def defused(cell: object) -> object:
    """The cell, with an apostrophe before text that a spreadsheet would take for a formula; numbers stay numbers.

    >>> [defused(cell) for cell in ("=1+1", "Heat", -5, "-5", "@home", "\\t1")]
    ["'=1+1", 'Heat', -5, '-5', "'@home", "'\\t1"]
    """
    if not isinstance(cell, str) or not _FORMULA.match(cell) or _NUMBER.fullmatch(cell):
        return cell
    return f"'{cell}"
