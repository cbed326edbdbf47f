"""OMDB as a client sees it: by id and by title, all values as text, and errors that are told by their text."""

from __future__ import annotations

import urllib.error
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest

from moviecrawler.sandbox.catalogue import edge_cases
from tests.support.sandbox import ROOT, Sandbox
from tests.support.sandbox_client import Answer, fetch

FIRST = 5_000_000


def ask(sandbox: Sandbox, key: str = "any", **query: str) -> Answer:
    """One request to OMDB, with the key in the query only."""
    named = {**query, "plot": "full", **({"apikey": key} if key else {})}
    return fetch(f"{sandbox.omdb}/?" + "&".join(f"{name}={quote(value)}" for name, value in named.items()), headers={})


def imdb_id(sandbox: Sandbox, identity: int, kind: str = "movie") -> str:
    ids: dict[str, Any] = fetch(f"{sandbox.api}/{kind}/{identity}/external_ids").json
    return str(ids["imdb_id"])


def test_a_film_has_its_facts_as_text(sandbox: Sandbox):
    film = ask(sandbox, i="tt1375666").json
    assert {name: film[name] for name in ("Title", "Year", "Rated", "Released", "Runtime", "Genre", "Country")} == {
        "Title": "Inception",
        "Year": "2010",
        "Rated": "PG-13",
        "Released": "15 Jul 2010",
        "Runtime": "148 min",
        "Genre": "Action, Sci-Fi, Adventure",
        "Country": "United Kingdom, United States",
    }
    assert film["Ratings"] == [
        {"Source": "Internet Movie Database", "Value": "8.8/10"},
        {"Source": "Rotten Tomatoes", "Value": "86%"},
        {"Source": "Metacritic", "Value": "74/100"},
    ]
    assert (film["imdbRating"], film["imdbVotes"], film["Metascore"]) == ("8.8", "1,805,276", "74")
    assert (film["BoxOffice"], film["Production"], film["Type"]) == ("$292,576,195", "N/A", "movie")
    assert all(isinstance(value, str) for name, value in film.items() if name != "Ratings")
    assert film["Response"] == "True"


@pytest.mark.parametrize(("identity", "year"), [("tt0903747", "2008\u20132013"), ("tt0096697", "1989\u2013")])
def test_a_series_has_an_en_dash_and_lacks_what_only_films_have(sandbox: Sandbox, identity: str, year: str):
    series = ask(sandbox, i=identity).json
    assert (series["Year"], series["Type"]) == (year, "series")
    assert not {"DVD", "BoxOffice", "Production"} & set(series)
    assert series["totalSeasons"].isdecimal()


@pytest.mark.parametrize(
    ("query", "kind"),
    [({"t": "Star Wars"}, "game"), ({"t": "Star Wars", "type": "movie"}, "movie"), ({"t": "the sopranos"}, "series")],
)
def test_a_search_by_title_may_return_the_wrong_type(sandbox: Sandbox, query: dict[str, str], kind: str):
    assert ask(sandbox, **query).json["Type"] == kind


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ({"i": "603"}, "Incorrect IMDb ID."),
        ({"i": "tt123"}, "Incorrect IMDb ID."),
        ({"i": "tt0000001"}, "Error getting data."),
        ({"t": "No Such Title"}, "Movie not found!"),
        ({"t": "Inception", "y": "1999"}, "Movie not found!"),
        ({"s": "a"}, "Too many results."),
        ({}, "Something went wrong."),
    ],
)
def test_an_error_has_status_200_and_a_text(sandbox: Sandbox, query: dict[str, str], error: str):
    answer = ask(sandbox, **query)
    assert (answer.status, answer.json) == (200, {"Response": "False", "Error": error})


@pytest.mark.parametrize(
    ("wanted", "sent", "status", "error"),
    [
        ("", "", 401, "No API key provided."),
        ("right", "", 401, "No API key provided."),
        ("right", "wrong", 401, "Invalid API key!"),
        ("right", "right", 200, None),
        ("", "any", 200, None),
    ],
)
def test_keys(sandbox: Sandbox, wanted: str, sent: str, status: int, error: str | None):
    sandbox.settings(omdb_key=wanted)
    answer = ask(sandbox, sent, i="tt1375666")
    assert (answer.status, answer.json.get("Error")) == (status, error)
    entry = sandbox.log(server="omdb")[-1]
    assert (entry["path"], entry["credential"]) == ("/", "query" if sent else None)
    assert sent not in entry["query"] or not sent


def test_the_daily_quota_ends_and_is_reset_by_a_new_setting(sandbox: Sandbox):
    sandbox.settings(omdb_quota=3)
    answers = [ask(sandbox, i="tt1375666") for _ in range(5)]
    assert [answer.status for answer in answers] == [200, 200, 200, 401, 401]
    assert answers[-1].json == {"Response": "False", "Error": "Request limit reached!"}
    assert ask(sandbox, "", i="tt1375666").json["Error"] == "No API key provided."
    sandbox.settings(omdb_quota=3)
    assert ask(sandbox, i="tt1375666").status == 200
    sandbox.settings(omdb_quota=0)
    assert all(ask(sandbox, i="tt1375666").status == 200 for _ in range(5))


SHOWS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "OMDB entities": lambda film: "&#39;" in film["Production"],
    "OMDB no ratings": lambda film: film["Ratings"] == [],
    "OMDB ratings absent": lambda film: "Ratings" not in film,
    "OMDB no box office": lambda film: film["BoxOffice"] == "N/A",
    "OMDB all N/A": lambda film: film["Released"] == film["Runtime"] == film["imdbRating"] == film["Plot"] == "N/A",
    "OMDB other film": lambda film: film["Response"] == "True",
    "OMDB unknown": lambda film: film["Error"] == "Error getting data.",
    "OMDB old rating": lambda film: film["Rated"] == "GP",
    "OMDB one digit day": lambda film: not film["Released"].startswith("0"),
    "OMDB other gross": lambda film: film["BoxOffice"],
}
CASES = [(FIRST + n, name) for n, name in edge_cases.OMDB.items()]
CASES += [(identity, name) for identity, names in edge_cases.REAL.items() for name in names if name in SHOWS]


@pytest.mark.parametrize(("identity", "name"), CASES)
def test_an_edge_case_occurs(sandbox: Sandbox, identity: int, name: str):
    asked = imdb_id(sandbox, identity)
    film = ask(sandbox, i=asked).json
    assert SHOWS[name](film)
    assert (film.get("imdbID") == asked) == (name not in ("OMDB other film", "OMDB unknown"))


@pytest.mark.parametrize("name", sorted(edge_cases.OMDB.values()))
def test_every_edge_case_is_documented(name: str):
    assert f"| {name} |" in (ROOT / "docs" / "sandbox.md").read_text()


def test_patches_are_served_and_removed_works_are_unknown(sandbox: Sandbox):
    asked = imdb_id(sandbox, FIRST + 98)
    sandbox.patch_omdb(asked, imdbRating="9.9", Awards=None, imdbID="tt0000002")
    film = ask(sandbox, i=asked).json
    assert (film["imdbRating"], film["imdbID"], "Awards" in film) == ("9.9", "tt0000002", False)
    sandbox.remove_from_omdb(asked)
    assert ask(sandbox, i=asked).json["Error"] == "Error getting data."
    for change in (sandbox.remove_from_omdb, sandbox.patch_omdb):
        with pytest.raises(urllib.error.HTTPError, match="404"):
            change(asked)


@pytest.mark.parametrize(
    ("rule", "status", "body"),
    [
        ({"kind": "error200"}, 200, b"Something went wrong."),
        ({"kind": "error200", "text": "Request limit reached!"}, 200, b"Request limit reached!"),
        ({"kind": "503"}, 503, b"<html>"),
        ({"kind": "522"}, 522, b"<html>"),
        ({"kind": "524"}, 524, b"<html>"),
        ({"kind": "html"}, 200, b"<html>"),
    ],
)
def test_faults_look_like_those_of_the_live_site(sandbox: Sandbox, rule: dict[str, str], status: int, body: bytes):
    sandbox.faults([{**rule, "target": "omdb"}])
    answer = ask(sandbox, i="tt1375666")
    assert answer.status == status
    assert body in answer.body
    assert sandbox.log(server="omdb")[-1]["fault"] == rule["kind"]
    assert fetch(f"{sandbox.api}/movie/603").status == 200


def test_a_film_that_is_removed_from_tmdb_is_still_on_omdb():
    with Sandbox("--movies", "600") as sandbox:
        sandbox.remove("movie", 603)
        assert ask(sandbox, i="tt0133093").json["Title"] == "The Matrix"
