r"""Mends JSON that was put together by hand, as OMDB's is.

Seen so far: raw control characters, escapes that JSON does not have (``\s``, ``\'``), escaped escapes (``\\"``),
unescaped quotes, single bytes of Latin-1, and trailing commas. What follows a quote decides what it is: it ends a
string only where the next field, or the end of the object or list, begins.
"""

import re

MAX_MENDED_BYTES = 64_000
"""Larger bodies are not mended; this many take some milliseconds, and OMDB's answers have one to ten thousand."""

_PIECE = re.compile(r'(\\++)(?:u[0-9a-fA-F]{4}|.)?|["\x00-\x1f]', re.DOTALL)
"""What is not simply copied: backslashes and what they escape, a quote, a control character."""

_ESCAPED = frozenset("/bfnrt")
_COMMA_TOO_MANY = re.compile(r",(\s{0,99}[}\]])")

_NAME = r'"[^"\\\x00-\x1f]{1,99}"\s{0,99}:'
_FIELD = rf'{_NAME}\s{{0,99}}(?:["{{\[0-9-]|true|false|null)'
_AFTER_NAME = re.compile(r"\s{0,99}:")
_AFTER_VALUE = re.compile(rf"\s{{0,99}}(?:,\s{{0,99}}{_FIELD}|,?\s{{0,99}}\}}\s{{0,99}}(?:[,}}\]]|\Z))")
_AFTER_ELEMENT = re.compile(r'\s{0,99}(?:,\s{0,99}["{\[0-9tfn-]|,?\s{0,99}\]\s{0,99}(?:[,}\]]|\Z))')
_LOST = re.compile(
    rf'[^\w"\u201c]{{0,20}}(?:{_NAME}|["\u201c][^"\u201c\u201d]{{1,99}}["\u201d]\s{{0,99}}:\s{{0,99}}["{{\[])'
)
"""Behind a quote that ends nothing: what follows is another field, so it is not part of this string."""

_LATIN1 = {0xDC00 + byte: bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in range(0x80, 0x100)}
"""What ``surrogateescape`` makes of a byte that is not UTF-8 -> what the byte means in Windows-1252."""


def decode_text(body: bytes) -> str:
    r"""The text of a body in UTF-8 in which single bytes may be Latin-1.

    >>> decode_text(b'Am\xe9lie \xc3\xa9')
    'Amélie é'
    """
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return body.decode("utf-8-sig", "surrogateescape").translate(_LATIN1)


def extract_object(text: str) -> str:
    """The JSON object in the text, without other output (of PHP, say) before and after it.

    >>> extract_object('<b>Warning</b>: line 3 {"Response":"True"}<!-- 12 ms -->')
    '{"Response":"True"}'
    """
    return text[text.find("{") : text.rfind("}") + 1] if '"Response"' in text else text


def mend(text: str) -> str | None:
    r"""The text as JSON, as far as it can be guessed; None if a string does not end.

    >>> mend(r'{"Title":"The "Boss"","Plot":"It\'s \\"here\\".",}')
    '{"Title":"The \\"Boss\\"","Plot":"It\'s \\"here\\"."}'
    """
    parts: list[str] = []
    inside: list[str] = []
    place = 0
    while (quote := text.find('"', place)) >= 0:
        between = text[place:quote]
        parts.append(_COMMA_TOO_MANY.sub(r"\1", between))
        for sign in between:
            if sign in "{[":
                inside.append(sign)
            elif sign in "}]" and inside:
                inside.pop()
        if inside[-1:] != ["{"]:
            ends = _AFTER_ELEMENT
        else:
            ends = _AFTER_NAME if between.rstrip()[-1:] in ("{", ",") else _AFTER_VALUE
        place = _copy_text(text, quote + 1, ends, parts)
        if place < 0:
            return None
    parts.append(_COMMA_TOO_MANY.sub(r"\1", text[place:]))
    return "".join(parts)


def _copy_text(text: str, start: int, ends: re.Pattern[str], parts: list[str]) -> int:
    """Append the string that begins at ``start`` as JSON; returns the position behind it, -1 where it does not end."""
    parts.append('"')
    place = start
    while piece := _PIECE.search(text, place):
        parts.append(text[place : piece.start()])
        place = piece.end()
        slashes = len(piece[1] or "")
        escaped = piece[0][slashes:]
        if escaped == '"' and ends.match(text, place):
            parts.append("\\\\" * ((slashes + 1) // 2) + '"')
            return place
        if escaped == '"':
            if not slashes and _LOST.match(text, place):
                return -1
            parts.append("\\\\" * ((max(slashes, 1) - 1) // 2) + '\\"')
        elif not slashes:
            parts.append(f"\\u{ord(escaped):04x}")
        else:
            # Before a letter it is a literal backslash, before any other character an unnecessary escape.
            is_escape = slashes % 2 and (escaped in _ESCAPED or len(escaped) > 1)
            meant = "\\\\" if slashes % 2 and not is_escape and escaped.isalnum() else ""
            parts.append("\\\\" * (slashes // 2) + (f"\\{escaped}" if is_escape else meant))
            place -= 0 if is_escape else len(escaped)
    return -1
