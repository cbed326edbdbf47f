"""Paired brackets in bidirectional text: rule N0 of the Unicode bidirectional algorithm (UAX #9).

python-bidi lacks this rule. Without it, one bracket of "(Episode IV)" in a Hebrew title ends up on the wrong side.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from typing import Final

from bidi.mirror import MIRRORED  # type: ignore[import-untyped]

# How many brackets may be open at once (UAX #9, BD16).
_MAX_DEPTH: Final = 63

# This rule treats numbers as right to left.
_STRONG: Final = {"L": "L", "R": "R", "EN": "R", "AN": "R", "AL": "R"}


def resolve_brackets(text: str, types: Sequence[str], rtl: bool) -> list[str]:
    """The bidirectional types of ``text``, one per character, with those of paired brackets resolved.

    ``types``: the result of rules W1-W7 for one paragraph without formatting codes; ``rtl``: whether the paragraph runs
    right to left.

    >>> resolve_brackets("א(b)", ["R", "ON", "L", "ON"], rtl=True)
    ['R', 'R', 'L', 'R']
    """
    resolved = list(types)
    paragraph = "R" if rtl else "L"
    for first, last in _pairs(text, types):
        inside = {_STRONG[kind] for kind in resolved[first + 1 : last] if kind in _STRONG}
        if not inside:
            continue
        if paragraph in inside:
            direction = paragraph
        else:
            before = (_STRONG[kind] for kind in reversed(resolved[:first]) if kind in _STRONG)
            # The content runs against the paragraph; the brackets do so only if the text before them does.
            direction = next(before, paragraph)
        for at in (first, last):
            resolved[at] = direction
            for mark in range(at + 1, len(text)):  # combining marks follow their base
                if unicodedata.bidirectional(text[mark]) != "NSM":
                    break
                resolved[mark] = direction
    return resolved


def _pairs(text: str, types: Sequence[str]) -> Iterator[tuple[int, int]]:
    """(index of the opening, index of the closing bracket) of each pair, by the opening one (BD16)."""
    found: list[tuple[int, int]] = []
    open_: list[tuple[str, int]] = []
    for at, (character, kind) in enumerate(zip(text, types, strict=True)):
        if kind != "ON" or not unicodedata.mirrored(character):
            continue
        category = unicodedata.category(character)
        if category == "Ps" and character in MIRRORED:
            if len(open_) == _MAX_DEPTH:
                break
            open_.append((MIRRORED[character], at))
        elif category == "Pe":
            match = next((n for n in reversed(range(len(open_))) if open_[n][0] == character), None)
            if match is not None:
                found.append((open_[match][1], at))
                del open_[match:]
    yield from sorted(found)
