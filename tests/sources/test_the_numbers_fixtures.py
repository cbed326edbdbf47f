"""Every value of every fixture is a test of its own, so that a failure names the fixture, the row and the field."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from tests.sources.the_numbers_files import expected, names, parsed

PAGES = names("budgets", "chart", "film")

result = cache(parsed)


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """``titles.0.box_office.budget`` and its value, for everything inside a JSON value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
    if inner is None:
        yield path, value
    else:
        for key, member in inner:
            yield from leaves(member, f"{path}.{key}" if path else str(key))


@pytest.mark.parametrize(("page", "path"), [(page, path) for page in PAGES for path, _ in leaves(expected(page))])
def test_a_page_has_the_expected(page: str, path: str) -> None:
    assert dict(leaves(result(page))).get(path) == dict(leaves(expected(page)))[path]


@pytest.mark.parametrize("page", PAGES)
def test_a_page_says_nothing_else(page: str) -> None:
    assert dict(leaves(result(page))).keys() == dict(leaves(expected(page))).keys()


@pytest.mark.parametrize("page", names("broken"))
def test_a_broken_page_is_one_line_that_says_what_is_wrong(page: str) -> None:
    assert result(page) == expected(page)
    assert "\n" not in expected(page)["error"]


FILLED = {
    *("source", "source_id", "title", "release_date", "year", "releases", "runtime", "genres", "keywords"),
    *("countries", "country_codes", "studios", "certification", "distributor", "box_office"),
}
"""What else a title has is not on the page, is somebody's own words (the synopsis), or is for the spider to set."""


def test_the_full_film_leaves_no_field_unproved() -> None:
    assert expected("film_2019").keys() == FILLED
    assert all(expected("film_2019")["box_office"].values())
    assert len(expected("film_2019")["box_office"]) == 5
