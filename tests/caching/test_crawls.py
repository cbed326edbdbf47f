"""Whole crawls with the cache, against the sandbox: which requests are sent, and what happens if a tier fails."""

import re
import signal
import socket
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.caching.test_trouble import WARNINGS, damage_all, flip
from tests.support.crawl import Ended, Home, paths
from tests.support.leaks import files, leaks
from tests.support.redis_server import redis_server
from tests.support.sandbox import Sandbox
from tests.support.waiting import until

SANDBOX = ("--movies", "300")

MakeHome = Callable[..., Home]


@pytest.fixture
def cached(make_home: MakeHome, tmp_path: Path) -> MakeHome:
    """Homes with stores of their own, and one cache for all."""

    def make(name: str, **settings: str) -> Home:
        return make_home(name, **{"CACHE_URI": f"sqlite:///{tmp_path}/cache.db", **settings})

    return make


def stats(home: Home) -> dict[str, Any]:
    """Those of the cache in the last run, without their prefix."""
    return {name.removeprefix("cache/"): n for name, n in home.stats.items() if name.startswith("cache/")}


def fetched(home: Home) -> dict[int, str]:
    return {id: film["sources"]["tmdb"]["fetched_at"] for id, film in home.documents().items()}


def warnings(ended: Ended) -> list[str]:
    return [line for line in ended.lines if WARNINGS in line]


def test_the_same_crawl_again_asks_the_site_for_nothing(sandbox: Sandbox, cached: MakeHome) -> None:
    first, second = cached("first"), cached("second")
    assert first.crawl("tmdb_trending", "pages=2").status == 0
    asked = len(sandbox.log())
    sandbox.clear_log()
    ended = second.crawl("tmdb_trending", "pages=2")
    assert ended.status == 0, ended.stderr
    assert sandbox.log() == []
    assert (stats(first)["miss"], stats(first)["stored"]) == (asked, asked)
    assert stats(second) | {"saved_seconds": 0} == {
        "hit": asked, "hit/sqlite": asked, "saved_requests": asked, "saved_seconds": 0,
    }  # fmt: skip
    assert fetched(second) == fetched(first), "a cached answer is as old as it is"
    assert [chart["pages"] for chart in second.records("charts").values()] == [
        chart["pages"] for chart in first.records("charts").values()
    ]
    line = rf"  cache      {asked} hits of {asked} \(100 %\), saved {asked} requests, \d+\.\d s"
    assert re.search(line, ended.stderr)
    assert "downloader/request_count" not in second.stats, "a hit takes nothing of the rate limit"


def test_with_the_store_kept_no_title_is_even_asked_of_the_cache(sandbox: Sandbox, cached: MakeHome) -> None:
    home = cached("home")
    home.crawl("tmdb_trending", "pages=2")
    before = home.documents()
    assert home.crawl("tmdb_trending", "pages=2").status == 0
    assert stats(home)["hit"] == 2
    assert "miss" not in stats(home)
    assert {id: film["sources"] for id, film in home.documents().items()} == {
        id: film["sources"] for id, film in before.items()
    }


def test_force_and_named_titles_are_asked_for_and_confirmed(sandbox: Sandbox, cached: MakeHome) -> None:
    home = cached("home")
    home.crawl("tmdb_trending", "limit=3")
    before = fetched(home)
    sandbox.clear_log()
    assert home.crawl("tmdb_trending", "limit=3", "force=1").status == 0
    assert [entry["status"] for entry in sandbox.log()] == [304] * 4
    assert stats(home)["revalidated"] == 4
    assert home.stats["titles/unchanged"] == 3
    assert all(fetched(home)[id] > moment for id, moment in before.items()), "confirmed now"
    first = min(before)
    sandbox.patch("movie", first, tagline="Another line")
    sandbox.clear_log()
    ids = ",".join(map(str, before))
    assert home.crawl("tmdb_titles", f"ids={ids}").status == 0
    assert sorted(entry["status"] or 0 for entry in sandbox.log()) == [200, 304, 304]
    assert home.documents()[first]["tagline"] == "Another line"
    assert (home.stats["titles/updated"], home.stats["titles/unchanged"]) == (1, 2)


def test_pictures_bypass_the_cache(sandbox: Sandbox, cached: MakeHome, tmp_path: Path) -> None:
    home = cached("home", IMAGES_ENABLED="1")
    assert home.crawl("tmdb_trending", "limit=2").status == 0
    assert home.stats["pictures/fetched"] > 0
    assert (stats(home)["miss"], stats(home)["stored"]) == (3, 3)
    with sqlite3.connect(tmp_path / "cache.db") as connection:
        rows = connection.execute("SELECT endpoint, COUNT(*) FROM answers GROUP BY endpoint").fetchall()
    connection.close()
    assert dict(rows) == {"api": 2, "trending": 1}


@pytest.mark.parametrize("setting", ["TMDB_ACCESS_TOKEN", "TMDB_API_KEY"])
def test_no_key_gets_into_the_cache(sandbox: Sandbox, cached: MakeHome, tmp_path: Path, setting: str) -> None:
    key = "Canary/1+2=3&4%5.xyz~Q_w-e"
    home = cached("home", **{"TMDB_ACCESS_TOKEN": "", "TMDB_API_KEY": "", setting: key})
    assert home.crawl("tmdb_trending", "limit=5").status == 0
    assert stats(home)["stored"] == 6
    kept = {name: text for name, text in files(tmp_path).items() if name.startswith("cache.db")}
    assert len(kept["cache.db"]) > 10_000
    assert leaks(key, kept) == []
    other = cached("other", **{"TMDB_ACCESS_TOKEN": "", "TMDB_API_KEY": "", setting: "another-key-altogether"})
    assert other.crawl("tmdb_trending", "limit=5").status == 0
    assert stats(other)["hit"] == 6, "the cache key does not contain the API key"


def test_when_the_site_is_down_stale_answers_are_used(sandbox: Sandbox, cached: MakeHome) -> None:
    first = cached("first")
    first.crawl("tmdb_trending", "limit=10")
    sandbox.faults([{"kind": "500", "target": "api"}])
    stale = {"CACHE_TTL_TRENDING": "0", "CACHE_TTL_API": "0", "RETRY_TRIES": "3"}
    second = cached("second", **stale)
    sandbox.clear_log()
    ended = second.crawl("tmdb_trending", "limit=10")
    assert ended.status == 0, ended.stderr
    assert 3 + 10 <= len(sandbox.log()) <= 3 * 11, "no more tries once the site is known to be down"
    assert stats(second)["stale_if_error"] == 11
    assert fetched(second) == fetched(first)
    assert second.records("rejects") == {}
    assert "11 stale, since the site is down" in ended.stderr
    third = cached("third", **stale, CACHE_STALE_IF_ERROR="0")
    assert third.crawl("tmdb_trending", "limit=10").status == 1
    assert third.documents() == {}


def test_a_store_does_not_take_a_stale_answer_for_a_new_one(sandbox: Sandbox, cached: MakeHome) -> None:
    home = cached("home")
    home.crawl("tmdb_trending", "limit=5")
    before = home.documents()
    with sqlite3.connect(home.database) as connection:  # all of them are due
        sql = "UPDATE documents SET document = json_set(document, '$.sources.tmdb.next_refresh_at', ?)"
        connection.execute(sql, ("2020-01-01T00:00:00.000Z",))
    connection.close()
    sandbox.faults([{"kind": "500", "target": "api"}])
    assert home.crawl("tmdb_trending", "limit=5", CACHE_TTL_API="0").status == 0
    assert stats(home)["stale_if_error"] == 5
    assert home.stats["titles/older"] == 5
    assert fetched(home) == {id: film["sources"]["tmdb"]["fetched_at"] for id, film in before.items()}


def test_what_is_gone_is_gone_whatever_is_cached(sandbox: Sandbox, cached: MakeHome) -> None:
    cached("first").crawl("tmdb_titles", "ids=603")
    sandbox.remove("movie", 603)
    home = cached("second", CACHE_TTL_API="0")
    home.crawl("tmdb_titles", "ids=603")
    (reject,) = home.records("rejects").values()
    assert reject["reason"] == "gone"
    assert home.documents() == {}
    assert "stale_if_error" not in stats(home)


def test_a_host_that_wants_a_long_pause_ends_the_run_whatever_is_cached(sandbox: Sandbox, cached: MakeHome) -> None:
    cached("first").crawl("tmdb_trending", "limit=5")
    sandbox.settings(rate=0.001, burst=1, retry_after=True)
    home = cached("second", CACHE_TTL_TRENDING="0", CACHE_TTL_API="0", RETRY_AFTER_CAP="1")
    home.crawl("tmdb_trending", "limit=5")
    ended = home.crawl("tmdb_trending", "limit=5")
    assert home.last_run["finish_reason"] == "throttled", ended.stderr


def test_damaged_entries_are_fetched_again(sandbox: Sandbox, cached: MakeHome, tmp_path: Path) -> None:
    cached("first").crawl("tmdb_trending", "limit=10")
    assert damage_all(tmp_path / "cache.db", "flipped") == 11
    sandbox.clear_log()
    second, third = cached("second"), cached("third")
    assert second.crawl("tmdb_trending", "limit=10").status == 0
    assert (stats(second)["corrupt"], stats(second)["miss"], len(sandbox.log())) == (11, 11, 11)
    assert len(second.documents()) == 10
    assert third.crawl("tmdb_trending", "limit=10").status == 0
    assert stats(third)["hit"] == 11


def test_bytes_flipped_in_the_file_itself(sandbox: Sandbox, cached: MakeHome, tmp_path: Path) -> None:
    """In SQLite's own first page: the crawl ends well and has everything. All other places: ``test_trouble.py``."""
    cached("first").crawl("tmdb_trending")
    flip(tmp_path / "cache.db", 0.0)
    home = cached("after")
    ended = home.crawl("tmdb_trending")
    assert ended.status == 0, ended.stderr
    assert len(home.documents()) == 20
    assert len(warnings(ended)) == 1
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("what", ["redis", "mongo", "text", "folder", "truncated"])
def test_a_tier_that_is_down_at_the_start_is_one_warning(
    sandbox: Sandbox, make_home: MakeHome, tmp_path: Path, what: str
) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # bound, but not listening: connections are refused
        port = nobody.getsockname()[1]
        (tmp_path / "text").write_text("this is no database, whatever its name may say " * 100)
        (tmp_path / "folder").mkdir()
        (tmp_path / "truncated").write_bytes(b"SQLite format 3\0" + bytes(50))
        uri = {
            "redis": f"redis://me:s3cret@127.0.0.1:{port}/0",
            "mongo": f"mongodb://me:s3cret@127.0.0.1:{port}/x?serverSelectionTimeoutMS=300",
        }.get(what, f"sqlite:///{tmp_path}/{what}")
        home = make_home(CACHE_URI=uri)
        ended = home.crawl("tmdb_trending", "limit=5")
    assert ended.status == 0, ended.stderr
    assert len(home.documents()) == 5
    assert len(warnings(ended)) == 1
    assert "s3cret" not in ended.stderr
    assert stats(home)["errors"] == 1


def test_a_tier_that_is_killed_in_mid_crawl_is_one_warning(sandbox: Sandbox, make_home: MakeHome) -> None:
    sandbox.settings(latency=100)
    with redis_server() as redis:
        home = make_home(CACHE_URI=redis.uri, TMDB_CONCURRENCY="4")
        crawl = home.start_crawl("tmdb_trending", "pages=3")
        until(lambda: len(sandbox.log(path="/3/movie/")) > 10)
        redis.kill()
        ended = home.wait(crawl)
    assert ended.status == 0, ended.stderr
    assert len(home.documents()) == 59
    assert len(warnings(ended)) == 1
    assert stats(home)["errors"] >= 1


def test_a_tier_that_hangs_in_mid_crawl_is_one_warning(sandbox: Sandbox, make_home: MakeHome) -> None:
    sandbox.settings(latency=100)
    with redis_server() as redis:
        home = make_home(CACHE_URI=redis.uri, TMDB_CONCURRENCY="4")
        crawl = home.start_crawl("tmdb_trending", "pages=2")
        until(lambda: len(sandbox.log(path="/3/movie/")) > 10)
        redis.process.send_signal(signal.SIGSTOP)
        ended = home.wait(crawl)
    assert ended.status == 0, ended.stderr
    assert len(home.documents()) == 39
    assert len(warnings(ended)) == 1


@pytest.mark.parametrize("what", ["locked", "deleted"])
def test_a_file_that_is_locked_or_deleted_in_mid_crawl_does_not_stop_it(
    sandbox: Sandbox, cached: MakeHome, tmp_path: Path, what: str
) -> None:
    sandbox.settings(latency=100)
    home = cached("home", TMDB_CONCURRENCY="4")
    crawl = home.start_crawl("tmdb_trending", "pages=2")
    until(lambda: len(sandbox.log(path="/3/movie/")) > 10)
    lock = sqlite3.connect(tmp_path / "cache.db", timeout=10, isolation_level=None)
    if what == "locked":
        lock.execute("BEGIN EXCLUSIVE")
    else:
        for path in tmp_path.glob("cache.db*"):
            path.unlink()
    ended = home.wait(crawl)
    lock.close()
    assert ended.status == 0, ended.stderr
    assert len(home.documents()) == 39
    assert len(warnings(ended)) == (1 if what == "locked" else 0)


@pytest.mark.parametrize("tier", ["sqlite", "redis"])
def test_two_workers_share_a_tier(
    sandbox: Sandbox, make_home: MakeHome, tier: str, request: pytest.FixtureRequest
) -> None:
    uri = request.getfixturevalue(f"{tier}_uri")
    workers = [make_home(name, CACHE_URI=uri) for name in ("one", "other")]
    for ended in [home.wait(process) for home, process in [(h, h.start_crawl("tmdb_trending")) for h in workers]]:
        assert ended.status == 0, ended.stderr
        assert warnings(ended) == []
    third = make_home("third", CACHE_URI=uri)
    sandbox.clear_log()
    assert third.crawl("tmdb_trending").status == 0
    assert paths(sandbox.log()) == []
    assert stats(third)[f"hit/{tier}"] == 21
    assert [len(home.documents()) for home in (*workers, third)] == [20] * 3


def test_an_empty_address_switches_it_off(sandbox: Sandbox, make_home: MakeHome) -> None:
    home = make_home()
    assert home.settings.get("CACHE_URI") is None
    home.crawl("tmdb_trending", "limit=2")
    assert not (home.data / "cache.db").exists()
    assert stats(home) == {}
    home.crawl("tmdb_trending", "limit=2", CACHE_URI="sqlite:")
    assert (home.data / "cache.db").exists()
    (home.folder / ".env").write_text("CACHE_URI=\n")
    for off in ({"options": ("-s", "CACHE_URI="), "CACHE_URI": "sqlite:"}, {"CACHE_URI": ""}):
        home.crawl("tmdb_trending", "limit=2", **off)  # type: ignore[arg-type]
        assert stats(home) == {}


@pytest.mark.parametrize(
    ("setting", "value", "says"),
    [
        ("CACHE_URI", "redis://me:s3cret@host:port/0", "CACHE_URI='redis://***@host:***/0': malformed"),
        ("CACHE_URI", "ftp://me:s3cret@host", "CACHE_URI='ftp://***@host': unknown scheme"),
        ("CACHE_TTL_API", "soon", "CACHE_TTL_API='soon': must be a number"),
        ("CACHE_STALE_IF_ERROR", "-1", "CACHE_STALE_IF_ERROR='-1': must be from 0 to 7776000 seconds"),
    ],
)
def test_a_wrong_setting_ends_the_start(sandbox: Sandbox, home: Home, setting: str, value: str, says: str) -> None:
    ended = home.crawl("tmdb_trending", **{setting: value})
    assert (ended.status, len(ended.lines)) == (2, 1)
    assert says in ended.stderr
    assert "s3cret" not in ended.stderr
    assert sandbox.log() == []
