"""Land: ridges in haze, dunes, and a figure for scale."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from moviecrawler.sandbox.images.painting.light import Colour, Size, blur, curve, gradient, mix, noise, shade, shine


def profile(width: int, rng: random.Random, roughness: float, waves: float, sharp: bool) -> list[float]:
    """A height between 0 and 1 for each column: a sum of ever finer noise. ``sharp`` folds it into peaks."""
    heights = [0.0] * width
    weight, total = 1.0, 0.0
    while waves < width / 4:
        knots = [rng.random() for _ in range(math.ceil(waves) + 3)]
        for x in range(width):
            at = x / width * waves
            left = int(at)
            share = at - left
            share = share * share * (3 - 2 * share)
            value = knots[left] + (knots[left + 1] - knots[left]) * share
            heights[x] += weight * (1 - abs(2 * value - 1) if sharp else value)
        total += weight
        weight *= roughness
        waves *= 2.03
    low, high = min(heights), max(heights)
    return [(height - low) / (high - low) for height in heights]


def silhouette(size: Size, tops: Sequence[float]) -> Image.Image:
    """The mask of everything below a line of heights (pixels from the top), with a smooth edge."""
    width, height = size
    mask = Image.new("L", (width * 2, height * 2))
    points = [(2 * x, 2 * y) for x, y in enumerate(tops)]
    ImageDraw.Draw(mask).polygon(
        [(0, 2 * height), *points, (2 * width, points[-1][1]), (2 * width, 2 * height)], fill=255
    )
    return mask.reduce(2)


def ridge(
    picture: Image.Image, mask: Image.Image, top: float, body: Colour, foot: Colour, rim: Colour | None = None
) -> Image.Image:
    """Fill a silhouette from ``body`` at its top to ``foot`` at the bottom (haze), with light along the edge."""
    height = picture.height
    fill = gradient(picture.size, [(0.0, body), (max(0.01, top / height), body), (1.0, foot)])
    result = Image.composite(fill, picture, mask)
    if rim:
        edge = ImageChops.subtract(mask, ImageChops.offset(mask, 0, max(2, height // 360)))
        edge = ImageChops.multiply(blur(edge, 1.2), mask)
        result = shine(result, edge, rim, 0.3)
    return result


def mountains(
    picture: Image.Image,
    rng: random.Random,
    near: Colour,
    haze: Colour,
    *,
    horizon: float,
    layers: int = 5,
    rim: Colour | None = None,
    walker: float | None = None,
) -> Image.Image:
    """Ranges behind one another, each nearer one darker; fog lies between them; ``walker`` stands on the nearest."""
    width, height = picture.size
    aspect = width / height
    for layer in range(layers):
        depth = layer / (layers - 1)
        tall = height * (0.26 - 0.08 * depth) * min(1.0, aspect)
        foot = height * (horizon + (1.02 - horizon) * depth**1.3)
        line = profile(width, rng, 0.5, (2.2 + 1.6 * depth) * max(0.8, aspect / 1.4), sharp=layer < layers - 1)
        tops = [foot - tall * value for value in line]
        body = mix(haze, near, 0.25 + 0.75 * depth**0.8)
        picture = ridge(
            picture, silhouette(picture.size, tops), min(tops), body, mix(body, haze, 0.75 * (1 - depth)), rim
        )
        if layer < layers - 1:
            picture = fog(picture, rng, haze, foot + tall * 0.05, tall * 0.55, 0.45 * (1 - depth * 0.6))
        elif walker:
            # On the highest point nearby: from there one looks at what the picture shows.
            x = min(range(round(width * (walker - 0.12)), round(width * (walker + 0.12))), key=tops.__getitem__)
            picture = figure(picture, (x, tops[x] + 3), min(picture.size) * 0.075, near)
    return picture


def fog(
    picture: Image.Image, rng: random.Random, colour: Colour, level: float, thick: float, strength: float
) -> Image.Image:
    """A bank of fog around a level, torn by noise."""
    width, height = picture.size
    bank = Image.new("L", (1, height))
    for y in range(height):
        bank.putpixel((0, y), round(255 * math.exp(-(((y - level) / thick) ** 2) * 2)))
    torn = curve(noise(picture.size, (4, 14), rng, 4), 0.8)
    return shade(picture, ImageChops.multiply(bank.resize((width, height)), torn), colour, strength)


def dunes(
    picture: Image.Image,
    rng: random.Random,
    lit: Colour,
    dark: Colour,
    haze: Colour,
    *,
    horizon: float,
    walker: float,
) -> Image.Image:
    """Dunes: soft lines, the side towards the light bright, the other in shadow; someone walks on a crest."""
    width, height = picture.size
    layers = 6
    for layer in range(layers):
        depth = layer / (layers - 1)
        foot = height * (horizon + 0.02 + (0.96 - horizon) * depth**1.5)
        tall = height * (0.04 + 0.20 * depth)
        line = profile(width, rng, 0.16, 1.2 + 0.6 * (layers - layer), sharp=True)
        tops = [foot - tall * value for value in line]
        mask = silhouette(picture.size, tops)
        bright, low = mix(haze, lit, 0.3 + 0.7 * depth), mix(haze, dark, 0.25 + 0.5 * depth)
        picture = ridge(picture, mask, min(tops), bright, low, lit)
        shadow = ImageChops.multiply(_away_from_light(line, picture.size), mask)
        reach = round(tall * (0.9 + 0.8 * depth))
        below = blur(ImageChops.offset(mask, 0, reach), reach / 2)
        shadow = ImageChops.multiply(shadow, ImageChops.invert(below))
        picture = shade(picture, shadow, mix(haze, dark, 0.35 + 0.65 * depth), 0.85)
        if layer == layers - 2:
            x = round(width * walker)
            picture = figure(picture, (x, tops[x] + 3), min(picture.size) * 0.06, mix(dark, (0, 0, 0), 0.6))
    ripples = curve(noise(picture.size, (10, 160), rng, 2), 1.0)
    ground = blur(silhouette(picture.size, [height * (horizon + 0.15)] * width), 60)
    return shade(picture, ImageChops.multiply(ripples, ground), dark, 0.22)


def _away_from_light(line: Sequence[float], size: Size) -> Image.Image:
    """Columns where the ground rises to the right lie in the shadow of a light that stands right."""
    width = len(line)
    step = max(1, width // 60)
    row = Image.new("L", (width, 1))
    for x in range(width):
        slope = line[min(width - 1, x + step)] - line[max(0, x - step)]
        row.putpixel((x, 0), round(255 / (1 + math.exp(-slope * 60))))
    return row.filter(ImageFilter.GaussianBlur((width / 300, 0))).resize(size, Image.Resampling.BICUBIC)


def figure(picture: Image.Image, foot: tuple[float, float], tall: float, colour: Colour) -> Image.Image:
    """A standing person in a long coat, seen from behind; drawn large and blurred into soft outlines."""
    side = 800
    mask = Image.new("L", (side // 2, side))
    draw = ImageDraw.Draw(mask)
    x = side / 4
    draw.ellipse((x - 44, 8, x + 44, 118), fill=255)
    draw.rectangle((x - 20, 100, x + 20, 150), fill=255)
    draw.rounded_rectangle((x - 96, 138, x + 96, 330), 70, fill=255)
    draw.polygon([(x - 96, 200), (x + 96, 200), (x + 118, 560), (x - 118, 560)], fill=255)
    draw.polygon([(x - 84, 540), (x - 6, 540), (x - 16, side), (x - 76, side)], fill=255)
    draw.polygon([(x + 6, 540), (x + 84, 540), (x + 76, side), (x + 16, side)], fill=255)
    steep = [max(0, min(255, round((v - 118) * 14))) for v in range(256)]
    outline = blur(mask, 9).point(steep)
    small = outline.resize((max(2, round(tall / 2)), max(4, round(tall))), Image.Resampling.LANCZOS)
    result = picture.copy()
    result.paste(colour, (round(foot[0] - small.width / 2), round(foot[1] - small.height)), small)
    return result
