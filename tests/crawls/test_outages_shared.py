"""A site that goes away and comes back while two workers crawl it: one probes for both, and nothing is lost."""

import time
from collections import Counter

import pytest

from tests.crawls.test_outages import DISCOVER, PATIENT
from tests.support.crawl import Home, paths
from tests.support.redis_server import RedisServer
from tests.support.sandbox import Sandbox
from tests.support.waiting import until
from tests.support.workers import Workers, keys, number_of_workers


@pytest.fixture
def home(shared_home: Home) -> Home:
    return shared_home


def two_workers_in_an_outage(sandbox: Sandbox, redis: RedisServer, home: Home, **settings: str) -> Workers:
    """The site goes away when both are at it and a part of the films is stored."""
    sandbox.settings(latency=60)
    workers = Workers(sandbox, home, *DISCOVER, **{**PATIENT, "TMDB_CONCURRENCY": "4", **settings})
    until(lambda: number_of_workers(redis) == 2 and len(sandbox.log(path="/3/movie/")) >= 30)
    sandbox.faults([{"kind": "503", "target": "api"}])
    return workers


def test_after_an_outage_two_workers_have_everything_and_hardly_anything_was_asked_twice(
    sandbox: Sandbox, redis: RedisServer, alone: Home, home: Home
) -> None:
    assert alone.crawl(*DISCOVER).status == 0
    free = len(sandbox.log(server="api"))
    sandbox.clear_log()
    workers = two_workers_in_an_outage(sandbox, redis, home)
    time.sleep(4)
    sandbox.faults([])
    workers.wait()
    runs = home.records("runs").values()
    probes = sum(run["stats"].get("outages/tmdb/probes", 0) for run in runs)
    assert [run["finish_reason"] for run in runs] == ["finished", "finished"]
    assert home.documents().keys() == alone.documents().keys()
    assert home.records("rejects") == {}
    assert 2 <= probes <= 10
    assert len(sandbox.log(server="api")) <= 1.15 * free + probes
    assert keys(redis) == []


def test_an_outage_that_outlasts_the_patience_ends_both_and_the_next_run_finds_the_rest(
    sandbox: Sandbox, redis: RedisServer, alone: Home, home: Home
) -> None:
    assert alone.crawl(*DISCOVER).status == 0
    workers = two_workers_in_an_outage(sandbox, redis, home, SOURCE_PATIENCE="3")
    for process in workers.running:
        ended = Home.wait(process)
        assert ended.status == 1, ended.stderr
        assert len([line for line in ended.lines if " ERROR: " in line]) == 1, ended.stderr
    assert {run["finish_reason"] for run in home.records("runs").values()} == {"incomplete"}
    assert home.records("rejects") == {}, "what was not to be had is due, not refused"
    stored = home.documents().keys()
    assert stored < alone.documents().keys()
    sandbox.faults([])
    sandbox.settings(latency=0)
    sandbox.clear_log()
    Workers(sandbox, home, *DISCOVER).wait()
    assert home.documents().keys() == alone.documents().keys()
    asked = Counter(path for path in paths(sandbox.log()) if path.startswith("/movie/"))
    assert not asked.keys() & {f"/movie/{id}" for id in stored}
    assert max(asked.values()) == 1
    assert keys(redis) == []


def test_collect_goes_on_with_the_others_while_one_source_is_down(sandbox: Sandbox, home: Home) -> None:
    sandbox.faults([{"kind": "503", "target": "omdb"}])
    collect = ("collect", "--start-year", "1990", "--end-year", "2024", "--max-pages", "1", "--min-votes", "0")
    settings = {**PATIENT, "THE_NUMBERS_ENABLED": "0", "SOURCE_PATIENCE": "2"}
    ended = home.scrapy(*collect, **settings)
    assert ended.status == 1, ended.stderr
    reasons = {run["spider"]: run["finish_reason"] for run in home.records("runs").values()}
    assert reasons == {"tmdb_discover": "finished", "tmdb_refresh": "finished", "omdb": "incomplete"}
    assert len(home.documents()) == 20
    (line,) = (line for line in ended.lines if " ERROR: " in line)
    assert "no answer from OMDB" in line
    sandbox.faults([])
    assert home.scrapy(*collect, **settings).status == 0
    assert all(film["sources"]["omdb"]["fetched_at"] for film in home.documents().values() if film["imdb_id"])
