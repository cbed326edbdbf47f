"""Whatever OMDB sends becomes an item that can be stored or a ParseError of one line: never another exception."""

import copy
import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moviecrawler.exceptions import ParseError
from moviecrawler.sources import omdb
from tests.sources.fixture_files import names, read
from tests.sources.test_tmdb_properties import JSON

FIXTURES = names("movie", "show", source="omdb")
KEYS = sorted({key for name in FIXTURES for key in read(name, "input", "omdb")})
WORDS = st.sampled_from(
    [
        *("N/A", "0", "-1", "9" * 40, "$", "$9,9.9M", "$1e9", "min", "h min", "999 h 999,999 min", "31 Feb 2000"),
        *("0000", "2004\u2013", "\u0664", "&#0;", "&#x110000;", "&#55357;", "&nbsp;", "(((", "),(", ",,,", ", Inc."),
        *("9.9/10", "101%", "1.1.1", "Infinity", "NaN", "1_000", "\0", "\ud83d", "movie", "series"),
    ]
)
VALUES = WORDS | st.text(max_size=12) | st.text("0123456789,.$%/ minhMk()&#;", max_size=20) | JSON
RATINGS = st.lists(
    st.fixed_dictionaries({"Source": VALUES | st.just("Metacritic"), "Value": VALUES}) | JSON, max_size=4
)


def check(payload: Any, kind: str, imdb_id: str) -> None:
    refusal = ""
    try:
        title = omdb.parse_title(payload, kind, imdb_id)
    except ParseError as error:
        title, refusal = None, str(error)
    assert "\n" not in refusal
    if title is None:
        return
    document = title.model_dump()
    assert (title.id, title.imdb_id, title.kind) == (None, imdb_id, kind)
    assert type(title).model_validate(document) == title
    json.dumps(document, allow_nan=False, ensure_ascii=False).encode()
    for house, rating in title.ratings.items():
        assert 0 <= rating.score <= (10 if house == "imdb" else 100)
    for number in (title.year, title.runtime, title.box_office.domestic, getattr(title, "season_count", None)):
        assert number is None or 0 < number < 2**53


@given(
    payload=JSON | st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=12),
    kind=st.sampled_from(["movies", "shows"]),
)
@settings(max_examples=200, deadline=None)
def test_any_json_is_read_or_refused(payload: Any, kind: str) -> None:
    check(payload, kind, "tt9900001")


@pytest.mark.parametrize("name", FIXTURES)
@given(changes=st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=6), ratings=RATINGS)
@settings(max_examples=200, deadline=None)
def test_odd_values_cost_no_more_than_their_own_fields(name: str, changes: dict[str, Any], ratings: list[Any]) -> None:
    arguments = read(name, "arguments", "omdb")
    sound = {key: read(name, "input", "omdb")[key] for key in ("imdbID", "Type", "Response")}
    check({**read(name, "input", "omdb"), "Ratings": ratings, **changes, **sound}, **arguments)


@pytest.mark.parametrize("name", FIXTURES)
def test_a_payload_is_not_changed_by_reading_it(name: str) -> None:
    payload = read(name, "input", "omdb")
    before = copy.deepcopy(payload)
    omdb.parse_title(payload, **read(name, "arguments", "omdb"))
    assert payload == before


@pytest.mark.parametrize("piece", ["(", ")", ",", " ", "&", "&#1;", "1", "(x)", ", Inc"])
def test_a_long_value_does_not_take_long(piece: str) -> None:
    """Nothing here is worse than linear: one answer of a megabyte would otherwise hold up the whole crawl."""
    payload = dict.fromkeys(KEYS, piece * 20_000) | {"imdbID": "tt9900001", "Type": "movie", "Response": "True"}
    started = time.process_time()
    check(payload, "movies", "tt9900001")
    check({**payload, "Writer": "(" * 100_000 + ")" * 100_000}, "movies", "tt9900001")
    assert time.process_time() - started < 10
