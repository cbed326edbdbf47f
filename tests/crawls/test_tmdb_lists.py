"""`scrapy crawl tmdb_list`, `tmdb_collections`, `tmdb_recommended`, and `tmdb_discover` of shows."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import parse_qs

import pytest

from moviecrawler.documents import Document
from moviecrawler.stores import open_store
from moviecrawler.stores.base import Write
from tests.support.crawl import Home, paths
from tests.support.sandbox import Sandbox
from tests.support.sandbox_client import fetch

SANDBOX = ("--movies", "600", "--shows", "60")


@pytest.mark.parametrize(
    ("arguments", "path"),
    [
        (("name=now_playing",), "movie/now_playing"),
        (("name=on_the_air",), "tv/on_the_air"),
        (("name=popular",), "movie/popular"),
        (("name=top_rated", "kind=shows"), "tv/top_rated"),
    ],
)
def test_a_list_is_asked_for_once_and_each_of_its_titles_once(
    sandbox: Sandbox, home: Home, arguments: tuple[str, ...], path: str
) -> None:
    ids = [row["id"] for row in fetch(f"{sandbox.api}/{path}").json["results"]]
    sandbox.clear_log()
    ended = home.crawl("tmdb_list", *arguments, FILTER_ENABLED="0")
    assert ended.status == 0, ended.stderr
    kind = path.partition("/")[0]
    assert Counter(paths(sandbox.log())) == {f"/{path}": 1, **{f"/{kind}/{id}": 1 for id in ids}}
    assert home.documents("movies" if kind == "movie" else "shows").keys() == set(ids)
    assert home.stats["titles/found"] == home.stats["titles/expected"] == len(ids)
    sandbox.clear_log()
    assert home.crawl("tmdb_list", *arguments, FILTER_ENABLED="0").status == 0
    assert paths(sandbox.log()) == [f"/{path}"]


def test_a_list_has_a_limit_over_its_pages_and_the_filter_applies(sandbox: Sandbox, home: Home) -> None:
    ended = home.crawl("tmdb_list", "name=top_rated", "limit=30", FILTER_MIN_VOTES="1000000")
    assert ended.status == 0, ended.stderr
    assert paths(sandbox.log())[0] == "/movie/top_rated"
    assert Counter(paths(sandbox.log()))["/movie/top_rated"] == 2
    assert home.stats["titles/found"] == 30
    assert len(home.records("dropped")) + len(home.documents()) == 30
    assert home.records("dropped")


def test_wrong_arguments_of_a_list_are_one_line(home: Home) -> None:
    for arguments, says in (
        (("name=best",), "name='best': must be popular, top_rated, now_playing, upcoming, airing_today or on_the_air"),
        (("name=upcoming", "media=shows"), "media='shows': upcoming is a list of movies"),
        (("name=on_the_air", "kind=movie"), "media='movies': on_the_air is a list of shows"),
        (("media=all",), "media='all': must be movies or shows"),
    ):
        ended = home.crawl("tmdb_list", *arguments)
        assert (ended.status, len(ended.lines)) == (2, 1), ended.stderr
        assert says in ended.stderr


def test_shows_are_discovered_by_the_day_on_which_they_began(sandbox: Sandbox, home: Home) -> None:
    arguments = ("media=shows", "start_year=2005", "end_year=2012", "min_votes=0", "genre=drama")
    ended = home.crawl("tmdb_discover", *arguments, FILTER_ENABLED="0")
    assert ended.status == 0, ended.stderr
    log = sandbox.log()
    assert log[0]["path"] == "/3/discover/tv"
    assert parse_qs(log[0]["query"]) == {
        "include_adult": ["false"],
        "language": ["en-US"],
        "page": ["1"],
        "first_air_date.gte": ["2005-01-01"],
        "first_air_date.lte": ["2012-12-31"],
        "sort_by": ["popularity.desc"],
        "vote_count.gte": ["0"],
        "with_genres": ["18"],
    }
    shows = home.documents("shows")
    assert 1396 in shows
    assert {"2005" <= show["first_air_date"][:4] <= "2012" for show in shows.values()} == {True}
    assert "shows expected from 2005-01-01 to 2012-12-31" in ended.stderr
    assert Counter(paths(log))["/tv/1396"] == 1


def test_what_only_films_have_is_refused_for_shows(home: Home) -> None:
    for argument, says in (
        ("region=US", "region='US': is for films only"),
        ("genre=horror", "genre='horror': shows have none; must be of action & adventure"),
    ):
        ended = home.crawl("tmdb_discover", "media=shows", argument)
        assert (ended.status, len(ended.lines)) == (2, 1), ended.stderr
        assert says in ended.stderr
    assert "genre='soap': movies have none" in home.crawl("tmdb_discover", "genre=soap").stderr


def test_collections_that_are_begun_are_completed(sandbox: Sandbox, home: Home) -> None:
    assert home.crawl("tmdb_titles", "ids=105,5000017,603,550").status == 0
    sandbox.clear_log()
    ended = home.crawl("tmdb_collections", FILTER_ENABLED="0")
    assert ended.status == 0, ended.stderr
    begun = {film["collection"]["id"] for film in home.documents().values() if film["collection"]}
    parts = {part["id"] for id in begun for part in fetch(f"{sandbox.api}/collection/{id}").json["parts"]}
    log = Counter(path for path in paths(sandbox.log()) if "collection" in path)
    assert set(log) == {f"/collection/{id}" for id in begun}
    assert home.documents().keys() == parts | {550}
    assert home.stats["titles/found"] == len(parts)
    assert home.stats["refresh/skipped/stored"] == 3, "a stored part is not asked for, due or not"
    sandbox.clear_log()
    assert home.crawl("tmdb_collections", FILTER_ENABLED="0").status == 0
    assert Counter(paths(sandbox.log())) == {f"/collection/{id}": 1 for id in begun}


def test_a_collection_that_is_no_longer_there_is_no_failure_but_one_without_an_answer_is(
    sandbox: Sandbox, home: Home
) -> None:
    assert home.crawl("tmdb_titles", "ids=105,603").status == 0
    for id in (105, 165, 196):
        sandbox.remove("movie", id)
    ended = home.crawl("tmdb_collections", FILTER_ENABLED="0")
    assert ended.status == 0, ended.stderr
    assert 604 in home.documents()
    sandbox.faults([{"kind": "500", "target": "/3/collection/264"}])
    ended = home.crawl("tmdb_collections", "limit=5", FILTER_ENABLED="0")
    assert (ended.status, home.last_run["finish_reason"]) == (1, "incomplete")


def recommend(home: Home, beside: Mapping[int, list[int]], kind: str = "movies") -> None:
    asyncio.run(_recommend(home, beside, kind))


async def _recommend(home: Home, beside: Mapping[int, list[int]], kind: str) -> None:
    store = open_store(f"sqlite:///{home.database}", data_dir=home.data, synchronous="NORMAL")
    await store.open()
    try:
        stored = await store.documents.get_many([(kind, id) for id in beside])
        changed = {key: {**one, "recommendations": beside[key[1]]} for key, one in stored.items()}
        writes: list[Write] = []
        for key, one in changed.items():
            document: Any = {**one, "revision": int(cast(Any, one)["revision"]) + 1}
            writes.append(Write(*key, cast(Document, document), document["revision"] - 1))
        assert not (await store.documents.write(writes)).conflicts
    finally:
        await store.close()


def test_what_many_stored_titles_recommend_and_the_store_lacks(sandbox: Sandbox, home: Home) -> None:
    assert home.crawl("tmdb_titles", "ids=603,550,155,13,shows/1396").status == 0
    recommend(home, {603: [550, 604, 605, 999999999], 550: [604, 605, 27205], 155: [604, 27205, 605, 605], 13: [604]})
    recommend(home, {1396: [1399]}, "shows")
    sandbox.clear_log()
    ended = home.crawl("tmdb_recommended", FILTER_ENABLED="0")
    assert ended.status == 0, ended.stderr
    assert paths(sandbox.log()) == ["/movie/604", "/movie/605"] or paths(sandbox.log()) == ["/movie/605", "/movie/604"]
    recommend(home, {604: [], 605: []})
    sandbox.clear_log()
    assert home.crawl("tmdb_recommended", "at_least=2", "limit=1", FILTER_ENABLED="0").status == 0
    assert paths(sandbox.log()) == ["/movie/27205"]
    sandbox.clear_log()
    ended = home.crawl("tmdb_recommended", "at_least=1", "media=shows", FILTER_ENABLED="0")
    assert (ended.status, paths(sandbox.log())) == (0, ["/tv/1399"])
    assert home.stats["titles/found"] == 1
    assert home.crawl("tmdb_recommended", FILTER_ENABLED="0").status == 0
    assert (home.stats["titles/found"], home.stats["refresh/skipped/stored"]) == (2, 2)


def test_the_filter_applies_to_what_is_recommended(sandbox: Sandbox, home: Home) -> None:
    assert home.crawl("tmdb_titles", "ids=603").status == 0
    recommend(home, {603: [604]})
    for _ in range(2):
        assert home.crawl("tmdb_recommended", "at_least=1", FILTER_MIN_VOTES="100000000").status == 0
    assert home.documents().keys() == {603}
    assert home.records("dropped").keys() == {"movies/604"}
    assert home.stats["refresh/skipped/dropped"] == 1
