"""A misspelt setting does not pass in silence, and what belongs to other programs is left alone."""

import pytest
from scrapy.settings import default_settings

from moviecrawler.config import all_settings
from moviecrawler.config.names import environment_warnings, unknown_setting

SCRAPYS = vars(default_settings)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("TMDB_RATES", "TMDB_RATE"),
        ("TMDB_TOKEN", "TMDB_BURST"),
        ("OMDB_KEY", "OMDB_API_KEY"),
        ("IMAGE_QUALITY", "IMAGES_QUALITY"),
        ("tmdb_rate", "TMDB_RATE"),
        ("DATADIR", "DATA_DIR"),
        ("REDIS_URI", "REDIS_URL"),
        ("LANGUAGE", "LANGUAGES"),
        ("CACHE_TTL", "CACHE_TTL_API"),
        ("RETRY_MAX", "RETRY_CAP"),
        ("LOG_LEVELS", "LOG_LEVEL"),
    ],
)
def test_a_name_that_resembles_ours_is_refused_with_the_nearest(name: str, meant: str) -> None:
    line = unknown_setting(name, SCRAPYS)
    assert line.startswith(f"{name}: there is no such setting; did you mean ")
    assert line == f"{name}: there is no such setting; did you mean {meant}?" or name == "TMDB_TOKEN"


@pytest.mark.parametrize(
    "name",
    [
        *("RETRY_TIMES", "RETRY_ENABLED", "IMAGES_STORE_S3_ACL", "DOWNLOAD_DELAY", "LOG_FILE"),  # Scrapy's
        *("REDIS_HOST", "REDIS_PARAMS", "SCHEDULER_PERSIST", "REDIS_START_URLS_KEY"),  # scrapy-redis's
        *("REDIS_PASSWORD", "MONGODB_PASSWORD"),  # those of docs/deploy/compose.yaml
        *("SCRAPYD_BIND_ADDRESS", "SCRAPYD_HTTP_PORT"),  # Scrapyd's
        *("HTTP_PROXY", "TZ", "PATH", "MY_EXTENSION_ENABLED", "REDIS_PORT_6379_TCP"),
    ],
)
def test_a_name_of_others_is_left_alone(name: str) -> None:
    assert unknown_setting(name, SCRAPYS) == ""
    assert environment_warnings([name], SCRAPYS) == []


def test_every_setting_of_ours_is_known() -> None:
    assert [name for name in all_settings() if unknown_setting(name, ())] == []
    assert environment_warnings(all_settings(), ()) == []


def test_in_the_environment_only_what_is_close_is_a_line() -> None:
    of_containers = ["REDIS_PORT", "REDIS_PORT_6379_TCP_ADDR", "TMDB_PROXY_SERVICE_HOST", "CACHE_DIR", "STORE_1_NAME"]
    assert environment_warnings([*of_containers, "LANGUAGE", "LANG", "HOME", "http_proxy"], SCRAPYS) == []
    assert environment_warnings(["TMDB_RATES", "OMDB_API_KEYS"], SCRAPYS) == [
        "TMDB_RATES in the environment: there is no such setting; did you mean TMDB_RATE?",
        "OMDB_API_KEYS in the environment: there is no such setting; did you mean OMDB_API_KEY?",
    ]
