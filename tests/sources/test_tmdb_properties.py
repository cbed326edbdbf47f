"""Whatever comes, the answer is an item that can be stored or a ParseError of one line: never another exception."""

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moviecrawler.exceptions import ParseError
from moviecrawler.items import Movie, Show
from moviecrawler.sources import tmdb
from tests.sources.fixture_files import read

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(
        ["", "\u3000", "\ud83c", "en", "US", "Trailer", "Director", "/x.jpg", "9999-12-31", 0, -1, 10**400]
    )
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
KEYS = sorted({*read("movie_full", "input"), *read("show_full", "input"), "results", "errors", "status_code"})
OBJECTS = st.dictionaries(st.sampled_from(KEYS), JSON, max_size=12)

PARSERS: dict[str, Callable[[Any], Any]] = {
    "movie_full": tmdb.parse_movie,
    "movie_chinese": lambda payload: tmdb.parse_movie(payload, "zh-CN"),
    "show_full": tmdb.parse_show,
    "trending_all": lambda payload: tmdb.parse_trending(payload, 1, "all"),
    "discover": tmdb.parse_listing,
    "find_both": tmdb.parse_find,
    "collection": lambda payload: tmdb.parse_collection(payload, 900400),
    "changes": tmdb.parse_changes,
    "error_list": tmdb.parse_error,
}


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every value inside a JSON value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in inner:
        yield (*path, key)
        yield from places(member, (*path, key))


def changed(payload: Any, changes: list[tuple[tuple[Any, ...], Any]]) -> Any:
    """The payload with other values at some places; a place that an earlier change took away stays away."""
    payload = copy.deepcopy(payload)
    for path, value in changes:
        target = payload
        try:
            for key in path[:-1]:
                target = target[key]
            target[path[-1]] = value
        except (TypeError, KeyError, IndexError):
            continue
    return payload


def check(parse: Callable[[Any], Any], payload: Any) -> None:
    refusal = ""
    try:
        result = parse(payload)
    except ParseError as error:
        result, refusal = None, str(error)
    assert "\n" not in refusal
    if isinstance(result, Movie | Show):
        document = result.model_dump()
        assert type(result).model_validate(document).model_dump() == document
        json.dumps(document, allow_nan=False, ensure_ascii=False).encode()


@pytest.mark.parametrize("name", PARSERS)
@given(payload=JSON | OBJECTS)
@settings(max_examples=100, deadline=None)
def test_any_json_is_read_or_refused(name: str, payload: Any) -> None:
    check(PARSERS[name], payload)


@pytest.mark.parametrize("name", PARSERS)
@given(data=st.data())
@settings(max_examples=200, deadline=None)
def test_a_damaged_answer_is_read_or_refused(name: str, data: st.DataObject) -> None:
    payload = read(name, "input")
    change = st.tuples(st.sampled_from(list(places(payload))), JSON)
    check(PARSERS[name], changed(payload, data.draw(st.lists(change, min_size=1, max_size=4))))


@pytest.mark.parametrize("name", ["movie_full", "show_full"])
@given(missing=st.data())
@settings(max_examples=50, deadline=None)
def test_a_part_that_is_missing_costs_no_more_than_its_own_fields(name: str, missing: st.DataObject) -> None:
    payload = read(name, "input")
    part = missing.draw(st.sampled_from(sorted(payload.keys() - {"id"})))
    title = PARSERS[name]({key: value for key, value in payload.items() if key != part})
    assert title.id == payload["id"]


@pytest.mark.parametrize("name", ["movie_full", "show_full"])
def test_a_payload_is_not_changed_by_reading_it(name: str) -> None:
    payload = read(name, "input")
    PARSERS[name](payload)
    assert payload == read(name, "input")
