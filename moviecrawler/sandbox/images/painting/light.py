"""Light and texture: what every scene is made of. Colours are (red, green, blue); positions are pixels."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from typing import Final

from PIL import Image, ImageChops, ImageDraw, ImageFilter

Colour = tuple[int, int, int]
Size = tuple[int, int]

_GRAIN_TILE: Final = 512


def mix(a: Colour, b: Colour, share: float) -> Colour:
    """The colour that is ``share`` of the way from ``a`` to ``b``.

    >>> mix((0, 0, 0), (200, 100, 50), 0.5)
    (100, 50, 25)
    """
    red, green, blue = (round(x + (y - x) * share) for x, y in zip(a, b, strict=True))
    return red, green, blue


def gradient(size: Size, stops: Sequence[tuple[float, Colour]]) -> Image.Image:
    """Colours from top (0.0) to bottom (1.0), eased between the stops."""
    strip = Image.new("RGB", (1, 512))
    at = 0
    for y in range(512):
        position = y / 511
        while at < len(stops) - 2 and position > stops[at + 1][0]:
            at += 1
        (low, first), (high, second) = stops[at], stops[at + 1]
        share = min(1.0, max(0.0, (position - low) / (high - low)))
        strip.putpixel((0, y), mix(first, second, share * share * (3 - 2 * share)))
    return strip.resize((1, size[1]), Image.Resampling.BICUBIC).resize(size, Image.Resampling.NEAREST)


def noise(size: Size, cells: Size, rng: random.Random, octaves: int = 4) -> Image.Image:
    """Clouds of grey: value noise whose coarsest octave has ``cells``, with contrast stretched to the full range."""
    result = Image.new("L", (1, 1), 128)
    total, weight = 0.0, 1.0
    for octave in range(octaves):
        columns, rows = (min(side, max(2, cell << octave)) for cell, side in zip(cells, size, strict=True))
        layer = Image.frombytes("L", (columns, rows), rng.randbytes(columns * rows))
        # Coarse octaves are summed on a coarse grid; even the finest needs no more than half of a large picture.
        grid = min(columns * 4, -(-size[0] // 2)), min(rows * 4, -(-size[1] // 2))
        total += weight
        coarser, layer = (image.resize(grid, Image.Resampling.BICUBIC) for image in (result, layer))
        result = Image.blend(coarser, layer, weight / total)
        weight /= 2
    low, high = (float(value) for value in result.getextrema() if not isinstance(value, tuple))
    stretched = result.point([round(max(0, min(255, (v - low) * 255 / max(1, high - low)))) for v in range(256)])
    return stretched.resize(size, Image.Resampling.BICUBIC)


def blur(picture: Image.Image, radius: float) -> Image.Image:
    """A Gaussian blur; a wide one is done on a quarter of the size, which nobody can see and takes a tenth."""
    if radius < 3:
        return picture.filter(ImageFilter.GaussianBlur(radius))
    small = picture.resize((max(1, picture.width // 4), max(1, picture.height // 4)), Image.Resampling.BOX)
    return small.filter(ImageFilter.GaussianBlur(radius / 4)).resize(picture.size, Image.Resampling.BICUBIC)


def curve(mask: Image.Image, gamma: float, top: float = 1.0) -> Image.Image:
    """A grey picture with its middle bent: ``gamma`` above 1 darkens, and white becomes ``top``."""
    return mask.point([round(255 * top * (v / 255) ** gamma) for v in range(256)])


def spot(size: Size, centre: tuple[float, float], radius: tuple[float, float], gamma: float = 2.0) -> Image.Image:
    """A soft elliptic light as a mask: 255 at the centre, 0 at the radius."""
    # radial_gradient grows to 255 in its corners, so the inscribed circle lies at 255 / sqrt(2).
    falloff = [round(255 * max(0.0, 1 - v * math.sqrt(2) / 255) ** gamma) for v in range(256)]
    glow = Image.radial_gradient("L").point(falloff)
    width, height = max(2, round(2 * radius[0])), max(2, round(2 * radius[1]))
    mask = Image.new("L", size)
    mask.paste(
        glow.resize((width, height), Image.Resampling.BILINEAR),
        (round(centre[0] - width / 2), round(centre[1] - height / 2)),
    )
    return mask


def shine(picture: Image.Image, mask: Image.Image, colour: Colour, strength: float = 1.0) -> Image.Image:
    """Add light of a colour where the mask is bright (screen: it never burns out)."""
    light = Image.new("RGB", picture.size)
    light.paste(colour, mask=curve(mask, 1.0, strength) if strength != 1.0 else mask)
    return ImageChops.screen(picture, light)


def shade(picture: Image.Image, mask: Image.Image, colour: Colour, strength: float = 1.0) -> Image.Image:
    """Paint a colour where the mask is bright."""
    result = picture.copy()
    result.paste(colour, mask=curve(mask, 1.0, strength))
    return result


def disc(size: Size, centre: tuple[float, float], radius: float) -> Image.Image:
    """A filled circle with a smooth edge, as a mask."""
    mask = Image.new("L", (size[0] * 2, size[1] * 2))
    x, y, reach = 2 * centre[0], 2 * centre[1], 2 * radius
    ImageDraw.Draw(mask).ellipse((x - reach, y - reach, x + reach, y + reach), fill=255)
    return mask.reduce(2)


def vignette(picture: Image.Image, strength: float = 0.55) -> Image.Image:
    """Darker corners, as an old lens draws them."""
    width, height = picture.size
    bright = spot(picture.size, (width / 2, height / 2), (width * 0.95, height * 0.95), 0.6)
    return shade(picture, ImageChops.invert(bright), (0, 0, 0), strength)


def bloom(picture: Image.Image, strength: float = 0.35) -> Image.Image:
    """Let the bright parts spill over, as film does."""
    small = picture.resize((picture.width // 8, picture.height // 8), Image.Resampling.BOX)
    bright = small.point([round(255 * max(0.0, (v - 110) / 145) ** 1.4 * strength) for v in range(256)] * 3)
    soft = blur(bright, picture.width / 320)
    return ImageChops.screen(picture, soft.resize(picture.size, Image.Resampling.BICUBIC))


def grain(picture: Image.Image, seed: int, amplitude: float) -> Image.Image:
    """Film grain; it also hides the steps of 8-bit gradients."""
    rng = random.Random(seed)
    first, second = (Image.frombytes("L", (_GRAIN_TILE, _GRAIN_TILE), rng.randbytes(_GRAIN_TILE**2)) for _ in range(2))
    # The mean of two dice has a hump in the middle, closer to film than a flat distribution.
    levels = [round(128 + (v - 128) * amplitude / 60) for v in range(256)]
    tile = Image.blend(first, second, 0.5).point(levels)
    field = Image.new("L", picture.size)
    for x in range(0, picture.width, _GRAIN_TILE):
        for y in range(0, picture.height, _GRAIN_TILE):
            field.paste(tile, (x, y))
    return ImageChops.add(picture, Image.merge("RGB", (field, field, field)), 1, -128)
