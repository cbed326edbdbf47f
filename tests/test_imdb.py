"""An IMDb id is read, however somebody wrote it down; what could be another title's is none."""

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moviecrawler import imdb
from moviecrawler.imdb import imdb_id


def test_the_examples_in_the_docstring_run() -> None:
    outcome = doctest.testmod(imdb)
    assert outcome.attempted
    assert not outcome.failed


@pytest.mark.parametrize(
    "said",
    [
        "tt9001001",
        "tt9001001\r",
        "\ufeff tt9001001\u200b\n",
        "tt 9001001",
        "TT9001001",
        "Tt0009001001",
        "9001001",
        9001001,
        "tt9001001/",
        "https://www.imdb.com/title/tt9001001/",
        "http://m.imdb.com/title/tt9001001",
        "https://www.imdb.com/de/title/tt9001001/?ref_=nv_sr_1",
        "imdb.com/title/tt9001001#cast",
        "www.imdb.com/title/tt9001001/reference",
        "/title/tt9001001/",
    ],
)
def test_one_id_in_many_spellings(said: object) -> None:
    assert imdb_id(said) == "tt9001001"


@pytest.mark.parametrize(
    ("said", "read"),
    [("tt0133093", "tt0133093"), ("0133093", "tt0133093"), ("tt10872600", "tt10872600"), (1234567890, "tt1234567890")],
)
def test_ids_have_seven_to_ten_digits(said: object, read: str) -> None:
    assert imdb_id(said) == read


@pytest.mark.parametrize(
    "said",
    [
        *("", "N/A", "tt", "tt12", "tt133093", "603", 603, "tt0000000", "tt12345678901", "nm0000206", "tt9001001x"),
        *("https://evil.example/title/tt9001001", "https://www.imdb.com/name/nm0000206/", "tt9001001,tt9001002"),
        *("٩٠٠١٠٠١", None, True, -9001001, 9001001.5, 10**400, ["tt9001001"], "0" * 10**6),
    ],
    ids=lambda said: repr(said)[:30],
)
def test_what_is_no_id_is_none(said: object) -> None:
    assert imdb_id(said) is None


@given(st.integers(1, 10**10 - 1))
def test_what_was_read_is_read_again(number: int) -> None:
    assert imdb_id(f"tt{number:07}") == imdb_id(f"{number:07}") == f"tt{number:07}"
