"""The scrim that darkens a picture behind text: as light as legibility allows, and without banding."""

import functools
import random
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from PIL import Image, ImageChops, ImageMath

Box = tuple[int, int, int, int]

TINT: Final = (8, 10, 16)

# WCAG 2.2, success criterion 1.4.3, demands 4.5 for normal text; the rest is margin for dither and JPEG.
CONTRAST: Final = 4.6

_MIN_OPACITY, _MAX_OPACITY, _OPACITY_STEP = 60, 95, 5  # percent, on the side of the text
_FADE_ABOVE_TEXT: Final = 0.33  # of the height
_DITHER: Final = 0.8

# Luminance is kept in 8-bit channels, scaled so that the range that decides contrast (below 0.25) uses all values.
_LUMINANCE_MAX: Final = 0.25


def contrast(image: Image.Image, box: Box, opacity: float = 1.0) -> float:
    """The WCAG contrast of white text at ``opacity`` (0-1) against the 99th percentile of the pixels in ``box``.

    A luminance above 0.25 counts as 0.25 (a contrast of 3.5).
    """
    histogram = luminance(image.crop(box), _LUMINANCE_MAX).histogram()
    left_over = sum(histogram) / 100
    bright = 255
    while histogram[bright] < left_over:
        left_over -= histogram[bright]
        bright -= 1
    behind = bright / 255 * _LUMINANCE_MAX
    ink = _to_linear(opacity + (1 - opacity) * _to_srgb(behind))
    return (ink + 0.05) / (behind + 0.05)


def _to_linear(value: float) -> float:
    """sRGB 0-1 -> linear light 0-1 (WCAG 2.2, "relative luminance")."""
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def _to_srgb(light: float) -> float:
    """Linear light 0-1 -> sRGB 0-1."""
    return light * 12.92 if light <= 0.0031308 else 1.055 * light ** (1 / 2.4) - 0.055


def luminance(image: Image.Image, most: float) -> Image.Image:
    """The relative luminance of each pixel, as a mask (mode L) in which 255 is ``most`` (0-1) or more."""
    channels = zip(image.split()[:3], _luminance_tables(most), strict=True)
    red, green, blue = (channel.point(table) for channel, table in channels)
    return ImageChops.add(ImageChops.add(red, green), blue)


@functools.cache
def _luminance_tables(most: float) -> list[list[int]]:
    scale = 255 / most
    return [
        [min(255, round(scale * weight * _to_linear(value / 255))) for value in range(256)]
        for weight in (0.2126, 0.7152, 0.0722)
    ]


def apply(image: Image.Image, text: Box, *, rtl: bool, opacity: float) -> Image.Image:
    """The RGB picture under a scrim: dark behind the box ``text`` and at the bottom, slightly dark at the top.

    The scrim in the text's corner grows from 60 % in steps of 5 until white text of ``opacity`` (0-1) reaches
    ``CONTRAST`` in the box; what is above the text does not change.
    """
    left, top, right, bottom = text
    across = _horizontal_weights(image.width, image.width - left if rtl else right)
    if rtl:
        across.reverse()
    down, corner = _vertical_light(image.height), _corner_weights(image.height, top)
    # Every other pixel of every other row is enough to decide.
    columns, rows = across[left:right:2], slice(top, bottom, 2)
    behind = image.crop(text).resize((len(columns), len(down[rows])), Image.Resampling.NEAREST)
    tint = Image.new("RGB", behind.size, TINT)

    def is_legible(percent: int) -> bool:
        light = _light_map(columns, corner[rows], down[rows], percent / 100)
        mask = light.point(lambda value: value * 255 + 0.5).convert("L")
        return contrast(Image.composite(behind, tint, mask), (0, 0, *behind.size), opacity) >= CONTRAST

    steps = range(_MIN_OPACITY, _MAX_OPACITY, _OPACITY_STEP)
    enough = 0 if is_legible(steps[0]) else bisect_left(steps, True, lo=1, key=is_legible)
    percent = steps[enough] if enough < len(steps) else _MAX_OPACITY
    return _dim(image, _light_map(across, corner, down, percent / 100))


def _smoothstep(count: int, start: float, length: float) -> list[float]:
    """A smooth rise from 0 at ``start`` to 1 at ``start + length``, sampled at ``count`` places."""
    steps = [min(max((place - start) / length, 0.0), 1.0) for place in range(count)]
    return [step * step * (3 - 2 * step) for step in steps]


def _horizontal_weights(width: int, reach: int) -> list[float]:
    """The share (0-1) of the corner's shade at each x: full over the first half of the text, 70 % at its end
    (``reach``), so that 95 % opacity is enough even on white, then fading out."""
    return [1 - gone for gone in _smoothstep(width, 0.55 * reach, max(1.24 * reach, 0.6 * width))]


def _corner_weights(height: int, top: int) -> list[float]:
    """The share (0-1) of the corner's shade at each y: full below the ``top`` of the text, none a third of the height
    above it."""
    return _smoothstep(height, top - _FADE_ABOVE_TEXT * height, _FADE_ABOVE_TEXT * height)


@functools.lru_cache(maxsize=2)
def _vertical_light(height: int) -> list[float]:
    """The share of light left at each y: down to 0.25 at the bottom (lower 45 %), to 0.75 at the top (upper 20 %)."""
    lower, upper = _smoothstep(height, 0.55 * height, 0.45 * height), _smoothstep(height, 0, 0.2 * height)
    return [(1 - 0.75 * dark) * (0.75 + 0.25 * light) for dark, light in zip(lower, upper, strict=True)]


def _light_map(across: Sequence[float], corner: Sequence[float], down: Sequence[float], alpha: float) -> Image.Image:
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


def _dim(image: Image.Image, light: Image.Image) -> Image.Image:
    """tint + (picture - tint) * light, in floating point; rounding once, with noise, avoids bands in dark gradients."""
    noise = _noise(image.size)
    channels = []
    for channel, tint in zip(image.split(), TINT, strict=True):
        above = channel.point([value - tint for value in range(256)], "F")
        dimmed = _math(
            lambda args: args["above"] * args["light"] + args["noise"], above=above, light=light, noise=noise
        )
        channels.append(dimmed.point(lambda value, tint=tint: value + tint).convert("L"))
    return Image.merge("RGB", channels)


@functools.lru_cache(maxsize=2)
def _noise(size: tuple[int, int]) -> Image.Image:
    """Noise of mode F, +-0.8 levels around 0.5 (Pillow truncates). Seeded: equal pictures make equal files."""
    uniform = Image.frombytes("L", size, random.Random(0).randbytes(size[0] * size[1]))
    return uniform.point([(value / 127.5 - 1) * _DITHER + 0.5 for value in range(256)], "F")


def _math(expression: Callable[[dict[str, Any]], Any], **images: Image.Image) -> Image.Image:
    result = ImageMath.lambda_eval(expression, **images)
    assert isinstance(result, Image.Image)
    return result
