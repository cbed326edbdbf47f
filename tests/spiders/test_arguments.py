"""Spider arguments: what is let through, and the one line for what is not."""

from datetime import UTC, datetime
from typing import Any

import pytest

from moviecrawler.base_spiders.arguments import ArgumentError
from moviecrawler.distributed.crawl_key import base_key
from moviecrawler.spiders.the_numbers_chart import TheNumbersChart
from moviecrawler.spiders.tmdb_catalogue import TmdbCatalogue
from moviecrawler.spiders.tmdb_collections import TmdbCollections
from moviecrawler.spiders.tmdb_discover import TmdbDiscover
from moviecrawler.spiders.tmdb_list import TmdbList
from moviecrawler.spiders.tmdb_recommended import TmdbRecommended
from moviecrawler.spiders.tmdb_refresh import TmdbRefresh
from moviecrawler.spiders.tmdb_search import TmdbSearch
from moviecrawler.spiders.tmdb_titles import TmdbTitles
from moviecrawler.spiders.tmdb_trending import TmdbTrending

THIS_YEAR = datetime.now(UTC).year


@pytest.mark.parametrize(
    ("spider", "given", "values"),
    [
        (TmdbTrending, {}, {"media": "movies", "window": "day", "pages": 1, "limit": None, "force": False}),
        (TmdbTrending, {"media": "all", "pages": " 3 ", "force": "1"}, {"media": "all", "pages": 3, "force": True}),
        (TmdbTrending, {"_job": "6487ec79"}, {"media": "movies"}),
        (TmdbDiscover, {}, {"start_year": THIS_YEAR, "end_year": THIS_YEAR, "min_votes": 200, "max_pages": None}),
        (TmdbDiscover, {"start_year": "2020"}, {"start_year": 2020, "end_year": 2020}),
        (TmdbDiscover, {"start_year": "2020", "end_year": "2022"}, {"start_year": 2020, "end_year": 2022}),
        (TmdbDiscover, {"genre": "Horror|science fiction"}, {"genre": "27|878"}),
        (TmdbDiscover, {"genre": "28,12", "region": "DE"}, {"genre": "28,12", "region": "DE"}),
        (TmdbDiscover, {"with_original_language": "en-US", "min_votes": "0"}, {"min_votes": 0}),
        (TmdbDiscover, {"media": "shows", "genre": "war & politics|18"}, {"media": "shows", "genre": "10768|18"}),
        (TmdbTitles, {"ids": "603, movies/550,shows/1396,603"}, {
            "ids": [("movies", 603), ("movies", 550), ("shows", 1396)],
        }),
        (TmdbTitles, {"ids": "tt0133093,https://www.imdb.com/title/tt0133093/"}, {"ids": ["tt0133093"]}),
        (TmdbSearch, {"query": "The Thing (1982)"}, {"query": "The Thing", "year": 1982, "file": None}),
        (TmdbSearch, {"query": "The Thing (1982)", "year": "2011"}, {"query": "The Thing", "year": 2011}),
        (TmdbList, {}, {"name": "popular", "media": "movies"}),
        (TmdbList, {"name": "on_the_air", "kind": "tv"}, {"name": "on_the_air", "media": "shows"}),
        (TmdbCollections, {"limit": "5"}, {"limit": 5}),
        (TmdbRecommended, {}, {"media": "all", "at_least": 3, "limit": None}),
    ],
)  # fmt: skip
def test_valid_arguments_are_parsed(spider: Any, given: dict[str, str], values: dict[str, Any]) -> None:
    assert spider.parse_arguments(given).items() >= values.items()


@pytest.mark.parametrize(
    ("spider", "old", "new"),
    [
        (TmdbTrending, {"media": "movie"}, {"media": "movies"}),
        (TmdbTrending, {"media": "tv", "pages": "2"}, {"media": "shows", "pages": "2"}),
        (TmdbTrending, {"media": "all"}, {"media": "all"}),
        (TmdbRefresh, {"kinds": "all"}, {"media": "all"}),
        (TmdbRefresh, {"kinds": "movies", "limit": "5"}, {"media": "movies", "limit": "5"}),
        (TmdbRefresh, {"kinds": "shows"}, {"media": "shows"}),
        (TmdbCatalogue, {"kind": "movies"}, {"media": "movies"}),
        (TmdbCatalogue, {"kind": "shows"}, {"media": "shows"}),
        (TheNumbersChart, {"kind": "daily", "start": "2026-05-01"}, {"chart": "daily", "start": "2026-05-01"}),
        (TheNumbersChart, {"kind": "weekend", "start": "2026-05-01"}, {"chart": "weekend", "start": "2026-05-01"}),
    ],
)
def test_old_names_and_values_are_the_same_crawl(spider: Any, old: dict[str, str], new: dict[str, str]) -> None:
    arguments = spider.parse_arguments(new)
    assert spider.parse_arguments(old) == arguments
    assert spider(**old).arguments == arguments
    assert new.keys() <= arguments.keys() == spider.accepted_arguments.keys()
    assert base_key(spider.name, spider(**old).arguments) == base_key(spider.name, spider(**new).arguments)


@pytest.mark.parametrize(
    ("spider", "given", "says"),
    [
        (TmdbTrending, {"media": "films"}, "argument media='films': must be movies, shows or all"),
        (TmdbTrending, {"window": ""}, "argument window='': must be day or week"),
        (TmdbTrending, {"pages": "0"}, "argument pages='0': must be a whole number from 1 to 500"),
        (TmdbTrending, {"kinds": "all"}, "unknown argument kinds='all'; there are:"),
        (TmdbRefresh, {"kinds": "films"}, "argument kinds='films': must be all, movies or shows"),
        (TmdbRefresh, {"kinds": "all", "media": "all"}, "kinds is the old name of media; give only media"),
        (TmdbRefresh, {"media": "shows", "kinds": "all"}, "kinds is the old name of media; give only media"),
        (TmdbCatalogue, {"kind": "all"}, "argument kind='all': must be movies or shows"),
        (TheNumbersChart, {"kind": "weekly"}, "argument kind='weekly': must be daily or weekend"),
        (TmdbTrending, {"pages": "1.5"}, "argument pages='1.5'"),
        (TmdbTrending, {"limit": "-3"}, "argument limit='-3'"),
        (TmdbTrending, {"force": "maybe"}, "argument force='maybe': must be 0 or 1"),
        (TmdbTrending, {"page": "1"}, "unknown argument page='1'; there are: force, limit, media, pages, window"),
        (TmdbDiscover, {"start_year": "twenty"}, "argument start_year='twenty': must be a whole number from 1874"),
        (TmdbDiscover, {"start_year": "2024", "end_year": "2023"}, "argument end_year=2023: must be 2024 or later"),
        (TmdbDiscover, {"genre": "horor"}, "argument genre='horor': must be ids or names of action"),
        (TmdbDiscover, {"region": "us"}, "argument region='us': must be a country such as US"),
        (TmdbTitles, {}, "argument ids is missing: must be ids or addresses of TMDB and IMDb such as 603,"),
        (TmdbTitles, {"ids": "603,abc"}, "argument ids='603,abc'"),
        (TmdbTitles, {"ids": "films/603"}, "argument ids='films/603'"),
        (TmdbTitles, {"ids": "nm0000206"}, "argument ids='nm0000206'"),
        (TmdbTitles, {"ids": "@/no/such/list"}, "there is no /no/such/list"),
        (TmdbRecommended, {"at_least": "0"}, "argument at_least='0': must be a whole number, 1 or more"),
        (TmdbCollections, {"limit": "0"}, "argument limit='0': must be a whole number, 1 or more"),
        (TmdbTitles, {"ids": "0"}, "argument ids='0'"),
        (TmdbTitles, {"ids": "-1"}, "argument ids='-1'"),
    ],
)
def test_a_wrong_argument_is_one_line_that_says_what_it_must_be(spider: Any, given: dict[str, str], says: str) -> None:
    with pytest.raises(ArgumentError) as error:
        spider.parse_arguments(given)
    assert says in str(error.value)
    assert "\n" not in str(error.value)
    assert str(error.value).startswith(spider.name)
