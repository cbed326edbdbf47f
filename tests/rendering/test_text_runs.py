"""A title in any script is drawn in the right order, in fonts that have its letters."""

import pytest
from bidi import get_display
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from moviecrawler.rendering.fonts import Fonts
from moviecrawler.rendering.text_runs import (
    bidi_levels,
    clean_text,
    is_rtl,
    missing_characters,
    needs_shaping,
    split_into_runs,
    with_drawable_letters,
)
from moviecrawler.rendering.text_style import TextStyle
from tests.rendering.conftest import needs_raqm


def split(text: str, fonts: Fonts, language: str = "en") -> list[tuple[str, str]]:
    """(text, script of the font) of each run, from left to right."""
    found = split_into_runs(text, language, fonts, rtl=is_rtl(text))
    return [(run.text, str(run.face).removeprefix("Face(Noto").split("[")[0].split("-")[0]) for run in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Amélie, Łódź & WALL·E", [("Amélie, Łódź & WALL·E", "Sans")]),
        ("3 Idiots 🎬 (2009)", [("3 Idiots ", "Sans"), ("🎬", "Emoji"), (" (2009)", "Sans")]),
        ("“臥虎” 2", [("“臥虎” ", "SansCJK"), ("2", "Sans")]),
        ("기생충 Parasite", [("기생충 ", "SansCJK"), ("Parasite", "Sans")]),
        ("तीन (3)", [("तीन ", "SansDevanagari"), ("(3)", "Sans")]),
    ],
)
def test_a_text_is_split_by_font_and_its_punctuation_stays_with_its_letters(
    fonts: Fonts, text: str, expected: list[tuple[str, str]]
) -> None:
    assert split(text, fonts) == expected


def test_joined_emoji_stay_in_one_font(fonts: Fonts) -> None:
    assert split("👨\u200d👩\u200d👧 Family", fonts) == [("👨\u200d👩\u200d👧", "Emoji"), (" Family", "Sans")]


@needs_raqm
def test_right_to_left_runs_are_ordered_from_right_to_left(fonts: Fonts) -> None:
    assert [text for text, _ in split("ואלס 2: Waltz!", fonts, "he")] == ["!", "Waltz", ": ", "2", "ואלס "]
    assert [text for text, _ in split("Waltz ואלס עם", fonts, "he")] == ["Waltz ", "ואלס עם"]
    assert all(run.rtl for run in split_into_runs("ואלס", "he", fonts, rtl=True))


def test_a_line_keeps_the_direction_of_its_paragraph(plain_fonts: Fonts) -> None:
    line = "Man 2 ואלס"
    assert "".join(run.text for run in split_into_runs(line, "he", plain_fonts, rtl=True)) == "סלאו Man 2"
    assert "".join(run.text for run in split_into_runs(line, "he", plain_fonts, rtl=False)) == "Man 2 סלאו"


titles = st.text(alphabet="אבגדה שלום abcXYZ 0123456789 ()[].,:-!?'&", min_size=1, max_size=40).map(str.strip)


NO_SIDES = str.maketrans("([])", "||||")


@settings(max_examples=200, deadline=None)
@given(text=titles.filter(bool), rtl=st.booleans())
def test_without_raqm_the_runs_agree_with_the_bidi_algorithm(plain_fonts: Fonts, text: str, rtl: bool) -> None:
    """``get_display`` knows rule N0 too, but gives no levels and mirrors no brackets."""
    shown = "".join(run.text for run in split_into_runs(text, "he", plain_fonts, rtl=rtl))
    assert shown.translate(NO_SIDES) == get_display(text, base_dir="R" if rtl else "L").translate(NO_SIDES)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("אבג (Episode IV) (1977)", "(1977) (Episode IV) גבא"),
        ("אבג (Episode IV", "Episode IV) גבא"),
        ("אבג Episode IV (1977)", "Episode IV (1977) גבא"),
        ("אבג [a (b) c]", "[a (b) c] גבא"),
        ("(א) Waltz", "Waltz (א)"),
        ("אבג 「Waltz」", "「Waltz」 גבא"),
    ],
)
def test_brackets_stay_around_their_content(plain_fonts: Fonts, text: str, shown: str) -> None:
    assert "".join(run.text for run in split_into_runs(text, "he", plain_fonts, rtl=True)) == shown


def test_a_bracket_may_close_on_the_line_below(plain_fonts: Fonts) -> None:
    of_title = bidi_levels("אבג (Star Wars) II", rtl=True)
    assert of_title[4] == of_title[14] == 1
    below = split_into_runs("Wars) II", "he", plain_fonts, rtl=True, line_levels=of_title[10:])
    assert "".join(run.text for run in below) == "II (Wars"
    assert "".join(run.text for run in split_into_runs("Wars) II", "he", plain_fonts, rtl=True)) == "Wars) II"


def test_without_raqm_arabic_letters_are_joined(plain_fonts: Fonts) -> None:
    shown = "".join(run.text for run in split_into_runs("رحلة", "ar", plain_fonts, rtl=True))
    assert shown == "\ufe94\ufee0\ufea3\ufead"  # final teh marbuta, medial lam, initial hah, isolated reh
    lam_alef = "".join(run.text for run in split_into_runs("لا", "ar", plain_fonts, rtl=True))
    assert lam_alef == "\ufefb"


def test_presentation_forms_are_used_only_if_a_font_has_them(
    plain_fonts: Fonts, monkeypatch: pytest.MonkeyPatch
) -> None:
    find = plain_fonts.find
    monkeypatch.setattr(
        plain_fonts, "find", lambda c, language: None if "\ufe70" <= c <= "\ufeff" else find(c, language)
    )
    assert "".join(run.text for run in split_into_runs("رحلة", "ar", plain_fonts, rtl=True)) == "ةلحر"


def test_missing_characters_are_unique_and_visible(fonts: Fonts) -> None:
    assert missing_characters("a\U0010fffdb\U0010fffd \u200d\ufe0f", "en", fonts) == "\U0010fffd"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("𝕲𝖔𝖙𝖍𝖎𝖈 𝟙", "Gothic 1"),
        ("🅰 Ⓐ Ａ計劃 ½", "🅰 Ⓐ Ａ計劃 ½"),
        ("A\U0010fffd", "A\U0010fffd"),
    ],
)
def test_only_letters_that_no_font_has_are_replaced_by_plain_ones(fonts: Fonts, text: str, shown: str) -> None:
    assert with_drawable_letters(text, "en", fonts) == shown


@needs_raqm
def test_a_keycap_and_its_digit_are_drawn_in_one_font(fonts: Fonts) -> None:
    assert split("Take 3\ufe0f\u20e3 #\u20e3", fonts) == [
        ("Take ", "Sans"),
        ("3\ufe0f\u20e3", "Emoji"),
        (" ", "Sans"),
        ("#\u20e3", "Emoji"),
    ]


def test_without_a_font_for_both_the_enclosing_mark_is_left_out(fonts: Fonts, plain_fonts: Fonts) -> None:
    assert split("Take 3\ufe0f\u20e3", plain_fonts)[0] == ("Take 3", "Sans")
    assert "\u20e3" not in "".join(text for text, _ in split("3\ufe0f\u20e3", plain_fonts))
    assert "\u20e3" not in "".join(text for text, _ in split("ก\u20e3\u20e3 \u20e3", fonts, "th"))


def test_a_missing_character_draws_no_box(fonts: Fonts) -> None:
    style = TextStyle(fonts, "en", 60, 800)
    assert style.width("a\U0010fffdb") == style.width("a") + style.width("b")


@pytest.mark.parametrize(
    ("raw", "cleaned"),
    [
        ("A\tB\n C\u3000D", "A B C D"),
        ("Mission\u00a0: Impossible", "Mission\u00a0: Impossible"),
        ("\ufeffA\u200b\u202eB\u2066C\x00\x1b", "ABC"),
        ("\ud83dX", "X"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("e\u0301", "é"),
        ("   ", ""),
    ],
)
def test_clean_text(raw: str, cleaned: str) -> None:
    assert clean_text(raw) == cleaned


@settings(max_examples=200, deadline=None)
@given(text=st.text(max_size=40), rtl=st.booleans(), raqm=st.booleans())
def test_any_text_can_be_drawn(fonts: Fonts, plain_fonts: Fonts, text: str, rtl: bool, raqm: bool) -> None:
    style = TextStyle(fonts if raqm else plain_fonts, "ja", 24, 600, rtl)
    style.draw(ImageDraw.Draw(Image.new("L", (200, 60))), 5, 40, clean_text(text), 255)
    assert style.width(clean_text(text)) >= 0
    needs_shaping(clean_text(text))


def test_ink_is_where_the_pixels_are(fonts: Fonts) -> None:
    for text in ("Up", "jj", "臥虎", "رحلة", "A 🎬 기", " "):
        style = TextStyle(fonts, "zh-TW", 100, 800, is_rtl(text))
        image = Image.new("L", (900, 400))
        style.draw(ImageDraw.Draw(image), 100, 200, text, 255)
        left, top, right, bottom = style.ink_box(text)
        drawn = image.getbbox() or (100, 200, 100, 200)
        assert drawn == pytest.approx((100 + left, 200 + top, 100 + right, 200 + bottom), abs=1)
