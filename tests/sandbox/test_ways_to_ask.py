"""Search, find, TMDB's own lists and collections: what they find, in which order, and their errors."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from moviecrawler.sandbox.tmdb.search import normalise
from tests.support.sandbox import Sandbox
from tests.support.sandbox_client import fetch


def search(sandbox: Sandbox, what: str, query: str, **more: object) -> dict:
    return fetch(f"{sandbox.api}/search/{what}?{urlencode({'query': query, **more})}").json


def ids(answer: dict) -> list[int]:
    return [row["id"] for row in answer["results"]]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("the matrix", [603, 604, 605]),  # what is called so comes first, then by popularity
        ("MATRIX reloa", [604]),
        ("amelie", [194]),
        ("千与", [129]),  # by a translation
        ("千と千尋の神隠し", [129]),  # by the original title
        ("matrix spirited", []),
        ("nothing is called like this", []),
        ("...", []),
    ],
)
def test_a_search_finds_the_beginnings_of_the_words_of_a_title(sandbox: Sandbox, query: str, found: list[int]):
    assert ids(search(sandbox, "movie", query)) == found


def test_a_search_without_a_hit_has_one_empty_page(sandbox: Sandbox):
    empty = {"page": 1, "results": [], "total_pages": 1, "total_results": 0}
    assert search(sandbox, "movie", "nothing is called like this") == empty
    assert search(sandbox, "tv", "breaking bad", page=2) == empty | {"page": 2, "total_results": 1}


@pytest.mark.parametrize("query", ["", "?query=", "?query=+&page=2", "?page=1"])
@pytest.mark.parametrize("what", ["movie", "tv", "multi"])
def test_a_search_for_nothing_is_an_error(sandbox: Sandbox, what: str, query: str):
    answer = fetch(f"{sandbox.api}/search/{what}{query}")
    assert (answer.status, answer.json) == (422, {"errors": ["query must be provided"]})


@pytest.mark.parametrize(
    ("what", "query", "more", "found"),
    [
        ("movie", "the matrix", {"year": 2003}, [604, 605]),
        ("movie", "the matrix", {"primary_release_year": 1999}, [603]),
        ("movie", "the matrix", {"first_air_date_year": 1999}, [603, 604, 605]),  # ignored, as it is no film's
        ("tv", "breaking bad", {"first_air_date_year": 2008}, [1396]),
        ("tv", "breaking bad", {"first_air_date_year": 2009}, []),
        ("tv", "breaking bad", {"year": 2008}, [1396]),
    ],
)
def test_a_search_can_be_limited_to_a_year(sandbox: Sandbox, what: str, query: str, more: dict, found: list[int]):
    assert ids(search(sandbox, what, query, **more)) == found


def test_a_search_answers_in_the_language_that_is_asked_for(sandbox: Sandbox):
    assert search(sandbox, "movie", "spirited away", language="zh-CN")["results"][0]["title"] == "千与千寻"


def test_a_search_has_pages(sandbox: Sandbox):
    first, second = search(sandbox, "movie", "the"), search(sandbox, "movie", "the", page=2)
    assert (first["total_pages"], len(first["results"])) == (-(-first["total_results"] // 20), 20)
    assert not set(ids(first)) & set(ids(second))
    assert fetch(f"{sandbox.api}/search/movie?query=the&page=501").json["status_code"] == 22


def test_multi_has_films_shows_and_people(sandbox: Sandbox):
    rows = search(sandbox, "multi", "christopher nolan")["results"]
    assert [(row["media_type"], row["name"]) for row in rows] == [("person", "Christopher Nolan")]
    assert {row["media_type"] for row in rows[0]["known_for"]} == {"movie"}
    kinds = {row["media_type"] for row in search(sandbox, "multi", "the o")["results"]}
    assert {"movie", "tv"} <= kinds


def test_what_a_test_has_changed_is_found_by_its_new_title(sandbox: Sandbox):
    with Sandbox("--movies", "3") as own:
        identity = ids(fetch(f"{own.api}/discover/movie").json)[0]
        own.patch("movie", identity, title="Quite Another Name")
        assert ids(search(own, "movie", "quite another")) == [identity]
        own.remove("movie", identity)
        assert ids(search(own, "movie", "quite another")) == []


def test_words_have_no_accents_and_no_punctuation():
    assert normalise("  Schindler’s  LIST! ") == normalise("schindlers list")


@pytest.mark.parametrize(
    ("source", "external_id", "found"),
    [
        ("imdb_id", "tt0903747", {"tv_results": [1396]}),
        ("tvdb_id", "81189", {"tv_results": [1396]}),
        ("wikidata_id", "Q21500755", {"movie_results": [335984]}),
        ("facebook_id", "GameOfThrones", {"tv_results": [1399]}),
        ("instagram_id", "sandbox5000002", {"movie_results": [5000002]}),
        ("twitter_id", "sandboxshow5000002", {"tv_results": [5000002]}),
        ("wikidata_id", "Q10000004", {"movie_results": [5000002]}),
        ("wikidata_id", "Q10000005", {"tv_results": [5000002]}),
        ("tvdb_id", "5000002", {"tv_results": [5000002]}),
        ("tvdb_id", "5000003", {}),  # an invented work with an odd id is in no other house
        ("tvdb_id", "tt0903747", {}),
        ("facebook_id", "", {}),
        ("youtube_id", "sandbox5000002", {}),
    ],
)
def test_find_by_the_id_of_another_house(sandbox: Sandbox, source: str, external_id: str, found: dict):
    answer = fetch(f"{sandbox.api}/find/{external_id or '-'}?external_source={source}").json
    assert {name: [row["id"] for row in rows] for name, rows in answer.items() if rows} == found


def test_find_leads_back_from_every_house_that_a_work_names(sandbox: Sandbox):
    for kind in ("movie", "tv"):
        own = fetch(f"{sandbox.api}/{kind}/5000006/external_ids").json
        assert all(own.values())
        for source in set(own) - {"id"} - {"freebase_id", "freebase_mid"}:
            rows = fetch(f"{sandbox.api}/find/{own[source]}?external_source={source}").json[f"{kind}_results"]
            assert [row["id"] for row in rows] == [5000006], source


@pytest.mark.parametrize("query", ["", "?external_source=", "?external_source=letterboxd_id"])
def test_find_needs_a_source_that_tmdb_knows(sandbox: Sandbox, query: str):
    answer = fetch(f"{sandbox.api}/find/tt0133093{query}")
    assert (answer.status, answer.json["status_code"]) == (422, 5)


@pytest.mark.parametrize("path", ["movie/popular", "movie/top_rated", "tv/popular", "tv/top_rated", "tv/on_the_air"])
def test_a_list_has_pages(sandbox: Sandbox, path: str):
    first = fetch(f"{sandbox.api}/{path}").json
    rows = [
        row
        for page in range(1, first["total_pages"] + 1)
        for row in fetch(f"{sandbox.api}/{path}?page={page}").json["results"]
    ]
    assert len({row["id"] for row in rows}) == len(rows) == first["total_results"] > 0
    order = "vote_average" if "rated" in path else "popularity"
    assert [row[order] for row in rows] == sorted((row[order] for row in rows), reverse=True)
    assert "dates" not in first
    assert fetch(f"{sandbox.api}/{path}?page=501").status == 400


def test_films_in_cinemas_and_before_are_within_the_dates(sandbox: Sandbox):
    playing, upcoming = (fetch(f"{sandbox.api}/movie/{name}").json for name in ("now_playing", "upcoming"))
    for answer in (playing, upcoming):
        assert answer["results"]
        dates = answer["dates"]
        assert all(dates["minimum"] <= row["release_date"] <= dates["maximum"] for row in answer["results"])
    assert playing["dates"]["maximum"] == upcoming["dates"]["minimum"]


def test_what_is_on_the_air_has_a_next_episode(sandbox: Sandbox):
    on_the_air, today = (fetch(f"{sandbox.api}/tv/{name}").json for name in ("on_the_air", "airing_today"))
    assert set(ids(today)) < set(ids(on_the_air))
    assert ids(today)
    for row in on_the_air["results"]:
        assert fetch(f"{sandbox.api}/tv/{row['id']}").json["next_episode_to_air"]


def test_a_list_answers_in_the_language_that_is_asked_for(sandbox: Sandbox):
    rows = fetch(f"{sandbox.api}/movie/top_rated?language=zh-CN").json["results"]
    assert "千与千寻" in [row["title"] for row in rows]


def test_discover_of_shows_ignores_the_filters_of_films(sandbox: Sandbox):
    url = f"{sandbox.api}/discover/tv"
    every = fetch(url).json["total_results"]
    assert fetch(f"{url}?primary_release_date.gte=2020-01-01").json["total_results"] == every
    late = fetch(f"{url}?first_air_date.gte=2020-01-01&sort_by=first_air_date.asc").json
    assert 0 < late["total_results"] < every
    dates = [row["first_air_date"] for row in late["results"]]
    assert dates == sorted(dates)
    assert dates[0] >= "2020-01-01"
    year = fetch(f"{url}?first_air_date_year=2008&vote_count.gte=1000").json["results"]
    assert {row["first_air_date"][:4] for row in year} == {"2008"}
    assert fetch(f"{url}?page=501").status == 400


def test_a_real_collection(sandbox: Sandbox):
    collection = fetch(f"{sandbox.api}/collection/264").json
    assert (collection["id"], collection["name"]) == (264, "Back to the Future Collection")
    assert [part["id"] for part in collection["parts"]] == [105, 165, 196]
    own = fetch(f"{sandbox.api}/movie/165").json["belongs_to_collection"]
    assert own == {key: collection[key] for key in ("id", "name", "poster_path", "backdrop_path")}


def test_parts_of_a_collection_may_be_in_no_listing(sandbox: Sandbox):
    parts = fetch(f"{sandbox.api}/collection/5000017").json["parts"]
    assert [part["id"] for part in parts] == [5000017, 6000198, 6000199]
    pages = [fetch(f"{sandbox.api}/discover/movie?page={page}").json for page in range(1, 31)]
    listed = {identity for page in pages for identity in ids(page)}
    assert listed & {part["id"] for part in parts} == {5000017}
    first, second, third = (fetch(f"{sandbox.api}/movie/{part['id']}").json for part in parts)
    assert [film["title"] for film in (second, third)] == [f"{first['title']} II", f"{first['title']} III"]
    assert first["release_date"] < second["release_date"] < third["release_date"]
    assert first["belongs_to_collection"] == second["belongs_to_collection"] == third["belongs_to_collection"]
    assert ids(search(sandbox, "movie", third["title"])) == [6000199]
    found = fetch(f"{sandbox.api}/find/{third['imdb_id']}?external_source=imdb_id").json["movie_results"]
    assert [row["id"] for row in found] == [6000199]


@pytest.mark.parametrize("identity", ["5000067", "5000008", "999999999", "abc"])
def test_a_collection_that_does_not_exist_is_404(sandbox: Sandbox, identity: str):
    answer = fetch(f"{sandbox.api}/collection/{identity}")
    assert (answer.status, answer.json["status_code"]) == (404, 34)


def test_a_removed_film_leaves_its_collection(sandbox: Sandbox):
    with Sandbox("--movies", "520") as own:
        own.remove("movie", 6000099)
        own.patch("movie", 6000098, title="Another Part")
        parts = fetch(f"{own.api}/collection/5000007").json["parts"]
        assert [(part["id"], part["title"]) for part in parts][1:] == [(6000098, "Another Part")]
        for identity in (6000098, 5000007):
            own.remove("movie", identity)
        assert fetch(f"{own.api}/collection/5000007").status == 404


@pytest.mark.parametrize(
    "path", ["/3/search/movie?query=matrix", "/3/find/tt0133093", "/3/collection/264", "/3/tv/popular"]
)
def test_faults_strike_these_paths_too(sandbox: Sandbox, path: str):
    sandbox.faults([{"kind": "503", "target": path.partition("?")[0], "rate": 1.0}])
    assert fetch(f"{sandbox.host}{path}").status == 503
