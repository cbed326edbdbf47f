"""Rows of older versions are read in today's form, whatever they hold."""

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moviecrawler.policy.documents.shape import defect
from moviecrawler.policy.documents.source_slots import EMPTY_SLOT, title_of
from moviecrawler.policy.documents.upgrade import upgraded
from tests.support.policies import composer

SAID: dict[str, Any] = {
    "title": "Heat",
    "creators": ["C"],
    "people": {"directors": ["D"], "writers": ["W"], "cast": [{"name": "A", "character": "Hanna"}]},
    "studios": ["S"],
    "networks": ["N"],
    "seasons": 3,
    "episodes": 30,
}
TODAY: dict[str, Any] = {
    "title": "Heat",
    "people": {
        "creators": [{"name": "C"}],
        "directors": [{"name": "D"}],
        "writers": [{"name": "W"}],
        "cast": [{"name": "A", "character": "Hanna"}],
    },
    "studios": [{"name": "S"}],
    "networks": [{"name": "N"}],
    "season_count": 3,
    "episode_count": 30,
}
BARE: dict[str, Any] = {
    **dict.fromkeys(("imdb_id", "original_title", "release_date", "year", "runtime")),
    **{"titles": {}, "box_office": {}, "trending": None, "images": {}, "last_change": None, "updated_at": None},
}


def of_version_1(**more: Any) -> dict[str, Any]:
    slots = {source: deepcopy(EMPTY_SLOT) for source in ("tmdb", "omdb", "the_numbers")}
    slots["tmdb"] |= {
        "source_id": "1",
        "data": deepcopy(SAID),
        "parts": {"title": {"fetched_at": None, "data": deepcopy(SAID)}},
    }
    bookkeeping = {"_id": 1, "schema_version": 1, "revision": 1, "sources": slots, "locks": {}, "provenance": {}}
    return {**BARE, **deepcopy(SAID), **bookkeeping, **more}


def test_top_level_slots_and_parts_are_in_the_form_of_today() -> None:
    document = upgraded("shows", of_version_1())
    slot = document["sources"]["tmdb"]
    assert defect("shows", document) is None
    for facts in (document, slot["data"], slot["parts"]["title"]["data"]):
        assert {name: facts[name] for name in TODAY} == TODAY
        assert not {"creators", "seasons", "episodes"} & facts.keys()
    assert document["schema_version"] == 2


def test_locks_keep_their_values_and_the_provenance_its_sources() -> None:
    locks = {"seasons": 4, "creators": ["X"], "people.directors": ["Y"], "studios": ["Z"], "title": "Hitze"}
    provenance = {"episodes": "tmdb", "creators": "locked", "people.cast": "tmdb"}
    document = upgraded("shows", of_version_1(locks=locks, provenance=provenance))
    assert document["locks"] == {
        "season_count": 4,
        "people.creators": [{"name": "X"}],
        "people.directors": [{"name": "Y"}],
        "studios": [{"name": "Z"}],
        "title": "Hitze",
    }
    assert document["provenance"] == {"episode_count": "tmdb", "people.creators": "locked", "people.cast": "tmdb"}
    top, _ = composer().compose("shows", document["sources"], document["locks"])
    assert (top["season_count"], top["people"]["creators"], top["title"]) == (4, [{"name": "X"}], "Hitze")


def test_the_slot_can_be_read_as_an_item() -> None:
    document = upgraded("shows", of_version_1())
    title = title_of("shows", 1, "tmdb", document["sources"]["tmdb"])
    assert title.people.creators == [{"name": "C"}]


def test_a_history_stays_as_it_was_written() -> None:
    change = {"source": "tmdb", "at": "2026-11-21T08:15:30.123Z", "diff": [{"path": "seasons", "old": 2, "new": 3}]}
    assert upgraded("shows", of_version_1(last_change=change))["last_change"] is change


def test_what_is_of_today_is_the_same_object_and_nothing_is_changed_in_place() -> None:
    old = of_version_1()
    before = deepcopy(old)
    new = upgraded("shows", old)
    assert old == before
    assert upgraded("shows", new) is new
    record = {"_id": "1", "said": 1}
    assert upgraded("unmatched", record) is record
    assert upgraded("changes", record) is record


def test_an_unmatched_film_said_names_too() -> None:
    row = {"_id": "the_numbers/Heat", "said": {"title": "Heat", "studios": ["S"]}}
    once = upgraded("unmatched", row)
    assert once["said"] == {"title": "Heat", "studios": [{"name": "S"}]}
    assert upgraded("unmatched", once) == once


ANYTHING: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=3)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from([*SAID, "data", "x"]), inner, max_size=4)
    ),
    max_leaves=8,
)


@given(
    st.dictionaries(
        st.sampled_from([*SAID, "sources", "locks", "provenance", "schema_version", "said"]), ANYTHING, max_size=6
    ),
    st.sampled_from(["movies", "shows", "unmatched", "runs"]),
)
def test_damaged_rows_are_left_to_the_check_of_shapes(row: dict[str, Any], kind: str) -> None:
    once = upgraded(kind, row)
    assert upgraded(kind, once) == once


@pytest.mark.parametrize("version", [2, 3])
def test_a_document_of_today_or_of_a_newer_version_is_not_touched(version: int) -> None:
    document = of_version_1(schema_version=version)
    assert upgraded("shows", document) is document
