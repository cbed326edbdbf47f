"""An answer is kept byte for byte, and small."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moviecrawler.exceptions import ParseError
from moviecrawler.ingest.raw import raw_body, raw_row
from moviecrawler.items import Movie, Raw

AT = "2026-11-21T12:00:00.000Z"


def film(body: bytes) -> Movie:
    made = Movie(source="tmdb", source_id="949", id=949)
    made.set_fetch(AT, raw=Raw("https://api.themoviedb.org/3/movie/949", body))
    return made


@given(st.binary(max_size=400))
def test_an_answer_comes_back_as_it_came_through_json(body: bytes) -> None:
    row = json.loads(json.dumps(raw_row(film(body))))
    assert raw_body(row) == body


def test_a_raw_record_names_its_title() -> None:
    row = raw_row(film(b"{}"))
    assert row.pop("body")
    assert row == {
        "_id": "tmdb/movies/949",
        "source": "tmdb",
        "kind": "movies",
        "id": 949,
        "url": "https://api.themoviedb.org/3/movie/949",
        "fetched_at": AT,
    }


def test_json_becomes_small() -> None:
    body = json.dumps([{"name": f"Person {number}", "character": None} for number in range(200)]).encode()
    assert len(raw_row(film(body))["body"]) < len(body) / 3


@pytest.mark.parametrize("body", ["", "not base64!", "not ASCII é", "AAAA"])
def test_a_damaged_record_is_a_parse_error(body: str) -> None:
    with pytest.raises(ParseError, match="the kept answer is damaged"):
        raw_body({"_id": "tmdb/movies/949", "body": body})
