"""The font of a character: the user's first, then Noto's by script, the CJK face by language."""

import shutil
import struct
import subprocess
import sys
import zipfile
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from moviecrawler.exceptions import ConfigurationError
from moviecrawler.rendering import fonts as module
from moviecrawler.rendering.cmap import read_coverage
from moviecrawler.rendering.fonts import Fonts
from moviecrawler.rendering.text_style import TextStyle

PACKAGED = sorted(str(file) for file in files("manimgx_fonts").iterdir() if file.name.endswith(".ttf"))


def name(fonts: Fonts, character: str, language: str = "en") -> str:
    return str(fonts.find(character, language))


@pytest.mark.parametrize(
    ("character", "language", "face"),
    [
        ("A", "zh-CN", "Face(NotoSans[wght].ttf, 0)"),
        ("ł", "zh-CN", "Face(NotoSans[wght].ttf, 0)"),
        ("Ж", "ru", "Face(NotoSans[wght].ttf, 0)"),
        ("ر", "ar", "Face(NotoSansArabic[wght].ttf, 0)"),
        ("א", "he", "Face(NotoSansHebrew[wght].ttf, 0)"),
        ("ตี"[0], "th", "Face(NotoSansThai[wght].ttf, 0)"),
        ("त", "hi", "Face(NotoSansDevanagari[wght].ttf, 0)"),
        ("骨", "ja", "Face(NotoSansCJK-VF.otf.ttc, 0)"),
        ("기", "ko", "Face(NotoSansCJK-VF.otf.ttc, 1)"),
        ("骨", "zh-CN", "Face(NotoSansCJK-VF.otf.ttc, 2)"),
        ("骨", "zh-TW", "Face(NotoSansCJK-VF.otf.ttc, 3)"),
        ("骨", "zh-HK", "Face(NotoSansCJK-VF.otf.ttc, 4)"),
        ("🎬", "en", "Face(NotoEmoji[wght].ttf, 0)"),
        ("\U0010fffd", "en", "None"),
    ],
)
def test_each_character_is_drawn_in_the_expected_font(fonts: Fonts, character: str, language: str, face: str) -> None:
    assert name(fonts, character, language) == face


def test_the_cjk_faces_are_in_the_expected_order() -> None:
    path = str(files("manimgx_fonts_cjk") / "NotoSansCJK-VF.otf.ttc")
    families = [ImageFont.truetype(path, 10, index=index).getname()[0] for index in range(5)]
    assert families == [f"Noto Sans CJK {region}" for region in ("JP", "KR", "SC", "TC", "HK")]


@pytest.mark.parametrize("path", PACKAGED, ids=lambda path: Path(path).name)
def test_the_coverage_agrees_with_freetype(path: str) -> None:
    """FreeType, which draws the .notdef glyph for missing characters, agrees with our reading of the table."""
    font = ImageFont.truetype(path, 24, layout_engine=ImageFont.Layout.BASIC)
    with open(path, "rb") as file:
        coverage = read_coverage(file)

    def drawn(character: str) -> tuple[bytes, float]:
        return bytes(font.getmask(character)), font.getlength(character)

    notdef = drawn("\U0010ffff")
    sample = [chr(code) for code in (*range(0x20, 0x3000, 7), *range(0xA000, 0xD7FF, 97), *range(0x1F300, 0x1F6FF, 9))]
    lacking = [character for character in sample if character not in coverage]
    assert lacking
    assert all(drawn(character) == notdef for character in lacking)
    assert [c for c in sample if c in coverage and drawn(c) == notdef] == []


def font_file(subtable: bytes) -> BytesIO:
    """The smallest file that has a character map: one table."""
    cmap = struct.pack(">HHHHI", 0, 1, 3, 1, 12) + subtable
    return BytesIO(struct.pack(">IHHHH4sIII", 0x00010000, 1, 0, 0, 0, b"cmap", 0, 28, len(cmap)) + cmap)


def test_a_format_4_segment_may_name_its_glyphs_one_by_one() -> None:
    """Segments A-C with glyphs 5, 0 (none), 7; a-b by delta; the closing 0xFFFF, which maps to glyph 0."""
    counts = struct.pack(">HHHHHHH", 4, 0, 0, 6, 0, 0, 0)
    ends = struct.pack(">HHHH", 0x43, 0x62, 0xFFFF, 0)
    starts = struct.pack(">HHH", 0x41, 0x61, 0xFFFF)
    deltas = struct.pack(">HHH", 0, 1, 1)
    offsets = struct.pack(">HHH", 6, 0, 0) + struct.pack(">HHH", 5, 0, 7)
    coverage = read_coverage(font_file(counts + ends + starts + deltas + offsets))
    assert [c for c in map(chr, range(0x10000)) if c in coverage] == ["A", "C", "a", "b"]


def test_a_format_12_group_may_begin_with_the_missing_glyph() -> None:
    groups = struct.pack(">HHIIIIII", 12, 0, 28, 0, 1, 0x1F3A0, 0x1F3A2, 0)
    coverage = read_coverage(font_file(groups))
    assert [c for c in map(chr, range(0x1F390, 0x1F3B0)) if c in coverage] == ["\U0001f3a1", "\U0001f3a2"]


@pytest.mark.parametrize(
    "body", [b"", b"ttcf", b"<html>", b"\x00\x01\x00\x00\x00\xff", font_file(b"\x00\x06").getvalue()]
)
def test_a_file_that_is_not_a_font_raises_value_error(body: bytes) -> None:
    with pytest.raises(ValueError, match="not a TrueType or OpenType font"):
        read_coverage(BytesIO(body))


def test_the_users_fonts_come_first(tmp_path: Path) -> None:
    own = tmp_path / "own.ttf"
    shutil.copy(str(files("manimgx_fonts") / "NotoSansHebrew[wght].ttf"), own)
    assert name(Fonts([own]), "א", "he") == "Face(own.ttf, 0)"
    assert name(Fonts([own]), "ł") == "Face(NotoSans[wght].ttf, 0)"


def test_a_missing_font_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"OVERLAY_FONTS.*none\.ttf.*does not exist"):
        Fonts([str(tmp_path / "none.ttf")])


def test_a_file_that_is_no_font_is_named(tmp_path: Path) -> None:
    (tmp_path / "page.ttf").write_text("<html>")
    with pytest.raises(ConfigurationError, match=r"OVERLAY_FONTS.*page\.ttf.*cannot be used"):
        Fonts([tmp_path / "page.ttf"])


def test_without_any_font_the_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def not_installed(package: str) -> None:
        raise ModuleNotFoundError(package)

    monkeypatch.setattr(module, "files", not_installed)
    monkeypatch.setattr(module, "_SYSTEM_FONTS", ())
    with pytest.raises(ConfigurationError, match="OVERLAY_FONTS"):
        Fonts()


def test_fonts_can_be_read_from_a_zip(tmp_path: Path) -> None:
    """As in an egg, where the project and the font packages are imported from archives."""
    archive = tmp_path / "packages.zip"
    project = Path(module.__file__).parents[1]
    with zipfile.ZipFile(archive, "w") as bundle:
        for path in project.rglob("*.py"):
            bundle.write(path, path.relative_to(project.parent).as_posix())
        for file in ("__init__.py", "NotoSans[wght].ttf", "NotoSansHebrew[wght].ttf"):
            bundle.write(str(files("manimgx_fonts") / file), f"manimgx_fonts/{file}")
    program = f"""
import sys
sys.path.insert(0, {str(archive)!r})
from moviecrawler.rendering import fonts
from moviecrawler.rendering.text_style import TextStyle
assert "packages.zip" in fonts.__file__
found = fonts.Fonts()
print(found.find("א", "he"), found.find("ł", "pl"), TextStyle(found, "pl", 100, 800).width("Łódź") > 200)
"""
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=tmp_path, encoding="utf-8"
    )
    assert run.stdout.split("\n")[0] == "Face(NotoSansHebrew[wght].ttf, 0) Face(NotoSans[wght].ttf, 0) True", run.stderr


def test_threads_draw_what_one_thread_draws(fonts: Fonts) -> None:
    texts = ["Amélie", "千と千尋", "رحلة", "WALL·E"] * 12

    def draw(index: int) -> bytes:
        image = Image.new("L", (900, 200))
        TextStyle(fonts, "ja", 40 + index % 24, 500 + 100 * (index % 4)).draw(
            ImageDraw.Draw(image), 10, 120, texts[index], 255
        )
        return image.tobytes()

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(draw, range(len(texts)))) == [draw(index) for index in range(len(texts))]


def test_a_missing_glyph_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    fonts = Fonts()
    for title in ("one", "two"):
        fonts.warn_once("glyphs", f"no font for {title}")
    fonts.warn_once("shaping", "no raqm")
    assert caplog.messages == ["no font for one", "no raqm"]
