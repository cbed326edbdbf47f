"""What sites have put into a text is shown, and never obeyed."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moviecrawler.policy.printable import defused, escaped, printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Amélie 天使 🎬 (2001)", "Amélie 天使 🎬 (2001)"),
        ("\x1b[2J\x1b[1;31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07after", "after"),
        ("\x1b]8;;http://evil\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1bP1$r\x1b\\after", "after"),
        ("\x9b31mred\x9d0;title\x9cafter", "redafter"),
        ("one\ntwo\r\nthree\u2028four\tfive", "one two  three four five"),
        ("over\x08\x7f\x00write", "overwrite"),
        ("abc\u202egnp.exe\u2066", "abcgnp.exe"),
        ("\x1b", ""),
        ("\x1b[", "["),
        ("\x1b]never ends", ""),
    ],
    ids=range(12),
)
def test_a_text_on_a_terminal(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_line_breaks_stay_if_lines_are_kept() -> None:
    assert printable("one\n\x1b[31mtwo\r", lines=True) == "one\ntwo "


@given(st.text() | st.text(alphabet="\x1b[]\x07\\\x9b\x9c0;mP\n\u202ea"))
def test_no_control_sequence_is_left(text: str) -> None:
    assert not set(printable(text)) & set(map(chr, [*range(32), *range(0x7F, 0xA0), 0x202E, 0x2066, 0x2028]))


@given(st.recursive(st.text() | st.integers(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_escaped_json_has_the_same_value(value: object) -> None:
    text = escaped(json.dumps(value, ensure_ascii=False))
    assert json.loads(text) == value
    assert printable(text) == text


@pytest.mark.parametrize("cell", ["=1+1", "+1+1", "-1+1", "@A1", "\t=1", "\r=1", " =1", '"=1', "\uff1d1", "'=1"])
def test_a_formula_becomes_text(cell: str) -> None:
    assert defused(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["Heat", "", None, -5, 1.5, "-5", "+4.5", "-1e9", "1-2", "a=b"])
def test_text_that_is_not_a_formula_stays(cell: object) -> None:
    assert defused(cell) == cell
