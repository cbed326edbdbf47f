"""A logo on a title backdrop where it can be read, else the title in letters; logos and portraits as files."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageDraw

from moviecrawler.exceptions import PictureError
from moviecrawler.items import Artwork
from moviecrawler.rendering import encode as encode_module
from moviecrawler.rendering.encode import Quality
from moviecrawler.rendering.fonts import Fonts
from moviecrawler.rendering.formats import formats_of
from moviecrawler.rendering.logo import is_legible, read_logo
from moviecrawler.rendering.memory_budget import MemoryBudget
from moviecrawler.rendering.meta_row import GOLD, WHITE
from moviecrawler.rendering.renderer import Renderer
from moviecrawler.rendering.title_backdrop import Caption, build_caption, render_title_backdrop
from tests.rendering.conftest import Encode, photo

SIZE = (1920, 1080)
GREEN, NAVY = (60, 230, 90, 255), (8, 10, 40, 255)


def letters(width: int, height: int, colour: tuple[int, int, int, int] = GREEN) -> Image.Image:
    """Bars and gaps, like letters, with an empty margin around them."""
    logo = Image.new("RGBA", (width + 40, height + 40))
    draw = ImageDraw.Draw(logo)
    for left in range(20, width + 20, 40):
        draw.rectangle((left, 20, min(left + 24, width + 19), height + 19), fill=colour)
    return logo


def png(image: Image.Image) -> bytes:
    buffer = BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("visible", "shown"),
    [
        ((1600, 400), (644, 161)),
        ((800, 1000), (216, 270)),  # no higher than a quarter of the picture
        ((2400, 320), (806, 107)),  # no wider than 42 % of it
        ((240, 80), (224, 80)),  # never enlarged; the last bar ends there
    ],
)
def test_a_logo_is_cropped_to_what_is_visible_and_scaled_to_an_even_size(
    visible: tuple[int, int], shown: tuple[int, int]
) -> None:
    logo = read_logo(png(letters(*visible)), SIZE)
    assert logo.mode == "RGBA"
    assert all(abs(side - wanted) <= wanted * 0.04 for side, wanted in zip(logo.size, shown, strict=True)), logo.size


UNUSABLE: dict[str, tuple[Callable[[], bytes], str]] = {
    "all transparent": (lambda: png(Image.new("RGBA", (500, 200))), "all transparent"),
    "hardly visible": (lambda: png(Image.new("RGBA", (500, 200), (255, 255, 255, 60))), "all transparent"),
    "specks": (lambda: png(specks()), "nearly all transparent"),
    "no transparency": (lambda: png(Image.new("RGB", (500, 200), "white")), "it is a box"),
    "absurdly wide": (lambda: png(letters(3000, 100)), "too wide"),
    "a pole": (lambda: png(letters(100, 900)), "too high"),
    "tiny": (lambda: png(letters(120, 40)), "too small"),
    "HTML": (lambda: b"<html>", "HTML"),
    "truncated": (lambda: png(letters(600, 200))[:-60], "png"),
}


def specks() -> Image.Image:
    logo = Image.new("RGBA", (1000, 400))
    for at in ((0, 0), (999, 399), (500, 200)):
        logo.putpixel(at, (255, 255, 255, 255))
    return logo


@pytest.mark.parametrize("case", UNUSABLE)
def test_a_logo_that_cannot_be_used_says_why(case: str) -> None:
    make, said = UNUSABLE[case]
    with pytest.raises(PictureError, match=said):
        read_logo(make(), SIZE)


def test_a_logo_with_a_palette_or_in_grey_keeps_its_transparency() -> None:
    for mode in ("P", "LA"):
        logo = read_logo(png(letters(800, 200).convert(mode)), SIZE)
        assert 0.3 < sum(logo.getchannel("A").histogram()[200:]) / (logo.width * logo.height) < 0.8


def test_decoding_a_logo_keeps_to_the_memory_that_there_is() -> None:
    with pytest.raises(PictureError, match="IMAGES_MAX_MEMORY_MB"):
        read_logo(png(letters(2000, 1000)), SIZE, MemoryBudget(4e6))


@pytest.mark.parametrize(
    ("ink", "ground", "legible"),
    [
        ("white", (20, 22, 30), True),
        ("#e02020", (14, 15, 20), True),
        ("black", (14, 15, 20), False),
        ("navy", (14, 15, 20), False),
        ("#503010", (14, 15, 20), False),
        ("white", (200, 200, 200), False),
        ("black", (200, 200, 200), True),
    ],
)
def test_a_logo_must_stand_out_from_what_is_behind_it(ink: str, ground: tuple[int, int, int], legible: bool) -> None:
    assert is_legible(Image.new("RGBA", (300, 100), ink), Image.new("RGB", (300, 100), ground)) is legible


def test_a_light_logo_with_a_dark_outline_can_be_read() -> None:
    logo = Image.new("RGBA", (400, 100), "white")
    logo.paste((0, 0, 0, 255), (0, 0, 120, 100))
    ground = Image.new("RGB", (400, 100), (14, 15, 20))
    assert is_legible(logo, ground)
    logo.paste((0, 0, 0, 255), (0, 0, 300, 100))
    assert not is_legible(logo, ground), "most of it would be lost"


HEAT = Caption("Heat", "Hitze", 8.2, 1995, 170, ("Crime",))


def test_the_logo_stands_in_for_the_title_above_the_second_line(fonts: Fonts) -> None:
    logo = read_logo(png(letters(900, 250)), SIZE)
    grey = Image.new("RGB", SIZE, (90, 90, 90))
    drawn = render_title_backdrop(grey, HEAT, fonts=fonts, logo=logo)
    assert drawn.shows_logo
    green = drawn.image.getchannel("G").point(lambda value: 255 * (value > 200))
    red = drawn.image.getchannel("R").point(lambda value: 255 * (value < 90))
    box = ImageChops.multiply(green, red).getbbox()
    assert box
    assert abs(box[0] - 96) <= 2, "at the margin, as all else"
    assert (box[2] - box[0], box[3] - box[1]) == pytest.approx(logo.size, abs=4)
    assert box[3] < 1080 * 0.86, "above second line and row"
    assert not render_title_backdrop(grey, HEAT, fonts=fonts).shows_logo


def test_a_right_to_left_title_has_its_logo_on_the_right(fonts: Fonts) -> None:
    logo = read_logo(png(letters(900, 250)), SIZE)
    drawn = render_title_backdrop(photo(*SIZE), Caption("חום", None, 8.2, language="he"), fonts=fonts, logo=logo)
    left, right = (drawn.image.crop(box).getcolors(2**24) for box in ((0, 0, 960, 1080), (960, 0, 1920, 1080)))
    assert left
    assert right
    assert any(colour == GREEN[:3] for _, colour in right)
    assert not any(colour == GREEN[:3] for _, colour in left)


def test_a_dark_logo_leaves_the_title_in_letters(fonts: Fonts) -> None:
    logo = read_logo(png(letters(900, 250, NAVY)), SIZE)
    drawn = render_title_backdrop(photo(*SIZE), HEAT, fonts=fonts, logo=logo)
    assert not drawn.shows_logo
    assert drawn.image.tobytes() == render_title_backdrop(photo(*SIZE), HEAT, fonts=fonts).image.tobytes()


# --- Ratings --------------------------------------------------------------------------------------------------------

RATED = {
    "title": "Heat",
    "ratings": {"tmdb": {"score": 7.9}, "imdb": {"score": 8.3}, "rotten_tomatoes": {"score": 84.0}, "metacritic": None},
}


@pytest.mark.parametrize(
    ("houses", "tmdb", "others"),
    [
        (("tmdb",), 7.9, ()),
        ((), None, ()),
        (("imdb",), None, (("imdb", 8.3),)),
        (("rotten_tomatoes", "tmdb", "imdb"), 7.9, (("rotten_tomatoes", 84.0), ("imdb", 8.3))),
        (("metacritic",), None, ()),
    ],
)
def test_ratings_of_the_houses_that_are_asked_for_as_far_as_known(
    houses: tuple[str, ...], tmdb: float | None, others: tuple[tuple[str, float], ...]
) -> None:
    caption = build_caption(RATED, ratings=houses)  # type: ignore[arg-type]
    assert (caption.rating, caption.other_ratings) == (tmdb, others)


def test_each_rating_has_a_pill_of_its_own(fonts: Fonts) -> None:
    houses = ("tmdb", "imdb", "rotten_tomatoes")
    image = render_title_backdrop(
        Image.new("RGB", SIZE, (30, 30, 30)),
        build_caption(RATED, ratings=houses),  # type: ignore[arg-type]
        fonts=fonts,
    ).image
    row = image.crop((96, 930, 1100, 980))
    pills = []
    for colour in (GOLD, WHITE):
        same = Image.new("L", row.size, 255)
        for channel, value in zip(row.split(), colour, strict=True):
            same = ImageChops.darker(same, channel.point(lambda level, value=value: 255 * (abs(level - value) < 4)))
        columns = [same.crop((x, 0, x + 1, same.height)).getbbox() is not None for x in range(same.width)]
        pills.append(sum(now and not before for before, now in zip([False, *columns], columns, strict=False)))
    assert pills == [1, 2]


# --- Files ----------------------------------------------------------------------------------------------------------


def renderer(folder: Path, fonts: Fonts, format: str = "jpeg") -> Renderer:
    sizes = {"backdrop": ("w300",), "logo": ("w185", "w92"), "profile": ("w45", "h100")}
    return Renderer(folder, sizes, Quality("medium", 10), fonts, formats=formats_of(format))


def artwork(role: str, body: bytes, path: str = "/logo.png", **more: object) -> Artwork:
    return Artwork(kind="movies", id=949, role=role, source_path=path, url="https://cdn/x", body=body, **more)


@pytest.mark.parametrize("format", ["jpeg", "webp"])
def test_a_logo_is_a_png_with_its_transparency(format: str, tmp_path: Path, fonts: Fonts) -> None:
    made = renderer(tmp_path, fonts, format).make(artwork("logo", png(letters(400, 100))), {}, [])
    part = made.parts["logo"]
    assert [(size, file["width"]) for size, file in part["files"].items()] == [("w185", 185), ("w92", 92)]
    for file in part["files"].values():
        assert file["file"].startswith("logo/")
        with Image.open(tmp_path / file["file"]) as picture:
            assert (picture.format, picture.mode) == ("PNG", "RGBA")
            assert picture.getpixel((0, 0))[3] == 0  # type: ignore[index]


def test_a_portrait_is_named_by_its_path_and_in_no_document(tmp_path: Path, fonts: Fonts, encode: Encode) -> None:
    one = renderer(tmp_path, fonts)
    body = encode(photo(300, 450))
    for path in ("/alPacino.jpg", "/same.jpg"):
        assert one.make(artwork("profile", body, path), {}, []).parts == {}
    files = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.jpg"))
    assert files == [
        *("profile/al/alPacino-h100.jpg", "profile/al/alPacino-w45.jpg"),
        *("profile/sa/same-h100.jpg", "profile/sa/same-w45.jpg"),
    ]
    with Image.open(tmp_path / files[0]) as picture:
        assert picture.size in ((66, 100), (67, 100))


@pytest.mark.parametrize(
    ("logo", "stats"),
    [
        (b"", []),
        (png(letters(900, 250)), ["pictures/logo_shown"]),
        (png(letters(900, 250, NAVY)), ["pictures/logo_refused"]),
        (png(Image.new("RGBA", (500, 200))), ["pictures/logo_refused"]),
        (b"<svg/>", ["pictures/logo_refused"]),
    ],
)
def test_a_bad_logo_costs_no_title_backdrop(
    logo: bytes, stats: list[str], tmp_path: Path, fonts: Fonts, encode: Encode
) -> None:
    heat = {"title": "Heat", "original_title": "Heat", "original_language": "en"}
    made = renderer(tmp_path, fonts).make(artwork("backdrop", encode(photo(1920, 1080)), logo=logo), heat, [])  # type: ignore[arg-type]
    assert (set(made.parts), made.stat_keys) == ({"backdrop", "title_backdrop"}, stats)


def test_a_png_that_was_not_written_to_its_end_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a full disk Pillow may take a partial write for success."""
    save = Image.Image.save

    def half(image: Image.Image, path: Path, *args: object, **options: object) -> None:
        save(image, path, *args, **options)  # type: ignore[arg-type]
        path.write_bytes(path.read_bytes()[:-6])

    monkeypatch.setattr(Image.Image, "save", half)
    with pytest.raises(OSError, match="No space left"):
        encode_module.save(letters(100, 50), tmp_path / "logo", Quality("medium", 10), (encode_module.PNG,))
    assert not list(tmp_path.iterdir())
