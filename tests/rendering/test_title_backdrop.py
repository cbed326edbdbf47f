"""The title backdrop, measured on its pixels: legible, within its margins, in every script."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageDraw, features

from moviecrawler.exceptions import PictureError
from moviecrawler.rendering import title_backdrop
from moviecrawler.rendering.fonts import Fonts
from moviecrawler.rendering.layout import Layout, lay_out
from moviecrawler.rendering.meta_row import GOLD
from moviecrawler.rendering.text_style import TextStyle
from moviecrawler.rendering.title_backdrop import Caption, TitleBackdrop, render_title_backdrop
from tests.rendering.conftest import Encode, needs_raqm, photo

WIDTH, HEIGHT = 1920, 1080
MARGIN = 96

LATIN = Caption("The Extraordinary Journey Beyond the Last Horizon", None, 8.4, 2024, 148, ("Science Fiction", "Drama"))
ARABIC = Caption(
    "رحلة إلى آخر الدنيا", "The Journey to the End of the World", 7.3, 2019, 107, ("Drama",), "ar",
    fallbacks=(("The Journey", "en"),),
)  # fmt: skip
HINDI = Caption("तीन इडियट्स", "3 Idiots", 8.0, 2009, 170, ("Comedy",), "hi", fallbacks=(("3 Idiots", "en"),))
CAPTIONS = {
    "latin": LATIN,
    "short": Caption("Up", None, 7.9, 2009, 96),
    "accents": Caption("Amélie, Łódź, Ḗtude, Đặng", "WALL·E 🎬", 8.0, 2001),
    "digits": Caption("1917", None, 8.0, 2019, 119, ("War",)),
    "simplified": Caption("卧虎藏龙", "臥虎藏龍", 7.9, 2000, 120, ("动作",), "zh-CN", subtitle_language="zh-TW"),
    "traditional": Caption("臥虎藏龍", "Crouching Tiger, Hidden Dragon", 7.9, 2000, 120, ("動作",), "zh-TW"),
    "japanese": Caption(
        "千と千尋の神隠し「ショー」、そして永遠の物語がはじまる", "Spirited Away", 8.5, 2001, 125, (), "ja"
    ),
    "korean": Caption("좋은 놈, 나쁜 놈, 이상한 놈", "The Good, the Bad, the Weird", 7.3, 2008, 130, ("액션",), "ko"),
    "hebrew": Caption("ואלס עם באשיר (2008) Waltz", "Waltz with Bashir", 7.9, 2008, 90, ("דרמה", "מלחמה"), "he"),
    "russian": Caption("Иди и смотри", "Come and See", 8.2, 1985, 142, ("Драма",), "ru"),
    "greek": Caption("Ο Θίασος", "The Travelling Players", 7.8, 1975, 230, (), "el"),
    "arabic": ARABIC,
    "long": Caption("Dr. Strangelove, " * 12, "How I Learned to Stop Worrying and Love the Bomb " * 3, 8.4, 1964, 95),
    "only a title": Caption("Metropolis"),
    "no title": Caption("", None, 8.4, 2024),
}
SHAPED = {"hindi": HINDI, "thai": Caption("พี่มาก..พระโขนง", "Pee Mak", 7.9, 2013, 115, (), "th")}


@dataclass
class Shown:
    """A title backdrop, and the picture before text was drawn on it."""

    rendered: TitleBackdrop
    before: Image.Image
    layout: Layout

    def ink(self, box: tuple[int, int, int, int] = (0, 0, WIDTH, HEIGHT)) -> tuple[int, int, int, int]:
        """Where drawing has made the picture lighter: the text and the pill, without the shadow."""
        lighter = ImageChops.subtract(self.rendered.image, self.before).convert("L").point(lambda v: 255 * (v > 40))
        clipped = Image.new("L", lighter.size)
        clipped.paste(lighter.crop(box), box)
        found = clipped.getbbox()
        assert found
        return found


Show = Callable[..., Shown]


@pytest.fixture
def show(fonts: Fonts, monkeypatch: pytest.MonkeyPatch) -> Show:
    def show(caption: Caption, source: Image.Image | None = None, fonts: Fonts = fonts) -> Shown:
        seen: list[tuple[Layout, Image.Image]] = []
        draw = title_backdrop._draw

        def watched(layout: Layout, picture: Image.Image) -> None:
            seen.append((layout, picture.copy()))
            draw(layout, picture)

        with monkeypatch.context() as patch:
            patch.setattr(title_backdrop, "_draw", watched)
            rendered = render_title_backdrop(source or Image.new("RGB", (WIDTH, HEIGHT), "white"), caption, fonts=fonts)
        layout, before = seen[0]
        return Shown(rendered, before, layout)

    return show


def brightest_hundredth(image: Image.Image) -> float:
    """The 99th percentile of the relative luminance (WCAG 2.2), pixel by pixel."""
    linear = [v / 255 / 12.92 if v <= 10 else ((v / 255 + 0.055) / 1.055) ** 2.4 for v in range(256)]
    sample = image.resize((image.width // 2, image.height // 2), Image.Resampling.NEAREST).tobytes()
    light = sorted(
        0.2126 * linear[r] + 0.7152 * linear[g] + 0.0722 * linear[b]
        for r, g, b in zip(sample[::3], sample[1::3], sample[2::3], strict=True)
    )
    return light[int(len(light) * 0.99)]


@pytest.mark.parametrize("name", [*CAPTIONS, *(pytest.param(name, marks=needs_raqm) for name in SHAPED)])
def test_the_text_is_legible_complete_and_within_the_margins(show: Show, name: str) -> None:
    shown = show({**CAPTIONS, **SHAPED}[name])
    assert shown.rendered.image.size == (WIDTH, HEIGHT)
    assert (shown.rendered.missing_glyphs, shown.rendered.used_fallback) == ("", False)
    left, top, right, bottom = shown.ink()
    assert (left >= MARGIN - 1, right <= WIDTH - MARGIN + 1) == (True, True)
    assert (top > HEIGHT * 0.25, bottom < HEIGHT * 0.95) == (True, True)
    assert right - left <= WIDTH * 0.55 + 1
    edge = WIDTH - right if shown.layout.rtl else left
    assert edge == pytest.approx(MARGIN, abs=1)
    behind = brightest_hundredth(shown.before.crop((left, top, right, bottom)))
    assert 1.05 / (behind + 0.05) >= 4.5


@pytest.mark.parametrize("source", [photo(1920, 1080), Image.new("RGB", (1920, 1080), "white")], ids=["photo", "white"])
def test_the_subtitle_has_a_contrast_of_four_and_a_half(show: Show, source: Image.Image) -> None:
    shown = show(CAPTIONS["traditional"], source)
    behind = brightest_hundredth(shown.before.crop(shown.ink()))
    grey = 0.88 + 0.12 * (1.055 * behind ** (1 / 2.4) - 0.055)
    assert (((grey + 0.055) / 1.055) ** 2.4 + 0.05) / (behind + 0.05) >= 4.5


@pytest.mark.parametrize(
    ("name", "lines"), [("short", 1), ("digits", 1), ("traditional", 1), ("latin", 2), ("korean", 2), ("long", 3)]
)
def test_the_title_takes_as_few_lines_as_possible(show: Show, name: str, lines: int) -> None:
    titles = [text for text in show(CAPTIONS[name]).layout.texts if text.style.weight == 800]
    assert len(titles) == lines
    assert 0.05 * HEIGHT <= titles[0].style.size <= 0.125 * HEIGHT


@needs_raqm
@pytest.mark.parametrize("caption", {**CAPTIONS, **SHAPED}.values(), ids={**CAPTIONS, **SHAPED})
def test_no_character_is_drawn_as_a_box(fonts: Fonts, caption: Caption) -> None:
    for character in set(f"{caption.title}{caption.subtitle or ''}{''.join(caption.genres)}") - set(" "):
        face = fonts.find(character, caption.language)
        assert face, f"U+{ord(character):04X}"
        font = fonts.open(face, 40, 500)
        assert bytes(font.getmask(character)) != bytes(font.getmask("\U0010ffff")), f"U+{ord(character):04X}"


def test_the_pill_is_at_the_start_of_the_row(show: Show) -> None:
    baseline = round(HEIGHT * 0.89)
    row = (0, baseline - 45, WIDTH, baseline + 25)
    latin = show(LATIN)
    left, top, _, bottom = latin.ink(row)
    assert left == MARGIN
    assert latin.rendered.image.getpixel((left + 6, (top + bottom) // 2)) == GOLD
    arabic = show(ARABIC)
    _, top, right, bottom = arabic.ink(row)
    assert right == WIDTH - MARGIN
    assert arabic.rendered.image.getpixel((right - 7, (top + bottom) // 2)) == GOLD
    assert arabic.ink()[0] > WIDTH * 0.3


def test_without_a_rating_there_is_no_pill(show: Show) -> None:
    colours = show(replace(LATIN, rating=None)).rendered.image.getcolors(1 << 24)
    assert colours
    assert GOLD not in {colour for _, colour in colours}


def test_the_row_has_up_to_two_genres_as_far_as_they_fit(show: Show) -> None:
    def parts(*genres: str) -> list[str]:
        row = show(replace(LATIN, genres=genres)).layout.row
        assert row
        return [part.text for part in row.parts]

    assert parts("War", "Drama", "Comedy") == ["2024", "2h 28m", "War", "Drama"]
    assert parts("A very long name of a genre " * 4, "Drama") == ["2024", "2h 28m"]
    assert parts("\U0010fffd", "Drama") == ["2024", "2h 28m", "Drama"]


def test_an_empty_caption_leaves_the_picture_unchanged(fonts: Fonts) -> None:
    source = photo(WIDTH, HEIGHT)
    assert render_title_backdrop(source, Caption(""), fonts=fonts).image.tobytes() == source.tobytes()


def test_equal_input_makes_equal_pixels_and_leaves_the_source_unchanged(fonts: Fonts) -> None:
    source = photo(WIDTH, HEIGHT)
    kept = source.tobytes()
    first = render_title_backdrop(source, LATIN, fonts=fonts).image
    assert first.tobytes() == render_title_backdrop(source, LATIN, fonts=fonts).image.tobytes()
    assert source.tobytes() == kept


@pytest.mark.parametrize("size", [(600, 900), (1920, 1080), (3000, 400), (64, 36), (33, 99)])
def test_a_picture_of_another_shape_is_cropped_not_distorted(fonts: Fonts, size: tuple[int, int]) -> None:
    source = Image.new("RGB", size, "black")
    radius = min(size) * 0.2
    centre = (size[0] / 2, size[1] * 0.45)
    ImageDraw.Draw(source).ellipse(
        (centre[0] - radius, centre[1] - radius, centre[0] + radius, centre[1] + radius), fill="white"
    )
    image = render_title_backdrop(source, Caption(""), fonts=fonts).image
    assert image.size == (WIDTH, HEIGHT)
    disc = image.convert("L").point(lambda value: 255 * (value > 127)).getbbox()
    assert disc
    assert disc[2] - disc[0] == pytest.approx(disc[3] - disc[1], rel=0.12)


def test_other_sizes_keep_the_proportions(fonts: Fonts) -> None:
    small, large = (lay_out(LATIN, fonts, size) for size in ((1280, 720), (WIDTH, HEIGHT)))
    assert small
    assert large
    assert [text.text for text in small.texts] == [text.text for text in large.texts]
    assert small.extent == pytest.approx([edge / 1.5 for edge in large.extent], abs=6)


def test_picture_bytes_are_decoded(fonts: Fonts, encode: Encode) -> None:
    body = encode(photo(3840, 2160).convert("L"))
    assert render_title_backdrop(body, LATIN, fonts=fonts).image.mode == "RGB"
    with pytest.raises(PictureError, match="HTML"):
        render_title_backdrop(b"<html>", LATIN, fonts=fonts)


def test_a_title_that_no_font_has_is_shown_in_another_script(caplog: pytest.LogCaptureFixture, show: Show) -> None:
    fonts = Fonts()
    lost = Caption("\U0010fffd\U0010fffc", fallbacks=(("The Lost", "en"),), subtitle="The Lost", rating=7.0)
    shown = [show(lost, fonts=fonts) for _ in range(2)]
    assert [text.text for text in shown[0].layout.texts] == ["The Lost"]
    assert (shown[0].rendered.missing_glyphs, shown[0].rendered.used_fallback) == ("\U0010fffd\U0010fffc", True)
    assert len(caplog.messages) == 1
    assert "OVERLAY_FONTS" in caplog.messages[0]


def test_a_title_that_cannot_be_drawn_takes_no_room_above_the_row(show: Show) -> None:
    lost = show(Caption("\U0010fffd \U0010fffc", None, 8.4, 2024), fonts=Fonts())
    assert (lost.layout.texts, lost.rendered.used_fallback) == ([], False)
    assert lost.layout.extent == show(Caption("", None, 8.4, 2024)).layout.extent


def test_a_missing_letter_selects_a_fallback_title_and_a_missing_symbol_does_not(
    show: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    fonts = Fonts()
    find = fonts.find
    monkeypatch.setattr(fonts, "find", lambda c, language: None if c in "🎬Б" else find(c, language))

    def titles(title: str) -> list[str]:
        return [text.text for text in show(Caption(title, fallbacks=(("Le Film", "fr"),)), fonts=fonts).layout.texts]

    assert titles("Cut 🎬") == ["Cut 🎬"]
    assert titles("Брат") == ["Le Film"]
    assert titles("🎬") == ["Le Film"]


def test_a_subtitle_that_replaces_the_title_is_shown_once(show: Show) -> None:
    shown = show(Caption("\U0010fffd", "Heat"), fonts=Fonts())
    assert [text.text for text in shown.layout.texts] == ["Heat"]
    assert shown.rendered.used_fallback


def test_mathematical_letters_are_drawn_as_plain_ones(show: Show) -> None:
    shown = show(Caption("𝕲𝖔𝖙𝖍𝖎𝖈", genres=("𝕎𝕒𝕣",)))
    assert [text.text for text in shown.layout.texts] == ["Gothic"]
    assert shown.layout.row
    assert [part.text for part in shown.layout.row.parts] == ["War"]
    assert (shown.rendered.missing_glyphs, shown.rendered.used_fallback) == ("", False)


def test_the_row_has_its_own_language(show: Show) -> None:
    row = show(Caption("臥虎藏龍", year=2000, runtime=120, genres=("動作",), language="zh-TW")).layout.row
    assert row
    assert [part.text for part in row.parts] == ["2000", "2小時", "動作"]
    row = show(Caption("臥虎藏龍", year=2000, runtime=120, language="zh-TW", row_language="de-DE")).layout.row
    assert row
    assert [part.text for part in row.parts] == ["2000", "2 Std."]


def test_units_that_cannot_be_drawn_are_replaced_by_si_symbols(show: Show) -> None:
    row = show(Caption("3 Idiots", runtime=170, row_language="hi"), fonts=Fonts(raqm=False)).layout.row
    assert row
    assert [part.text for part in row.parts] == ["2 h 50 min"]


def test_without_a_fallback_the_drawable_characters_are_drawn(show: Show) -> None:
    shown = show(Caption("A\U0010fffdB", "\U0010fffd"), fonts=Fonts())
    assert [text.text for text in shown.layout.texts] == ["A\U0010fffdB"]
    assert (shown.rendered.missing_glyphs, shown.rendered.used_fallback) == ("\U0010fffd", False)


@pytest.mark.parametrize("title", ["\U0010fffd", "\u200d", "臥" * 5000, "เ" * 500, "e\u0301\u0302" * 3000, "\ud83d"])
def test_every_title_can_be_drawn(fonts: Fonts, title: str) -> None:
    picture = Image.new("RGB", (320, 180))
    assert render_title_backdrop(picture, Caption(title, title), fonts=fonts, size=(320, 180)).image.size == (320, 180)


def test_without_raqm_a_title_that_needs_shaping_is_replaced(caplog: pytest.LogCaptureFixture, show: Show) -> None:
    fonts = Fonts(raqm=False)
    shown = [show(HINDI, fonts=fonts) for _ in range(2)]
    assert [text.text for text in shown[0].layout.texts] == ["3 Idiots"]
    assert shown[0].rendered.used_fallback
    assert len(caplog.messages) == 1
    assert "libfribidi" in caplog.messages[0]


def columns(image: Image.Image) -> list[int]:
    """How much ink each of 120 columns has (0-255), from the first to the last."""
    inked = image.crop(image.getbbox())
    return list(inked.resize((120, 1), Image.Resampling.BOX).tobytes())


def draw(fonts: Fonts, text: str) -> Image.Image:
    image = Image.new("L", (1400, 300))
    TextStyle(fonts, "ar", 100, 800, rtl=True).draw(ImageDraw.Draw(image), 50, 180, text, 255)
    return image


def distance(image: Image.Image, other: Image.Image) -> float:
    pairs = zip(columns(image), columns(other), strict=True)
    return sum(abs(a - b) for a, b in pairs) / 120


WITHOUT_FRIBIDI = """
import sys
from PIL import Image, ImageDraw, features
from moviecrawler.rendering.fonts import Fonts
from moviecrawler.rendering.text_style import TextStyle
from moviecrawler.rendering.title_backdrop import Caption, render_title_backdrop
assert not features.check("raqm"), "libfribidi was found after all"
fonts = Fonts()
image = Image.new("L", (1400, 300))
TextStyle(fonts, "ar", 100, 800, rtl=True).draw(ImageDraw.Draw(image), 50, 180, sys.argv[1], 255)
image.save(sys.argv[2])
hindi = Caption("तीन इडियट्स", language="hi", fallbacks=(("3 Idiots", "en"),))
print(render_title_backdrop(Image.new("RGB", (64, 36)), hindi, fonts=fonts).used_fallback)
"""


# LD_LIBRARY_PATH is what the loader of Linux goes by; nowhere else can a library be hidden from one process alone.
@needs_raqm
@pytest.mark.skipif(sys.platform != "linux", reason="hides a library from the loader of Linux")
def test_where_libfribidi_cannot_be_loaded_arabic_looks_the_same(fonts: Fonts, tmp_path: Path) -> None:
    for name in ("libfribidi.so", "libfribidi.so.0"):
        (tmp_path / name).touch()  # found first, but not a library
    picture = tmp_path / "arabic.png"
    text = "رحلة إلى آخر الدنيا"
    run = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", WITHOUT_FRIBIDI, text, str(picture)],
        env={"LD_LIBRARY_PATH": str(tmp_path), "PYTHONPATH": str(Path(title_backdrop.__file__).parents[2])},
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert run.stdout == "True\n", run.stderr
    assert "libfribidi is not installed" in run.stderr
    with Image.open(picture) as plain:
        shaped = draw(fonts, text)
        assert plain.getbbox()[2] - plain.getbbox()[0] == pytest.approx(
            shaped.getbbox()[2] - shaped.getbbox()[0], rel=0.03
        )
        assert distance(plain, shaped) < 12
        unjoined = draw(fonts, "\u200c".join(text))  # what it would be without joining
        assert distance(unjoined, shaped) > 30


def test_raqm_is_used_if_available() -> None:
    assert Fonts().shaping is bool(features.check("raqm"))
    assert not Fonts(raqm=False).shaping
