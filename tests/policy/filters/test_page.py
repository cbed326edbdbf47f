"""docs/filters.md says what there is: its examples are filters, its tables are complete."""

import re

import pytest

from moviecrawler.policy.filters.fields import SHORT, field_named
from moviecrawler.policy.filters.grammar import MAX_DEPTH, MAX_LENGTH, MAX_TERMS, parse
from moviecrawler.policy.filters.terms import ABOUT, ALONE
from tests.support import pages

PAGE = pages.read("filters.md")
EXAMPLES = [row[0].strip("`") for row in pages.rows(pages.section(PAGE, "Examples"))]


@pytest.mark.parametrize("text", EXAMPLES)
def test_an_example_is_a_filter(text: str) -> None:
    assert parse(text)


def test_there_are_examples_and_limits() -> None:
    assert len(EXAMPLES) > 8
    assert f"{MAX_LENGTH:,} characters, {MAX_TERMS} terms and {MAX_DEPTH} levels" in PAGE


def test_the_table_has_every_short_name() -> None:
    rows = {row[0]: tuple(re.findall("`(.*?)`", row[1])) for row in pages.rows(pages.section(PAGE, "Fields"))}
    assert {name.strip("`"): fields for name, fields in rows.items()} == SHORT


def test_the_table_has_every_fact() -> None:
    said = {word for row in pages.rows(pages.section(PAGE, "Facts")) for word in re.findall("`([a-z_]+)[:`]", row[0])}
    assert said == ABOUT.keys() | ALONE.keys()


@pytest.mark.parametrize("name", re.findall("`([a-z_.*A-Z]+(?:[.][a-z_]+)+)`", pages.section(PAGE, "Fields")))
def test_a_field_that_the_page_names_is_there(name: str) -> None:
    assert field_named(name)
