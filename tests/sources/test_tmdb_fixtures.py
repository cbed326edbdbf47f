"""Every field of every fixture is a test of its own, so that a failure names the fixture and the field."""

from functools import cache
from typing import Any

import pytest

from tests.sources.fixture_files import MODELS, expected_title, names, parsed, read

TITLES = names("movie", "show")
ROWS = [(name, rank) for name in names("trending") for rank in range(len(read(name, "expected")))]
ROW_FIELDS = list(read("trending_movie", "expected")[0])

result = cache(parsed)


def title_fields() -> list[tuple[str, str]]:
    return [(name, field) for name in TITLES for field in MODELS[name.split("_")[0]].model_fields]


@pytest.mark.parametrize(("fixture", "field"), title_fields())
def test_a_title_has_the_expected(fixture: str, field: str) -> None:
    assert result(fixture)[field] == expected_title(fixture)[field]


@pytest.mark.parametrize("fixture", TITLES)
def test_a_fixture_expects_no_other_field(fixture: str) -> None:
    assert expected_title(fixture).keys() == MODELS[fixture.split("_")[0]].model_fields.keys()


def test_the_full_fixtures_leave_no_field_unproved() -> None:
    """What neither full fixture fills, TMDB cannot fill."""

    def unfilled(name: str) -> set[str]:
        blank: tuple[Any, ...] = (None, [], {})
        return {field for field, value in expected_title(name).items() if value in blank}

    assert unfilled("movie_full") == {"distributor", "awards"}
    assert unfilled("show_full") == {"distributor", "awards", "collection", "video"}


@pytest.mark.parametrize(("fixture", "number"), ROWS)
@pytest.mark.parametrize("field", ROW_FIELDS)
def test_a_trending_row_has_the_expected(fixture: str, number: int, field: str) -> None:
    assert result(fixture)[number][field] == read(fixture, "expected")[number][field]


@pytest.mark.parametrize("fixture", names("trending"))
def test_a_trending_page_has_no_other_rows(fixture: str) -> None:
    assert len(result(fixture)) == len(read(fixture, "expected"))


@pytest.mark.parametrize("field", ["rows", "page", "total_pages", "total_results"])
@pytest.mark.parametrize("fixture", names("discover"))
def test_a_discover_page_has_the_expected(fixture: str, field: str) -> None:
    assert result(fixture)[field] == read(fixture, "expected")[field]


@pytest.mark.parametrize("fixture", names("changes", "collection", "error", "find"))
def test_other_answers_are_as_expected(fixture: str) -> None:
    assert result(fixture) == read(fixture, "expected")
