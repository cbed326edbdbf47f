"""Pictures drawn by code: gradients, lights, ridges, skylines, sea, planets, bokeh and grain. Pillow only."""

from __future__ import annotations

import random
from collections.abc import Callable
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
    if shape in _SIMPLE:
        return draw(shape, number)
    shape = "backdrop" if shape == "still" else shape
    with _POOL_FOLDER.joinpath(f"{shape}-{number:02}.jpg").open("rb") as file:
        picture = Image.open(file)
        picture.load()
        return picture


def draw(shape: str, number: int) -> Image.Image:
    """Draw number ``number`` of the pool in one of the shapes; reproducible, a scene takes about a second."""
    rng = random.Random(f"{shape} {number}")
    if shape in _SIMPLE:
        return _SIMPLE[shape](rng)
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


def _icon(rng: random.Random) -> Image.Image:
    """A square sign."""
    icon = Image.new("RGB", (1000, 1000), (rng.randint(0, 90), rng.randint(0, 90), rng.randint(0, 90)))
    pen = ImageDraw.Draw(icon)
    colour = (rng.randint(150, 255), rng.randint(150, 255), rng.randint(150, 255))
    pen.regular_polygon((500, 500, 340), rng.randint(3, 8), rotation=rng.randint(0, 90), outline=colour, width=70)
    pen.ellipse((400, 400, 600, 600), fill=colour)
    return icon


def _profile(rng: random.Random) -> Image.Image:
    """Head and shoulders before a wall."""
    tones = ((70, 200), (120, 240), (10, 90))
    wall, skin, coat = ((rng.randint(*tone), rng.randint(*tone), rng.randint(*tone)) for tone in tones)
    picture = light.gradient((1000, 1500), [(0.0, wall), (1.0, light.mix(wall, (0, 0, 0), 0.7))])
    pen = ImageDraw.Draw(picture)
    pen.ellipse((120, 980, 880, 1900), fill=coat)
    pen.rounded_rectangle((410, 820, 590, 1080), 60, fill=light.mix(skin, (0, 0, 0), 0.25))
    pen.ellipse((270, 270, 730, 920), fill=coat)
    pen.ellipse((310, 360, 690, 900), fill=skin)
    return light.blur(picture, 3.0)


_SIMPLE: dict[str, Callable[[random.Random], Image.Image]] = {"logo": _logo, "icon": _icon, "profile": _profile}


def svg_logo(number: int) -> bytes:
    """An emblem as SVG, a few lines of text."""
    colour = f"#{number * 2_654_435_761 % 0x1000000:06x}"
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1000 400" width="1000" height="400">'
        f'<circle cx="180" cy="200" r="140" fill="none" stroke="{colour}" stroke-width="22"/>'
        f'<rect x="390" y="150" width="560" height="100" rx="30" fill="{colour}"/></svg>\n'
    ).encode()
