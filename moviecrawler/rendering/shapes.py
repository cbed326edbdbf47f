"""Small shapes with soft edges; Pillow draws polygons with hard ones."""

import math
from collections.abc import Callable
from typing import Final

from PIL import Image, ImageDraw

Paint = Callable[[ImageDraw.ImageDraw, int, int], None]

_FINER: Final = 4


def shape(size: tuple[int, int], paint: Paint) -> Image.Image:
    """A mask (mode L) of ``size``: painted four times as large, with 255 on 0, and scaled down."""
    width, height = (max(1, side) * _FINER for side in size)
    large = Image.new("L", (width, height), 0)
    paint(ImageDraw.Draw(large), width, height)
    return large.reduce(_FINER)


def rounded(radius: float) -> Paint:
    """A rectangle with corners of ``radius`` pixels."""

    def paint(draw: ImageDraw.ImageDraw, width: int, height: int) -> None:
        draw.rounded_rectangle((0, 0, width - 1, height - 1), radius * _FINER, fill=255)

    return paint


def draw_disc(draw: ImageDraw.ImageDraw, width: int, height: int) -> None:
    draw.ellipse((0, 0, width - 1, height - 1), fill=255)


def draw_star(draw: ImageDraw.ImageDraw, width: int, height: int) -> None:
    """Five points; a little below the middle, where its weight is."""
    radius = width / 2
    corners = [(radius if corner % 2 == 0 else radius * 0.42, corner * math.pi / 5) for corner in range(10)]
    draw.polygon(
        [(radius + r * math.sin(turn), height / 2 + radius * 0.05 - r * math.cos(turn)) for r, turn in corners],
        fill=255,
    )
