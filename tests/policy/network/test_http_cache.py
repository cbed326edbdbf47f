"""A stored answer is used for as long as the table says, never longer, whatever the clock does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moviecrawler.config import Config
from moviecrawler.config.source_group import MAX_LIFETIME
from moviecrawler.exceptions import ConfigurationError
from moviecrawler.policy.network.http_cache import STALE_IF_ERROR_KINDS, validators
from tests.support.policies import cache_policy

HOUR, DAY = 3_600.0, 86_400.0
ENDPOINTS = list(cache_policy().lifetimes)
NOW = 1_795_248_930.5
SETTINGS = [f"CACHE_TTL_{endpoint.upper()}" for endpoint in ENDPOINTS] + ["CACHE_STALE_IF_ERROR"]


@pytest.mark.parametrize(
    ("source", "path", "name"),
    [
        ("tmdb", "/trending/movie/day?language=en-US&page=1", "trending"),
        ("tmdb", "/trending/all/week", "trending"),
        ("tmdb", "/genre/movie/list?language=en-US", "genres"),
        ("tmdb", "/configuration", "genres"),
        ("tmdb", "/configuration/countries", "genres"),
        ("tmdb", "/configuration?x=1", "genres"),
        ("tmdb", "/movie/603?append_to_response=credits", "api"),
        ("tmdb", "/movie/changes?page=2", "api"),
        ("tmdb", "/discover/movie?with_genres=trending", "api"),
        ("tmdb", "/movie/trending", "api"),
        ("tmdb", "", "api"),
        ("omdb", "/?i=tt0133093", "omdb"),
        ("omdb", "/trending", "omdb"),
        ("the_numbers", "/movie/budgets/all", "the_numbers"),
    ],
)
def test_a_path_belongs_to_a_row_of_the_table(source: str, path: str, name: str) -> None:
    assert cache_policy().endpoint(source, path) == name


@pytest.mark.parametrize(
    ("name", "seconds"),
    [
        ("trending", HOUR),
        ("genres", 24 * HOUR),
        ("api", 0.5 * HOUR),
        ("omdb", 24 * HOUR),
        ("the_numbers", 12 * HOUR),
    ],
)
def test_an_answer_is_fresh_for_as_long_as_the_table_says(name: str, seconds: float) -> None:
    policy = cache_policy()
    assert policy.is_fresh(NOW, NOW, name)
    assert policy.is_fresh(NOW, NOW + seconds - 0.001, name)
    assert not policy.is_fresh(NOW, NOW + seconds, name)
    assert policy.is_usable_on_error(NOW, NOW + seconds + 7 * DAY - 0.001, name, "failed")
    assert not policy.is_usable_on_error(NOW, NOW + seconds + 7 * DAY, name, "failed")
    assert policy.retention(name) == seconds + 7 * DAY


@given(
    stored_at=st.floats(allow_nan=True, allow_infinity=True),
    now=st.floats(0, 4e9),
    name=st.sampled_from(ENDPOINTS),
    kind=st.sampled_from(sorted(STALE_IF_ERROR_KINDS)),
)
def test_an_answer_from_the_future_is_neither_fresh_nor_usable_on_error(
    stored_at: float, now: float, name: str, kind: str
) -> None:
    policy = cache_policy()
    if not stored_at <= now:
        assert not policy.is_fresh(stored_at, now, name)
        assert not policy.is_usable_on_error(stored_at, now, name, kind)
    if policy.is_fresh(stored_at, now, name):
        assert policy.is_usable_on_error(stored_at, now, name, kind), "fresh is better than usable"


def test_a_clock_that_jumps_back_and_forth_never_makes_an_old_answer_young() -> None:
    policy = cache_policy()
    stored_at = NOW
    moments = (NOW, NOW - DAY, NOW + 60, NOW + 400 * DAY, NOW + 120, NOW - 1e-6)
    assert [policy.is_fresh(stored_at, now, "api") for now in moments] == [True, False, True, False, True, False]


@pytest.mark.parametrize(
    ("kind", "usable"),
    [
        ("failed", True), ("throttled", True), ("garbage", True), ("gone", False), ("refused", False), ("auth", False),
        ("quota", False), ("blocked", False), ("ok", False),
    ],
)  # fmt: skip
def test_a_stale_answer_only_replaces_the_answer_of_a_site_that_is_down(kind: str, usable: bool) -> None:
    assert cache_policy().is_usable_on_error(NOW, NOW + DAY, "api", kind) is usable


@pytest.mark.parametrize(
    ("status", "cache_control", "stored"),
    [
        (200, "", True),
        (200, "public, max-age=2588", True),
        (200, "max-age=0, must-revalidate", True),
        (200, "private", True),
        (200, "no-store", False),
        (200, "private, No-Store", False),
        (200, "no-store=x", False),
        (200, "x-no-store", True),
        (304, "", False),
        (206, "", False),
        (404, "max-age=60", False),
        (503, "max-age=60", False),
    ],
)
def test_only_complete_answers_are_stored_unless_the_site_forbids_it(
    status: int, cache_control: str, stored: bool
) -> None:
    assert cache_policy().is_storable(status, cache_control) is stored


def test_a_stale_answer_is_revalidated_with_the_validators_that_it_has() -> None:
    modified = "Sat, 21 Nov 2026 08:00:00 GMT"
    assert validators('W/"1f"', modified) == {"If-None-Match": 'W/"1f"', "If-Modified-Since": modified}
    assert validators(None, modified) == {"If-Modified-Since": modified}
    assert validators(None, None) == {}


def test_a_lifetime_of_0_revalidates_every_time() -> None:
    policy = cache_policy(CACHE_TTL_API="0")
    assert not policy.is_fresh(NOW, NOW, "api")
    assert policy.is_fresh(NOW, NOW, "trending")


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("value", ["-1", "nan", "inf", "soon", "", str(MAX_LIFETIME + 1)])
def test_a_wrong_value_is_refused_by_name(setting: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=f"^{setting}="):
        Config.from_settings({setting: value})
