"""Poster, backdrop, logo and portraits by the languages of the reader; TMDB's choice where nothing else is known."""

from typing import Any

import pytest

from moviecrawler.policy.documents.localization import Languages
from moviecrawler.policy.documents.picture_choice import (
    MAX_MAKERS,
    MAX_PROFILES,
    backdrop_path,
    logo_path,
    poster_path,
    profile_paths,
)


def film(own: str | None = "/own.jpg", **fields: Any) -> Any:
    return {"sources": {"tmdb": {"data": {"poster_path": own, "backdrop_path": own}}}, **fields}


def rows(*spoken: str | None) -> list[dict[str, Any]]:
    """``/de1.jpg``, ``/de2.jpg`` ...: by language and place."""
    return [{"path": f"/{language}{place}.jpg", "language": language} for place, language in enumerate(spoken)]


OWN = {"path": "/own.jpg", "language": "en"}
POSTERS = [
    # (candidates, LANGUAGES, the poster)
    ([], "de", "/own.jpg"),  # of an older version
    (rows("de"), "de", "/own.jpg"),  # TMDB's choice, and of what language nobody knows
    ([OWN, *rows("de", "de")], "de,en", "/de0.jpg"),
    ([OWN, *rows("de")], "en,de", "/own.jpg"),
    ([*rows("en"), OWN], "en", "/own.jpg"),  # another one has more votes
    ([OWN, *rows("fr", "zh")], "ja,zh-TW,en", "/zh1.jpg"),
    ([OWN, *rows("fr", None)], "ja", "/own.jpg"),
    ([{"path": None, "language": "de"}, OWN], "de", "/own.jpg"),
    ([{"path": "/x.jpg"}, OWN], "de", "/own.jpg"),
]


@pytest.mark.parametrize(("posters", "languages", "path"), POSTERS)
def test_the_poster_is_in_the_first_language_that_has_one(
    posters: list[dict[str, Any]], languages: str, path: str
) -> None:
    assert poster_path(film(posters=posters), Languages.parse(languages)) == path


def test_without_a_choice_of_tmdb_a_wanted_candidate_is_the_poster() -> None:
    assert poster_path(film(None, posters=rows("fr", "de")), Languages.parse("de")) == "/de1.jpg"
    assert poster_path(film(None, posters=rows("fr")), Languages.parse("de")) is None
    assert poster_path(film(None), Languages.parse("de")) is None


@pytest.mark.parametrize(
    ("backdrops", "path"),
    [
        ([], "/own.jpg"),
        ([OWN, *rows("de")], "/own.jpg"),
        ([OWN, *rows("de", None)], "/None1.jpg"),
        ([OWN, *rows("xx")], "/xx0.jpg"),
        ([{"path": "/own.jpg", "language": None}, *rows(None)], "/own.jpg"),
    ],
)
def test_a_backdrop_without_text_goes_before_one_that_is_known_to_have_some(
    backdrops: list[dict[str, Any]], path: str
) -> None:
    assert backdrop_path(film(backdrops=backdrops)) == path


@pytest.mark.parametrize(
    ("logos", "languages", "path"),
    [
        ([], "en", None),
        (rows("fr"), "en", None),
        (rows("fr", "en", "de"), "de-DE,en-US", "/de2.jpg"),
        (rows("fr", "xx"), "en", "/xx1.jpg"),
        (rows("fr", None), "en", "/None1.jpg"),
        ([{"path": "/drawn.svg", "language": "en"}], "en", "/drawn.png"),
    ],
)
def test_a_logo_is_in_a_language_of_the_reader_or_in_none(
    logos: list[dict[str, Any]], languages: str, path: str | None
) -> None:
    assert logo_path(film(logos=logos), Languages.parse(languages)) == path


def person(name: str) -> dict[str, Any]:
    return {"name": name, "profile_path": f"/{name}.jpg"}


def test_portraits_are_of_two_makers_and_then_of_the_cast() -> None:
    directors, cast = [person(f"d{n}") for n in range(5)], [person(f"c{n}") for n in range(20)]
    paths = profile_paths(film(people={"directors": directors, "cast": cast}))
    assert len(paths) == MAX_PROFILES
    assert paths[: MAX_MAKERS + 1] == ["/d0.jpg", "/d1.jpg", "/c0.jpg"]


@pytest.mark.parametrize(
    "people",
    [
        None,
        {},
        {"directors": ["Michael Mann"], "cast": [{"name": "Al Pacino"}]},  # as older versions stored them
        {"cast": [{"name": "Al Pacino", "profile_path": None}]},
        *({"cast": [{"name": "x", "profile_path": path}]} for path in ("/../x.jpg", "x.jpg", "/.x", "/a/b.jpg", "")),
    ],
)
def test_a_person_without_a_usable_path_has_no_portrait(people: Any) -> None:
    assert profile_paths(film(people=people)) == []


def test_a_director_who_plays_is_shown_once() -> None:
    both = person("eastwood")
    assert profile_paths(film(people={"directors": [both], "cast": [both]})) == ["/eastwood.jpg"]
