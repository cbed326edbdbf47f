"""Space: planets with air and rings."""

from __future__ import annotations

import random

from PIL import Image, ImageChops, ImageDraw

from moviecrawler.sandbox.images.painting.light import (
    Colour,
    Size,
    blur,
    curve,
    disc,
    gradient,
    mix,
    noise,
    shade,
    shine,
    spot,
)


def planet(
    picture: Image.Image,
    rng: random.Random,
    centre: tuple[float, float],
    radius: float,
    colours: tuple[Colour, Colour, Colour],
    air: Colour,
    *,
    sun: tuple[float, float],
    banded: bool = True,
) -> Image.Image:
    """A planet whose day side faces ``sun`` (a direction in pixels per radius); ``colours`` go from dark to light."""
    size = picture.size
    face = disc(size, centre, radius)
    side = round(radius * 2)
    ground = _ground((side, side), rng, colours, banded)
    body = Image.new("RGB", size)
    body.paste(ground, (round(centre[0] - radius), round(centre[1] - radius)))
    day = spot(size, (centre[0] + sun[0] * radius, centre[1] + sun[1] * radius), (radius * 1.75, radius * 1.75), 1.1)
    body = ImageChops.multiply(body, Image.merge("RGB", [curve(day, gamma) for gamma in (1.25, 1.1, 1.0)]))
    halo = blur(disc(size, centre, radius * 1.02), radius * 0.06)
    lit = ImageChops.multiply(halo, curve(day, 0.7))
    picture = shine(picture, lit, air, 0.9)
    picture = Image.composite(body, picture, face)
    inner = disc(size, (centre[0] - sun[0] * radius * 0.05, centre[1] - sun[1] * radius * 0.05), radius * 0.985)
    limb = ImageChops.multiply(ImageChops.subtract(face, blur(inner, radius * 0.035)), day)
    return shine(picture, limb, air, 0.95)


def _ground(size: Size, rng: random.Random, colours: tuple[Colour, Colour, Colour], banded: bool) -> Image.Image:
    dark, middle, light = colours
    cells = (2, 14) if banded else (5, 5)
    texture = noise(size, cells, rng, 6)
    if banded:
        texture = Image.blend(texture, noise(size, (6, 40), rng, 3), 0.25).rotate(
            -14, Image.Resampling.BICUBIC, fillcolor=120
        )
    ramp = gradient((1, 256), [(0.0, dark), (0.5, middle), (1.0, light)])
    table = [value for band in ramp.split() for value in band.tobytes()]
    return Image.merge("RGB", (texture, texture, texture)).point(table)


def rings(
    picture: Image.Image,
    rng: random.Random,
    centre: tuple[float, float],
    radius: float,
    colour: Colour,
    *,
    tilt: float,
    planet_radius: float,
) -> Image.Image:
    """A ring system, ``tilt`` degrees off the horizontal, whose far half the planet hides."""
    side = round(radius * 2) + 4
    band = Image.new("L", (side * 2, side * 2))
    draw = ImageDraw.Draw(band)
    share = 1.0
    while share > 0.58:
        bright = 0 if 0.80 < share < 0.835 else rng.randint(70, 235)
        _ellipse(draw, side, radius * 2 * share, bright)
        share -= rng.uniform(0.004, 0.02)
    _ellipse(draw, side, radius * 2 * 0.58, 0)
    near = Image.new("L", (side, side), 255)
    near.paste(0, (0, 0, side, side // 2))
    corner = round(centre[0] - side / 2), round(centre[1] - side / 2)
    mask, front = Image.new("L", picture.size), Image.new("L", picture.size)
    mask.paste(band.reduce(2).rotate(tilt, Image.Resampling.BICUBIC), corner)
    front.paste(near.rotate(tilt), corner)
    hidden = ImageChops.subtract(disc(picture.size, centre, planet_radius), front)
    return shade(picture, ImageChops.subtract(mask, hidden), colour, 0.8)


def _ellipse(draw: ImageDraw.ImageDraw, middle: float, reach: float, bright: int) -> None:
    draw.ellipse((middle - reach, middle - reach * 0.24, middle + reach, middle + reach * 0.24), fill=bright)


def flare(picture: Image.Image, at: tuple[float, float], scale: float, colour: Colour) -> Image.Image:
    """A star that comes over the edge: a core, a wide glow, and a streak across the lens."""
    size = picture.size
    picture = shine(picture, spot(size, at, (scale * 0.9, scale * 0.5), 3.2), (90, 150, 255), 0.6)
    picture = shine(picture, spot(size, at, (scale * 0.95, scale * 0.012), 1.6), (170, 210, 255), 0.8)
    picture = shine(picture, spot(size, at, (scale * 0.22, scale * 0.22), 2.6), colour)
    return shine(picture, spot(size, at, (scale * 0.05, scale * 0.05), 1.0), (255, 255, 255))


def dust(picture: Image.Image, rng: random.Random, colours: tuple[Colour, Colour]) -> Image.Image:
    """A nebula: two clouds of colour."""
    for colour in colours:
        cloud = curve(noise(picture.size, (3, 2), rng, 6), 3.0)
        picture = shine(picture, cloud, mix((0, 0, 0), colour, 0.8), 0.9)
    return picture
