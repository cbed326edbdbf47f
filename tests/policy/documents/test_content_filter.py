"""The content filter names its reason, and drops nothing early that it would keep later."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moviecrawler.config import Config
from moviecrawler.config.groups import FilterConfig
from moviecrawler.exceptions import ConfigurationError
from moviecrawler.items import Movie, Rating, Show
from moviecrawler.policy.documents.content_filter import ContentFilter, FilterVerdict
from moviecrawler.timestamps import iso

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
KEEP = FilterVerdict(True)


def filter_of(**settings: str) -> ContentFilter:
    return ContentFilter(Config.from_settings(settings).filter)


@dataclass(frozen=True)
class Row:
    """What a listing shows; the same names as ``sources.tmdb.ListingRow``."""

    kind: str = "movies"
    title: str | None = "The Matrix"
    release_date: str | None = "1999-03-31"
    vote_count: int | None = 5000
    vote_average: float | None = 8.2
    genre_ids: tuple[int, ...] = (28,)
    adult: bool | None = False


def movie(votes: int = 5000, score: float = 8.2, **fields: Any) -> Movie:
    known: dict[str, Any] = {
        "title": "The Matrix",
        "release_date": "1999-03-31",
        "runtime": 136,
        "genre_ids": [28],
        "adult": False,
        "ratings": {"tmdb": Rating(score=score, votes=votes)},
    }
    return Movie(source="tmdb", source_id="603", id=603, **{**known, **fields})


def days_ago(days: int) -> str:
    return str((NOW - timedelta(days=days)).date())


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({}, None),
        ({"adult": True}, "adult"),
        ({"genre_ids": [28, 10767]}, "genre_talk"),
        ({"genre_ids": [10764]}, "genre_reality"),
        ({"genre_ids": [10763]}, "genre_news"),
        ({"title": "The Making of The Matrix"}, "pattern"),
        ({"original_title": "MAKING OF"}, "pattern"),
        ({"titles": {"en-US": "The making of The Matrix"}}, "pattern"),
        ({"keywords": ["behind the scenes"]}, "pattern"),
        ({"title": "Homemaking often"}, None),
        ({"runtime": 39}, "short"),
        ({"runtime": 40}, None),
        ({"runtime": 0}, None),
        ({"runtime": None}, None),
        ({"votes": 9}, "votes"),
        ({"votes": 10}, None),
        ({"ratings": {}}, "votes"),
        ({"ratings": {"tmdb": Rating(score=8.0)}}, "votes"),
        ({"votes": 0, "release_date": days_ago(60)}, None),
        ({"votes": 0, "release_date": days_ago(61)}, "votes"),
        ({"votes": 0, "release_date": days_ago(-30)}, None),
        ({"votes": 0, "release_date": None}, None),
        ({"votes": 0, "release_date": ""}, None),
        ({"score": 4.9}, "rating"),
        ({"score": 5.0}, None),
        ({"score": 4.9, "release_date": days_ago(1)}, "rating"),
        ({"score": 0.0, "votes": 0, "release_date": days_ago(1)}, None),
    ],
)
def test_a_film_is_dropped_for_one_named_reason(fields: dict[str, Any], reason: str | None) -> None:
    policy = filter_of(**{"FILTER_MIN_RATING": "5", "FILTER_PATTERNS": r"\bmaking of\b, behind the scenes"})
    assert policy.judge(movie(**fields), NOW)[:2] == (reason is None, reason)


def test_an_episode_may_be_short_a_talk_show_may_not_be_at_all() -> None:
    show = Show(source="tmdb", source_id="1", id=1, runtime=20, release_date="2008-01-20", genre_ids=[18])
    rated = show.model_copy(update={"ratings": {"tmdb": Rating(score=8.9, votes=100)}})
    assert ContentFilter().judge(rated, NOW) == KEEP
    assert ContentFilter().judge(rated.model_copy(update={"genre_ids": [10767]}), NOW).reason == "genre_talk"


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({}, None),
        ({"adult": True}, "adult"),
        ({"genre_ids": (10763,)}, "genre_news"),
        ({"title": "The Making of The Matrix"}, "pattern"),
        ({"vote_count": 9}, "votes"),
        ({"vote_count": 0, "release_date": days_ago(60)}, None),
        ({"vote_count": 0, "release_date": ""}, None),
        ({"vote_average": 4.9}, "rating"),
        ({"vote_average": 0, "vote_count": 0, "release_date": days_ago(1)}, None),
        # What the row does not show, the title's own page will.
        ({"vote_count": None}, None),
        ({"vote_average": None}, None),
        ({"title": None}, None),
        ({"adult": None}, None),
        ({"genre_ids": ()}, None),
    ],
)
def test_a_listing_row_is_dropped_only_for_what_it_shows(fields: dict[str, Any], reason: str | None) -> None:
    policy = filter_of(**{"FILTER_MIN_RATING": "5", "FILTER_PATTERNS": "making of"})
    assert policy.judge_row(replace(Row(), **fields), NOW)[:2] == (reason is None, reason)


@given(
    adult=st.none() | st.booleans(),
    genre_ids=st.lists(st.sampled_from([18, 28, 10763, 10764, 10767]), max_size=3),
    title=st.none() | st.sampled_from(["Heat", "The Making of Heat"]),
    release_date=st.none() | st.just("") | st.dates().map(str) | st.integers(-100, 100).map(days_ago),
    votes=st.integers(0, 30),
    score=st.floats(0, 10),
)
def test_a_row_is_dropped_only_if_its_title_would_be_dropped_for_the_same_reason(
    adult: bool | None, genre_ids: list[int], title: str | None, release_date: str | None, votes: int, score: float
) -> None:
    policy = filter_of(**{"FILTER_MIN_RATING": "5", "FILTER_PATTERNS": "making of"})
    row = Row("movies", title, release_date, votes, score, tuple(genre_ids), adult)
    item = movie(votes, score, title=title, release_date=release_date, genre_ids=genre_ids, adult=adult)
    early = policy.judge_row(row, NOW)
    assert early.keep or policy.judge(item, NOW) == early


@pytest.mark.parametrize("switch", ["0", "false", "False", " 0 "])
def test_switched_off_it_keeps_everything(switch: str) -> None:
    policy = filter_of(**{"FILTER_ENABLED": switch})
    assert policy.judge(movie(adult=True, votes=0), NOW) == KEEP
    assert policy.judge_row(Row(adult=True), NOW) == KEEP


@pytest.mark.parametrize(
    ("text", "patterns"),
    [
        ("", []),
        (" , \n,", []),
        ("making of, bonus", ["making of", "bonus"]),
        ("making of\nbonus", ["making of", "bonus"]),
        (r"part \d{1,3},bonus", [r"part \d{1,3}", "bonus"]),
        (r"x{2,}", [r"x{2,}"]),
    ],
)
def test_patterns_stand_between_commas_or_one_a_line(text: str, patterns: list[str]) -> None:
    policy = filter_of(**{"FILTER_PATTERNS": text})
    assert policy.config.patterns == tuple(patterns)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("FILTER_ENABLED", "maybe"), ("FILTER_ENABLED", ""), ("FILTER_MIN_VOTES", "-1"), ("FILTER_MIN_VOTES", "ten"),
        ("FILTER_MIN_RATING", "10.1"), ("FILTER_MIN_RATING", "nan"), ("FILTER_MIN_RUNTIME", "1.5"),
        ("FILTER_MIN_RUNTIME", "-40"), ("FILTER_PATTERNS", "making (of"), ("FILTER_PATTERNS", ".*"),
        ("FILTER_PATTERNS", "bonus|"),
    ],
)  # fmt: skip
def test_a_wrong_setting_is_one_line_that_names_it(setting: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=rf"\A{setting}=.*: must .*\Z"):
        filter_of(**{setting: value})


REFUSALS: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, Any]]] = {
    # reason: (what the title is like, stricter settings, relaxed settings)
    "votes": ({"votes": 5}, {"FILTER_MIN_VOTES": "20"}, {"FILTER_MIN_VOTES": "9"}),
    "short": ({"runtime": 30}, {"FILTER_MIN_RUNTIME": "50"}, {"FILTER_MIN_RUNTIME": "0"}),
    "rating": ({"score": 4.9}, {"FILTER_MIN_RATING": "6"}, {"FILTER_MIN_RATING": "4.5"}),
    "pattern": ({"title": "A Bonus"}, {"FILTER_PATTERNS": "bonus,extra"}, {"FILTER_PATTERNS": "extra"}),
    "adult": ({"adult": True}, {"FILTER_MIN_VOTES": "20"}, {"FILTER_ENABLED": "0"}),
}


@pytest.mark.parametrize("reason", REFUSALS)
def test_a_refusal_lasts_30_days_unless_the_filter_is_relaxed(reason: str) -> None:
    fields, stricter, relaxed = REFUSALS[reason]
    settings = {"FILTER_MIN_RATING": "5", "FILTER_PATTERNS": "bonus"}
    policy = filter_of(**settings)
    verdict = policy.judge(movie(**fields), NOW)
    dropped = {"reason": verdict.reason, "threshold": verdict.threshold, "at": iso(NOW)}
    assert verdict.reason == reason
    assert policy.still_refuses(dropped, NOW)
    assert filter_of(**{**settings, **stricter}).still_refuses(dropped, NOW)
    assert not filter_of(**{**settings, **relaxed}).still_refuses(dropped, NOW)
    assert not policy.still_refuses(dropped, NOW + timedelta(days=31))
    assert not policy.still_refuses(None, NOW)


@pytest.mark.parametrize(
    "old", [{"reason": "votes"}, {"reason": "pattern"}, {"reason": "votes", "threshold": "many"}, {}]
)
def test_a_refusal_of_an_older_version_lasts_30_days(old: dict[str, Any]) -> None:
    policy = ContentFilter(FilterConfig(min_votes=0))
    assert policy.still_refuses({**old, "at": iso(NOW)}, NOW)
    assert not policy.still_refuses({**old, "at": iso(NOW - timedelta(days=31))}, NOW)
