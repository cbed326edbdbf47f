"""The changes feed and the daily exports: which ids there are, and which of them somebody edited."""

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moviecrawler.exceptions import ParseError
from moviecrawler.sources import tmdb
from tests.sources.test_tmdb_properties import JSON

API = "https://api.themoviedb.org/3"
FILES = "https://files.tmdb.org/p/exports"


@pytest.mark.parametrize(("kind", "media"), [("movies", "movie"), ("shows", "tv")])
def test_the_feed_is_asked_for_whole_days(kind: Any, media: str) -> None:
    url = tmdb.changes_url(f"{API}/", kind, date(2026, 11, 7), date(2026, 11, 21), 3)
    assert url == f"{API}/{media}/changes?end_date=2026-11-21&page=3&start_date=2026-11-07"


@pytest.mark.parametrize(
    ("row", "ids"),
    [
        ({"id": None, "adult": None}, []),
        ({"id": 7, "adult": None}, [7]),
        ({"id": 7}, [7]),
        ({"id": 0, "adult": False}, []),
        ({"id": "7", "adult": False}, [7]),
        ({"id": "seven"}, []),
        ({"adult": False}, []),
        (None, []),
        (7, []),
    ],
)
def test_a_row_that_names_nothing_is_skipped(row: Any, ids: list[int]) -> None:
    assert tmdb.parse_changes({"results": [row], "total_pages": 1}).ids == ids


def test_a_page_may_hold_more_than_a_hundred() -> None:
    rows = [{"id": number, "adult": False} for number in range(2687, 0, -1)]
    assert tmdb.parse_changes({"results": rows, "total_pages": 1}).ids == list(range(2687, 0, -1))


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        ([], "expected a JSON object"),
        ({"results": []}, "total_pages"),
        ({"results": [], "total_pages": -1}, "total_pages"),
        ({"results": [], "total_pages": True}, "total_pages"),
        ({"total_pages": 1}, "results is not a list"),
        ({"success": False, "status_code": 20, "status_message": "Range."}, "error 20: Range."),
    ],
)
def test_what_is_no_page_of_changes_says_why(payload: Any, words: str) -> None:
    with pytest.raises(ParseError, match=words):
        tmdb.parse_changes(payload)


@pytest.mark.parametrize(
    ("kind", "day", "name"),
    [
        ("movies", date(2026, 11, 21), "movie_ids_11_21_2026.json.gz"),
        ("movies", date(2026, 1, 2), "movie_ids_01_02_2026.json.gz"),
        ("shows", date(2026, 1, 2), "tv_series_ids_01_02_2026.json.gz"),
    ],
)
@pytest.mark.parametrize("base", [FILES, f"{FILES}/"])
def test_a_file_is_named_by_its_day(base: str, kind: Any, day: date, name: str) -> None:
    assert tmdb.export_url(base, kind, day) == f"{FILES}/{name}"


FILM = {"adult": False, "id": 990001, "original_title": "港", "popularity": 1.5, "video": False}
SHOW = {"id": 990002, "original_name": "Tidewatch", "popularity": 3}


@pytest.mark.parametrize(
    ("row", "read"),
    [
        (FILM, (990001, 1.5, False, False)),
        (SHOW, (990002, 3.0, None, None)),
        ({**FILM, "adult": True, "video": True}, (990001, 1.5, True, True)),
        ({**FILM, "popularity": None, "adult": None}, (990001, 0.0, None, False)),
        ({**FILM, "popularity": "1.5", "original_title": ""}, (990001, 1.5, False, False)),
        ({"id": 7}, (7, 0.0, None, None)),
    ],
)
@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n"])
def test_a_line_is_a_row(row: dict[str, Any], read: tuple[Any, ...], end: bytes) -> None:
    assert tmdb.parse_export_line(json.dumps(row, ensure_ascii=False).encode() + end) == read


NO_ROWS = [
    *(
        b"",
        b"\n",
        b"{",
        b"[]",
        b"7",
        b"null",
        b"{}",
        b'{"id": null}',
        b'{"id": 0}',
        b'{"id": "seven"}',
        b"\xff",
        b"\x1f\x8b",
    ),
    *(b'{"id": ' + b"9" * 5000 + b"}", b"[" * 100_000, b"<Error>"),
]


@pytest.mark.parametrize("line", NO_ROWS)
def test_a_line_that_is_no_row_is_none(line: bytes) -> None:
    assert tmdb.parse_export_line(line) is None


@given(line=st.binary(max_size=60) | JSON.map(json.dumps).map(str.encode))
@settings(max_examples=200, deadline=None)
def test_any_line_is_a_row_or_none(line: bytes) -> None:
    row = tmdb.parse_export_line(line)
    if row:
        assert row.id > 0
        assert row.popularity >= 0


@pytest.mark.parametrize(
    "line",
    [
        b'{"id": 603, "popularity": 9e12}',
        b'{"id": 603, "popularity": "9000000000000"}',
        b'{"id": 603, "popularity": NaN}',
        b'{"id": 603, "popularity": Infinity}',
        b'{"id": 603, "popularity": -1}',
        b'{"id": 2147483648, "popularity": 1}',
        b'{"id": -603, "popularity": 1}',
        b'{"id": 9e99, "popularity": 1}',
        b"[" * 100_000,
    ],
    ids=[
        "popular",
        "popular as text",
        "nan",
        "infinite",
        "negative",
        "id of 32 bits",
        "negative id",
        "huge id",
        "nested",
    ],
)
def test_numbers_that_cannot_be_make_no_row(line: bytes) -> None:
    assert tmdb.parse_export_line(line) is None
