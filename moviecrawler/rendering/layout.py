"""The positions of all elements of a title backdrop, derived from the picture's width and height."""

from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from PIL import Image

from moviecrawler.rendering.caption import Caption
from moviecrawler.rendering.fonts import Fonts
from moviecrawler.rendering.meta_row import MetaRow, meta_row
from moviecrawler.rendering.text_runs import is_rtl
from moviecrawler.rendering.text_style import TextStyle
from moviecrawler.rendering.typesetting import TextBlock, typeset

# Shares of the width.
MARGIN: Final = 0.05
MAX_TEXT_WIDTH: Final = 0.55

# Shares of the height.
_BASELINE: Final = 0.11  # of the lowest line, from the bottom
_LARGEST_TITLE: Final = 0.125
_TITLE_PLAN: Final = ((1, 0.092), (2, 0.072), (3, 0.05))
_SUBTITLE: Final = 0.036
_SUBTITLE_SMALLEST: Final = 0.032
_META: Final = 0.03
_GAP: Final = 0.026  # between title, subtitle and row
_LOGO_GAP: Final = 0.046  # below a logo, which has no line height

_SUBTITLE_OPACITY: Final = 0.88


class PlacedLine(NamedTuple):
    """A line of text with its levels (``text_runs.bidi_levels``); ``x``: its left end in pixels, ``opacity``: 0-1."""

    text: str
    levels: list[int]
    style: TextStyle
    x: float
    baseline: float
    opacity: float


class PlacedLogo(NamedTuple):
    """A logo (mode RGBA) and its left and upper edge in pixels."""

    image: Image.Image
    left: int
    top: int

    @property
    def box(self) -> tuple[int, int, int, int]:
        return self.left, self.top, self.left + self.image.width, self.top + self.image.height


@dataclass(frozen=True)
class Layout:
    """In pixels. ``row_origin``: left end and baseline of the meta row; ``extent``: the bounding box (left, top, right,
    bottom) of all text."""

    texts: list[PlacedLine]
    row: MetaRow | None
    row_origin: tuple[float, float]
    extent: tuple[int, int, int, int]
    rtl: bool
    logo: PlacedLogo | None = None


def lay_out(caption: Caption, fonts: Fonts, size: tuple[int, int], logo: Image.Image | None = None) -> Layout | None:
    """Lay out row, subtitle and title from the bottom up; a right-to-left title is on the right.

    ``size``: (width, height) in pixels; ``logo`` (mode RGBA) stands in for the title. None for an empty caption.
    """
    width, height = size
    margin, limit = width * MARGIN, width * MAX_TEXT_WIDTH
    rtl = is_rtl(caption.title or caption.subtitle or "")
    baseline = height * (1 - _BASELINE)
    boxes: list[tuple[float, float, float, float]] = []
    row = meta_row(caption, fonts, round(height * _META), limit)
    row_origin = (0.0, baseline)
    ceiling = None
    if row:
        row_origin = (width - margin - row.width if rtl else margin, baseline)
        boxes.append((row_origin[0], baseline - row.top, row_origin[0] + row.width, baseline + row.bottom))
        ceiling = baseline - row.top
    texts: list[PlacedLine] = []
    for block, opacity in _blocks(replace(caption, title="") if logo else caption, fonts, height, limit):
        last = block.ink_boxes[-1]
        bottom = baseline if ceiling is None else ceiling - height * _GAP - max(0.2 * block.style.size, last.bottom)
        lines = zip(block.lines, block.levels, block.ink_boxes, block.baselines, strict=True)
        for line, line_levels, ink, below in lines:
            # Align the ink, not the advance: text of every size then shares an edge with the pill.
            x = width - margin - ink.right if rtl else margin - ink.left
            y = bottom - block.baselines[-1] + below
            texts.append(PlacedLine(line, line_levels, block.style, x, y, opacity))
            boxes.append((x + ink.left, y + ink.top, x + ink.right, y + ink.bottom))
        ceiling = min(box[1] for box in boxes)
    placed = None
    if logo:
        lower = baseline if ceiling is None else ceiling - height * _LOGO_GAP
        left = width - margin - logo.width if rtl else margin
        placed = PlacedLogo(logo, round(left), round(lower - logo.height))
        boxes.append(placed.box)
    if not boxes:
        return None
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    extent = (
        max(0, int(min(lefts))),
        max(0, int(min(tops))),
        min(width, int(max(rights)) + 1),
        min(height, int(max(bottoms)) + 1),
    )
    return Layout(texts, row, row_origin, extent, rtl, placed)


def _blocks(caption: Caption, fonts: Fonts, height: int, limit: float) -> list[tuple[TextBlock, float]]:
    """(lines, opacity 0-1) of subtitle and title, from the bottom up."""
    blocks = []
    if caption.subtitle:
        style = TextStyle(fonts, caption.subtitle_language, 0, 500, is_rtl(caption.subtitle))
        plan = [(1, height * _SUBTITLE_SMALLEST)]
        block = typeset(caption.subtitle, style, limit, round(height * _SUBTITLE), plan)
        blocks.append((block, _SUBTITLE_OPACITY))
    if caption.title:
        style = TextStyle(fonts, caption.language, 0, 800, is_rtl(caption.title))
        plan = [(lines, height * share) for lines, share in _TITLE_PLAN]
        blocks.append((typeset(caption.title, style, limit, int(height * _LARGEST_TITLE), plan), 1.0))
    return blocks
