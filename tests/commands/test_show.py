"""`scrapy show`, as a user runs it."""

import re
from typing import Any

import pytest

from moviecrawler.documents.records import DROPPED
from moviecrawler.policy.terminal import COLUMNS, width
from moviecrawler.stores.base import Store, Write
from tests.commands.stored import Stored
from tests.support.films import film
from tests.support.records import RECORDS

EVIL = "\x1b]0;owned\x07\x1b[2JThe\nMatrix\x9b31m\u202e\r"
OBEYED = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def write(kind: str, id: int, **changes: Any) -> Write:
    return Write(kind, id, film(id, **changes), None)


NAMED = {"titles": {}, "alternative_titles": []}


@pytest.fixture
def films(stored: Stored) -> Stored:
    async def fill(store: Store) -> None:
        the_matrix = {"title": "The Matrix", "original_title": "The Matrix", "imdb_id": "tt0133093", "year": 1999}
        await store.documents.write(
            [
                write("movies", 603, **the_matrix, **NAMED, provenance={"people.cast": "tmdb"}),
                write("movies", 604, title="Heat", original_title="Heat", year=1986, **NAMED),
                write("movies", 949, title="Heat", original_title="Heat", year=1995, **NAMED),
                write("shows", 1396, title="Breaking Bad", original_title="Breaking Bad", **NAMED),
            ]
        )
        await store.records.put(DROPPED, [{**RECORDS["dropped"], "_id": "movies/7", "id": 7}])  # type: ignore[typeddict-item]

    stored.fill(fill)
    return stored


@pytest.mark.parametrize(
    "name",
    [
        *("603", "movies/603", "tt0133093", "https://www.imdb.com/title/tt0133093/?ref_=x", "the matrix"),
        *("https://www.themoviedb.org/movie/603-the-matrix", "The Matrix (1999)"),
    ],
)
def test_a_title_is_found_by_every_name(name: str, films: Stored) -> None:
    shown = films.done("show", name)
    assert shown.startswith("movies/603  The Matrix (1999)\n")


def test_a_title_is_shown_with_sources_and_people_by_name(films: Stored) -> None:
    shown = films.done("show", "603").splitlines()
    cast = next(line.split() for line in shown if line.startswith("    cast "))
    assert (cast[1:4], cast[-1]) == (["Copper", "Lantern", "(Copper),"], "tmdb")
    assert shown[shown.index("sources") + 1].split()[:2] == ["tmdb", "asked"]
    assert max(map(width, shown)) <= COLUMNS


def test_several_titles_are_shown_one_after_the_other(films: Stored) -> None:
    shown = films.done("show", "603", "shows/1396")
    assert [line.split()[0] for line in shown.splitlines() if re.match(r"(movies|shows)/", line)] == [
        "movies/603",
        "shows/1396",
    ]
    found = films.json("show", "603", "shows/1396")
    assert [(one["kind"], one["id"], one["document"]["title"]) for one in found] == [
        ("movies", 603, "The Matrix"),
        ("shows", 1396, "Breaking Bad"),
    ]
    assert found[0]["plan"].keys() == {"tmdb", "omdb", "the_numbers"}
    assert found[0]["plan"]["tmdb"].keys() == {"due_at", "is_due", "why"}


def test_what_is_not_stored_says_which_command_asks_for_it(films: Stored) -> None:
    assert films.refused(1, "show", "movies/9") == (
        "scrapy show: movies/9 is not stored; this asks for it: scrapy crawl tmdb_titles -a ids=movies/9"
    )
    assert "movies/7 is not stored (dropped by the filter: votes); this asks" in films.refused(1, "show", "7")
    assert "-a ids=tt0000009" in films.refused(1, "show", "tt0000009")
    assert "no stored title is called Nothing" in films.refused(1, "show", "Nothing")


def test_the_others_are_shown_when_one_is_not_stored(films: Stored) -> None:
    ended = films.scrapy("show", "9", "603", "--json")
    assert (ended.status, len(ended.lines), len(ended.stdout.splitlines())) == (1, 1, 1)


def test_a_name_of_several_titles_lists_them(films: Stored) -> None:
    ended = films.scrapy("show", "Heat")
    assert (ended.status, ended.stdout) == (1, "")
    assert ended.lines == [
        "scrapy show: 2 titles are called Heat; name one by its id:",
        "  movies/604  Heat (1986)",
        "  movies/949  Heat (1995)",
    ]
    assert films.done("show", "Heat (1995)").startswith("movies/949  Heat (1995)\n")


@pytest.mark.parametrize("words", [(), ("shows/x",), ("people/603",), ("0",), (" ",), ("https://example.org/603",)])
def test_what_is_no_title_is_wrong_usage(words: tuple[str, ...], stored: Stored) -> None:
    assert stored.refused(2, "show", *words).startswith("scrapy show: ")


def test_nothing_is_made_where_nothing_is_stored(stored: Stored) -> None:
    assert "nothing is stored there yet" in stored.refused(1, "show", "603")
    assert not stored.folder.exists()
    assert "nothing is stored there yet" in stored.refused(1, "show", "603"), "the first look has made nothing"


def test_a_title_takes_no_terminal(stored: Stored) -> None:
    evil = {"title": EVIL, "overview": EVIL, "provenance": {"title": EVIL}, "locks": {EVIL: EVIL}, "genres": [EVIL]}
    stored.fill(lambda store: store.documents.write([write("movies", 1, **evil)]))
    shown = stored.done("show", "1")
    assert not OBEYED.search(shown)
    assert stored.json("show", "1")[0]["document"]["title"] == EVIL
    assert not OBEYED.search(stored.done("show", "1", "--json"))


def test_a_damaged_title_is_named_as_that(sqlite_uri: str, films: Stored) -> None:
    if films.uri != sqlite_uri:
        pytest.skip("damage is made by hand, in a file")
    import sqlite3

    with sqlite3.connect(films.uri.removeprefix("sqlite:///")) as connection:
        connection.execute("UPDATE documents SET document = '{' WHERE id = 603")
    connection.close()
    line = films.refused(1, "show", "603")
    assert "movies/603 is damaged and left out" in line
