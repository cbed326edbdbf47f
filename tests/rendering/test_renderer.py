"""One download gives all requested sizes, never distorted or enlarged, and the title backdrop."""

import hashlib
from pathlib import Path
from unittest import mock

import pytest
from PIL import Image

from moviecrawler.config import Config
from moviecrawler.exceptions import ConfigurationError, PictureError
from moviecrawler.items import Artwork
from moviecrawler.rendering import renderer as renderer_module
from moviecrawler.rendering.encode import Quality
from moviecrawler.rendering.fonts import Fonts
from moviecrawler.rendering.formats import formats_of
from moviecrawler.rendering.memory_budget import MemoryBudget
from moviecrawler.rendering.renderer import Renderer
from moviecrawler.rendering.sizes import resize
from tests.rendering.conftest import Encode, photo

HEAT = {"title": "Heat", "original_title": "Heat", "original_language": "en", "year": 1995, "genres": ["Crime"]}


@pytest.mark.parametrize(
    ("source", "size", "result"),
    [
        ((2000, 3000), "w500", (500, 750)),
        ((2000, 3000), "h632", (421, 632)),
        ((2000, 3000), "original", (2000, 3000)),
        ((400, 600), "w500", (400, 600)),
        ((500, 750), "w500", (500, 750)),
        ((3000, 2), "w300", (300, 1)),
        ((1, 5000), "h1", (1, 1)),
    ],
)
def test_a_size_keeps_the_aspect_and_never_enlarges(
    source: tuple[int, int], size: str, result: tuple[int, int]
) -> None:
    assert resize(Image.new("RGB", source), size).size == result


@pytest.fixture
def renderer(tmp_path: Path, fonts: Fonts) -> Renderer:
    return Renderer(tmp_path, {"poster": ("w185", "h600", "w342"), "backdrop": ("w300",)}, Quality("medium", 10), fonts)


def artwork(role: str, body: bytes, id: int = 949) -> Artwork:
    return Artwork(kind="movies", id=id, role=role, source_path="/heat.jpg", url="https://cdn/heat.jpg", body=body)


def test_every_size_comes_from_one_decode(renderer: Renderer, encode: Encode, tmp_path: Path) -> None:
    body = encode(photo(1000, 1500))
    with mock.patch.object(renderer_module, "decode_sanitised", wraps=renderer_module.decode_sanitised) as decode:
        made = renderer.make(artwork("poster", body), HEAT, [])
    assert decode.call_count == 1
    sha256 = hashlib.sha256(body).hexdigest()
    poster = made.parts["poster"]
    assert (poster["source_path"], poster["source_sha256"]) == ("/heat.jpg", sha256)
    assert {size: (file["file"], file["width"], file["height"]) for size, file in poster["files"].items()} == {
        "w185": (f"poster/{sha256[:2]}/{sha256}-w185.jpg", 185, 278),
        "h600": (f"poster/{sha256[:2]}/{sha256}-h600.jpg", 400, 600),
        "w342": (f"poster/{sha256[:2]}/{sha256}-w342.jpg", 342, 513),
    }
    assert poster["file"] == poster["files"]["w185"]["file"]
    for file in poster["files"].values():
        content = (tmp_path / file["file"]).read_bytes()
        assert (hashlib.sha256(content).hexdigest(), len(content)) == (file["sha256"], file["bytes"])


def test_two_films_with_the_same_picture_share_its_files(renderer: Renderer, encode: Encode, tmp_path: Path) -> None:
    body = encode(photo(400, 600))
    first = renderer.make(artwork("poster", body), HEAT, [])
    with mock.patch.object(renderer_module, "decode_sanitised") as decode:
        second = renderer.make(artwork("poster", body, id=950), HEAT, [])
    assert not decode.called
    assert (first.stat_keys, second.stat_keys) == ([], ["pictures/shared"])
    assert first.parts["poster"]["files"] == second.parts["poster"]["files"]


def test_a_backdrop_also_makes_a_title_backdrop(renderer: Renderer, encode: Encode, tmp_path: Path) -> None:
    with mock.patch.object(renderer_module, "decode_sanitised", wraps=renderer_module.decode_sanitised) as decode:
        made = renderer.make(artwork("backdrop", encode(photo(2000, 1125))), HEAT, ["Heat", 1995])
    assert decode.call_count == 1
    assert set(made.parts) == {"backdrop", "title_backdrop"}
    title = made.parts["title_backdrop"]
    assert title["file"] == "title_backdrop/movies/949.jpg"
    assert title["says"] == ["Heat", 1995]
    with Image.open(tmp_path / title["file"]) as picture:
        assert (picture.size, picture.info["progressive"]) == ((1920, 1080), 1)


def test_files_of_another_format_have_its_suffix(encode: Encode, tmp_path: Path, fonts: Fonts) -> None:
    sizes = {"backdrop": ("w300", "w92")}
    renderer = Renderer(tmp_path, sizes, Quality("medium", 10), fonts, formats=formats_of("webp"))
    made = renderer.make(artwork("backdrop", encode(photo(800, 450))), HEAT, [])
    files = [file["file"] for part in made.parts.values() for file in part["files"].values()]
    assert [file.rpartition(".")[2] for file in files] == ["webp"] * 3
    assert made.parts["title_backdrop"]["file"] == "title_backdrop/movies/949.webp"
    for file in files:
        with Image.open(tmp_path / file) as picture:
            assert picture.format == "WEBP"


def test_auto_leaves_out_a_format_for_which_there_is_no_memory(encode: Encode, tmp_path: Path, fonts: Fonts) -> None:
    body, sizes = encode(Image.new("RGB", (2000, 3000))), {"poster": ("original",)}
    auto = formats_of("auto")
    enough = Renderer(tmp_path / "a", sizes, Quality("medium", 10), fonts, MemoryBudget(300e6), formats=auto).make(
        artwork("poster", body), HEAT, []
    )
    scarce = Renderer(tmp_path / "b", sizes, Quality("medium", 10), fonts, MemoryBudget(100e6), formats=auto).make(
        artwork("poster", body), HEAT, []
    )
    assert enough.parts["poster"]["file"].endswith(".avif")
    assert scarce.parts["poster"]["file"].endswith(".webp")
    with pytest.raises(PictureError, match="to decode and save, over IMAGES_MAX_MEMORY_MB=100"):
        Renderer(
            tmp_path / "c", sizes, Quality("medium", 10), fonts, MemoryBudget(100e6), formats=formats_of("avif")
        ).make(artwork("poster", body), HEAT, [])


def test_original_keeps_the_full_size(encode: Encode, tmp_path: Path, fonts: Fonts) -> None:
    renderer = Renderer(tmp_path, {"poster": ("w185", "original")}, Quality("medium", 10), fonts)
    made = renderer.make(artwork("poster", encode(photo(1000, 1500))), HEAT, [])
    assert made.parts["poster"]["files"]["original"]["width"] == 1000


def test_a_bad_picture_writes_nothing(renderer: Renderer, tmp_path: Path) -> None:
    with pytest.raises(PictureError):
        renderer.make(artwork("poster", b"<html>"), HEAT, [])
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("value", ["", "500", "w0", "w", "w500;w780", "w500,,w780", "x500", "w500.5", "w1000000"])
def test_a_wrong_size_names_the_setting(value: str) -> None:
    with pytest.raises(ConfigurationError, match=r"IMAGES_POSTER_SIZES=.*w500"):
        Config.from_settings({"IMAGES_POSTER_SIZES": value})
