"""Cleans texts of untrusted answers, so that they can be shown, compared and stored. Nothing raises.

Control characters and runs of space become one space, formatting characters are dropped, and a text without any
visible character is None. Joiners and variation selectors stay where they join: in Persian, in emoji.
"""

import re
from typing import Any

MAX_NAME_LENGTH = 1_000
"""Characters; the longest titles have 300. Longer texts are truncated, with an ellipsis."""

MAX_PROSE_LENGTH = 20_000

# What is printable and cannot be seen: Hangul and Khmer fillers, the empty Braille cell, variation selectors.
_UNSEEN = r"\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0000-\U000e0fff"
_SEEN = re.compile(rf"[^\s{_UNSEEN}]")

_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f]+")
_EMPTY_LINES = re.compile(r"\n{3,}")

# Unicode's format characters without those that are drawn (Arabic and Kaithi number signs), and its noncharacters.
_FORMAT = re.compile(
    r"[\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufdd0-\ufdef\ufeff\ufff9-\ufffb\ufffe\uffff"
    r"\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e00ff]"
)
_SELECTORS = re.compile(r"[\ufe00-\ufe0f\U000e0100-\U000e01ef]+")
_JOINERS = re.compile(r"[\u200c\u200d]+")
_JOINED = re.compile(r"[\u0590-\u1cff\u203c-\u2bff\u3030-\u3299\ua800-\uabff\ufe0f\U00010000-\U0001faff]")
"""What joiners join: letters of Arabic and Indic scripts, and emoji."""


def text(value: Any, most: int = MAX_NAME_LENGTH) -> str | None:
    r"""A name, on one line (TMDB's Chinese texts begin with U+3000); None if nothing of it is visible.

    >>> text("\u3000 Many\tMickles\nMake  a Muckle\u200b"), text("\u200b"), text(""), text(7)
    ('Many Mickles Make a Muckle', None, None, None)
    """
    if not value or not isinstance(value, str):
        return None
    if _is_usual(value, most):
        return value.strip() or None
    return _cut(_line(value[: 4 * most]), most)


def prose(value: Any) -> str | None:
    r"""A text of several sentences, which keeps its line breaks, and at most one empty line in a row.

    >>> prose("A thief.\r\n\r\n\r\nAnother  thief. \nBoth run.")
    'A thief.\n\nAnother thief.\nBoth run.'
    """
    if not value or not isinstance(value, str):
        return None
    if _is_usual(value, MAX_PROSE_LENGTH):
        return value.strip() or None
    lines = "\n".join(map(_line, value[: 4 * MAX_PROSE_LENGTH].splitlines())).strip()
    return _cut(_EMPTY_LINES.sub("\n\n", lines) if "\n\n\n" in lines else lines, MAX_PROSE_LENGTH)


def _is_usual(value: str, most: int) -> bool:
    """Whether only white space around it has to be removed, as in nearly all texts."""
    if not value.isprintable() or "  " in value or len(value) > most:
        return False
    return value.isascii() or (_SEEN.match(value) is not None and " \ufe0f" not in value)


def _line(value: str) -> str:
    """Without control and format characters, each run of white space as one space."""
    if not value.isprintable():
        value = _CONTROLS.sub(" ", value)
        try:
            value.encode()
        except UnicodeEncodeError:  # half of a surrogate pair, which no store can hold; or both halves, apart
            value = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        value = " ".join(_FORMAT.sub("", value).split())
        value = _JOINERS.sub(_joining, _SELECTORS.sub(_selecting, value))
    elif not value.isascii() and (_SELECTORS.match(value) or " \ufe0f" in value):
        value = _SELECTORS.sub(_selecting, value)
    return " ".join(value.split()) if "  " in value else value.strip()


def _selecting(found: re.Match[str]) -> str:
    before = found.string[found.start() - 1] if found.start() else ""
    return "" if before in ("", "\u200c", "\u200d") or before.isspace() else found[0]


def _joining(found: re.Match[str]) -> str:
    joins = _JOINED.match(found.string, found.start() - 1) if found.start() else None
    return found[0] if joins and _JOINED.match(found.string, found.end()) else ""


def _cut(value: str, most: int) -> str | None:
    if len(value) > most:
        value = value[: most - 1].rstrip() + "…"
    return value if _SEEN.search(value) else None
