"""Twelve scenes. Each fits any format: positions are shares of width and height."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

from PIL import Image

from moviecrawler.sandbox.images.painting import city, land, sky, space, water
from moviecrawler.sandbox.images.painting.forest import forest
from moviecrawler.sandbox.images.painting.light import Size, gradient

Scene = Callable[[Size, random.Random], Image.Image]


def ranges_at_dawn(size: Size, rng: random.Random) -> Image.Image:
    width, height = size
    picture = gradient(
        size, [(0.0, (24, 52, 84)), (0.3, (86, 118, 138)), (0.5, (236, 170, 120)), (0.62, (255, 214, 160))]
    )
    picture = sky.clouds(picture, rng, (255, 190, 150), 0.55)
    picture = sky.sun(picture, (width * 0.66, height * 0.36), min(size) * 0.035, (255, 244, 214), (255, 168, 92))
    return land.mountains(
        picture, rng, (10, 22, 34), (222, 164, 132), horizon=0.58, layers=6, rim=(255, 190, 130), walker=0.72
    )


def night_in_the_mountains(size: Size, rng: random.Random) -> Image.Image:
    picture = gradient(size, [(0.0, (4, 8, 22)), (0.45, (14, 34, 66)), (0.7, (58, 92, 124))])
    picture = sky.milky_way(picture, rng, (170, 160, 220))
    picture = sky.stars(picture, rng, 0.6, 2600)
    return land.mountains(
        picture, rng, (3, 8, 16), (58, 92, 124), horizon=0.70, layers=5, rim=(120, 160, 200), walker=0.69
    )


def sea_at_sunset(size: Size, rng: random.Random) -> Image.Image:
    width, height = size
    horizon = 0.62
    picture = gradient(
        size, [(0.0, (38, 28, 74)), (0.28, (134, 58, 104)), (0.48, (240, 112, 84)), (horizon, (255, 206, 120))]
    )
    picture = sky.clouds(picture, rng, (255, 150, 120), 0.6, 0.7)
    x = width * 0.62
    picture = sky.sun(picture, (x, height * (horizon - 0.035)), min(size) * 0.055, (255, 240, 190), (255, 140, 70))
    picture = water.water(picture, rng, horizon, (30, 26, 60), calm=0.55)
    return water.glitter(picture, rng, horizon, x, (width * 0.05, width * 0.16), (255, 206, 140))


def moonlit_sea(size: Size, rng: random.Random) -> Image.Image:
    width, height = size
    horizon = 0.64
    picture = gradient(size, [(0.0, (3, 8, 20)), (0.4, (10, 36, 58)), (horizon, (44, 96, 112))])
    picture = sky.stars(picture, rng, 0.5, 500)
    picture = sky.clouds(picture, rng, (120, 170, 180), 0.62, 0.5)
    x = width * 0.68
    picture = sky.moon(picture, (x, height * 0.27), min(size) * 0.062, rng, (170, 214, 220))
    picture = water.water(picture, rng, horizon, (4, 18, 30), calm=0.4)
    return water.glitter(picture, rng, horizon, x, (width * 0.03, width * 0.13), (200, 236, 236))


def city_at_dusk(size: Size, rng: random.Random) -> Image.Image:

    horizon = 0.70
    picture = gradient(
        size, [(0.0, (16, 26, 60)), (0.35, (64, 62, 112)), (0.55, (196, 108, 116)), (horizon, (255, 184, 120))]
    )
    picture = sky.clouds(picture, rng, (255, 150, 130), 0.6, 0.5)
    picture = city.skyline(
        picture, rng, (12, 14, 30), (176, 104, 112), ((255, 208, 130), (255, 236, 190), (255, 170, 90)), horizon=horizon
    )
    return water.water(picture, rng, horizon, (18, 20, 44), calm=0.75)


def neon_rain(size: Size, rng: random.Random) -> Image.Image:
    horizon = 0.74
    picture = gradient(size, [(0.0, (6, 8, 24)), (0.45, (30, 20, 66)), (horizon, (120, 36, 110))])
    neon = ((60, 220, 255), (255, 70, 170), (255, 190, 90), (120, 110, 255))
    picture = city.skyline(picture, rng, (5, 6, 18), (84, 34, 96), neon, horizon=horizon)
    picture = water.water(picture, rng, horizon, (8, 8, 26), calm=0.65)
    picture = city.bokeh(picture, rng, neon, count=42, level=0.78, largest=0.055)
    return city.rain(picture, rng, (190, 210, 255))


def ringed_planet(size: Size, rng: random.Random) -> Image.Image:
    width, height = size
    picture = gradient(size, [(0.0, (5, 6, 16)), (1.0, (16, 14, 34))])
    picture = space.dust(picture, rng, ((70, 40, 110), (20, 70, 100)))
    picture = sky.stars(picture, rng, 1.0, 1600)
    centre, radius = (width * 0.66, height * 0.45), min(size) * 0.26
    colours = ((96, 58, 44), (206, 156, 108), (250, 226, 184))
    picture = space.planet(picture, rng, centre, radius, colours, (255, 206, 150), sun=(0.55, -0.5))
    return space.rings(picture, rng, centre, radius * 2.2, (236, 210, 176), tilt=17, planet_radius=radius)


def sunrise_from_orbit(size: Size, rng: random.Random) -> Image.Image:
    width, height = size
    picture = gradient(size, [(0.0, (2, 3, 10)), (1.0, (4, 12, 30))])
    picture = sky.stars(picture, rng, 0.9, 1100)
    radius = max(size) * 0.95
    centre = (width * 0.40, height * 0.60 + radius)
    colours = ((6, 20, 48), (20, 74, 120), (190, 214, 226))
    picture = space.planet(picture, rng, centre, radius, colours, (110, 190, 255), sun=(0.34, -0.98), banded=False)
    x = width * 0.70
    edge = centre[1] - math.sqrt(radius**2 - (x - centre[0]) ** 2)
    return space.flare(picture, (x, edge), min(size), (255, 236, 206))


def dunes_at_noon(size: Size, rng: random.Random) -> Image.Image:
    width, height = size
    picture = gradient(size, [(0.0, (34, 92, 116)), (0.35, (128, 176, 174)), (0.55, (250, 220, 172))])
    picture = sky.sun(picture, (width * 0.7, height * 0.30), min(size) * 0.04, (255, 250, 230), (255, 214, 150))
    return land.dunes(picture, rng, (238, 166, 92), (104, 46, 34), (246, 208, 160), horizon=0.52, walker=0.66)


def forest_in_fog(size: Size, rng: random.Random) -> Image.Image:
    width, height = size
    picture = gradient(size, [(0.0, (92, 124, 126)), (0.5, (176, 196, 186)), (1.0, (206, 214, 196))])
    picture = sky.sun(picture, (width * 0.64, height * 0.34), min(size) * 0.03, (255, 252, 232), (244, 240, 206))
    return forest(picture, rng, (8, 22, 24), (178, 198, 188), horizon=0.50)


def northern_lights(size: Size, rng: random.Random) -> Image.Image:
    horizon = 0.74
    picture = gradient(size, [(0.0, (4, 8, 26)), (horizon, (12, 46, 66))])
    picture = sky.stars(picture, rng, 0.65, 900)
    picture = sky.aurora(picture, rng, (70, 255, 170), (150, 70, 220), 0.50)
    picture = land.mountains(picture, rng, (3, 9, 16), (20, 66, 80), horizon=0.68, layers=3)
    return water.water(picture, rng, horizon, (4, 20, 30), calm=0.8)


def lights_of_the_street(size: Size, rng: random.Random) -> Image.Image:
    width, height = size
    picture = gradient(size, [(0.0, (10, 12, 24)), (0.5, (44, 30, 38)), (1.0, (12, 10, 16))])
    warm = ((255, 176, 84), (255, 120, 60), (255, 222, 160), (90, 190, 200), (230, 60, 60))
    picture = city.bokeh(picture, rng, warm, count=110, level=0.46, largest=0.09)
    picture = land.figure(picture, (width * 0.66, height * 1.02), height * 0.62, (5, 5, 9))
    return city.rain(picture, rng, (255, 214, 170), 260)


SCENES: tuple[Scene, ...] = (
    ranges_at_dawn,
    sea_at_sunset,
    city_at_dusk,
    ringed_planet,
    forest_in_fog,
    moonlit_sea,
    dunes_at_noon,
    northern_lights,
    neon_rain,
    night_in_the_mountains,
    sunrise_from_orbit,
    lights_of_the_street,
)
