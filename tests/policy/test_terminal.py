"""Lines of a terminal are never wider than they may be, and lose nothing but spaces and controls."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moviecrawler.policy.printable import printable
from moviecrawler.policy.terminal import COLUMNS, cut, labelled, padded, width, wrapped


@given(text=st.text(), columns=st.integers(2, 100))
def test_a_wrapped_text_fits_and_is_whole(text: str, columns: int) -> None:
    lines = wrapped(text, columns)
    assert lines
    assert max(map(width, lines)) <= columns
    assert "".join("".join(lines).split()) == "".join(printable(text).split())


@given(text=st.text(), columns=st.integers(4, 100))
def test_a_cut_text_fits_and_says_that_it_was_cut(text: str, columns: int) -> None:
    line = " ".join(printable(text).split())
    shown = cut(text, columns)
    assert width(shown) <= columns
    assert shown == line or (shown.endswith("...") and line.startswith(shown.removesuffix("...")))


@given(rows=st.lists(st.tuples(st.text(max_size=30), st.text())))
def test_labelled_rows_fit(rows: list[tuple[str, str]]) -> None:
    rows = [(label if width(printable(label)) <= 40 else "", text) for label, text in rows]
    assert all(width(line) <= COLUMNS for line in labelled(rows))


@pytest.mark.parametrize(
    ("text", "columns"), [("Heat", 4), ("黑客帝国", 8), ("ﾊﾝｶｸ", 4), ("Ame\u0301lie", 6), ("a\u200db", 2), ("", 0)]
)
def test_a_text_has_the_columns_that_a_terminal_gives_it(text: str, columns: int) -> None:
    assert width(text) == columns
    assert width(padded(text, 10)) == 10


def test_a_word_that_does_not_fit_begins_a_line_of_its_own() -> None:
    assert wrapped("see https://www.themoviedb.org/movie/603", 12)[:2] == ["see", "https://www."]


def test_combining_characters_stay_with_their_letter() -> None:
    assert [unicodedata.normalize("NFC", line) for line in wrapped("e\u0301e\u0301e\u0301", 2)] == ["éé", "é"]
