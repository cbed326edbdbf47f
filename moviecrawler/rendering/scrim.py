"""The dark veil that text is read on: as light as the picture allows, without bands."""

import functools
import random
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from PIL import Image, ImageChops, ImageMath

Box = tuple[int, int, int, int]

TINT: Final = (8, 10, 16)

# WCAG 2.2, success criterion 1.4.3: 4.5 for normal text. The rest is for dither and JPEG.
CONTRAST: Final = 4.6

_WEAKEST, _STRONGEST, _STEP = 60, 95, 5  # percent, on the side of the text
_ABOVE: Final = 0.33  # of the height
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

    The text's corner is made darker, from 60 % in steps of 5, until white text of ``opacity`` (0-1) holds ``CONTRAST``
    in the box; what is above the text stays as it was.
    """
    left, top, right, bottom = text
    across = _across(image.width, image.width - left if rtl else right)
    if rtl:
        across.reverse()
    down, corner = _down(image.height), _corner(image.height, top)
    # Every other pixel of every other row tells enough.
    columns, rows = across[left:right:2], slice(top, bottom, 2)
    behind = image.crop(text).resize((len(columns), len(down[rows])), Image.Resampling.NEAREST)
    tint = Image.new("RGB", behind.size, TINT)

    def holds(percent: int) -> bool:
        light = _light(columns, corner[rows], down[rows], percent / 100)
        mask = light.point(lambda value: value * 255 + 0.5).convert("L")
        return contrast(Image.composite(behind, tint, mask), (0, 0, *behind.size), opacity) >= CONTRAST

    steps = range(_WEAKEST, _STRONGEST, _STEP)
    enough = 0 if holds(steps[0]) else bisect_left(steps, True, lo=1, key=holds)
    percent = steps[enough] if enough < len(steps) else _STRONGEST
    return _let_through(image, _light(across, corner, down, percent / 100))


def _rise(count: int, start: float, length: float) -> list[float]:
    """From 0 at ``start`` smoothly to 1 at ``start + length``, at each of ``count`` places."""
    steps = [min(max((place - start) / length, 0.0), 1.0) for place in range(count)]
    return [step * step * (3 - 2 * step) for step in steps]


def _across(width: int, reach: int) -> list[float]:
    """How much of the text's shade (0-1) lies on each x. All of it over the first half of the text, which ends at
    ``reach``; there 70 % of it are left, so that 0.95 is enough even on white; then it runs out."""
    return [1 - gone for gone in _rise(width, 0.55 * reach, max(1.24 * reach, 0.6 * width))]


def _corner(height: int, top: int) -> list[float]:
    """The same for each y: all of it from the ``top`` of the text down, none from a third of the height above it."""
    return _rise(height, top - _ABOVE * height, _ABOVE * height)


@functools.lru_cache(maxsize=2)
def _down(height: int) -> list[float]:
    """The share of light at each y: 0.75 is taken at the bottom (lower 45 %), 0.25 at the top (upper 20 %)."""
    lower, upper = _rise(height, 0.55 * height, 0.45 * height), _rise(height, 0, 0.2 * height)
    return [(1 - 0.75 * dark) * (0.75 + 0.25 * light) for dark, light in zip(lower, upper, strict=True)]


def _light(across: Sequence[float], corner: Sequence[float], down: Sequence[float], alpha: float) -> Image.Image:
    """An image of mode F: (1 - alpha * across[x] * corner[y]) * down[y]."""
    size = (len(across), len(down))

    def spread(values: Iterable[float], shape: tuple[int, int]) -> Image.Image:
        return Image.frombytes("F", shape, array("f", values).tobytes()).resize(size, Image.Resampling.NEAREST)

    shade = spread((alpha * part * light for part, light in zip(corner, down, strict=True)), (1, size[1]))
    return _math(
        lambda args: args["down"] - args["across"] * args["shade"],
        down=spread(down, (1, size[1])),
        across=spread(across, (size[0], 1)),
        shade=shade,
    )


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
