"""Texts of an untrusted answer, made fit to be shown, compared and stored. Nothing raises.

Controls and runs of space become one space, what only tells a program how to set the text is dropped, and a text of
which nothing can be seen is None. Joiners and variation selectors stay where they join: in Persian, in emoji.
"""

import re
from typing import Any

LONGEST_NAME = 1_000
"""Characters; the longest titles have 300. What is longer is cut, with an ellipsis."""

LONGEST_PROSE = 20_000

# What is printable and cannot be seen: Hangul and Khmer fillers, the empty Braille cell, variation selectors.
_UNSEEN = r"\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0000-\U000e0fff"
_SEEN = re.compile(rf"[^\s{_UNSEEN}]")

_BREAK = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_SPACE = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")
_SPACE_IN_LINE = re.compile(r"(?:[^\S\n]|[\x00-\x09\x0b-\x1f\x7f-\x9f])+")
_EMPTY_LINES = re.compile(r"\n{3,}")
_AT_BREAK = re.compile(r" *\n *")

# Unicode's format characters without those that are drawn (Arabic and Kaithi number signs), and its noncharacters.
_FORMAT = re.compile(
    r"[\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufdd0-\ufdef\ufeff\ufff9-\ufffb\ufffe\uffff"
    r"\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e00ff]"
)
_JOINING = r"\u0590-\u1cff\u203c-\u2bff\u3030-\u3299\ua800-\uabff\ufe0f\U00010000-\U0001faff"
_JOINER = re.compile(rf"(?<![{_JOINING}])[\u200c\u200d]+|[\u200c\u200d]+(?![{_JOINING}])")
_SELECTOR = re.compile(r"(?<![^\s\u200c\u200d\ufe00-\ufe0f\U000e0100-\U000e01ef])[\ufe00-\ufe0f\U000e0100-\U000e01ef]+")


def text(value: Any, most: int = LONGEST_NAME) -> str | None:
    r"""A name, on one line (TMDB's Chinese texts begin with U+3000); None when nothing of it can be seen.

    >>> text("\u3000 Many\tMickles\nMake  a Muckle\u200b"), text("\u200b"), text(""), text(7)
    ('Many Mickles Make a Muckle', None, None, None)
    """
    if not isinstance(value, str):
        return None
    if len(value) <= most and value.isprintable() and "  " not in value:
        if value.isascii():
            return value.strip() or None
        if _SEEN.match(value):
            return value.rstrip()
    value = _dropped(_SPACE.sub(" ", value[: 4 * most]))
    return _cut(_SPACE.sub(" ", value).strip(), most)


def prose(value: Any) -> str | None:
    r"""A text of some sentences, which keeps its line breaks, and one empty line where there are more.

    >>> prose("A thief.\r\n\r\n\r\nAnother  thief. \nBoth run.")
    'A thief.\n\nAnother thief.\nBoth run.'
    """
    if not isinstance(value, str):
        return None
    if len(value) <= LONGEST_PROSE and value.isprintable() and "  " not in value:
        value = value.strip()
        return value if value and (value.isascii() or _SEEN.search(value)) else None
    value = _dropped(_BREAK.sub("\n", value[: 4 * LONGEST_PROSE]))
    value = _AT_BREAK.sub("\n", _SPACE_IN_LINE.sub(" ", value))
    return _cut(_EMPTY_LINES.sub("\n\n", value).strip(), LONGEST_PROSE)


def _dropped(value: str) -> str:
    """Without format characters; the halves of surrogate pairs joined, or replaced: no store can hold them."""
    try:
        value.encode()
    except UnicodeEncodeError:
        value = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return _JOINER.sub("", _SELECTOR.sub("", _FORMAT.sub("", value)))


def _cut(value: str, most: int) -> str | None:
    if len(value) > most:
        value = value[: most - 1].rstrip() + "…"
    return value if _SEEN.search(value) else None
