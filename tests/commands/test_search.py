"""`scrapy search`, as a user runs it."""

import json
import os
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from moviecrawler.policy.terminal import COLUMNS, width
from moviecrawler.stores.base import Store
from tests.commands.stored import Stored
from tests.search.films import GONE, named, people, put

EVIL = "\x1b]0;owned\x07\x1b[2JThe\nMatrix\x9b31m\u202e\r"


def fill(*documents: Any) -> Any:
    async def filled(store: Store) -> None:
        await store.documents.write([put(document) for document in documents])
        await store.documents.write([put(named(1396, "Breaking Bad", year=2008), kind="shows")])

    return filled


THE_MATRIX = named(
    603, "The Matrix", year=1999, imdb_id="tt0133093", titles={"zh-CN": "黑客帝国"}, people=people("Keanu Reeves")
)


@pytest.fixture
def films(stored: Stored) -> Stored:
    stored.fill(fill(THE_MATRIX, named(129, "千と千尋の神隠し", year=2001), named(5, "Heat", year=1995)))
    return stored


@pytest.mark.parametrize("words", [("the", "matrix"), ("黑",), ("keanu",), ("603",), ("tt0133093",), ("ma",)])
def test_titles_are_found_and_are_one_line_each_for_programs(words: tuple[str, ...], films: Stored) -> None:
    assert films.json("search", *words) == [{"kind": "movies", "_id": 603, "title": "The Matrix", "year": 1999}]
    assert films.done("search", *words) == "movies/603  1999  The Matrix\n"


def test_a_show_is_found_beside_films_and_what_is_written_later_too(films: Stored) -> None:
    assert films.done("search", "shows/1396") == films.done("search", "breaking") == "shows/1396  2008  Breaking Bad\n"
    films.fill(lambda store: store.documents.write([put(named(6, "Breaking Glass"))]))
    assert [row["_id"] for row in films.json("search", "breaking", "--sort", "title")] == [1396, 6]


def test_a_filter_narrows_what_is_found_or_finds_by_itself(films: Stored) -> None:
    assert [row["_id"] for row in films.json("search", "--where", "year>=2000", "--sort", "-year")] == [1396, 129]
    assert [row["_id"] for row in films.json("search", "--where", "year>=2000", "--sort", "year")] == [129, 1396]
    assert films.json("search", "--where", "kind:movies", "--sort", "-imdb_id")[0]["_id"] == 603
    assert [row["_id"] for row in films.json("search", "ma", "--where", "person:reeves")] == [603]
    films.fill(lambda store: store.documents.write([put(named(9, "Gone Girl", sources=GONE))]))
    assert [row["_id"] for row in films.json("search", "--where", "gone")] == [9]
    assert films.refused(0, "search", "matrix", "--where", "gone") == "scrapy search: no stored title is meant by that"
    ended = films.scrapy("search", "--where", "yaer>2000")
    assert (ended.status, ended.lines[0]) == (2, "scrapy search: --where: no field 'yaer'; did you mean year?")
    films.done("views", "save", "old", "year<2000", "--sort", "-year")
    assert [row["_id"] for row in films.json("search", "--view", "old")] == [603, 5]
    assert [row["_id"] for row in films.json("search", "--view", "old", "--sort", "year")] == [5, 603]
    assert films.scrapy("search", "--view", "new").status == 2


def test_misspelt_words_show_the_nearest_with_a_hint(films: Stored) -> None:
    ended = films.scrapy("search", "matrxi", "--json")
    assert (ended.status, ended.stderr) == (0, "scrapy search: nothing has 'matrxi'; did you mean 'matrix'?\n")
    assert json.loads(ended.stdout)["_id"] == 603


def test_words_that_no_title_has_together_show_what_has_some_of_them(films: Stored) -> None:
    ended = films.scrapy("search", "matrix", "heat", "--json")
    assert ended.stderr == "scrapy search: nothing has all of 'matrix heat'; this has some of the words\n"
    assert {json.loads(line)["_id"] for line in ended.stdout.splitlines()} == {603, 5}


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["xyzzyx"], "nothing is stored that has 'xyzzyx'"),
        (["7"], "movies/7 is not stored; this asks for it: scrapy crawl tmdb_titles -a ids=movies/7"),
        (["tt0000007"], "tt0000007 is not stored; this asks for it: scrapy crawl tmdb_titles -a ids=tt0000007"),
    ],
)
def test_what_is_not_found_is_one_line(words: list[str], line: str, films: Stored) -> None:
    assert films.refused(0, "search", *words) == f"scrapy search: {line}"


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ([], "say what to look for: words, a name, 603, shows/1396, tt0133093, an address"),
        (["x" * 301], f"'{'x' * 40}'...: must be 300 characters at most, it has 301"),
        (["x", "--limit", "ten"], "--limit='ten': must be a whole number, 0 or more"),
    ],
)
def test_wrong_usage_is_one_line(words: list[str], line: str, tmp_path: Path) -> None:
    stored = Stored(tmp_path, "", {})
    assert stored.refused(2, "search", *words).startswith(f"scrapy search: {line}")


def test_an_order_by_no_field_is_pointed_at(tmp_path: Path) -> None:
    ended = Stored(tmp_path, "", {}).scrapy("search", "x", "--sort", "titel")
    assert (ended.status, ended.lines[0]) == (2, "scrapy search: --sort: no field 'titel'; did you mean title?")


def test_nothing_stored_is_one_line_and_nothing_is_made(stored: Stored) -> None:
    assert "nothing is stored there yet" in stored.refused(1, "search", "matrix")
    assert not stored.folder.exists() or not [name for name in os.listdir(stored.folder) if "search" in name]


def test_the_table_fits_80_columns_says_how_many_there_are_and_obeys_no_title(stored: Stored) -> None:
    long = [named(id_, "千と千尋の神隠し" * 12, year=2001) for id_ in range(10, 35)]
    stored.fill(fill(named(1, f"千と {EVIL}", popularity=9.0), *long))
    lines = stored.done("search", "千と").splitlines()
    assert (len(lines), lines[-1]) == (21, "the first 20 of 26 titles; --limit 0 shows all")
    assert all(width(line) <= COLUMNS and line.isprintable() for line in lines)
    assert len(stored.done("search", "千と", "--limit", "0").splitlines()) == 26
    assert "\x1b" not in stored.done("search", "千と", "--limit", "1", "--json")


def test_each_store_has_its_own_index_in_the_folder_of_data(films: Stored, tmp_path: Path) -> None:
    films.done("search", "matrix")
    other = Stored(films.folder, f"sqlite:///{tmp_path}/other.db", {})
    other.fill(fill(named(1, "Another Matrix")))
    assert [row["_id"] for row in other.json("search", "matrix")] == [1]
    assert [row["_id"] for row in films.json("search", "matrix")] == [603]
    assert len([name for name in os.listdir(films.folder) if name.startswith("search-") and name.endswith(".db")]) == 2


def test_an_index_whose_damage_only_a_search_finds_is_made_anew(films: Stored) -> None:
    films.done("search", "matrix")
    (path,) = films.folder.glob("search-*.db")
    with sqlite3.connect(path) as connection:
        connection.execute("DELETE FROM words_data WHERE id > 10")
    connection.close()
    assert films.done("search", "matrix") == "movies/603  1999  The Matrix\n"


def test_health_says_what_is_not_in_the_index_once_there_is_one(films: Stored) -> None:
    settings = {"IMAGES_STORE": str(films.folder / "pictures")}
    checked = ("health", "--only", "search", "--json")
    assert json.loads(films.done(*checked, **settings))["findings"] == []
    films.done("search", "matrix")
    assert json.loads(films.done(*checked, **settings))["findings"] == []
    films.fill(lambda store: store.documents.write([put(named(6, "Moon"))]))
    (finding,) = json.loads(films.done(*checked, **settings))["findings"]
    assert (finding["severity"], finding["sample"]) == ("note", ["movies/6 has been written since"])
