"""Water: the sky and the shore upside down, waves in perspective, a path of light."""

from __future__ import annotations

import random

from PIL import Image, ImageChops, ImageFilter, ImageOps

from moviecrawler.sandbox.images.painting.light import Colour, blur, curve, gradient, noise, shine


def water(picture: Image.Image, rng: random.Random, horizon: float, deep: Colour, *, calm: float = 0.5) -> Image.Image:
    """Everything below ``horizon`` (a share of the height) becomes water that mirrors what is above."""
    width, height = picture.size
    line = round(height * horizon)
    depth = height - line
    above = ImageOps.flip(picture.crop((0, max(0, line - depth), width, line))).resize((width, depth))
    mirror = above.filter(ImageFilter.GaussianBlur((width / 900, depth / 40)))
    tint = gradient((width, depth), [(0.0, (255, 255, 255)), (0.15, (225, 225, 225)), (1.0, deep)])
    surface = ImageChops.multiply(mirror, tint)
    waves = _waves(width, depth, rng)
    dark = Image.new("RGB", surface.size, deep)
    surface = Image.composite(dark, surface, curve(waves, 1.2, 0.75 * (1 - calm)))
    crests = curve(ImageChops.invert(waves), 5.0, 0.35 * (1.2 - calm))
    surface = ImageChops.screen(surface, Image.composite(mirror, Image.new("RGB", surface.size), crests))
    result = picture.copy()
    result.paste(surface, (0, line))
    return result


def glitter(
    picture: Image.Image, rng: random.Random, horizon: float, x: float, spread: tuple[float, float], colour: Colour
) -> Image.Image:
    """The path of light under a sun or moon at column ``x``, ``spread`` wide at the horizon and at the bottom."""
    width, height = picture.size
    line = round(height * horizon)
    depth = height - line
    path = Image.new("L", (width, depth))
    ramp = Image.linear_gradient("L").rotate(90).resize((256, 1))
    bump = Image.new("L", (512, 1))
    bump.paste(ramp, (0, 0))
    bump.paste(ImageOps.mirror(ramp), (256, 0))
    for y in range(depth):
        half = round(spread[0] + (spread[1] - spread[0]) * y / depth)
        path.paste(bump.resize((2 * half, 1)), (round(x) - half, y))
    sparks = ImageChops.multiply(curve(_waves(width, depth, rng), 3.2), curve(path, 1.2))
    fade = curve(ImageOps.flip(Image.linear_gradient("L")).resize((width, depth)), 0.6)
    sparks = ImageChops.multiply(sparks, fade).point([min(255, v * 3) for v in range(256)])
    mask = Image.new("L", picture.size)
    mask.paste(sparks, (0, line))
    picture = shine(picture, mask, colour)
    return shine(picture, blur(mask, 12), colour, 0.5)


def _waves(width: int, depth: int, rng: random.Random) -> Image.Image:
    """Waves in perspective: near ones are long and tall, far ones a shimmer."""
    side = 2048
    plane = noise((side, side), (260, 520), rng, 2)
    nearness = 14.0 / depth  # how much larger the nearest waves are than those at the horizon
    centre, scale = side / 2, side / width
    coefficients = (scale, centre * nearness, centre - width / 2 * scale, 0, 0, side - 1, 0, nearness)
    return plane.transform((width, depth), Image.Transform.PERSPECTIVE, coefficients, Image.Resampling.BILINEAR)
