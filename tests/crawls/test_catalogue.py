"""`scrapy crawl tmdb_catalogue`: all of TMDB, the popular titles first, and only what is not stored."""

import gzip
import json
import signal
import urllib.request
from collections.abc import Callable

import pytest

from tests.support.crawl import Home, paths
from tests.support.sandbox import Sandbox
from tests.support.waiting import until

SANDBOX = ("--movies", "300")


def asked(sandbox: Sandbox) -> list[int]:
    found = (path.split("/") for path in paths(sandbox.log(server="api")))
    return [int(parts[2]) for parts in found if parts[1] in ("movie", "tv") and parts[2].isdecimal()]


@pytest.fixture
def popularity(home: Home, sandbox: Sandbox) -> dict[int, float]:
    """What the export says of every film, as somebody else reads it."""
    home.crawl("tmdb_catalogue", "limit=1")
    file = next((home.data / "exports").glob("movie_ids_*.json.gz"))
    rows = [json.loads(line) for line in gzip.decompress(file.read_bytes()).splitlines()]
    sandbox.clear_log()
    return {row["id"]: row["popularity"] for row in rows if not row["adult"] and not row["video"]}


def test_the_most_popular_come_first(
    popularity: dict[int, float], make_home: Callable[..., Home], sandbox: Sandbox
) -> None:
    home = make_home("first", TMDB_CONCURRENCY="1")
    ended = home.crawl("tmdb_catalogue", "limit=20")
    assert ended.status == 0, ended.stderr
    ranked = sorted(popularity, key=lambda id: (popularity[id], id), reverse=True)
    assert asked(sandbox) == ranked[:20]
    assert set(home.documents()) == set(ranked[:20])
    assert len(sandbox.log()) == 21, "one request for the export, one for each film"
    assert home.stats["titles/found"] == 20


def test_only_unstored_titles_are_requested_and_the_file_is_kept(home: Home, sandbox: Sandbox) -> None:
    home.crawl("tmdb_catalogue", "limit=10")
    sandbox.clear_log()
    assert home.crawl("tmdb_catalogue", "limit=10").status == 0
    assert len(asked(sandbox)) == len(sandbox.log()) == 10, "the export of today is there"
    assert len(home.documents()) == 20
    stats = home.stats
    assert stats["refresh/skipped/stored"] >= 10
    assert stats["titles/found"] == stats["titles/expected"] == stats["refresh/skipped/stored"] + 10


def test_unpopular_titles_are_left_out(
    popularity: dict[int, float], make_home: Callable[..., Home], sandbox: Sandbox
) -> None:
    least = sorted(popularity.values())[-15]
    home = make_home("popular")
    assert home.crawl("tmdb_catalogue", f"min_popularity={least}").status == 0
    assert set(asked(sandbox)) == {id for id, value in popularity.items() if value >= least}


def test_titles_that_the_filter_dropped_are_not_requested_again(home: Home, sandbox: Sandbox) -> None:
    home.crawl("tmdb_catalogue", "limit=30", FILTER_MIN_VOTES="1000000")
    dropped = len(home.records("dropped"))
    assert dropped > 20
    sandbox.clear_log()
    assert home.crawl("tmdb_catalogue", "limit=30", FILTER_MIN_VOTES="1000000").status == 0
    assert home.stats["refresh/skipped/dropped"] == dropped


def test_shows_have_an_export_of_their_own(home: Home, sandbox: Sandbox) -> None:
    assert home.crawl("tmdb_catalogue", "media=shows", "limit=5").status == 0
    assert len(home.documents("shows")) == 5
    assert home.documents() == {}


def test_the_next_run_continues_an_interrupted_one(home: Home, sandbox: Sandbox) -> None:
    sandbox.settings(latency=100)
    crawl = home.start_crawl("tmdb_catalogue", "limit=60", TMDB_CONCURRENCY="4")
    until(lambda: len(home.documents()) >= 8)
    crawl.send_signal(signal.SIGINT)
    assert Home.wait(crawl).status == 130
    done = set(home.documents())
    sandbox.settings(latency=0)
    sandbox.clear_log()
    assert home.crawl("tmdb_catalogue", f"limit={60 - len(done)}").status == 0
    assert not done.intersection(asked(sandbox))
    assert len(home.documents()) == 60


def test_a_damaged_export_is_logged_deleted_and_downloaded_again(home: Home, sandbox: Sandbox) -> None:
    home.crawl("tmdb_catalogue", "limit=1")
    file = next((home.data / "exports").glob("movie_ids_*.json.gz"))
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    ended = home.crawl("tmdb_catalogue", "limit=3")
    assert (ended.status, home.last_run["finish_reason"]) == (1, "incomplete"), ended.stderr
    assert any("is damaged" in line for line in ended.lines)
    assert not file.exists()
    assert home.crawl("tmdb_catalogue", "limit=3").status == 0
    assert file.read_bytes() == whole


def test_a_missing_export_is_logged_and_nothing_else_fails(home: Home, sandbox: Sandbox) -> None:
    ended = home.crawl("tmdb_catalogue", TMDB_EXPORT_BASE_URL=f"{sandbox.host}/nowhere")
    assert any("is not available; the next run tries again" in line for line in ended.lines), ended.stderr
    assert asked(sandbox) == []
    with urllib.request.urlopen(f"{sandbox.host}/_sandbox/stats") as answer:
        assert answer.status == 200
