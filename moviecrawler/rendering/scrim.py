"""The dark veil that text is read on: as light as the picture allows, without bands."""

import functools
import random
from array import array
from collections.abc import Callable, Sequence
from typing import Any, Final

from PIL import Image, ImageChops, ImageMath

Box = tuple[int, int, int, int]

TINT: Final = (8, 10, 16)

# WCAG 2.2, success criterion 1.4.3: 4.5 for normal text. The rest is for dither and JPEG.
CONTRAST: Final = 4.6

_WEAKEST, _STRONGEST, _STEP = 60, 95, 5  # percent, on the side of the text
_DITHER: Final = 0.8

# Luminance in an 8-bit channel: scaled so that the values where contrast is decided (below 0.25) use all of it.
_LUMINANCE_MAX: Final = 0.25


def contrast(image: Image.Image, box: Box, opacity: float = 1.0) -> float:
    """The WCAG contrast of white text at ``opacity`` (0-1) against the 99th percentile of what lies in ``box``.

    A luminance above 0.25 counts as 0.25 (a contrast of 3.5).
    """
    channels = zip(image.crop(box).split(), _luminance_tables(), strict=True)
    red, green, blue = (channel.point(table) for channel, table in channels)
    histogram = ImageChops.add(ImageChops.add(red, green), blue).histogram()
    left_over = sum(histogram) / 100
    bright = 255
    while histogram[bright] < left_over:
        left_over -= histogram[bright]
        bright -= 1
    behind = bright / 255 * _LUMINANCE_MAX
    ink = _linear(opacity + (1 - opacity) * _companded(behind))
    return (ink + 0.05) / (behind + 0.05)


def _linear(value: float) -> float:
    """sRGB 0-1 -> linear light 0-1 (WCAG 2.2, "relative luminance")."""
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def _companded(light: float) -> float:
    """Linear light 0-1 -> sRGB 0-1."""
    return light * 12.92 if light <= 0.0031308 else 1.055 * light ** (1 / 2.4) - 0.055


@functools.cache
def _luminance_tables() -> list[list[int]]:
    scale = 255 / _LUMINANCE_MAX
    return [
        [min(255, round(scale * weight * _linear(value / 255))) for value in range(256)]
        for weight in (0.2126, 0.7152, 0.0722)
    ]


def veil(image: Image.Image, text: Box, *, rtl: bool, opacity: float) -> Image.Image:
    """The RGB picture under its scrim: dark behind ``text``, at the bottom, a little at the top.

    The side of the text is made darker, from 60 % in steps of 5, until white text of ``opacity`` (0-1) holds
    ``CONTRAST`` in the box.
    """
    down = _down(image.height)
    behind = image.crop(text)
    left, top, right, bottom = text
    tint = Image.new("RGB", behind.size, TINT)
    for percent in range(_WEAKEST, _STRONGEST + 1, _STEP):
        across = _across(image.width, image.width - left if rtl else right, percent / 100)
        if rtl:
            across.reverse()
        light = _product(across[left:right], down[top:bottom])
        mask = light.point(lambda value: value * 255 + 0.5).convert("L")
        if contrast(Image.composite(behind, tint, mask), (0, 0, *behind.size), opacity) >= CONTRAST:
            break
    return _let_through(image, _product(across, down))


def _smoothstep(value: float) -> float:
    value = min(max(value, 0.0), 1.0)
    return value * value * (3 - 2 * value)


def _across(width: int, reach: int, alpha: float) -> list[float]:
    """The share of light (0-1) at each x. Full strength over the first half of the text, which ends at ``reach``; there
    70 % of it are left, so that 0.95 is enough even on white; then it runs out."""
    start = 0.55 * reach
    length = max(1.24 * reach, 0.6 * width)
    return [1 - alpha * (1 - _smoothstep((x - start) / length)) for x in range(width)]


def _down(height: int) -> list[float]:
    """The share of light at each y: 0.75 is taken at the bottom (lower 45 %), 0.25 at the top (upper 20 %)."""
    shares = []
    for y in range(height):
        at = y / height
        shares.append((1 - 0.75 * _smoothstep((at - 0.55) / 0.45)) * (1 - 0.25 * (1 - _smoothstep(at / 0.2))))
    return shares


def _product(across: Sequence[float], down: Sequence[float]) -> Image.Image:
    """An image of mode F: across[x] * down[y]."""
    size = (len(across), len(down))
    row = Image.frombytes("F", (size[0], 1), array("f", across).tobytes()).resize(size, Image.Resampling.NEAREST)
    column = Image.frombytes("F", (1, size[1]), array("f", down).tobytes()).resize(size, Image.Resampling.NEAREST)
    return _math(lambda args: args["row"] * args["column"], row=row, column=column)


def _let_through(image: Image.Image, light: Image.Image) -> Image.Image:
    """tint + (picture - tint) * light, in floating point: rounded once, with noise, a dark gradient has no bands."""
    noise = _noise(image.size)
    channels = []
    for channel, tint in zip(image.split(), TINT, strict=True):
        above = channel.point([value - tint for value in range(256)], "F")
        veiled = _math(
            lambda args: args["above"] * args["light"] + args["noise"], above=above, light=light, noise=noise
        )
        channels.append(veiled.point(lambda value, tint=tint: value + tint).convert("L"))
    return Image.merge("RGB", channels)


@functools.lru_cache(maxsize=2)
def _noise(size: tuple[int, int]) -> Image.Image:
    """Mode F, +-0.8 levels, around 0.5 (Pillow truncates). Always the same: equal pictures make equal files."""
    uniform = Image.frombytes("L", size, random.Random(0).randbytes(size[0] * size[1]))
    return uniform.point([(value / 127.5 - 1) * _DITHER + 0.5 for value in range(256)], "F")


def _math(expression: Callable[[dict[str, Any]], Any], **images: Image.Image) -> Image.Image:
    result = ImageMath.lambda_eval(expression, **images)
    assert isinstance(result, Image.Image)
    return result
