"""Small anti-aliased shapes; Pillow draws polygons without anti-aliasing."""

import math
from collections.abc import Callable
from typing import Final

from PIL import Image, ImageDraw

Paint = Callable[[ImageDraw.ImageDraw, int, int], None]

_OVERSAMPLING: Final = 4


def draw_mask(size: tuple[int, int], paint: Paint) -> Image.Image:
    """A mask (mode L) of ``size`` in pixels: painted four times as large, with 255 on 0, and scaled down."""
    width, height = (max(1, side) * _OVERSAMPLING for side in size)
    large = Image.new("L", (width, height), 0)
    paint(ImageDraw.Draw(large), width, height)
    return large.reduce(_OVERSAMPLING)


def rounded_rectangle(radius: float) -> Paint:
    """Paints a rectangle whose corners have a radius of ``radius`` pixels."""

    def paint(draw: ImageDraw.ImageDraw, width: int, height: int) -> None:
        draw.rounded_rectangle((0, 0, width - 1, height - 1), radius * _OVERSAMPLING, fill=255)

    return paint


def draw_disc(draw: ImageDraw.ImageDraw, width: int, height: int) -> None:
    draw.ellipse((0, 0, width - 1, height - 1), fill=255)


def draw_star(draw: ImageDraw.ImageDraw, width: int, height: int) -> None:
    """A five-pointed star, slightly below the middle to look centred."""
    radius = width / 2
    corners = [(radius if corner % 2 == 0 else radius * 0.42, corner * math.pi / 5) for corner in range(10)]
    draw.polygon(
        [(radius + r * math.sin(angle), height / 2 + radius * 0.05 - r * math.cos(angle)) for r, angle in corners],
        fill=255,
    )
