"""Which source may be asked, before anything is asked."""

import doctest

import pytest

from moviecrawler.config import Config
from moviecrawler.exceptions import ConfigurationError
from moviecrawler.policy import prerequisites
from moviecrawler.policy.prerequisites import missing_key_message, switched_off_message

NO_KEYS = {"TMDB_ACCESS_TOKEN": "", "TMDB_API_KEY": None, "OMDB_API_KEY": " "}


def config_of(**settings: str) -> Config:
    return Config.from_settings(NO_KEYS | settings)


@pytest.mark.parametrize(
    ("source", "setting", "place"),
    [("tmdb", "TMDB_ACCESS_TOKEN", "themoviedb.org/settings/api"), ("omdb", "OMDB_API_KEY", "omdbapi.com/apikey.aspx")],
)
def test_a_missing_key_is_one_line_with_where_to_get_one(source: str, setting: str, place: str) -> None:
    line = missing_key_message(source, config_of(), "crawl omdb")
    assert "\n" not in line
    for part in (f"set {setting} in .env", place, "scrapy sandbox -- scrapy crawl omdb"):
        assert part in line


@pytest.mark.parametrize(
    ("source", "given"),
    [
        ("tmdb", {"TMDB_ACCESS_TOKEN": "a.token"}),
        ("tmdb", {"TMDB_API_KEY": "0123abcd" * 4}),
        ("omdb", {"OMDB_API_KEY": "0123abcd"}),
        ("the_numbers", {}),
    ],
)
def test_one_key_is_enough_and_the_numbers_needs_none(source: str, given: dict[str, str]) -> None:
    assert missing_key_message(source, config_of(**given), "crawl x") == ""


def test_a_bad_key_is_named_even_beside_a_good_one() -> None:
    with pytest.raises(ConfigurationError, match="TMDB_API_KEY"):
        config_of(TMDB_ACCESS_TOKEN="a.token", TMDB_API_KEY="two words")


@pytest.mark.parametrize(("value", "off"), [("0", True), ("1", False), ("true", False)])
def test_only_the_numbers_must_be_enabled(value: str, off: bool) -> None:
    assert bool(switched_off_message("the_numbers", config_of(THE_NUMBERS_ENABLED=value))) is off
    assert switched_off_message("omdb", config_of(THE_NUMBERS_ENABLED=value)) == ""


def test_the_examples_in_the_docstrings_run() -> None:
    found = doctest.testmod(prerequisites)
    assert found.attempted
    assert not found.failed
