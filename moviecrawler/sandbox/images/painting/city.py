"""Cities: skylines with lit windows, lights out of focus, rain."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

from PIL import Image, ImageChops, ImageDraw

from moviecrawler.sandbox.images.painting.land import fog
from moviecrawler.sandbox.images.painting.light import Colour, blur, mix, shine


def skyline(
    picture: Image.Image, rng: random.Random, near: Colour, haze: Colour, windows: Sequence[Colour], *, horizon: float
) -> Image.Image:
    """Four rows of towers that stand on the horizon; the nearer, the darker and the more windows."""
    width, height = picture.size
    layers = 4
    unit = min(width, height) / 1080
    for layer in range(layers):
        depth = layer / (layers - 1)
        body = mix(haze, near, 0.3 + 0.7 * depth)
        draw = ImageDraw.Draw(picture)
        lights = Image.new("RGB", picture.size)
        light = ImageDraw.Draw(lights)
        x = -20.0
        while x < width:
            wide = unit * rng.uniform(34, 90) * (0.7 + 0.6 * depth)
            centre = 1 - abs((x + wide / 2) / width - 0.62) * 1.5
            tall = height * (0.06 + max(0.05, centre) * rng.uniform(0.10, 0.50) * (1 - 0.35 * depth))
            _tower(
                draw, light, rng, (x, height * horizon - tall, x + wide, height * horizon), body, windows, depth, unit
            )
            x += wide * rng.uniform(0.75, 1.25)
        picture = ImageChops.screen(picture, lights)
        picture = ImageChops.screen(picture, blur(lights, 5 * unit))
        if layer < layers - 1:
            picture = fog(picture, rng, haze, height * horizon, height * 0.16, 0.5 * (1 - depth))
    return picture


def _tower(
    draw: ImageDraw.ImageDraw,
    light: ImageDraw.ImageDraw,
    rng: random.Random,
    box: tuple[float, float, float, float],
    body: Colour,
    windows: Sequence[Colour],
    depth: float,
    unit: float,
) -> None:
    left, top, right, bottom = box
    draw.rectangle(box, fill=body)
    wide = right - left
    if rng.random() < 0.45:  # a narrower crown
        top -= wide * rng.uniform(0.2, 0.7)
        draw.rectangle((left + wide * 0.22, top, right - wide * 0.22, bottom), fill=body)
    if rng.random() < 0.25:
        draw.rectangle((left + wide / 2 - unit, top - wide * 0.8, left + wide / 2 + unit, top), fill=body)
        light.ellipse(
            (left + wide / 2 - 2, top - wide * 0.8 - 2, left + wide / 2 + 2, top - wide * 0.8 + 2), fill=(230, 40, 40)
        )
    step = unit * (5 + 5 * depth)
    lit = rng.uniform(0.08, 0.5)
    colour = rng.choice(windows)
    y = box[1] + step
    while y < bottom - step:
        floor = lit * rng.uniform(0.3, 1.7)
        x = left + step * 0.7
        while x < right - step:
            if rng.random() < floor:
                shade = mix((0, 0, 0), colour, (0.25 + 0.75 * depth) * rng.uniform(0.25, 1.0))
                light.rectangle((x, y, x + step * 0.5, y + step * 0.62), fill=shade)
            x += step
        y += step * 1.35


def bokeh(
    picture: Image.Image, rng: random.Random, colours: Sequence[Colour], *, count: int, level: float, largest: float
) -> Image.Image:
    """Lights out of focus around a level (a share of the height): rings that are brighter at the rim."""
    width, height = picture.size
    for row in range(3):
        layer = Image.new("RGB", (width * 2, height * 2))
        for _ in range(count // 3):
            radius = min(width, height) * largest * rng.uniform(0.25, 1.0) * (0.5 + 0.35 * row)
            x, y = rng.uniform(0, width), height * (level + rng.gauss(0, 0.11 + 0.05 * row))
            colour = mix((0, 0, 0), rng.choice(colours), rng.uniform(0.12, 0.55) * (1 - 0.2 * row))
            box = tuple(2 * v for v in (x - radius, y - radius, x + radius, y + radius))
            side = math.ceil(2 * radius) * 2 + 8
            ring = Image.new("RGB", (side, side))
            draw = ImageDraw.Draw(ring)
            draw.ellipse(
                (4, 4, side - 5, side - 5), fill=mix((0, 0, 0), colour, 0.72), outline=colour, width=max(2, side // 22)
            )
            corner = (round(box[0]) - 4, round(box[1]) - 4)
            region = layer.crop((*corner, corner[0] + side, corner[1] + side))
            layer.paste(ImageChops.screen(region, ring), corner)
        picture = ImageChops.screen(picture, blur(layer.reduce(2), 1.2 + 1.5 * row))
    return picture


def rain(picture: Image.Image, rng: random.Random, colour: Colour, count: int = 700) -> Image.Image:
    """Fine slanted streaks."""
    width, height = picture.size
    mask = Image.new("L", picture.size)
    draw = ImageDraw.Draw(mask)
    for _ in range(count):
        x, y, long = rng.uniform(0, width), rng.uniform(-50, height), rng.uniform(14, 60)
        draw.line((x, y, x - long * 0.16, y + long), fill=rng.randint(18, 90), width=1)
    return shine(picture, blur(mask, 0.6), colour, 0.6)
