"""Pictures: TMDB's sizes, the same on both CDNs, different bytes for each path except for shared pairs."""

from __future__ import annotations

import io

import pytest
from PIL import Image, ImageChops, ImageStat

from moviecrawler.sandbox.images.painting import POOL, SHAPES, draw, load_drawing
from tests.support.sandbox import Sandbox
from tests.support.sandbox_client import fetch


def path_of(sandbox: Sandbox, identity: int, shape: str) -> str:
    return fetch(f"{sandbox.api}/movie/{identity}").json[f"{shape}_path"]


@pytest.mark.parametrize(
    ("shape", "size", "pixels"),
    [
        ("poster", "w92", (92, 138)),
        ("poster", "w500", (500, 750)),
        ("poster", "w780", (780, 1170)),
        ("poster", "original", (2000, 3000)),
        ("backdrop", "w300", (300, 169)),
        ("backdrop", "w1280", (1280, 720)),
        ("backdrop", "original", (3840, 2160)),
    ],
)
def test_sizes(sandbox: Sandbox, shape: str, size: str, pixels: tuple[int, int]):
    path = path_of(sandbox, 603, shape)
    first, second = (fetch(f"{cdn}/{size}{path}", {}) for cdn in sandbox.cdns)
    assert first.body == second.body
    assert first.headers.get_content_type() == "image/jpeg"
    with Image.open(io.BytesIO(first.body)) as picture:
        picture.load()
        assert (picture.format, picture.mode, picture.size) == ("JPEG", "RGB", pixels)
        shades = picture.convert("L").resize((64, 64)).getextrema()
    assert shades[1] - shades[0] > 60  # it shows something


@pytest.mark.parametrize(
    ("shape", "size"), [("poster", "w1280"), ("poster", "w501"), ("backdrop", "w500"), ("poster", "")]
)
def test_a_size_that_tmdb_does_not_have_is_404(sandbox: Sandbox, shape: str, size: str):
    assert fetch(f"{sandbox.cdns[0]}/{size}{path_of(sandbox, 603, shape)}").status == 404


def test_an_unknown_picture_path_is_404(sandbox: Sandbox):
    assert fetch(f"{sandbox.cdns[0]}/w92/abcdefghijklmnopqrstuvwxyz1.jpg").status == 404


def test_pictures_differ_except_for_shared_pairs(sandbox: Sandbox):
    ids = [120, 121, 122, 672, 673, *range(5_000_019, 5_000_023)]
    bodies = {identity: fetch(f"{sandbox.cdns[0]}/w92{path_of(sandbox, identity, 'poster')}").body for identity in ids}
    assert bodies[120] == bodies[121]
    assert bodies[672] == bodies[673]
    assert bodies[5_000_020] == bodies[5_000_021]
    assert len(set(bodies.values())) == len(ids) - 3
    assert path_of(sandbox, 120, "poster") != path_of(sandbox, 121, "poster")


def test_a_logo_is_a_transparent_png(sandbox: Sandbox):
    logo = fetch(f"{sandbox.api}/movie/603/images").json["logos"][0]
    with Image.open(io.BytesIO(fetch(f"{sandbox.cdns[0]}/w300{logo['file_path']}").body)) as picture:
        picture.load()
        assert (picture.format, picture.mode, picture.size) == ("PNG", "RGBA", (300, 120))


def test_an_svg_logo_is_there_as_svg_and_as_png(sandbox: Sandbox):
    path = fetch(f"{sandbox.api}/movie/5000068/images").json["logos"][0]["file_path"]
    original = fetch(f"{sandbox.cdns[0]}/original{path}")
    assert (original.status, original.headers.get_content_type()) == (200, "image/svg+xml")
    assert original.body.startswith(b"<svg ")
    assert fetch(f"{sandbox.cdns[0]}/w500{path}").status == 404
    assert fetch(f"{sandbox.cdns[0]}/w500{path.replace('.svg', '.png')}").headers.get_content_type() == "image/png"


@pytest.mark.parametrize(("size", "pixels"), [("w45", (45, 68)), ("w185", (185, 278)), ("h632", (421, 632))])
def test_a_profile_has_its_own_sizes(sandbox: Sandbox, size: str, pixels: tuple[int, int]):
    cast = fetch(f"{sandbox.api}/movie/603/credits").json["cast"]
    path = next(person["profile_path"] for person in cast if person["profile_path"])
    with Image.open(io.BytesIO(fetch(f"{sandbox.cdns[1]}/{size}{path}").body)) as picture:
        assert (picture.format, picture.size) == ("JPEG", pixels)
    assert fetch(f"{sandbox.cdns[1]}/w500{path}").status == 404


def test_every_kind_of_picture_is_served_in_its_own_sizes(sandbox: Sandbox):
    parts = "append_to_response=aggregate_credits,images,watch/providers"
    show = fetch(f"{sandbox.api}/tv/5000002?{parts}").json
    film = fetch(f"{sandbox.api}/movie/5000007?append_to_response=images").json
    providers = [row for offers in show["watch/providers"]["results"].values() for row in offers.get("rent", [])]
    rows = {
        "w45": [(row, "logo_path") for row in (*show["networks"], *show["production_companies"], *providers)],
        "w92": [(row, "file_path") for row in film["images"]["posters"]]
        + [(row, "poster_path") for row in (*show["seasons"], film["belongs_to_collection"])]
        + [(show["last_episode_to_air"], "still_path")],
        "w300": [(row, "file_path") for row in film["images"]["backdrops"]],
        "h632": [(row, "profile_path") for row in (*show["created_by"], *show["aggregate_credits"]["crew"])],
    }
    for size, found in rows.items():
        paths = {path for row, name in found if (path := row[name])}
        assert paths, size
        for path in paths:
            assert fetch(f"{sandbox.cdns[0]}/{size}{path}").status == 200, (size, path)


@pytest.mark.parametrize("shape", SHAPES)
def test_the_drawings_in_the_package_are_those_of_the_code(shape: str) -> None:
    for number in range(POOL):
        assert load_drawing(shape, number).size == SHAPES[shape]
    packaged, fresh = (picture.convert("RGB").resize((60, 60)) for picture in (load_drawing(shape, 3), draw(shape, 3)))
    assert max(ImageStat.Stat(ImageChops.difference(packaged, fresh)).mean) < 3
