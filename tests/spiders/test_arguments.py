"""Spider arguments: what is let through, and the one line for what is not."""

from datetime import UTC, datetime
from typing import Any

import pytest

from moviecrawler.base_spiders.arguments import ArgumentError
from moviecrawler.spiders.tmdb_discover import TmdbDiscover
from moviecrawler.spiders.tmdb_titles import TmdbTitles
from moviecrawler.spiders.tmdb_trending import TmdbTrending

THIS_YEAR = datetime.now(UTC).year


@pytest.mark.parametrize(
    ("spider", "given", "values"),
    [
        (TmdbTrending, {}, {"media": "movie", "window": "day", "pages": 1, "limit": None, "force": False}),
        (TmdbTrending, {"media": "all", "pages": " 3 ", "force": "1"}, {"media": "all", "pages": 3, "force": True}),
        (TmdbTrending, {"_job": "6487ec79"}, {"media": "movie"}),
        (TmdbDiscover, {}, {"start_year": THIS_YEAR, "end_year": THIS_YEAR, "min_votes": 200, "max_pages": None}),
        (TmdbDiscover, {"start_year": "2020"}, {"start_year": 2020, "end_year": 2020}),
        (TmdbDiscover, {"start_year": "2020", "end_year": "2022"}, {"start_year": 2020, "end_year": 2022}),
        (TmdbDiscover, {"genre": "Horror|science fiction"}, {"genre": "27|878"}),
        (TmdbDiscover, {"genre": "28,12", "region": "DE"}, {"genre": "28,12", "region": "DE"}),
        (TmdbDiscover, {"with_original_language": "en-US", "min_votes": "0"}, {"min_votes": 0}),
        (TmdbTitles, {"ids": "603, movies/550,shows/1396,603"}, {
            "ids": [("movies", 603), ("movies", 550), ("shows", 1396)],
        }),
    ],
)  # fmt: skip
def test_what_is_let_through(spider: Any, given: dict[str, str], values: dict[str, Any]) -> None:
    assert spider.read(given).items() >= values.items()


@pytest.mark.parametrize(
    ("spider", "given", "says"),
    [
        (TmdbTrending, {"media": "films"}, "argument media='films'; allowed: movie, tv, all"),
        (TmdbTrending, {"window": ""}, "argument window=''; allowed: day, week"),
        (TmdbTrending, {"pages": "0"}, "argument pages='0'; allowed: a whole number from 1 to 500"),
        (TmdbTrending, {"pages": "1.5"}, "argument pages='1.5'"),
        (TmdbTrending, {"limit": "-3"}, "argument limit='-3'"),
        (TmdbTrending, {"force": "maybe"}, "argument force='maybe'; allowed: 0, 1"),
        (TmdbTrending, {"page": "1"}, "unknown argument page='1'; allowed: force, limit, media, pages, window"),
        (TmdbDiscover, {"start_year": "twenty"}, "argument start_year='twenty'; allowed: a whole number from 1874"),
        (TmdbDiscover, {"start_year": "2024", "end_year": "2023"}, "argument end_year=2023; allowed: 2024 or later"),
        (TmdbDiscover, {"genre": "horor"}, "argument genre='horor'; allowed: ids or names of action"),
        (TmdbDiscover, {"region": "us"}, "argument region='us'; allowed: a country such as US"),
        (TmdbTitles, {}, "argument ids is missing; allowed: TMDB ids such as 603,movies/550,shows/1396"),
        (TmdbTitles, {"ids": "603,abc"}, "argument ids='603,abc'"),
        (TmdbTitles, {"ids": "films/603"}, "argument ids='films/603'"),
        (TmdbTitles, {"ids": "0"}, "argument ids='0'"),
        (TmdbTitles, {"ids": "-1"}, "argument ids='-1'"),
    ],
)
def test_what_is_refused_in_one_line(spider: Any, given: dict[str, str], says: str) -> None:
    with pytest.raises(ArgumentError) as error:
        spider.read(given)
    assert says in str(error.value)
    assert "\n" not in str(error.value)
    assert str(error.value).startswith(spider.name)
