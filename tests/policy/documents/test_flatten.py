"""Documents and records as rows of a table."""

from typing import Any

import pytest

from moviecrawler.items import Movie, Show
from moviecrawler.policy.documents.flatten import flat


@pytest.mark.parametrize(
    ("row", "cells"),
    [
        ({"genres": ["Crime", "Drama"]}, {"genres": "Crime | Drama"}),
        ({"genres": []}, {"genres": ""}),
        ({"titles": {"zh-CN": "盗火线"}}, {"titles": '{"zh-CN": "盗火线"}'}),
        ({"collection": None}, {"collection.id": None, "collection.name": None}),
        ({"trending": {"window": "day", "rank": 2, "at": "x"}}, {"trending.window": "day", "trending.rank": 2}),
        (
            {"people": {"directors": ["Mann"], "cast": [{"name": "Pacino", "character": "Hanna"}]}},
            {"people.directors": "Mann", "people.cast": "Pacino", "people.writers": None},
        ),
        ({"images": {"poster": {"file": "p.jpg"}}}, {"images.poster.file": "p.jpg", "images.backdrop.file": None}),
        ({"releases": [{"country": "US", "type": 3}]}, {"releases": '[{"country": "US", "type": 3}]'}),
    ],
)
def test_cells(row: dict[str, Any], cells: dict[str, Any]) -> None:
    assert flat(row).items() >= cells.items()


def test_cells_are_escaped_only_with_defuse() -> None:
    row = {"title": '=HYPERLINK("http://evil")', "genres": ["@SUM(1)", "Drama"], "budget": -5, "year": "-5"}
    assert flat(row)["title"] == '=HYPERLINK("http://evil")'
    assert flat(row, defuse=True) == {
        "title": '\'=HYPERLINK("http://evil")',
        "genres": "'@SUM(1) | Drama",
        "budget": -5,
        "year": "-5",
    }


@pytest.mark.parametrize("left_out", ["sources", "provenance", "locks", "last_change"])
def test_fields_that_are_not_facts_are_left_out(left_out: str) -> None:
    assert flat({"title": "Heat", left_out: {"a": 1}}) == {"title": "Heat"}


@pytest.mark.parametrize("kind", [Movie, Show])
def test_every_title_has_the_same_columns(kind: type[Movie | Show]) -> None:
    bare = kind(source="tmdb", source_id="1")
    rich = kind(
        source="tmdb",
        source_id="2",
        genres=["Crime"],
        ratings={"imdb": {"score": 8.3}},
        collection={"id": 1, "name": "x"},
    )
    assert list(flat(bare.model_dump())) == list(flat(rich.model_dump()))
