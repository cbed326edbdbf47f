"""Where everything stands on a title backdrop. All lengths come from the picture's width and height."""

from dataclasses import dataclass
from typing import Final, NamedTuple

from moviecrawler.rendering.caption import Caption
from moviecrawler.rendering.fonts import Fonts
from moviecrawler.rendering.meta_row import MetaRow, meta_row
from moviecrawler.rendering.text_runs import is_rtl
from moviecrawler.rendering.text_style import Lettering
from moviecrawler.rendering.typesetting import Block, set_lines

# Shares of the width.
MARGIN: Final = 0.05
WIDEST: Final = 0.55

# Shares of the height.
_BASELINE: Final = 0.11  # of the lowest line, from the bottom
_LARGEST: Final = 0.125
_TITLE_PLAN: Final = ((1, 0.092), (2, 0.072), (3, 0.05))
_SUBTITLE: Final = 0.036
_SUBTITLE_SMALLEST: Final = 0.032
_META: Final = 0.03
_GAP: Final = 0.026  # between title, subtitle and row

_SUBTITLE_OPACITY: Final = 0.88


class Placed(NamedTuple):
    """A line of text with its levels (``runs.levels``): its left end and its baseline in pixels, its opacity 0-1."""

    text: str
    levels: list[int]
    lettering: Lettering
    x: float
    baseline: float
    opacity: float


@dataclass(frozen=True)
class Layout:
    """``row_at``: left end and baseline of the meta row. ``extent``: the box (left, top, right, bottom) of all text."""

    texts: list[Placed]
    row: MetaRow | None
    row_at: tuple[float, float]
    extent: tuple[int, int, int, int]
    rtl: bool


def lay_out(caption: Caption, fonts: Fonts, size: tuple[int, int]) -> Layout | None:
    """Built from the bottom: row, subtitle, title; a title that runs right to left stands on the right.

    None if there is nothing to say.
    """
    width, height = size
    margin, limit = width * MARGIN, width * WIDEST
    rtl = is_rtl(caption.title or caption.subtitle or "")
    baseline = height * (1 - _BASELINE)
    boxes: list[tuple[float, float, float, float]] = []
    row = meta_row(caption, fonts, round(height * _META), limit)
    row_at = (0.0, baseline)
    ceiling = None
    if row:
        row_at = (width - margin - row.width if rtl else margin, baseline)
        boxes.append((row_at[0], baseline - row.top, row_at[0] + row.width, baseline + row.bottom))
        ceiling = baseline - row.top
    texts: list[Placed] = []
    for block, opacity in _blocks(caption, fonts, height, limit):
        last = block.inks[-1]
        size_ = block.lettering.size
        bottom = baseline if ceiling is None else ceiling - height * _GAP - max(0.2 * size_, last.bottom)
        lines = zip(block.lines, block.levels, block.inks, block.baselines, strict=True)
        for line, line_levels, ink, below in lines:
            # By the ink, not by the advance: letters of all sizes then share one edge with the pill.
            x = width - margin - ink.right if rtl else margin - ink.left
            y = bottom - block.baselines[-1] + below
            texts.append(Placed(line, line_levels, block.lettering, x, y, opacity))
            boxes.append((x + ink.left, y + ink.top, x + ink.right, y + ink.bottom))
        ceiling = min(box[1] for box in boxes)
    if not boxes:
        return None
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    extent = (
        max(0, int(min(lefts))),
        max(0, int(min(tops))),
        min(width, int(max(rights)) + 1),
        min(height, int(max(bottoms)) + 1),
    )
    return Layout(texts, row, row_at, extent, rtl)


def _blocks(caption: Caption, fonts: Fonts, height: int, limit: float) -> list[tuple[Block, float]]:
    """(lines, opacity) of subtitle and title, the lower one first."""
    blocks = []
    if caption.subtitle:
        lettering = Lettering(fonts, caption.subtitle_language, 0, 500, is_rtl(caption.subtitle))
        plan = [(1, height * _SUBTITLE_SMALLEST)]
        block = set_lines(caption.subtitle, lettering, limit, round(height * _SUBTITLE), plan)
        blocks.append((block, _SUBTITLE_OPACITY))
    if caption.title:
        lettering = Lettering(fonts, caption.language, 0, 800, is_rtl(caption.title))
        plan = [(lines, height * share) for lines, share in _TITLE_PLAN]
        blocks.append((set_lines(caption.title, lettering, limit, int(height * _LARGEST), plan), 1.0))
    return blocks
