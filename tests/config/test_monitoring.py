"""The forms of MONITOR_* and NOTIFY_*, and the one line about a wrong one."""

import pytest

from moviecrawler.config import Config
from moviecrawler.config.monitoring import MinCoverage, PerSpider
from moviecrawler.exceptions import ConfigurationError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", PerSpider()),
        ("20", PerSpider(20)),
        (" 20 , tmdb_discover : 1000 ,", PerSpider(20, {"tmdb_discover": 1000})),
        ("omdb:off,7.5", PerSpider(7.5, {"omdb": None})),
    ],
)
def test_a_threshold_is_for_all_spiders_or_for_one(text: str, expected: PerSpider) -> None:
    assert Config.from_settings({"MONITOR_MIN_FOUND": text}).monitor.min_found == expected


def test_a_field_may_be_of_one_spider_and_one_kind() -> None:
    text = "runtime:0.9,omdb:ratings.imdb:1,tmdb_list:movies/poster_path:.5"
    assert Config.from_settings({"MONITOR_MIN_COVERAGE": text}).monitor.min_coverage == (
        MinCoverage("", "", "runtime", 0.9),
        MinCoverage("omdb", "", "ratings.imdb", 1),
        MinCoverage("tmdb_list", "movies", "poster_path", 0.5),
    )


def test_an_event_is_taken_once_and_in_any_case() -> None:
    on = Config.from_settings({"NOTIFY_ON": "Failed, failed,changed:people.cast,"}).notify.on
    assert on == ("failed", "changed:people.cast")


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        (
            "MONITOR_MIN_FOUND",
            "many",
            "='many': must be numbers, or off, such as 20,tmdb_discover:1000; 'many' is none",
        ),
        ("MONITOR_MIN_FOUND", "20,30", "='20,30': must name all spiders once"),
        ("MONITOR_MAX_SECONDS", "-1", "='-1': must be numbers, or off"),
        ("MONITOR_MAX_SECONDS", "omdb:nan", "='omdb:nan': must be numbers, or off"),
        ("MONITOR_MAX_SECONDS", ":5", "=':5': must be numbers, or off"),
        ("MONITOR_MAX_REJECT_RATE", "1.1", "='1.1': must be numbers from 0 to 1, or off"),
        ("MONITOR_MIN_COVERAGE", "runtime", "='runtime': must be fields with a share from 0 to 1"),
        ("MONITOR_MIN_COVERAGE", "films/runtime:1", "='films/runtime:1': must be fields"),
        ("NOTIFY_ON", "new", "='new': must be some of finished, failed, unhealthy, released, changed or changed:FIELD"),
        ("NOTIFY_ON", "failed:title", "='failed:title': must be some of"),
        ("NOTIFY_URL", "ftp://me:s3cret@host", ": must be an http:// or https:// URL with a host name"),
        ("NOTIFY_URL", "http://me:s3cret@host:x", ": must be an http:// or https:// URL with a host name"),
        ("NOTIFY_COMMAND", "say 's3cret", ": must be a program and its arguments, with every quote closed"),
        ("NOTIFY_SECONDS", "0", "='0': must be more than 0 seconds"),
    ],
)
def test_a_wrong_value_is_one_line_that_repeats_no_secret(name: str, text: str, line: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        Config.from_settings({name: text})
    assert str(refused.value).startswith(f"{name}{line}")
    assert "s3cret" not in str(refused.value)


def test_nothing_of_a_hook_is_printed_or_recorded() -> None:
    settings = {f"NOTIFY_{name}": "https://s3cret.example" for name in ("URL", "SECRET", "COMMAND", "APPRISE")}
    config = Config.from_settings(settings)
    assert "s3cret" not in f"{config!r} {config.model_dump()}"
    assert config.changed(settings) == dict.fromkeys(settings, "set")
