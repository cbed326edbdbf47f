"""One run whose clock is years ahead: what it stored is no longer newer than all that comes after it."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from moviecrawler import timestamps
from tests.support.crawl import ROOT, Ended, Home
from tests.support.sandbox import Sandbox

SANDBOX = ("--movies", "300")

AHEAD = """
import datetime
import time

import twisted.python.runtime  # before: Twisted's own timers go by this clock

true_time, ahead = time.time, 3 * 365 * 86_400.0


class Ahead(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return datetime.datetime.fromtimestamp(time.time(), tz)


time.time = lambda: true_time() + ahead
datetime.datetime = Ahead
"""
"""As ``sitecustomize``: three years ahead."""


@pytest.fixture
def ahead(make_home: Callable[..., Home]) -> Home:
    home = make_home()
    (home.folder / "sitecustomize.py").write_text(AHEAD)
    return home


def then(home: Home, *words: str) -> Ended:
    """A crawl in that future."""
    ended = home.crawl(*words, PYTHONPATH=f"{home.folder}:{ROOT}")
    assert ended.status == 0, ended.stderr
    return ended


def now(home: Home, *words: str, warnings: int) -> Ended:
    (home.folder / "sitecustomize.py").write_text("")
    ended = home.crawl(*words)
    assert ended.status == 0, ended.stderr
    assert len([line for line in ended.lines if "by a clock that was ahead" in line]) == warnings
    runs = home.records("runs")
    run = runs[max(start for start in runs if start < timestamps.iso(datetime.now(UTC)))]
    assert "titles/older" not in run["stats"]
    return ended


def test_changes_arrive_and_titles_are_due_again(sandbox: Sandbox, ahead: Home) -> None:
    then(ahead, "tmdb_trending", "limit=4")
    ids = sorted(ahead.documents())
    before = ahead.documents()[ids[0]]
    sandbox.patch("movie", ids[0], tagline="Another line", runtime=99)
    sandbox.clear_log()
    now(ahead, "tmdb_trending", "limit=4", warnings=1)
    films = ahead.documents()
    assert films[ids[0]]["tagline"] == "Another line"
    for film in films.values():
        slot = film["sources"]["tmdb"]
        assert slot["fetched_at"] < before["sources"]["tmdb"]["fetched_at"]
        assert slot["fetched_at"] < slot["next_refresh_at"] < before["updated_at"]
        assert film["trending"]["at"] < before["trending"]["at"]
        assert ahead.records("samples")[f"movies/{film['_id']}"]["curves"]["tmdb"]["at"] == [slot["fetched_at"]]
    sandbox.clear_log()
    now(ahead, "tmdb_trending", "limit=4", warnings=0)
    assert sandbox.log(path="/3/movie") == [], "and now they are not due"


def test_the_changes_feed_is_read_again(sandbox: Sandbox, ahead: Home) -> None:
    then(ahead, "tmdb_trending", "limit=4")
    then(ahead, "tmdb_refresh", "export=0", "media=movies")
    films = ahead.documents()
    last = max(films)
    assert ahead.select_state("feed/tmdb/movies")["cursor"] > films[last]["sources"]["tmdb"]["fetched_at"]
    sandbox.patch("movie", last, tagline="Named by the feed")
    now(ahead, "tmdb_refresh", "export=0", "media=movies", warnings=1)
    film = ahead.documents()[last]
    assert film["tagline"] == "Named by the feed"
    assert ahead.select_state("feed/tmdb/movies")["cursor"] <= film["sources"]["tmdb"]["fetched_at"]
