"""What is typed becomes a tree, or one clear line with its place."""

import subprocess
import sys
from datetime import UTC, datetime

import pytest

from moviecrawler.exceptions import FilterError
from moviecrawler.policy.filters.expressions import EVERYTHING
from moviecrawler.policy.filters.fields import field_named, names
from moviecrawler.policy.filters.grammar import MAX_LENGTH, parse
from moviecrawler.policy.filters.predicate import predicate

NOW = datetime(2026, 11, 21, 8, 15, tzinfo=UTC)


def test_empty_filter_means_everything() -> None:
    assert parse("") == parse(" \n") == EVERYTHING
    assert predicate(EVERYTHING, NOW)("movies", {"_id": 1})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("year>1999 genre:drama", "year > 1999 AND genre: drama"),
        ("a or b and not c", "a or (b and (not c))"),
        ("((((a))))", "a"),
        ("id in (603, 604)", "id=603 or id=604"),
        ("YEAR", '"year"'),
        ("budget>1.5bn", "box_office.budget>1500000000"),
        ('"say \\"cheese\\""', "any_title:'say-cheese'"),
        ("android", '"Android"'),
        ("kind=film", "kind:movies"),
        ("director:Nolan", "people.directors.name:nolan"),
    ],
)
def test_two_spellings_are_the_same_filter(one: str, other: str) -> None:
    document = {"_id": 603, "year": 2000, "genres": ["Drama"], "title": "b", "box_office": {"budget": 1_600_000_000}}
    titles = [document, *({"_id": 604, "title": title} for title in ("a", "c", "Say: Cheese!", "Android", "Year"))]
    titles.append({"_id": 605, "people": {"directors": [{"name": "Christopher Nolan"}]}})
    first, second = (predicate(parse(text), NOW) for text in (one, other))
    found = [first("movies", title) for title in titles]
    assert found == [second("movies", title) for title in titles]
    assert any(found)


@pytest.mark.parametrize(
    ("text", "position", "said"),
    [
        ("yaer>3", 0, "no field 'yaer'; did you mean year?"),
        ("genre:drama and ratng.imdb>3", 16, "no field 'ratng.imdb'; did you mean rating.imdb?"),
        ("rating.imbd>3", 0, "did you mean imdb?"),
        ("year>", 5, 'the filter ends too early; expected text in "quotes" or a value'),
        ("year>x", 5, "'x': must be a number such as 7.5, 100k, 20m or 1.5bn"),
        ("released>soon", 9, "'soon': must be a day such as 2020"),
        ("released:2021-02-30", 9, "there is no such day"),
        ("changed:7d", 8, "is no day, but a moment"),
        ("updated=7d", 8, "is no day, but a moment: compare it with < or >"),
        ("(year>1", 7, "the filter ends too early; expected )"),
        ("year>1)", 6, "')' cannot stand here"),
        ("and", 0, "'a' cannot stand here"),
        ("a or", 4, "the filter ends too early"),
        ('x "abc', 2, 'another " is missing'),
        ('x ""', 2, "nothing is in the quotes"),
        ("title<3", 6, "'title' is text: compare it with ':', '=' or '!='"),
        ("adult:maybe", 6, "must be yes or no"),
        ("due:imdb", 4, "no source 'imdb'; there are tmdb, omdb, the_numbers"),
        ("missing:the_nmbers", 8, "did you mean the_numbers?"),
        ("locked:titel", 7, "did you mean title?"),
        ("disagree:genres", 9, "has several values"),
        ("picture:postr", 8, "did you mean poster?"),
        ("due=omdb", 4, "takes ':', as in due:omdb"),
        ("box_office>3", 11, "has no value of its own"),
        ("year:99999999999999999999", 5, "too large a number"),
        ("updated<999999y", 8, "too long ago"),
        ("year:..", 5, "a range needs a beginning or an end"),
        ("sources.omd.frozen_at<3d", 0, "did you mean omdb?"),
        ("$where:1", 6, "':' cannot stand here"),
        ("a.b.c:1", 0, "no field 'a.b.c'"),
        ("title:a\0b", 7, "U+0000 is no character of a text"),
        ("\ud800", 0, "U+D800 is no character of a text"),
        ("(" * 10_000 + "x" + ")" * 10_000, MAX_LENGTH, "longer than 4,000 characters"),
        ("not " * 41 + "x", 0, "more than 40 levels"),
        ("x " * 101, 202, "more than 100 terms"),
    ],
)
def test_wrong_filter_is_one_line_with_its_place(text: str, position: int, said: str) -> None:
    with pytest.raises(FilterError) as error:
        parse(text)
    assert said in str(error.value)
    assert "\n" not in str(error.value)
    assert (error.value.position, error.value.text) == (position, text)


def test_parentheses_without_end_do_no_harm() -> None:
    assert parse("(" * 1990 + "year:1999" + ")" * 1990) == parse("year:1999")


def test_every_field_of_a_document_has_a_name() -> None:
    for name in names():
        assert field_named(name).paths


def test_crawls_do_not_load_the_parser() -> None:
    code = "import sys, moviecrawler.addons, moviecrawler.commands.export; print('lark' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
