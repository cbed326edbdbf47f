"""`scrapy crawl tmdb_search`: titles by name, and what is left to a person."""

import json
from collections import Counter

from tests.support.crawl import Home, paths, queries
from tests.support.sandbox import Sandbox

SANDBOX = ("--movies", "300")


def test_a_name_with_its_year_is_one_search_and_one_title(sandbox: Sandbox, home: Home) -> None:
    ended = home.crawl("tmdb_search", "query=The Matrix (1999)", LANGUAGES="zh-CN,en-US")
    assert ended.status == 0, ended.stderr
    assert paths(sandbox.log()) == ["/search/movie", "/movie/603"]
    assert (queries(sandbox.log(), "query"), queries(sandbox.log(), "year")) == (["The+Matrix"], ["1999"])
    assert home.documents().keys() == {603}
    assert home.records("unmatched") == {}
    sandbox.clear_log()
    assert home.crawl("tmdb_search", "query=matrix, the", "year=1999").status == 0
    assert paths(sandbox.log()) == ["/search/movie"]
    assert (home.stats["titles/found"], home.stats["refresh/skipped/not_due"]) == (1, 1)
    sandbox.clear_log()
    assert home.crawl("tmdb_search", "query=The Matrix", "year=1999", "force=1").status == 0
    assert paths(sandbox.log()) == ["/search/movie", "/movie/603"]


def test_shows_and_titles_that_the_first_language_calls_otherwise(sandbox: Sandbox, home: Home) -> None:
    assert home.crawl("tmdb_search", "query=Breaking Bad", "media=shows").status == 0
    assert home.documents("shows").keys() == {1396}
    sandbox.clear_log()
    assert home.crawl("tmdb_search", "query=Spirited Away", LANGUAGES="zh-CN").status == 0
    assert home.documents().keys() == {129}
    assert queries(sandbox.log(), "language")[:2] == ["zh-CN", "en-US"], "called so in English only"


def test_what_may_be_several_is_left_to_a_person_who_decides_for_good(sandbox: Sandbox, home: Home) -> None:
    for id in (13, 14):
        sandbox.patch("movie", id, title="The Same Name", original_title="The Same Name", release_date="2011-05-01")
    text = "The Same Name (2011)\nNobody Made This (1999)\nThe Matrix (1999)\n"
    (home.folder / "titles.txt").write_text(text)
    ended = home.crawl("tmdb_search", "file=titles.txt")
    assert (ended.status, home.last_run["finish_reason"]) == (0, "finished"), ended.stderr
    assert home.documents().keys() == {603}
    rows = home.records("unmatched")
    assert rows.keys() == {"search/movies/The Same Name (2011)", "search/movies/Nobody Made This (1999)"}
    doubtful = rows["search/movies/The Same Name (2011)"]
    assert sorted(doubtful["candidates"]) == [13, 14]
    assert (doubtful["title"], doubtful["year"], doubtful["settled"]) == ("The Same Name", 2011, None)
    assert rows["search/movies/Nobody Made This (1999)"]["candidates"] == []
    assert (home.stats["titles/found"], home.stats["misses/tmdb/doubtful"], home.stats["misses/tmdb/not_found"]) == (
        3,
        1,
        1,
    )
    assert "movies/The Same Name (2011) may be one of several" in ended.stderr
    assert any(line.split()[:4] == ["2", "without", "an", "answer:"] for line in ended.lines)
    assert any("by hand: scrapy match" in line for line in ended.lines)

    shown = home.scrapy("match")
    assert "search/movies/The Same Name (2011)" in shown.stdout
    assert "movies/13  The Same Name (2011-05-01)" in shown.stdout
    assert "Nobody" not in shown.stdout
    assert "1 to match" in shown.stdout
    assert shown.stdout.splitlines()[-1] == "1 not found at TMDB by tmdb_search: scrapy match --all"
    assert "Nobody Made This (1999): not found at TMDB" in home.scrapy("match", "--all").stdout
    (row,) = map(json.loads, home.scrapy("match", "--json").stdout.splitlines())
    assert sorted(candidate["id"] for candidate in row["candidates"]) == [13, 14]

    name = "search/movies/The Same Name (2011)"
    assert home.scrapy("match", "--accept", name, "shows/14").status == 2
    accepted = home.scrapy("match", "--accept", name, "movies/14")
    assert accepted.status == 0, accepted.stderr
    assert "scrapy crawl tmdb_titles -a ids=movies/14" in accepted.stdout
    assert home.scrapy("match", "--refuse", "search/movies/Nobody Made This (1999)").status == 0
    sandbox.clear_log()
    assert home.crawl("tmdb_search", "file=titles.txt").status == 0
    assert Counter(paths(sandbox.log())) == {"/search/movie": 1, "/movie/14": 1}, "only The Matrix is searched for"
    assert (home.stats["titles/found"], home.stats["refresh/skipped/refused"]) == (3, 1)
    assert home.documents().keys() == {603, 14}
    assert home.scrapy("match", "--refuse", name).status == 0, "another mind is no trouble"


def test_a_title_that_is_found_later_is_no_longer_unmatched(sandbox: Sandbox, home: Home) -> None:
    assert home.crawl("tmdb_search", "query=Not Yet Known (2011)").status == 0
    assert home.records("unmatched").keys() == {"search/movies/Not Yet Known (2011)"}
    sandbox.patch("movie", 13, title="Not Yet Known", original_title="Not Yet Known", release_date="2011-05-01")
    assert home.crawl("tmdb_search", "query=Not Yet Known (2011)").status == 0
    assert home.documents().keys() == {13}
    assert home.records("unmatched") == {}


def test_other_films_of_a_run_leave_what_was_searched_for_alone(sandbox: Sandbox, home: Home) -> None:
    assert home.crawl("tmdb_search", "query=Nobody Made This (1999)").status == 0
    before = home.records("unmatched")
    assert home.crawl("tmdb_titles", "ids=603").status == 0
    assert home.records("unmatched") == before


def test_a_csv_with_titles_and_years(sandbox: Sandbox, home: Home) -> None:
    text = '\ufefftitle,year\r\n"Matrix, The",1999\r\n\r\n,2000\r\nSpirited Away,2001\r\nThe Matrix,1999\r\n'
    (home.folder / "titles.csv").write_bytes(text.encode())
    ended = home.crawl("tmdb_search", "file=titles.csv")
    assert (ended.status, home.documents().keys()) == (1, {603, 129})
    assert "titles.csv, line 4: ',2000' is no title" in ended.stderr
    assert Counter(paths(sandbox.log())) == {"/search/movie": 3, "/movie/603": 1, "/movie/129": 1}
    assert home.stats["refresh/skipped/asked_already"] == 1


def test_a_search_that_is_not_answered_makes_the_run_incomplete(sandbox: Sandbox, home: Home) -> None:
    (home.folder / "titles.txt").write_text("The Matrix (1999)\n")
    sandbox.faults([{"kind": "500", "target": "/3/search/movie"}])
    ended = home.crawl("tmdb_search", "file=titles.txt")
    assert (ended.status, home.last_run["finish_reason"]) == (1, "incomplete")
    assert home.stats["incomplete/listing"] == 1
    sandbox.faults([{"kind": "500", "target": "/3/find/tt0133093"}])
    ended = home.crawl("tmdb_titles", "ids=tt0133093,603")
    assert (ended.status, home.last_run["finish_reason"]) == (1, "incomplete")
    assert home.documents().keys() == {603}


def test_wrong_arguments_are_one_line(home: Home) -> None:
    for arguments, says in (
        ((), "give either query or file"),
        (("query=x", "file=y"), "file='y': must be a list that can be read: there is no "),
        (("query= ",), "query=' ': must be a title such as"),
        (("query=x", "media=all"), "media='all': must be movies or shows"),
        (("file=scrapy.cfg", "year=1999"), "argument year is for query"),
    ):
        ended = home.crawl("tmdb_search", *arguments)
        assert (ended.status, len(ended.lines)) == (2, 1), ended.stderr
        assert says in ended.stderr
