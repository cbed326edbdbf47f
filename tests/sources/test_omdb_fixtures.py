"""Every field of every OMDB fixture is a test of its own, so that a failure names the fixture and the field."""

from functools import cache
from typing import Any

import pytest

from moviecrawler.items import ExternalIds
from tests.sources.fixture_files import MODELS, expected_title, names, parsed

TITLES = names("movie", "show", source="omdb")

result = cache(parsed)


def title_fields() -> list[tuple[str, str]]:
    return [(name, field) for name in TITLES for field in MODELS[name.split("_")[0]].model_fields]


@pytest.mark.parametrize(("fixture", "field"), title_fields())
def test_a_title_has_the_expected(fixture: str, field: str) -> None:
    assert result(fixture, "omdb")[field] == expected_title(fixture, "omdb")[field]


@pytest.mark.parametrize("fixture", TITLES)
def test_a_fixture_expects_no_other_field(fixture: str) -> None:
    assert expected_title(fixture, "omdb").keys() == MODELS[fixture.split("_")[0]].model_fields.keys()


@pytest.mark.parametrize(("fixture", "own"), [("movie_full", set()), ("show_full", {"first_air_date", "season_count"})])
def test_the_full_fixtures_leave_no_field_of_omdb_unproved(fixture: str, own: set[str]) -> None:
    filled = {field for field, value in expected_title(fixture, "omdb").items() if value not in BLANK}
    missing = set() if fixture == "movie_full" else {"homepage", "studios"}  # series lack both
    assert filled == FILLED - missing | own


BLANK: tuple[Any, ...] = (None, [], {}, ExternalIds().model_dump())
FILLED = {
    *("source", "source_id", "part", "imdb_id", "title", "overview", "homepage", "release_date", "year", "runtime"),
    *("genres", "countries", "country_codes", "studios", "certification", "awards", "people", "ratings", "box_office"),
}
