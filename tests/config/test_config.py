"""Every setting of every group: a valid value, or one line that begins with its name and repeats no secret."""

import copy
import doctest
import pickle
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr, ValidationError
from scrapy.settings import Settings

from moviecrawler import config as room
from moviecrawler.addons import check
from moviecrawler.config import GROUPS, Config, all_settings, api_keys, defaults, fields, page, urls
from moviecrawler.config import names as names_of_settings
from moviecrawler.config.fields import is_secret
from moviecrawler.config.groups import CacheConfig, ScrapydConfig
from moviecrawler.config.sources import TmdbConfig
from moviecrawler.exceptions import ConfigurationError

CANARY = "c4n4ry-0f-s3cr3t"
TOGETHER = {"SCRAPYD_USERNAME": {"SCRAPYD_PASSWORD": "x"}, "SCRAPYD_PASSWORD": {"SCRAPYD_USERNAME": "x"}}

PARTNERS = {"SCRAPYD_USERNAME": "SCRAPYD_PASSWORD", "FAILOVER_COOL_DOWN": "FAILOVER_COOL_DOWN_MAX"}
"""What is named when two settings do not fit together."""

_ODD = [
    *("", " ", "0", "-0", "1", "nan", "-inf", "1e999", "1e-400", "0x10", "1_000", "²", "٤", "9" * 400, "-" * 5000),
    *("~no-such-user/x", "~", "/", "..", "\0", "a\nb", "\ud800", ",", ",,", "%", "{}", "{url}", "{url}{url}"),
    *("http://", "http://[", "http://[::1", "http://a:99999", "http://a?{url}", "http://a#b", "http://\\a", "//a"),
    *("redis://", "redis://a/x", "rediss://[", "sqlite:", "sqlite:///", "sqlite:///:memory:", "sqlite:///a?b"),
    *("mongodb://", "mongodb://[", "mongodb://a/b/c", "mongodb+srv://a", "mongodb://%@a/b", "mongodb://a:b:c/d"),
    *("(", "[", "a{1000000000}", "(a{999}){999}", "(((((a?){9}){9}){9}){9}){9}", "(?P<a>", "a,b", "\\"),
    *("Bearer", "eyJ...", "0123abcd", "0123abcd" * 4, "api_key=", "1,2,3,4", "4,3,2,1", "1,2,3", "1,2,3,x"),
]  # fmt: skip
WILD = st.sampled_from(_ODD) | st.text(max_size=30) | st.floats().map(str) | st.integers().map(str)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The defaults, with a data folder of its own."""
    return defaults({"DATA_DIR": str(tmp_path_factory.mktemp("data"))})


@pytest.mark.parametrize("name", all_settings())
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=st.text(max_size=30) | st.floats().map(str) | st.integers().map(str))
def test_any_text_is_a_valid_value_or_one_line_that_begins_with_the_name(
    name: str, value: str, empty: dict[str, str]
) -> None:
    _is_valid_or_one_line(name, value, empty)


@pytest.mark.parametrize("name", all_settings())
def test_each_odd_text_is_a_valid_value_or_one_line_that_begins_with_the_name(name: str, empty: dict[str, str]) -> None:
    for value in _ODD:
        _is_valid_or_one_line(name, value, empty)


def _is_valid_or_one_line(name: str, value: str, empty: dict[str, str]) -> None:
    line = _refused(Settings({**empty, **TOGETHER.get(name, {}), name: value}))
    assert not line or re.match(rf"({name}|{PARTNERS.get(name)})\b", line), line
    assert "\n" not in line


@pytest.mark.parametrize("name", [name for name, field in all_settings().items() if is_secret(field)])
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=WILD, after=WILD)
@example(before="two ", after="words")
def test_no_line_repeats_a_key_or_a_password(name: str, before: str, after: str, empty: dict[str, str]) -> None:
    is_server = name.endswith(("_URL", "_URI"))
    scheme = "mongodb" if name == "STORE_URI" else "redis"
    value = f"{scheme}://user:{CANARY}@{before}{after}" if is_server else f"{before}{CANARY}{after}"
    assert CANARY not in _refused(Settings({**empty, **TOGETHER.get(name, {}), name: value}))


def _refused(given: Settings) -> str:
    """The line; empty if all is accepted."""
    try:
        check(given)
    except ConfigurationError as error:
        refused = error
    else:
        return ""
    # A traceback would show its context, and pydantic's error holds the values.
    assert not isinstance(refused.__context__, ValidationError)
    return str(refused)


def test_all_fields_have_a_default_that_is_valid_and_a_meaning() -> None:
    assert Config.from_settings({}) == Config.from_settings(defaults({}))
    assert len(all_settings()) == sum(len(model.model_fields) for model in GROUPS.values()), "a name stands twice"
    for name, field in all_settings().items():
        assert isinstance(field.default, str), name
        assert field.description, name
        assert page.allowed(field), name


def test_the_first_wrong_one_is_named() -> None:
    wrong = {"PROGRESS_SECONDS": "never", "TMDB_RATE": "fast", "STORE_PATIENCE": "0"}
    with pytest.raises(ConfigurationError, match=r"\ATMDB_RATE='fast': must be a number"):
        Config.from_settings(wrong)


def test_the_groups_that_do_not_fit_together_are_named() -> None:
    with pytest.raises(ConfigurationError, match=r"\AFAILOVER_COOL_DOWN_MAX='600': must be 900\.0 or more seconds\Z"):
        Config.from_settings({"FAILOVER_COOL_DOWN": "900"})
    with pytest.raises(ConfigurationError, match=r"\ASCRAPYD_PASSWORD: must be set together with SCRAPYD_USERNAME"):
        Config.from_settings({"SCRAPYD_USERNAME": "me"})


@pytest.mark.parametrize(("value", "expected"), [("4", 4.0), (" 0.5 ", 0.5), (4, 4.0), ("1e3", 1000.0)])
def test_numbers_are_read_from_text_and_from_numbers(value: object, expected: float) -> None:
    assert Config.from_settings({"TMDB_RATE": value}).tmdb.rate == expected


@pytest.mark.parametrize("value", ["", "four", None, "4,5", [4]])
def test_what_is_no_number_is_refused(value: object) -> None:
    with pytest.raises(ConfigurationError, match=r"\ATMDB_RATE=.*: must be a number, such as 4 or 0\.5\Z"):
        Config.from_settings({"TMDB_RATE": value})


@pytest.mark.parametrize("value", ["", "1.5", "ten", None, "1e3", "9" * 5000])
def test_what_is_no_whole_number_is_refused(value: object) -> None:
    with pytest.raises(ConfigurationError, match=r"\ATMDB_BURST=.*: must be a whole number, such as 10\Z"):
        Config.from_settings({"TMDB_BURST": value})


@pytest.mark.parametrize("value", ["-0.1", "10.1", "nan", "inf", "-inf"])
def test_a_number_out_of_range_is_refused(value: str) -> None:
    with pytest.raises(ConfigurationError, match=r"\AFILTER_MIN_RATING=.*: must be from 0 to 10\Z"):
        Config.from_settings({"FILTER_MIN_RATING": value})


@pytest.mark.parametrize("name", ["TMDB_BURST", "DOWNLOAD_TIMEOUT"])
def test_a_number_beyond_all_that_can_be_meant_is_refused(name: str) -> None:
    with pytest.raises(ConfigurationError, match=rf"\A{name}=.*: must be at most 1000000000000\Z"):
        Config.from_settings({name: "1" + "0" * 300})


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        *(("1", True), (" True ", True), (1, True), (True, True), ("yes", True), ("On", True)),
        *(("0", False), ("FALSE", False), ("no", False), ("off", False)),
    ],
)
def test_a_switch_is_read_from_text_and_from_itself(value: object, expected: bool) -> None:
    assert Config.from_settings({"PROFILE": value}).run.profile is expected


@pytest.mark.parametrize("value", ["", "maybe", "2", None])
def test_what_is_no_switch_is_refused(value: object) -> None:
    with pytest.raises(ConfigurationError, match=r"\APROFILE=.*: must be 0 or 1\Z"):
        Config.from_settings({"PROFILE": value})


def test_a_long_value_is_not_repeated_in_full() -> None:
    with pytest.raises(ConfigurationError, match=r"\ATMDB_RATE='x+\.\.\.: must be a number") as error:
        Config.from_settings({"TMDB_RATE": "x" * 100_000})
    assert len(str(error.value)) < 300


def test_an_empty_value_counts_as_not_set_but_an_empty_cache_is_none() -> None:
    assert defaults({"TMDB_RATE": "", "CACHE_URI": ""})["TMDB_RATE"] == "4"
    assert defaults({"CACHE_URI": ""})["CACHE_URI"] == ""


def test_relative_places_are_in_the_folder_of_the_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "scrapy.cfg").touch()
    (below := tmp_path / "a" / "b").mkdir(parents=True)
    monkeypatch.chdir(below)
    given = {"OVERLAY_FONTS": "a.ttf, /b.ttf,", "STORE_URI": "sqlite:///films.db", "CACHE_URI": "sqlite:////abs.db"}
    config = Config.from_settings(given)
    assert config.store.data_dir == tmp_path / "data"
    assert config.images_folder == tmp_path / "data" / "images"
    assert config.images.fonts == (tmp_path / "a.ttf", Path("/b.ttf"))
    assert config.store.uri.get_secret_value() == f"sqlite:///{tmp_path}/films.db"
    assert config.cache.uri.get_secret_value() == "sqlite:////abs.db"
    assert Config.from_settings({"IMAGES_STORE": "~/pictures"}).images_folder == Path.home() / "pictures"


def test_a_secret_prints_nowhere() -> None:
    given = {
        **{"TMDB_ACCESS_TOKEN": CANARY, "TMDB_API_KEY": CANARY, "OMDB_API_KEY": CANARY},
        **{"SCRAPYD_USERNAME": "me", "SCRAPYD_PASSWORD": CANARY, "REDIS_URL": f"redis://:{CANARY}@redis.example"},
        **{"STORE_URI": f"mongodb://me:{CANARY}@db.example/films", "CACHE_URI": f"redis://:{CANARY}@redis.example"},
        "TMDB_IMAGE_BASE_URLS": f"https://relay.example/?url={{url}}&token={CANARY}",
    }
    config = Config.from_settings(given)
    shown = [repr(config), str(config), f"{config.tmdb} {config.tmdb.api_key}", repr(copy.copy(config))]
    assert not [text for text in shown if CANARY in text]
    assert CANARY not in repr(config.model_dump())
    assert CANARY not in config.model_dump_json()
    assert config.tmdb.api_key.get_secret_value() == CANARY
    assert {name for name, field in all_settings().items() if is_secret(field)} >= given.keys() - {
        *("SCRAPYD_USERNAME", "TMDB_IMAGE_BASE_URLS")
    }
    assert pickle.loads(pickle.dumps(config)) == config


@pytest.mark.parametrize(
    ("group", "given"),
    [
        (TmdbConfig, {"api_key": f"{CANARY} two words"}),
        (ScrapydConfig, {"password": CANARY}),
        (CacheConfig, {"uri": CANARY, "stale_if_error": CANARY}),
    ],
)
def test_an_error_of_pydantic_does_not_repeat_the_value(group: Any, given: dict[str, str]) -> None:
    with pytest.raises(ValidationError) as error:
        group(**given)
    assert CANARY not in str(error.value)


def test_a_group_is_built_from_its_own_names_and_from_its_settings() -> None:
    assert TmdbConfig(rate=0.5) == TmdbConfig.model_validate({"TMDB_RATE": "0.5"})
    assert TmdbConfig(api_key=SecretStr("any")).token_and_key == ("", "any")
    with pytest.raises(ValidationError, match="frozen"):
        TmdbConfig().rate = 5


@pytest.mark.parametrize("module", [room, fields, urls, api_keys, names_of_settings])
def test_the_examples_in_the_docstrings_run(module: Any) -> None:
    assert not doctest.testmod(module).failed


def test_the_table_of_a_group_has_a_row_for_each_field() -> None:
    rows = page.table(TmdbConfig).splitlines()[2:]
    assert [row.split("`")[1] for row in rows] == [field.alias for field in TmdbConfig.model_fields.values()]


def test_what_may_hold_a_secret_is_only_said_to_be_set() -> None:
    relay = "https://relay.example/?token=its-own-token&url={url}"
    given = {"TMDB_IMAGE_BASE_URLS": relay, "STORE_URI": "mongodb://u:pass@h/d"}
    assert Config.from_settings(given).changed(given) == {"TMDB_IMAGE_BASE_URLS": "set", "STORE_URI": "set"}
