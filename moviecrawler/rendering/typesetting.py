"""How a title is set: the fewest lines that fit, as large as they may be, then an ellipsis."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from typing import Final

from moviecrawler.rendering.linebreak import Line, Token, balance, clusters, fill, pieces, width
from moviecrawler.rendering.text_runs import levels, needs_shaping
from moviecrawler.rendering.text_style import Ink, Lettering

# Widths grow in proportion to the size, so one size is enough to find the others.
_REFERENCE: Final = 100
_ELLIPSIS: Final = "…"

# Characters; no more fit three lines, and a title may be anything.
_LONGEST: Final = 400

# How much smaller a title may get so that its lines end where readers pause ("Star Wars:", not "Star Wars: The").
_FAVOUR: Final = 1.3


@dataclass(frozen=True)
class Block:
    """Lines of one lettering. ``levels``: of each line's characters, as the whole title has them (``runs.levels``);
    ``baselines``: where each line stands below the first one, in pixels."""

    lettering: Lettering
    lines: list[str]
    levels: list[list[int]]
    inks: list[Ink]
    baselines: list[float]


def set_lines(text: str, lettering: Lettering, limit: float, largest: int, plan: Sequence[tuple[int, float]]) -> Block:
    """Set ``text`` in at most ``limit`` pixels of width.

    ``plan``: (number of lines, smallest size in pixels for it), the best first; ``largest``: in pixels. What does not
    even fit the last of the plan ends with an ellipsis.
    """
    reference = replace(lettering, size=_REFERENCE)
    most_lines, smallest = plan[-1]
    words = _measure(pieces(text[:_LONGEST]), reference)
    too_wide = limit / smallest * _REFERENCE
    for tokens in (words, _torn(words, too_wide, reference)):
        for lines, least in plan:
            if width(tokens) > lines * limit / least * _REFERENCE:
                continue
            broken = balance(tokens, lines, _FAVOUR, limit / least * _REFERENCE)
            widest = max(1.0, *map(width, broken))  # joiners alone have no width
            size = min(largest, int(limit / widest * _REFERENCE))
            if size >= least:
                return _block([_text(line) for line in broken], lettering, size, limit)
    *whole, last = fill(tokens, too_wide)[:most_lines]
    cut = [*map(_text, whole), _shorten(last, too_wide, reference)]
    return _block(cut, lettering, int(smallest), limit)


def _text(line: Line) -> str:
    return "".join(token.text for token in line).rstrip(" ")


def _measure(texts: Sequence[str], lettering: Lettering) -> list[Token]:
    space = lettering.width("n n") - 2 * lettering.width("n")
    return [Token(text, lettering.width(text.rstrip(" ")), space if text.endswith(" ") else 0.0) for text in texts]


def _torn(tokens: Sequence[Token], limit: float, lettering: Lettering) -> list[Token]:
    """Words that fit no line (Thai is written without spaces) fall into their characters."""
    return [
        piece
        for token in tokens
        for piece in ([token] if token.width <= limit else _measure(clusters(token.text), lettering))
    ]


def _shorten(tokens: Line, limit: float, lettering: Lettering) -> str:
    """As many whole words as fit before an ellipsis; where none does, characters."""
    words = [token.text for token in tokens]
    letters = clusters("".join(words))
    for parts in (words, letters):
        for kept in range(len(parts), 0, -1):
            start = "".join(parts[:kept]).rstrip(" ,;:.-–—")
            if start and lettering.width(start + _ELLIPSIS) <= limit:
                return start + _ELLIPSIS
    return _ELLIPSIS


def _block(lines: list[str], lettering: Lettering, size: int, limit: float) -> Block:
    """Rounding and hinting may make the real line a little wider than the measured one."""
    of_lines = _levels(lines, lettering.rtl)
    while True:
        lettering = replace(lettering, size=size)
        inks = [lettering.ink(line, line_levels) for line, line_levels in zip(lines, of_lines, strict=True)]
        if max(ink.right - ink.left for ink in inks) <= limit or size <= 1:
            break
        size -= 1
    height = size * (1.35 if needs_shaping("".join(lines)) else 1.18)
    baselines = [0.0]
    for above, below in pairwise(inks):
        # Stacked marks (Thai, Arabic) may need more than the line height.
        clear = above.bottom - below.top + 0.08 * size
        baselines.append(baselines[-1] + max(height, min(clear, 2 * size)))
    return Block(lettering, lines, of_lines, inks, baselines)


def _levels(lines: list[str], rtl: bool) -> list[list[int]]:
    """Of the title as one paragraph: a bracket may close on the line below."""
    whole = levels(" ".join(lines), rtl=rtl)
    starts = accumulate((len(line) + 1 for line in lines[:-1]), initial=0)
    return [whole[start : start + len(line)] for start, line in zip(starts, lines, strict=True)]
