"""Set a text in the fewest lines that fit, as large as possible; what does not fit ends with an ellipsis."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from typing import Final

from moviecrawler.rendering.linebreak import (
    Line,
    Token,
    balance_lines,
    fill_lines,
    grapheme_clusters,
    line_width,
    split_at_breaks,
)
from moviecrawler.rendering.text_runs import bidi_levels, needs_shaping
from moviecrawler.rendering.text_style import InkBox, TextStyle

# Widths are proportional to the size, so measuring at one size (in pixels) is enough.
_REFERENCE_SIZE: Final = 100
_ELLIPSIS: Final = "…"

# Characters; more never fit in three lines, and a source may send a title of any length.
_MAX_LENGTH: Final = 400

# By what factor a title may shrink so that its lines end at a pause ("Star Wars:", not "Star Wars: The").
_PAUSE_FAVOUR: Final = 1.3


@dataclass(frozen=True)
class TextBlock:
    """Lines in one style. ``levels``: for each line, the embedding levels of its characters in the whole title
    (``text_runs.bidi_levels``); ``baselines``: the distance of each line from the first one, in pixels."""

    style: TextStyle
    lines: list[str]
    levels: list[list[int]]
    ink_boxes: list[InkBox]
    baselines: list[float]


def typeset(text: str, style: TextStyle, limit: float, largest: int, plan: Sequence[tuple[int, float]]) -> TextBlock:
    """Set ``text`` in lines of at most ``limit`` pixels.

    ``plan``: (number of lines, their minimum size in pixels), the best first; ``largest``: the maximum size in pixels.
    A text that does not fit the last entry of the plan ends with an ellipsis.
    """
    reference = replace(style, size=_REFERENCE_SIZE)
    max_lines, smallest = plan[-1]
    words = _measure(split_at_breaks(text[:_MAX_LENGTH]), reference)
    too_wide = limit / smallest * _REFERENCE_SIZE
    for tokens in (words, _split_into_characters(words, too_wide, reference)):
        for lines, minimum in plan:
            if line_width(tokens) > lines * limit / minimum * _REFERENCE_SIZE:
                continue
            broken = balance_lines(tokens, lines, _PAUSE_FAVOUR, limit / minimum * _REFERENCE_SIZE)
            widest = max(1.0, *map(line_width, broken))  # text of joiners only has no width
            size = min(largest, int(limit / widest * _REFERENCE_SIZE))
            if size >= minimum:
                return _block([_text(line) for line in broken], style, size, limit)
    *complete, last = fill_lines(tokens, too_wide)[:max_lines]
    cut = [*map(_text, complete), _shorten(last, too_wide, reference)]
    return _block(cut, style, int(smallest), limit)


def _text(line: Line) -> str:
    return "".join(token.text for token in line).rstrip(" ")


def _measure(texts: Sequence[str], style: TextStyle) -> list[Token]:
    space = style.width("n n") - 2 * style.width("n")
    return [Token(text, style.width(text.rstrip(" ")), space if text.endswith(" ") else 0.0) for text in texts]


def _split_into_characters(tokens: Sequence[Token], limit: float, style: TextStyle) -> list[Token]:
    """The tokens, with those that fit no line (Thai is written without spaces) split into characters."""
    return [
        piece
        for token in tokens
        for piece in ([token] if token.width <= limit else _measure(grapheme_clusters(token.text), style))
    ]


def _shorten(tokens: Line, limit: float, style: TextStyle) -> str:
    """As many whole words as fit before an ellipsis, or characters if no word fits."""
    words = [token.text for token in tokens]
    letters = grapheme_clusters("".join(words))
    for parts in (words, letters):
        for kept in range(len(parts), 0, -1):
            start = "".join(parts[:kept]).rstrip(" ,;:.-–—")
            if start and style.width(start + _ELLIPSIS) <= limit:
                return start + _ELLIPSIS
    return _ELLIPSIS


def _block(lines: list[str], style: TextStyle, size: int, limit: float) -> TextBlock:
    """The block at ``size``, or smaller: rounding and hinting may make a line slightly wider than measured."""
    of_lines = _levels(lines, style.rtl)
    while True:
        style = replace(style, size=size)
        ink_boxes = [style.ink_box(line, line_levels) for line, line_levels in zip(lines, of_lines, strict=True)]
        if max(ink.right - ink.left for ink in ink_boxes) <= limit or size <= 1:
            break
        size -= 1
    height = size * (1.35 if needs_shaping("".join(lines)) else 1.18)
    baselines = [0.0]
    for above, below in pairwise(ink_boxes):
        # Stacked marks (Thai, Arabic) may need more than the line height.
        clear = above.bottom - below.top + 0.08 * size
        baselines.append(baselines[-1] + max(height, min(clear, 2 * size)))
    return TextBlock(style, lines, of_lines, ink_boxes, baselines)


def _levels(lines: list[str], rtl: bool) -> list[list[int]]:
    """The levels of each line within the title as one paragraph: a bracket may close on a later line."""
    all_levels = bidi_levels(" ".join(lines), rtl=rtl)
    starts = accumulate((len(line) + 1 for line in lines[:-1]), initial=0)
    return [all_levels[start : start + len(line)] for start, line in zip(starts, lines, strict=True)]
