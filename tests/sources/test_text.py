"""Names and sentences as they may be stored and shown: one kind of space, nothing unseen, and an end."""

import doctest
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moviecrawler.sources import countries, fields, text, tmdb
from moviecrawler.sources.text import MAX_NAME_LENGTH, MAX_PROSE_LENGTH, prose


@pytest.mark.parametrize("module", [countries, fields, text])
def test_the_examples_in_the_docstrings_run(module: object) -> None:
    outcome = doctest.testmod(module)
    assert outcome.attempted
    assert not outcome.failed


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("Many\tMickles Make a\nMuckle", "Many Mickles Make a Muckle"),
        ("Two  spaces", "Two spaces"),
        ("A\u00a0space\u2003of\u3000any\u2028kind", "A space of any kind"),
        ("NUL\x00in\x1bit\x85", "NUL in it"),
        ("白日提灯\u200b", "白日提灯"),
        ("\ufeffTitle\u200e", "Title"),
        ("so\u00adft\u2060", "soft"),
        ("\u202eevil\u202c", "evil"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("क्\u200dष", "क्\u200dष"),
        ("A\u200dB\u200c", "AB"),
        ("\u200d", None),
        ("❤\ufe0f\u200d🔥", "❤\ufe0f\u200d🔥"),
        ("1\ufe0f\u20e3", "1\ufe0f\u20e3"),
        ("\ufe0fTitle", "Title"),
        ("A \ufe0fTitle", "A Title"),
        ("\u200b", None),
        ("\ufe0f", None),
        ("\u3164", None),
        ("\u2800 \u2800", None),
        (" \t\u3000", None),
        ("Fire \ud83d!", "Fire \ufffd!"),
        ("\ud83d\udd25", "🔥"),
        ("x" * MAX_NAME_LENGTH, "x" * MAX_NAME_LENGTH),
        ("x" * 30_000_000, "x" * (MAX_NAME_LENGTH - 1) + "…"),
        ("群" * 2_000, "群" * (MAX_NAME_LENGTH - 1) + "…"),
        (7, None),
        (None, None),
    ],
    ids=str,
)
def test_a_name_is_read_as(said: object, read: str | None) -> None:
    assert text.text(said) == read


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("One line.\nAnother.", "One line.\nAnother."),
        ("One line.\r\n\r\n\r\n\r\nAnother.\r", "One line.\n\nAnother."),
        ("Tabs\tand  spaces \n at\u2028breaks", "Tabs and spaces\nat\nbreaks"),
        ("\u3000\u3000布鲁斯\u200b", "布鲁斯"),
        ("\u200b\n\u200e", None),
        ("\u3164", None),
        ("x" * 30_000_000, "x" * (MAX_PROSE_LENGTH - 1) + "…"),
    ],
    ids=["a break", "DOS", "inside", "indented", "unseen", "filler", "endless"],
)
def test_prose_keeps_its_lines(said: str, read: str | None) -> None:
    assert prose(said) == read


@given(st.text(max_size=30) | st.text("a \t\n\u200b\u200d\u3000\u00a0\ufe0f❤کا", max_size=12))
def test_what_was_read_once_is_read_the_same_again(said: str) -> None:
    read = text.text(said)
    assert text.text(read) == read
    for one in (read, prose(said)):
        assert one is None or not {"Cc", "Zl", "Zp", "Cs"} & {unicodedata.category(c) for c in one.replace("\n", "")}


@pytest.mark.parametrize(
    ("title", "original", "shown"),
    [("白日提灯", "白日提灯\u200b", "白日提灯"), ("\u200b", "Real Name", None), ("A\tB\nC", "A\tB\nC", "A B C")],
)
def test_a_title_of_nothing_visible_is_no_title(title: str, original: str, shown: str | None) -> None:
    film = tmdb.parse_movie({"id": 1, "title": title, "original_title": original})
    assert film.title == shown
    assert film.original_title in ("白日提灯", "Real Name", "A B C")
