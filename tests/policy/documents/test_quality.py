"""Every title has a class and a score that a merge can repeat."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moviecrawler.items import Movie, Show
from moviecrawler.policy.documents.quality import classify, quality

COMPLETE = {
    "title": "The Matrix", "overview": "...", "release_date": "1999-03-31", "genres": ["Action"], "runtime": 136,
    "original_language": "en", "imdb_id": "tt0133093", "keywords": ["hacker"], "certification": "R",
    "people": {"directors": ["Lana Wachowski"], "writers": [], "cast": [{"name": "Keanu Reeves", "character": "Neo"}]},
}  # fmt: skip


def rated(score: float, votes: int) -> dict[str, Any]:
    return {**COMPLETE, "ratings": {"tmdb": {"score": score, "votes": votes}}}


@pytest.mark.parametrize(
    ("top", "kind"),
    [
        ({}, "feature"),
        ({"runtime": 136, "genre_ids": [28]}, "feature"),
        ({"runtime": 39}, "short"),
        ({"runtime": 40}, "feature"),
        ({"runtime": 0}, "feature"),
        ({"runtime": None, "genre_ids": None, "keywords": None}, "feature"),
        ({"runtime": 7, "genre_ids": [16]}, "short"),
        ({"genre_ids": [16]}, "animation"),
        ({"genres": ["Animation", "Family"]}, "animation"),
        ({"genre_ids": [99]}, "documentary"),
        ({"genre_ids": [99, 16]}, "documentary"),
        ({"genre_ids": [10402]}, "feature"),
        ({"genre_ids": [10402, 99], "keywords": ["concert film"]}, "concert"),
        ({"genre_ids": [18], "keywords": ["concert"]}, "feature"),
        ({"genre_ids": [10770, 18]}, "tv_movie"),
        ({"type": "Scripted", "seasons": 5}, "series"),
        ({"type": "Miniseries", "seasons": 1, "genre_ids": [99]}, "miniseries"),
        ({"type": "Documentary", "seasons": 1}, "documentary"),
        ({"seasons": 30, "genre_ids": [16, 35]}, "animation"),
        ({"seasons": None, "runtime": 20}, "series"),
    ],
)
def test_a_title_has_one_class(top: dict[str, Any], kind: str) -> None:
    assert classify(top) == kind
    assert quality(top)["class"] == kind


def test_a_dumped_item_is_read_as_well() -> None:
    assert quality(Movie(source="tmdb", source_id="1").model_dump())["class"] == "feature"
    assert quality(Show(source="tmdb", source_id="1").model_dump())["class"] == "series"


def test_a_loved_and_complete_film_is_recommended_an_empty_one_is_not() -> None:
    loved = quality({**rated(8.2, 25_000), "popularity": 60.0})
    assert loved["score"] >= 80
    assert loved["recommended"]
    assert quality({})["score"] < 40
    assert not quality({})["recommended"]


def test_a_few_high_votes_do_not_recommend_a_film() -> None:
    assert quality(rated(10.0, 3))["score"] < quality(rated(7.5, 3000))["score"]
    assert not quality(rated(10.0, 3))["recommended"]


def test_many_votes_do_not_recommend_a_bad_film() -> None:
    assert not quality({**rated(5.0, 500_000), "popularity": 200.0})["recommended"]


@pytest.mark.parametrize(("runtime", "genre_ids"), [(20, []), (90, [10770])])
def test_shorts_and_television_films_are_not_recommended(runtime: int, genre_ids: list[int]) -> None:
    assert not quality({**rated(9.0, 500_000), "runtime": runtime, "genre_ids": genre_ids})["recommended"]


def test_votes_of_both_sites_count_and_percentages_do_not() -> None:
    both = rated(8.0, 1000)
    both["ratings"]["imdb"] = {"score": 8.0, "votes": 100_000}
    assert quality(both)["score"] > quality(rated(8.0, 1000))["score"]
    both["ratings"]["metacritic"] = {"score": 73, "votes": 100}
    both["ratings"]["rotten_tomatoes"] = {"score": 88, "votes": None}
    assert quality(both)["score"] == quality({**both, "ratings": {**both["ratings"], "metacritic": None}})["score"]


@pytest.mark.parametrize("field", [*COMPLETE])
def test_every_missing_field_costs_something(field: str) -> None:
    without = {name: value for name, value in rated(7.0, 500).items() if name != field}
    assert quality(without)["score"] < quality(rated(7.0, 500))["score"]


@given(
    score=st.none() | st.floats(0, 10),
    votes=st.none() | st.integers(0, 10**12),
    popularity=st.none() | st.floats(0, 1e12),
)
def test_the_score_stays_between_0_and_100(score: float | None, votes: int | None, popularity: float | None) -> None:
    top = {**COMPLETE, "popularity": popularity, "ratings": {"tmdb": {"score": score, "votes": votes}, "imdb": None}}
    result = quality(top)
    assert isinstance(result["score"], int)
    assert 0 <= result["score"] <= 100


@given(st.floats(0, 9.9), st.integers(1, 10**6), st.floats(0.01, 3))
def test_a_better_rating_never_lowers_the_score(score: float, votes: int, more: float) -> None:
    assert quality(rated(min(10.0, score + more), votes))["score"] >= quality(rated(score, votes))["score"]
