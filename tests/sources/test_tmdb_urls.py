"""The addresses: exact, canonical, and never more than TMDB allows."""

import doctest
from datetime import date
from types import ModuleType
from urllib.parse import parse_qs, urlsplit

import pytest

from moviecrawler.sources import fields, tmdb
from moviecrawler.sources.tmdb import changes, errors, export, urls

API = "https://api.themoviedb.org/3"


@pytest.mark.parametrize("module", [changes, errors, export, fields, urls])
def test_the_examples_in_the_docstrings_run(module: ModuleType) -> None:
    result = doctest.testmod(module)
    assert result.attempted
    assert not result.failed


@pytest.mark.parametrize("base", [API, API + "/"])
def test_a_slash_at_the_end_of_the_base_makes_no_other_url(base: str) -> None:
    assert tmdb.trending_url(base, "all", "week", 1, "en-US") == f"{API}/trending/all/week?language=en-US&page=1"


def discover(**parameters: object) -> dict[str, list[str]]:
    arguments = {"gte": "2020-01-01", "lte": date(2020, 12, 31), "page": 1, "min_votes": 0, "language": "en-US"}
    return parse_qs(urlsplit(tmdb.discover_url(API, **{**arguments, **parameters})).query)


def test_a_discover_url_asks_for_what_was_released_between_two_days_popular_first() -> None:
    assert discover() == {
        "include_adult": ["false"],
        "language": ["en-US"],
        "page": ["1"],
        "primary_release_date.gte": ["2020-01-01"],
        "primary_release_date.lte": ["2020-12-31"],
        "sort_by": ["popularity.desc"],
        "vote_count.gte": ["0"],
    }


@pytest.mark.parametrize(("given", "asked"), [("en", "en"), ("en-US", "en"), ("zh-CN", "zh"), ("cn", "cn")])
def test_an_original_language_is_cut_to_what_tmdb_understands(given: str, asked: str) -> None:
    assert discover(with_original_language=given)["with_original_language"] == [asked]


def test_a_region_and_genres_are_passed_on() -> None:
    found = discover(region="BR", genre="18|80")
    assert (found["region"], found["with_genres"]) == (["BR"], ["18|80"])


def test_values_cannot_smuggle_in_parameters() -> None:
    url = tmdb.discover_url(
        API, gte="2020-01-01&api_key=x", lte="2020-12-31", page=1, min_votes=0, region="B R#", language="en-US"
    )
    assert "api_key" not in parse_qs(urlsplit(url).query)
    assert not urlsplit(url).fragment
    assert "region=B%20R%23" in url


@pytest.mark.parametrize(
    "url",
    [
        tmdb.trending_url(API, "tv", "day", 3, "en-US"),
        tmdb.movie_url(API, 603, "en-US", []),
        tmdb.show_url(API, 1396, "en-US", []),
        tmdb.discover_url(
            API,
            with_original_language="ko",
            genre=18,
            region="US",
            gte="2020-01-01",
            lte="2020-12-31",
            page=1,
            min_votes=1,
            language="en-US",
        ),
    ],
)
def test_parameters_go_by_name_so_that_one_question_has_one_url(url: str) -> None:
    names = list(parse_qs(urlsplit(url).query))
    assert names == sorted(names)
    assert len(names) > 1


@pytest.mark.parametrize(
    ("url", "kind_of_credits", "kind_of_rating"),
    [
        (tmdb.movie_url(API, 603, "zh-CN", ["zh-CN", "zh-TW", "zh", "en-US"]), "credits", "release_dates"),
        (tmdb.show_url(API, 1396, "zh-CN", ["zh", "en", "null", "xx"]), "aggregate_credits", "content_ratings"),
    ],
)
def test_one_request_brings_everything_in_the_wanted_languages(
    url: str, kind_of_credits: str, kind_of_rating: str
) -> None:
    query = {name: values[0].split(",") for name, values in parse_qs(urlsplit(url).query).items()}
    shared = {"external_ids", "images", "keywords", "translations", "alternative_titles", "videos"}
    shared |= {"watch/providers", "recommendations"}
    assert set(query["append_to_response"]) == shared | {kind_of_credits, kind_of_rating}
    assert len(query["append_to_response"]) <= 20
    assert query["include_image_language"] == ["zh", "en", "null", "xx"]
    assert query["include_video_language"] == ["zh", "en", "null", "xx"]
    assert query["language"] == ["zh-CN"]


@pytest.mark.parametrize(
    ("picture", "width", "size"),
    [
        ("poster", 1, "w92"),
        ("poster", 92, "w92"),
        ("poster", 93, "w154"),
        ("poster", 342, "w342"),
        ("poster", 780, "w780"),
        ("poster", 781, "original"),
        ("poster", None, "original"),
        ("backdrop", 1, "w300"),
        ("backdrop", 780, "w780"),
        ("backdrop", 1280, "w1280"),
        ("backdrop", 1281, "original"),
        ("backdrop", None, "original"),
    ],
)
def test_the_smallest_size_that_is_large_enough(picture: str, width: int | None, size: str) -> None:
    assert tmdb.image_size(picture, width) == size


@pytest.mark.parametrize("base", ["https://image.tmdb.org/t/p", "https://image.tmdb.org/t/p/"])
def test_a_picture_is_at_base_size_path(base: str) -> None:
    assert tmdb.image_url(base, "w780", "/a b.jpg") == "https://image.tmdb.org/t/p/w780/a%20b.jpg"
