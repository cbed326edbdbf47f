"""Lines break where readers expect it, are balanced, and end with an ellipsis only as a last resort."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moviecrawler.rendering.fonts import Fonts
from moviecrawler.rendering.linebreak import (
    Token,
    balance_lines,
    fill_lines,
    grapheme_clusters,
    line_width,
    split_at_breaks,
)
from moviecrawler.rendering.text_runs import clean_text, is_rtl
from moviecrawler.rendering.text_style import TextStyle
from moviecrawler.rendering.typesetting import TextBlock, typeset

LIMIT, LARGEST = 1056.0, 135
PLAN = ((1, 99.36), (2, 77.76), (3, 54.0))  # of a picture 1080 high


def block(text: str, fonts: Fonts, language: str = "en") -> TextBlock:
    return typeset(text, TextStyle(fonts, language, 0, 800, is_rtl(text)), LIMIT, LARGEST, PLAN)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Up", "Up"),
        ("Spider-Man: No Way Home", "Spider-Man: |No |Way |Home"),
        ("WALL·E", "WALL·E"),
        ("Mission : Impossible", "Mission : |Impossible"),
        ("Borat – The Movie", "Borat – |The |Movie"),
        ("Face/Off", "Face/Off"),
        ("A\u00a0B", "A\u00a0B"),
        ("« Le Chat »", "« Le |Chat »"),
        ("千と千尋の神隠し", "千|と|千|尋|の|神|隠|し"),
        ("「千」、ショー。", "「千」、|ショー。"),
        ("2001年宇宙の旅", "2001|年|宇|宙|の|旅"),
        ("機動戦士Ζガンダム", "機|動|戦|士|Ζ|ガ|ン|ダ|ム"),
        ("キャッツ", "キャッ|ツ"),
        ("좋은 놈, 나쁜 놈", "좋은 |놈, |나쁜 |놈"),
        ("（新）世界", "（新）|世|界"),
        ("พี่มาก..พระโขนง", "พี่มาก..พระโขนง"),
    ],
)
def test_break_opportunities(text: str, expected: str) -> None:
    assert "|".join(split_at_breaks(text)) == expected


@settings(max_examples=300)
@given(text=st.text(alphabet="千とッー、。」（「ab 1-–!?： é", max_size=30).map(clean_text))
def test_no_line_begins_or_ends_with_a_prohibited_character(text: str) -> None:
    cut = split_at_breaks(text)
    assert "".join(cut) == text
    assert not [piece for piece in cut[1:] if piece[0] in "ッー、。」！？：!? "]
    assert not [piece for piece in cut[:-1] if piece.rstrip(" ")[-1] in "（「"]


def test_a_syllable_is_not_split() -> None:
    assert grapheme_clusters("เกมแก้แค้นน้ำ") == ["เก", "ม", "แก้", "แค้", "น", "น้ำ"]


def tokens(*widths: float) -> list[Token]:
    return [Token("x", size, 10) for size in widths]


def test_lines_are_filled_and_the_space_at_their_end_does_not_count() -> None:
    assert [line_width(line) for line in fill_lines(tokens(50, 40, 100, 30), 100)] == [100, 100, 30]


def test_balanced_lines_are_as_narrow_as_possible() -> None:
    assert [line_width(line) for line in balance_lines(tokens(50, 40, 60, 30), 2)] == [100, 100]
    assert [line_width(line) for line in balance_lines(tokens(90, 20, 20, 20, 90), 3)] == [90, 80, 90]
    assert len(balance_lines(tokens(50), 3)) == 1


@pytest.mark.parametrize(
    ("title", "lines"),
    [
        ("Up", ["Up"]),
        ("Star Wars: The Empire Strikes Back", ["Star Wars:", "The Empire Strikes Back"]),
        ("The Extraordinary Journey Beyond the Last Horizon", ["The Extraordinary Journey", "Beyond the Last Horizon"]),
        ("そして永遠の物語がはじまる夜", ["そして永遠の", "物語がはじまる夜"]),
        ("좋은 놈, 나쁜 놈, 이상한 놈", ["좋은 놈, 나쁜 놈,", "이상한 놈"]),
        ("長い夏の終わり、秋の山国へ帰る日", ["長い夏の終わり、", "秋の山国へ帰る日"]),
        ("インディ・ジョーンズ クリスタル・スカルの王国", ["インディ・ジョーンズ", "クリスタル・スカルの王国"]),
        ("スター・ウォーズ エピソード", ["スター・ウォーズ", "エピソード"]),
        ("ファンタスティック・ビーストと魔法使いの旅", ["ファンタスティック・", "ビーストと魔法使いの旅"]),
        ("ワイルド・スピード2 完全版", ["ワイルド・スピード2", "完全版"]),
        ("哈利·波特与死亡圣器之最后的决战", ["哈利·波特与死亡", "圣器之最后的决战"]),
        ("劇場版「鬼の刃」最終列車編", ["劇場版「鬼の刃」", "最終列車編"]),
        ("シン・エヴァーグリーン完結版", ["シン・エヴァーグリーン", "完結版"]),
        ("エンドレス／ゲームオーバー", ["エンドレス／", "ゲームオーバー"]),
        (
            "Birdhouse or (The Unexpected Virtue of Ignorance)",
            ["Birdhouse or", "(The Unexpected", "Virtue of Ignorance)"],
        ),
        ("Mr. Featherstonehaugh Remembers", ["Mr. Featherstonehaugh", "Remembers"]),
    ],
)
def test_titles_break_where_readers_pause(fonts: Fonts, title: str, lines: list[str]) -> None:
    assert block(title, fonts, "ja").lines == lines


def test_a_word_is_broken_only_if_no_other_break_fits() -> None:
    line = [Token(text, 10, 0) for text in split_at_breaks("スクール・ロツクンロール")]
    assert ["".join(token.text for token in part) for part in balance_lines(line, 2, 1.3)] == [
        "スクール・",
        "ロツクンロール",
    ]
    assert max(len(part) for part in balance_lines(line, 2, 1.3, limit=50)) == 5


@pytest.mark.parametrize(
    ("words", "lines", "least", "most"), [(1, 1, 135, 135), (5, 1, 99, 135), (9, 2, 78, 135), (14, 3, 54, 135)]
)
def test_the_fewest_lines_that_fit(fonts: Fonts, words: int, lines: int, least: int, most: int) -> None:
    title = block(" ".join(["Life"] * words), fonts)
    assert len(title.lines) == lines
    assert least <= title.style.size <= most


def test_a_title_beyond_three_lines_ends_with_an_ellipsis_after_a_whole_word(fonts: Fonts) -> None:
    title = block("Love, " * 60, fonts)
    assert (len(title.lines), title.style.size) == (3, 54)
    assert title.lines[2].endswith("Love…")


@pytest.mark.parametrize("word", ["Donaudampfschifffahrtsgesellschaft" * 6, "臥" * 300, "พระ" * 90, "ש" * 300])
def test_a_word_that_fits_no_line_is_split(fonts: Fonts, word: str) -> None:
    title = block(word, fonts)
    assert len(title.lines) == 3
    assert title.lines[2].endswith("…")
    assert all(ink.right - ink.left <= LIMIT for ink in title.ink_boxes)
    assert min(ink.right - ink.left for ink in title.ink_boxes) > 0.7 * LIMIT


def test_lines_keep_the_directions_of_the_whole_title(fonts: Fonts) -> None:
    title = block("ואלס (Waltz Waltz Waltz Waltz Waltz Waltz Waltz Waltz)-Bashir", fonts, "he")
    opening, *_, closing = (line for line in title.lines if "(" in line or ")" in line)
    assert opening != closing
    assert title.levels[title.lines.index(closing)][closing.index(")")] == 1
    assert [len(line) for line in title.levels] == [len(line) for line in title.lines]


def test_line_spacing_follows_the_script(fonts: Fonts) -> None:
    latin = block("The Extraordinary Journey Beyond the Last Horizon", fonts)
    assert latin.baselines == [0, pytest.approx(1.18 * latin.style.size)]
    hindi = block("तीन इडियट्स और ज़िन्दगी का सफ़र", fonts, "hi")
    assert hindi.baselines == [0, pytest.approx(1.35 * hindi.style.size)]


words = st.lists(
    st.sampled_from(
        ["Life", "of", "Ḗtude", "Łódź", "千と千尋", "、", "기생충", "رحلة", "שלום", "แม่น้ำ", "2001", "🎬", "–", "तीन"]
    ),
    min_size=1,
    max_size=25,
)


@settings(max_examples=60, deadline=None)
@given(title=words.map(" ".join).map(clean_text), raqm=st.booleans())
def test_no_title_is_wider_than_its_column(fonts: Fonts, plain_fonts: Fonts, title: str, raqm: bool) -> None:
    found = block(title, fonts if raqm else plain_fonts)
    assert 1 <= len(found.lines) <= 3
    assert found.style.size <= LARGEST
    assert all(ink.right - ink.left <= LIMIT for ink in found.ink_boxes)
    for (above, first), (below, second) in pairwise(zip(found.ink_boxes, found.baselines, strict=True)):
        assert first + above.bottom < second + below.top
