"""Pictures drawn by code: gradients, lights, ridges, skylines, sea, planets, bokeh and grain. Pillow only."""

from __future__ import annotations

import random
from importlib.resources import files

from PIL import Image, ImageDraw

from moviecrawler.sandbox.images.painting import light
from moviecrawler.sandbox.images.painting.scenes import SCENES

POOL = len(SCENES)

SHAPES = {"backdrop": (1920, 1080), "poster": (1000, 1500)}
_POOL_FOLDER = files("moviecrawler.sandbox").joinpath("pool")


def load_drawing(shape: str, number: int) -> Image.Image:
    """Drawing ``number`` of the pool, from the files that ``python -m moviecrawler.sandbox.images.painting`` has made.

    Drawing the whole pool takes ten seconds of CPU, which would delay the first pictures of a crawl.
    """
    if shape == "logo":
        return draw(shape, number)
    with _POOL_FOLDER.joinpath(f"{shape}-{number:02}.jpg").open("rb") as file:
        picture = Image.open(file)
        picture.load()
        return picture


def draw(shape: str, number: int) -> Image.Image:
    """Draw number ``number`` of the pool as a backdrop, poster or logo; reproducible, takes about a second."""
    rng = random.Random(f"{shape} {number}")
    if shape == "logo":
        return _logo(rng)
    return light.vignette(light.bloom(SCENES[number](SHAPES[shape], rng)))


def with_grain(picture: Image.Image, seed: int) -> Image.Image:
    """The picture with film grain; to be added after scaling, which would blur it."""
    return light.grain(picture, seed, 5.0 if picture.width >= 700 else 2.5)


def _logo(rng: random.Random) -> Image.Image:
    """An emblem on a transparent ground."""
    logo = Image.new("RGBA", (2000, 800))
    pen = ImageDraw.Draw(logo)
    colour = (rng.randint(150, 255), rng.randint(150, 255), rng.randint(150, 255), 255)
    pen.ellipse((60, 100, 660, 700), outline=colour, width=44)
    pen.regular_polygon((360, 400, 190), rng.randint(3, 7), fill=colour)
    for row in range(3):
        pen.rounded_rectangle((780, 160 + 180 * row, rng.randint(1300, 1940), 280 + 180 * row), 60, fill=colour)
    return logo.reduce(2)
