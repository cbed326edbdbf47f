"""What is stored must have the shape that ``documents/`` says, in every part that code relies on."""

from typing import Any

import pytest
from pydantic_core import SchemaValidator

from moviecrawler import documents
from moviecrawler.documents import facts, records
from moviecrawler.policy.documents.shape import defect, schema
from tests.support.answers import answer, document_of
from tests.support.records import RECORDS, WRONG_RECORDS

AT = "2026-11-21T12:00:00.000Z"
POSTER = {"source_path": "/p.jpg", "source_sha256": "5f1c", "file": "p.jpg", "files": {}}
WHOLE: dict[str, Any] = {**document_of(answer(title="Heat", runtime=170, release_date="1995-12-15"))}

WRONG: dict[str, dict[str, Any]] = {
    "in sources.omdb its failed_at is 'soon'": {
        **WHOLE,
        "sources": {**WHOLE["sources"], "omdb": {**WHOLE["sources"]["omdb"], "failed_at": "soon"}},
    },
    "its alternative_titles.0 is 7": {**WHOLE, "alternative_titles": [7]},
    "its people.cast.0.name is None": {**WHOLE, "people": {**WHOLE["people"], "cast": [{"name": None}]}},
    "its images.poster.files is []": {**WHOLE, "images": {"poster": {**POSTER, "files": []}}},
    "its release_date is 'in December'": {**WHOLE, "release_date": "in December"},
    "its trending.rank is '1'": {**WHOLE, "trending": {"window": "day", "rank": "1", "at": AT}},
    "it has no last_change.diff.0.path": {
        **WHOLE,
        "last_change": {"source": "tmdb", "at": AT, "revision": 1, "diff": [{"old": 1, "new": 2}]},
    },
}
UNKNOWN_FIELDS = {
    **WHOLE,
    "mood": ["a newer version's"],
    "sources": {**WHOLE["sources"], "wikidata": 7, "tmdb": {**WHOLE["sources"]["tmdb"], "mood": 7}},
}
OLDER = {name: value for name, value in WHOLE.items() if name not in ("country_codes", "creators", "same_as")}


@pytest.mark.parametrize("why", WRONG)
def test_a_document_of_a_wrong_shape_is_named_with_what_is_wrong(why: str) -> None:
    assert defect("movies", WHOLE) is None
    assert defect("movies", WRONG[why]) == why


@pytest.mark.parametrize("document", [UNKNOWN_FIELDS, OLDER], ids=["newer", "older"])
def test_a_document_of_another_version_is_whole(document: dict[str, Any]) -> None:
    assert defect("movies", document) is None


@pytest.mark.parametrize("name", sorted(set(WHOLE) & set(facts.Facts.__annotations__)))
def test_a_fact_may_be_null_unless_code_relies_on_it(name: str) -> None:
    expected = f"its {name} is None" if name in ("titles", "people", "box_office") else None
    assert defect("movies", {**WHOLE, name: None}) == expected


@pytest.mark.parametrize("name", ["title", "year", "imdb_id", "people", "box_office", "sources", "locks", "revision"])
def test_what_code_relies_on_must_be_there(name: str) -> None:
    assert defect("movies", {key: value for key, value in WHOLE.items() if key != name}) == f"it has no {name}"


@pytest.mark.parametrize("at", ["soon", "", "2026-02-30T12:00:00.000Z", "2026-11-21T12:00:00.000"])
def test_a_timestamp_must_be_one(at: str) -> None:
    row = {**RECORDS["rejects"], "at": at}
    assert defect("rejects", row) == f"its at is {at!r}"


def test_a_number_that_no_store_holds_is_none() -> None:
    assert defect("raw", {**RECORDS["raw"], "id": 2**63}) == f"its id is {2**63}"


@pytest.mark.parametrize("at", [["2026-11-21T12:00:00.000Z"] * 2, []])
def test_the_lists_of_a_curve_have_one_length(at: list[str]) -> None:
    wrong = {"at": at, "values": {"popularity": [1]}}
    assert (defect("samples", {"_id": "movies/603", "curves": {"tmdb": wrong}}) or "").startswith(
        "its curves.tmdb is {"
    )


@pytest.mark.parametrize("kind", RECORDS)
def test_a_record_of_a_wrong_shape_is_named_with_what_is_wrong(kind: str) -> None:
    why, change = WRONG_RECORDS[kind]
    assert defect(kind, RECORDS[kind]) is None
    assert defect(kind, {**RECORDS[kind], **change}) == why
    assert (defect(kind, {"_id": "empty"}) or "").startswith("it has no ")


def test_every_kind_of_record_is_tried() -> None:
    assert RECORDS.keys() == WRONG_RECORDS.keys() == records.RECORDS.keys()


def test_of_an_unknown_kind_nothing_is_known() -> None:
    assert defect("moods", {"_id": "movies/603"}) is None


def test_a_closed_shape_has_no_other_field() -> None:
    closed = SchemaValidator(schema(documents.Document, closed=True))
    assert closed.isinstance_python(WHOLE)
    assert not closed.isinstance_python({**WHOLE, "mood": 7})
    assert not closed.isinstance_python(UNKNOWN_FIELDS)


DAYS = {
    **{"1995-12-15": True, "1996-02-29": True, "1995-12-31": True, "0001-01-01": True, "1995-12-15T08:00": True},
    **{"1995-02-29": False, "1995-04-31": False, "1995-13-01": False, "0000-01-01": False, "١٩٩٥-12-15": False},
}


@pytest.mark.parametrize("day", DAYS)
def test_a_day_is_one_of_the_calendar(day: str) -> None:
    why = defect("movies", {**WHOLE, "release_date": day})
    assert why == (None if DAYS[day] else f"its release_date is {day!r}")


TIMES = {
    **{AT: True, "2024-02-29T23:59:59.999Z": True, "2026-11-21T12:00:00+01:00": True},
    **{"2025-02-29T12:00:00.000Z": False, "2026-11-21T24:30:00.000Z": False, "2026-11-21T12:00:00.000": False},
}


@pytest.mark.parametrize("time", TIMES)
def test_a_timestamp_has_a_zone(time: str) -> None:
    why = defect("movies", {**WHOLE, "updated_at": time})
    assert why == (None if TIMES[time] else f"its updated_at is {time!r}")
