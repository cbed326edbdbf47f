"""The logo of a title: read with its transparency, and placed on a title backdrop where it can be read.

A source has logos of every kind: drawn in black for white paper, cut out badly, or with a box around them. One that
would not be readable is a ``PictureError``, and the title is shown in letters.
"""

import math
from typing import Final

from PIL import Image

from moviecrawler.exceptions import PictureError
from moviecrawler.rendering.decode import decode_sanitised
from moviecrawler.rendering.memory_budget import MemoryBudget
from moviecrawler.rendering.sanitise import sanitise
from moviecrawler.rendering.scrim import luminance

MAX_ASPECT_RATIO: Final = 8
"""Width by height; a wider logo would be a thin line."""
MAX_TALLNESS: Final = 2
"""Height by width."""

# Shares of the picture's width, height and area, that a logo takes: wide ones are lower, so all look equally large.
_MAX_WIDTH, _MAX_HEIGHT, _AREA = 0.42, 0.25, 0.05
_MIN_HEIGHT: Final = 0.05

_VISIBLE: Final = 128  # alpha, 0-255
_OPAQUE_SHARE: Final = 0.97  # from here on it is a picture in a box
_INK_SHARE: Final = 0.02  # below, a few specks are left of it

CONTRAST: Final = 3.0
"""WCAG 2.2, success criterion 1.4.11, for what is not text of normal size."""
LEGIBLE_SHARE: Final = 0.5
"""Of a logo's visible pixels, those that must have this contrast: outlines and shadows of light letters are dark."""

_MEASURED: Final = (400, 400)


def read_logo(body: bytes, size: tuple[int, int], memory: MemoryBudget | None = None) -> Image.Image:
    """The visible part of a logo, of mode RGBA, as large as a title backdrop of ``size`` (width, height) shows it.

    Raises PictureError for bytes that are no picture, for one that is all transparent, not transparent at all, much
    wider than high, or smaller than it would be shown: nothing is enlarged.
    """
    picture = sanitise(body)
    what = f"{picture.width}x{picture.height} {picture.format}"
    with (memory or MemoryBudget()).reserve(picture.decoding_memory() + 4 * picture.width * picture.height, what):
        image = decode_sanitised(picture, transparent=True)
        alpha = image.getchannel("A").point(lambda value: 255 * (value >= _VISIBLE))
        box = alpha.getbbox()
        if box is None:
            raise PictureError(f"a logo of {what} is all transparent")
        image, visible = image.crop(box), alpha.crop(box).histogram()[255]
    width, height = image.size
    share = visible / (width * height)
    if share > _OPAQUE_SHARE:
        raise PictureError(f"a logo of {what} has no transparency: it is a box")
    if share < _INK_SHARE:
        raise PictureError(f"a logo of {what} is nearly all transparent")
    if width > MAX_ASPECT_RATIO * height or height > MAX_TALLNESS * width:
        raise PictureError(f"a logo of {width}x{height} is too wide or too high to be read")
    scale = min(
        1.0,
        _MAX_WIDTH * size[0] / width,
        _MAX_HEIGHT * size[1] / height,
        math.sqrt(_AREA * size[0] * size[1] / (width * height)),
    )
    if height * scale < _MIN_HEIGHT * size[1]:
        raise PictureError(f"a logo of {width}x{height} is too small to be read")
    shown = (max(1, round(width * scale)), max(1, round(height * scale)))
    return image.resize(shown, Image.Resampling.LANCZOS, reducing_gap=2.0)


def is_legible(logo: Image.Image, behind: Image.Image) -> bool:
    """Whether enough of the logo (RGBA) stands out from what is ``behind`` it (RGB).

    >>> dark, white = Image.new("RGB", (90, 30), (20, 22, 30)), Image.new("RGBA", (90, 30), "white")
    >>> is_legible(white, dark), is_legible(Image.new("RGBA", (90, 30), "navy"), dark)
    (True, False)
    """
    small = logo.copy()
    small.thumbnail(_MEASURED)
    visible = small.getchannel("A").point(lambda value: 255 * (value >= _VISIBLE))
    light = luminance(behind, 1.0).histogram()
    ground = sum(value / 255 * count for value, count in enumerate(light)) / max(1, sum(light))
    ink = luminance(small, 1.0).histogram(visible)
    legible = sum(count for value, count in enumerate(ink) if _contrast(value / 255, ground) >= CONTRAST)
    return legible >= LEGIBLE_SHARE * max(1, sum(ink))


def _contrast(one: float, other: float) -> float:
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)
