"""One download becomes the sizes that were asked for, in shape and never enlarged."""

from pathlib import Path
from unittest import mock

import pytest
from PIL import Image

from moviecrawler.exceptions import ConfigurationError, PictureError
from moviecrawler.rendering import artwork
from moviecrawler.rendering.artwork import make_sizes
from moviecrawler.rendering.encode import Quality
from moviecrawler.rendering.fit import fit, parse_sizes
from tests.rendering.conftest import Encode, photo


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
    assert fit(Image.new("RGB", source), size).size == result


def test_every_size_comes_from_one_decode(encode: Encode, tmp_path: Path) -> None:
    body = encode(photo(1000, 1500))
    with mock.patch.object(artwork, "decode", wraps=artwork.decode) as decode:
        saved = make_sizes(body, ["w185", "h600", "w342"], tmp_path / "movies", "poster", Quality(), root=tmp_path)
    assert decode.call_count == 1
    assert {size: (file.file, file.width, file.height) for size, file in saved.items()} == {
        "w185": ("movies/poster-w185.jpg", 185, 278),
        "h600": ("movies/poster-h600.jpg", 400, 600),
        "w342": ("movies/poster-w342.jpg", 342, 513),
    }
    assert len(list((tmp_path / "movies").iterdir())) == 3


def test_original_is_the_whole_picture(encode: Encode, tmp_path: Path) -> None:
    saved = make_sizes(encode(photo(1000, 1500)), ["w185", "original"], tmp_path, "poster", Quality())
    assert (saved["original"].file, saved["original"].width) == ("poster-original.jpg", 1000)


def test_a_bad_picture_writes_nothing(tmp_path: Path) -> None:
    with pytest.raises(PictureError):
        make_sizes(b"<html>", ["w500"], tmp_path / "movies", "poster", Quality())
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("value", ["", "500", "w0", "w", "w500;w780", "w500,,w780", "x500", "w500.5", "w1000000"])
def test_a_wrong_size_names_the_setting(value: str) -> None:
    with pytest.raises(ConfigurationError, match=r"IMAGES_POSTER_SIZES=.*w500"):
        parse_sizes("IMAGES_POSTER_SIZES", value)
