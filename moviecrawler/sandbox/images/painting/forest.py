"""Conifers in fog."""

from __future__ import annotations

import random

from PIL import Image, ImageDraw

from moviecrawler.sandbox.images.painting.land import fog, profile, ridge
from moviecrawler.sandbox.images.painting.light import Colour, blur, mix


def forest(picture: Image.Image, rng: random.Random, near: Colour, haze: Colour, *, horizon: float) -> Image.Image:
    """Rows of conifers that come out of the fog."""
    width, height = picture.size
    layers = 6
    for layer in range(layers):
        depth = layer / (layers - 1)
        ground = profile(width, rng, 0.45, 1.5, sharp=False)
        foot = height * (horizon + (1.16 - horizon) * depth**1.2)
        tall = height * (0.08 + 0.52 * depth**1.7)
        mask = Image.new("L", (width * 2, height * 2))
        draw = ImageDraw.Draw(mask)
        x = -tall * 0.2
        while x < width + tall * 0.2:
            base = foot - height * 0.10 * ground[min(width - 1, max(0, round(x)))]
            _conifer(draw, rng, 2 * x, 2 * base, 2 * tall * rng.uniform(0.5, 1.15))
            x += tall * rng.uniform(0.05, 0.42)
        draw.rectangle((0, 2 * foot - height * 0.06, 2 * width, 4 * height), fill=255)
        body = mix(haze, near, 0.08 + 0.92 * depth**1.2)
        soft = blur(mask.reduce(2), 1.2 if layer < 2 else 0.4)
        picture = ridge(picture, soft, foot - tall, body, mix(body, haze, 0.85 * (1 - depth)))
        if layer < layers - 1:
            picture = fog(picture, rng, haze, foot - height * 0.02, height * 0.11, 0.9 * (1 - depth * 0.6))
    return picture


def _conifer(draw: ImageDraw.ImageDraw, rng: random.Random, x: float, foot: float, tall: float) -> None:
    """A fir with ragged branches."""
    branches = 20
    slim = rng.uniform(0.10, 0.17)
    left: list[tuple[float, float]] = []
    right: list[tuple[float, float]] = []
    for branch in range(branches):
        share = branch / branches
        y = foot - tall * (1 - share * 0.94)
        reach = tall * (0.006 + slim * share**0.85)
        droop = tall / branches * 1.3
        for side, points in ((-1, left), (1, right)):
            tip = reach * rng.uniform(0.55, 1.2)
            points += [(x + side * reach * 0.3, y), (x + side * tip, y + droop * rng.uniform(0.7, 1.2))]
    draw.polygon([(x, foot - tall * 1.05), *right, (x, foot), *reversed(left)], fill=255)
    draw.rectangle((x - tall * 0.01, foot - tall * 0.12, x + tall * 0.01, foot + tall * 0.3), fill=255)
