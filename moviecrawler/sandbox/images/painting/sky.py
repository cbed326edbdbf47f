"""Skies: clouds, stars, sun and moon, northern lights."""

from __future__ import annotations

import math
import random

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from moviecrawler.sandbox.images.painting.light import (
    Colour,
    Size,
    blur,
    curve,
    disc,
    gradient,
    noise,
    shade,
    shine,
    spot,
)


def clouds(picture: Image.Image, rng: random.Random, lit: Colour, low: float, strength: float = 0.5) -> Image.Image:
    """Streaks of cloud that thin out upwards and end at ``low`` (a share of the height)."""
    width, height = picture.size
    streaks = curve(noise(picture.size, (3, 9), rng, 5), 2.6)
    where = Image.new("L", (1, 64))
    for y in range(64):
        where.putpixel((0, y), round(255 * math.sin(math.pi * min(1.0, y / 64 / low)) ** 1.2) if y / 64 < low else 0)
    return shine(picture, ImageChops.multiply(streaks, where.resize((width, height))), lit, strength)


def stars(picture: Image.Image, rng: random.Random, low: float, count: int = 900) -> Image.Image:
    """Points of light, most of them faint, that fade towards the horizon at ``low``."""
    width, height = picture.size
    mask = Image.new("L", picture.size)
    draw = ImageDraw.Draw(mask)
    for _ in range(count):
        y = rng.random() ** 1.4 * low
        brightness = round(255 * rng.random() ** 4 * (1 - y / low) ** 0.5) + 25
        x, y = rng.randrange(width), round(y * height)
        draw.point((x, y), brightness)
        if brightness > 190:
            draw.ellipse((x - 1, y - 1, x + 1, y + 1), fill=brightness)
    soft = blur(mask, 0.7)
    return shine(shine(picture, curve(soft, 0.8), (225, 232, 255)), blur(mask, 4), (120, 150, 255))


def milky_way(picture: Image.Image, rng: random.Random, tint: Colour) -> Image.Image:
    """A diagonal band of dust and light."""
    width, height = picture.size
    side = round(math.hypot(width, height))
    band = ImageChops.multiply(
        noise((side, side), (6, 10), rng, 6), spot((side, side), (side / 2, side / 2), (side * 0.75, side * 0.17), 1.3)
    ).rotate(rng.choice((-1, 1)) * rng.uniform(28, 42), Image.Resampling.BICUBIC)
    left, top = (side - width) // 2, (side - height) // 2
    return shine(picture, curve(band.crop((left, top, left + width, top + height)), 1.25), tint, 1.0)


def sun(picture: Image.Image, at: tuple[float, float], radius: float, core: Colour, halo: Colour) -> Image.Image:
    """A low sun: a disc, a tight glow, and one that fills half the sky."""
    size = picture.size
    picture = shine(picture, spot(size, at, (radius * 16, radius * 10), 2.4), halo, 0.75)
    picture = shine(picture, spot(size, at, (radius * 5, radius * 5), 2.2), core, 0.8)
    return shade(picture, disc(size, at, radius), core)


def moon(picture: Image.Image, at: tuple[float, float], radius: float, rng: random.Random, tint: Colour) -> Image.Image:
    """A full moon with its seas, and its glow."""
    size = picture.size
    picture = shine(picture, spot(size, at, (radius * 9, radius * 9), 3.2), tint, 0.55)
    face = disc(size, at, radius)
    picture = shade(picture, face, (236, 238, 232))
    seas = ImageChops.multiply(
        curve(noise(size, (round(size[0] / radius), round(size[1] / radius)), rng, 3), 1.8), face
    )
    picture = shade(picture, seas, (176, 184, 196), 0.5)
    return shine(picture, spot(size, at, (radius * 2.2, radius * 2.2), 1.8), tint, 0.5)


def aurora(picture: Image.Image, rng: random.Random, low: Colour, high: Colour, base: float) -> Image.Image:
    """Curtains of northern light that stand on a wavy line around ``base`` (a share of the height)."""
    for curtain in range(3):
        mask = _curtain(picture.size, rng, base * (0.72 + 0.14 * curtain))
        colours = gradient(picture.size, [(0.0, high), (base * 0.45, high), (base * 0.95, low), (1.0, low)])
        light = Image.composite(colours, Image.new("RGB", picture.size), mask)
        picture = ImageChops.screen(picture, light)
        picture = shine(picture, blur(mask, 50), low, 0.6)
    return picture


def _curtain(size: Size, rng: random.Random, base: float) -> Image.Image:
    """One curtain as a mask: a column of light for each second pixel, bright at its foot and fading upwards."""
    width, height = size[0] // 2, size[1] // 2
    folds = noise((width, 1), (width // 40, 1), rng, 4).tobytes()
    lengths = noise((width, 1), (5, 1), rng, 3).tobytes()
    wave, phase = rng.uniform(0.5, 1.1), rng.uniform(0, math.tau)
    ray = Image.linear_gradient("L").resize((1, 256))
    mask = Image.new("L", (width, height))
    for x in range(width):
        turn = wave * math.tau * x / width
        foot = height * (base + 0.10 * math.sin(phase + turn) + 0.035 * math.sin(2.7 * phase + 3.1 * turn))
        tall = max(4, round(height * (0.16 + 0.5 * lengths[x] / 255)))
        bright = (0.25 + 0.75 * folds[x] / 255) * (0.15 + 0.85 * lengths[x] / 255)
        column = ray.resize((1, tall)).point([round(v * bright * (v / 255) ** 1.6) for v in range(256)])
        mask.paste(column, (x, round(foot) - tall))
        for y in range(14):
            mask.paste(round(255 * bright * (1 - y / 14) ** 1.5), (x, round(foot) + y, x + 1, round(foot) + y + 1))
    return mask.filter(ImageFilter.GaussianBlur((2.2, 5))).resize(size, Image.Resampling.BICUBIC)
