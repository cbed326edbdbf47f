"""Brackets in text of both directions: rule N0 of the Unicode bidirectional algorithm (UAX #9).

python-bidi lacks it. Without it "(Episode IV)" in a Hebrew title loses a bracket to its other side.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from typing import Final

from bidi.mirror import MIRRORED  # type: ignore[import-untyped]

# How many brackets may stand open at once (UAX #9, BD16).
_DEEPEST: Final = 63

# Within this rule numbers count as right to left.
_STRONG: Final = {"L": "L", "R": "R", "EN": "R", "AN": "R", "AL": "R"}


def resolve_brackets(text: str, types: Sequence[str], rtl: bool) -> list[str]:
    """The bidirectional types of ``text``, one a character, with those of paired brackets settled.

    ``types``: as rules W1-W7 leave them, of one paragraph without formatting codes; ``rtl``: its direction.

    >>> resolve_brackets("א(b)", ["R", "ON", "L", "ON"], rtl=True)
    ['R', 'R', 'L', 'R']
    """
    settled = list(types)
    along = "R" if rtl else "L"
    for first, last in _pairs(text, types):
        inside = {_STRONG[kind] for kind in settled[first + 1 : last] if kind in _STRONG}
        if not inside:
            continue
        if along in inside:
            direction = along
        else:
            before = (_STRONG[kind] for kind in reversed(settled[:first]) if kind in _STRONG)
            # What is inside runs against the paragraph: the brackets too if what stands before them does.
            direction = next(before, along)
        for at in (first, last):
            settled[at] = direction
            for mark in range(at + 1, len(text)):  # marks go with what they stand on
                if unicodedata.bidirectional(text[mark]) != "NSM":
                    break
                settled[mark] = direction
    return settled


def _pairs(text: str, types: Sequence[str]) -> Iterator[tuple[int, int]]:
    """(opening, closing) of each pair, in the order of the opening ones (BD16)."""
    found: list[tuple[int, int]] = []
    open_: list[tuple[str, int]] = []
    for at, (character, kind) in enumerate(zip(text, types, strict=True)):
        if kind != "ON" or not unicodedata.mirrored(character):
            continue
        category = unicodedata.category(character)
        if category == "Ps" and character in MIRRORED:
            if len(open_) == _DEEPEST:
                break
            open_.append((MIRRORED[character], at))
        elif category == "Pe":
            match = next((n for n in reversed(range(len(open_))) if open_[n][0] == character), None)
            if match is not None:
                found.append((open_[match][1], at))
                del open_[match:]
    yield from sorted(found)
