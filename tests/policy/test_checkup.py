"""What `scrapy doctor` makes of what it finds."""

from datetime import UTC, datetime, timedelta

import pytest

from moviecrawler.config import Config
from moviecrawler.policy.checkup import (
    Finding,
    answer_finding,
    clock_finding,
    contradictions,
    finding_lines,
    future_finding,
    key_findings,
    not_as_locked,
    redis_finding,
    size,
    space_finding,
    versions_finding,
    worst,
)
from moviecrawler.policy.network.bodies import AnswerKind
from moviecrawler.policy.terminal import COLUMNS, width

NOW = datetime(2026, 11, 21, 8, 15, tzinfo=UTC)
KEY = "0123abcd" * 4
TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJhdWQiOiIwIn0.c2lnbmVk"


def keys(**settings: str) -> list[tuple[str, str]]:
    return [(finding.level, finding.text) for finding in key_findings(Config.from_settings(settings))]


@pytest.mark.parametrize(
    ("settings", "found"),
    [
        ({}, [("problem", "No TMDB key"), ("warning", "No OMDB key")]),
        ({"TMDB_API_KEY": KEY, "OMDB_API_KEY": "0123abcd"},
         [("ok", "TMDB_API_KEY is set, and looks right"), ("ok", "OMDB_API_KEY is set, and looks right")]),
        ({"TMDB_ACCESS_TOKEN": KEY, "OMDB_API_KEY": "0123abcd"},
         [("ok", "TMDB_ACCESS_TOKEN is set, and looks right"), ("ok", "OMDB_API_KEY is set, and looks right")]),
        ({"TMDB_ACCESS_TOKEN": TOKEN, "TMDB_API_KEY": KEY, "OMDB_API_KEY": "any"},
         [("ok", "TMDB_ACCESS_TOKEN and TMDB_API_KEY are set, and look right"),
          ("warning", "OMDB_API_KEY is set, but does not look like a key of OMDB (8 hexadecimal digits)")]),
        ({"TMDB_API_KEY": "short", "OMDB_API_KEY": "0123abcd"},
         [("warning", "TMDB_API_KEY is set, but does not look like an access token of TMDB (eyJ...) or a key of TMDB "
           "(32 hexadecimal digits)"),
          ("ok", "OMDB_API_KEY is set, and looks right")]),
    ],
)  # fmt: skip
def test_keys_are_told_by_presence_and_shape(settings: dict[str, str], found: list[tuple[str, str]]) -> None:
    assert keys(**settings) == found
    assert not [text for _, text in keys(**settings) for value in settings.values() if value in text]


def test_a_missing_key_says_where_to_get_one() -> None:
    assert "https://www.themoviedb.org/settings/api" in next(key_findings(Config.from_settings({}))).advice


@pytest.mark.parametrize(
    ("kind", "reason", "level", "words"),
    [
        ("ok", "ok/200", "ok", "takes the key"),
        ("auth", "auth/key", "problem", "rejects the key"),
        ("quota", "quota/limit", "warning", "quota of the day"),
        ("blocked", "blocked/403", "problem", "rejects the key"),
        ("throttled", "throttled/429", "warning", "slow down"),
        ("refused", "refused/404", "problem", "refused/404"),
        ("failed", "failed/503", "problem", "failed/503"),
        ("garbage", "garbage/html", "problem", "garbage/html"),
    ],
)
def test_an_answer_tells_about_the_key(kind: AnswerKind, reason: str, level: str, words: str) -> None:
    finding = answer_finding("omdb", "OMDB", kind, reason)
    assert finding.level == level
    assert words in finding.text
    assert bool(finding.advice) == (level != "ok")


@pytest.mark.parametrize(
    ("settings", "word"),
    [
        ({"WORKER_IDLE_SECONDS": "60"}, "WORKER_IDLE_SECONDS"),
        ({"REDIS_URL": "redis://h:1/0"}, "SQLite"),
        ({"OVERLAY_FONTS": "a.ttf", "IMAGES_ENABLED": "0"}, "OVERLAY_FONTS"),
        ({"FILTER_PATTERNS": "a", "FILTER_ENABLED": "0"}, "FILTER_PATTERNS"),
        ({"RETRY_BASE": "70"}, "RETRY_BASE"),
        ({"RETRY_TRIES": "20"}, "RETRY_LISTING_TRIES"),
    ],
)
def test_settings_that_contradict_each_other_are_named(settings: dict[str, str], word: str) -> None:
    ((what, advice),) = contradictions(Config.from_settings(settings))
    assert word in what
    assert advice


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"WORKER_IDLE_SECONDS": "60", "REDIS_URL": "redis://h:1/0", "STORE_URI": "mongodb://h/d"},
        {"OVERLAY_FONTS": "a.ttf", "FILTER_PATTERNS": "a"},
    ],
)
def test_settings_that_fit_are_not(settings: dict[str, str]) -> None:
    assert not list(contradictions(Config.from_settings(settings)))


@pytest.mark.parametrize(("free", "level"), [(10**12, "ok"), (2 * 10**9, "ok"), (10**9, "warning"), (10**8, "problem")])
def test_little_space_is_said_before_it_is_none(free: int, level: str) -> None:
    assert space_finding("DATA_DIR", "/srv", free).level == level


@pytest.mark.parametrize(
    ("facts", "level", "word"),
    [
        ({"redis_version": "7.2.4", "maxmemory": 0, "maxmemory_policy": "allkeys-lru"}, "ok", "7.2.4"),
        ({"redis_version": "7.2.4", "maxmemory": 10**9, "maxmemory_policy": "noeviction"}, "ok", "7.2.4"),
        ({"redis_version": "7.2.4", "maxmemory": 10**9, "maxmemory_policy": "allkeys-lru"}, "problem", "allkeys-lru"),
        ({"redis_version": "3.0.7"}, "problem", "3.0.7"),
        ({}, "ok", "unknown"),
    ],
)
def test_a_redis_is_told_by_version_and_eviction(facts: dict[str, object], level: str, word: str) -> None:
    finding = redis_finding("h:6379/0", facts)
    assert finding.level == level
    assert word in finding.text


def test_packages_are_compared_with_the_lock() -> None:
    lock = "# a comment\naiohttp==3.14.5\nlxml==6.0.0  # via scrapy\ncolorama==0.4.6 ; os == 'win32'\nabsent==1\n"
    installed = {"aiohttp": "3.14.5", "lxml": "5.9", "colorama": "0.1", "other": "1"}
    assert not_as_locked(lock, installed) == {"lxml": ("6.0.0", "5.9")}
    assert not_as_locked("", installed) == {}


@pytest.mark.parametrize(
    ("differing", "level", "word"),
    [
        (None, "ok", "no constraints.txt"),
        ({}, "ok", "are those of constraints.txt"),
        ({"lxml": ("6", "5")}, "warning", "lxml 5, tested with 6"),
        ({str(number): ("6", "5") for number in range(5)}, "warning", "and 2 more"),
    ],
)
def test_versions_that_differ_are_a_warning(
    differing: dict[str, tuple[str, str]] | None, level: str, word: str
) -> None:
    finding = versions_finding("Python 3", differing)
    assert finding.level == level
    assert word in finding.text


@pytest.mark.parametrize(
    ("minutes", "level", "words"),
    [
        (0, "ok", "as TMDB's"),
        (4, "ok", "as TMDB's"),
        (-20, "problem", "20 minutes ahead of"),
        (90, "problem", "behind"),
    ],
)
def test_a_clock_is_compared_with_another(minutes: int, level: str, words: str) -> None:
    finding = clock_finding(NOW, NOW + timedelta(minutes=minutes), "TMDB's")
    assert finding.level == level
    assert words in finding.text


def test_a_clock_is_compared_with_what_is_stored() -> None:
    assert future_finding(NOW, None).level == "ok"
    assert future_finding(NOW, "movies/603").level == "problem"
    assert clock_finding(NOW, None, "").level == "ok"


def test_the_worst_finding_counts() -> None:
    levels = [Finding("a", "ok", ""), Finding("b", "problem", ""), Finding("c", "warning", "")]
    assert [worst(levels), worst(levels[:1]), worst(levels[2:])] == ["problem", "ok", "warning"]


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0.0 kB"), (99_999, "100.0 kB"), (10**6, "1.0 MB"), (10**10, "10.0 GB")]
)
def test_sizes_are_readable(count: int, text: str) -> None:
    assert size(count) == text


def test_lines_fit_and_begin_with_the_level() -> None:
    lines = list(finding_lines(Finding("settings", "problem", "word " * 40, "do " * 40)))
    assert lines[0].startswith("problem  settings  word")
    assert max(map(width, lines)) <= COLUMNS
    assert "; do do" in " ".join(lines)
