"""Two workers on one queue: work for both, nothing asked for twice, and both end."""

import time
from collections import Counter
from urllib.parse import quote

import pytest

from tests.support.ageing import age
from tests.support.crawl import Home, paths
from tests.support.redis_server import RedisServer
from tests.support.sandbox import Sandbox
from tests.support.waiting import patient, until
from tests.support.workers import Workers, asked, crawl, documents, everything, keys, number_of_workers, popped

SANDBOX = ("--movies", "300", "--shows", "20")
TITLES = "ids=" + ",".join(map(str, (13, 155, 278, 550, 603, 680, 19995, 27205, 157336)))
PICTURES = {
    **{"IMAGES_ENABLED": "1", "IMAGES_POSTER_SIZES": "w92", "IMAGES_BACKDROP_SIZES": "w300"},
    # A picture that a busy machine is slow with is not asked of the other host as well.
    **{"FAILOVER_PATIENCE": str(patient(30)), "IMAGES_TIMEOUT": str(patient(60))},
}


@pytest.fixture
def home(shared_home: Home) -> Home:
    return shared_home


def test_pictures_are_requested_once_and_all_are_stored(sandbox: Sandbox, alone: Home, home: Home) -> None:
    assert alone.crawl("tmdb_titles", TITLES, **PICTURES).status == 0
    wanted = Counter(paths(sandbox.log()))
    sandbox.clear_log()
    crawl(sandbox, home, "tmdb_titles", TITLES, **PICTURES)
    assert Counter(paths(sandbox.log())) == wanted, "of whichever of the image hosts"
    assert documents(home) == documents(alone)
    assert all(film["images"] for film in home.documents().values())


def test_both_workers_have_work_and_a_late_one_gets_some_at_once(
    sandbox: Sandbox, redis: RedisServer, home: Home
) -> None:
    sandbox.settings(latency=400)
    arguments = ("tmdb_discover", "start_year=1950", "end_year=2024", "min_votes=0")
    workers = Workers(sandbox, home, *arguments)
    until(lambda: len(sandbox.log()) > 20)
    sandbox.settings(latency=2000)  # enough is left, however long the third one takes to start
    workers.running.append(home.start_crawl(*arguments))
    until(lambda: number_of_workers(redis) == 3)
    sandbox.settings(latency=400)
    workers.wait()
    taken = popped(home, "tmdb_discover")
    assert len(taken) == 3
    assert min(taken) > 0, taken
    assert len(home.documents()) > 100
    assert max(asked(sandbox).values()) == 1
    assert keys(redis) == []


def test_what_fails_is_tried_again_and_counted_once(sandbox: Sandbox, alone: Home, home: Home) -> None:
    faults = [{"kind": "500", "target": "/3/movie/603", "times": 2}, {"kind": "500", "target": "/3/movie/550"}]
    found = []
    for one in (alone, home):
        sandbox.faults(faults)
        sandbox.clear_log()
        number = 1 if one is alone else 2
        workers = Workers(sandbox, one, "tmdb_titles", TITLES, number=number)
        statuses = sorted(Home.wait(process).status for process in workers.running)
        assert statuses == [0] * (number - 1) + [1], "who gave a film up says so"
        found.append((documents(one), asked(sandbox), [reject["tries"] for reject in one.records("rejects").values()]))
    assert found[0] == found[1]
    assert found[0][2] == [5]


def test_tomorrow_s_run_begins_anew_and_skips_what_is_not_due(sandbox: Sandbox, redis: RedisServer, home: Home) -> None:
    arguments = ("tmdb_trending", "pages=1")
    crawl(sandbox, home, *arguments)
    films = home.documents()
    sandbox.clear_log()
    crawl(sandbox, home, *arguments)
    assert set(paths(sandbox.log())) == {"/trending/movie/day"}, "nothing is due"
    age(home, 400)
    sandbox.clear_log()
    crawl(sandbox, home, *arguments)
    assert len(sandbox.log(path="/3/movie")) == len(films), "and what is due is not held to be seen"
    assert home.documents().keys() == films.keys()
    assert keys(redis) == []


def test_another_crawl_at_the_same_time_has_its_own_queue(sandbox: Sandbox, redis: RedisServer, home: Home) -> None:
    sandbox.settings(latency=50)
    one = Workers(sandbox, home, "tmdb_trending", "pages=2", number=1)
    other = Workers(sandbox, home, "tmdb_trending", "pages=1", "media=shows", number=1)
    one.wait()
    other.wait()
    assert min(popped(home, "tmdb_trending")) >= 15
    assert keys(redis) == []


CANARY = "Canary/1+2=3&4%5.xyz~Q_w-e"


def test_no_key_of_a_site_ever_gets_into_redis(sandbox: Sandbox, redis: RedisServer, home: Home) -> None:
    sandbox.settings(latency=100, omdb_key=CANARY)
    sandbox.faults([{"kind": "500", "target": "/3/movie", "rate": 0.3}])
    secret = {"TMDB_API_KEY": CANARY, "TMDB_ACCESS_TOKEN": "", "OMDB_API_KEY": CANARY}
    seen: list[bytes] = []
    for arguments in (("tmdb_titles", TITLES), ("omdb",)):
        workers = Workers(sandbox, home, *arguments, **secret, **PICTURES)
        while any(process.poll() is None for process in workers.running):
            seen += everything(redis)
            time.sleep(0.02)
        for process in workers.running:
            Home.wait(process)
    text = b"\n".join(seen)
    assert b"/movie/603" in text, "there was something to see"
    for secret_text in (CANARY, quote(CANARY), quote(CANARY, safe=""), "Canary"):
        assert secret_text.encode() not in text


def test_a_worker_with_other_sites_or_another_database_is_refused(
    sandbox: Sandbox, redis: RedisServer, home: Home
) -> None:
    sandbox.settings(latency=2500)
    worker = home.start_crawl("tmdb_titles", TITLES)
    until(lambda: keys(redis), worker)
    other = home.crawl("tmdb_titles", TITLES, TMDB_BASE_URL="http://127.0.0.1:9/3")
    assert other.status == 1
    assert "is under way with other settings: hosts is" in other.stderr
    assert "Traceback" not in other.stderr
    assert home.wait(worker).status == 0
    assert keys(redis) == []


def test_interrupted_its_work_is_done_by_the_other(sandbox: Sandbox, redis: RedisServer, home: Home) -> None:
    sandbox.settings(latency=200)
    arguments = ("tmdb_discover", "start_year=2005", "end_year=2024", "min_votes=0")
    workers = Workers(sandbox, home, *arguments)
    until(lambda: len(sandbox.log(path="/3/movie")) > 30)
    workers.running[0].terminate()
    assert Home.wait(workers.running.pop(0)).status == 130
    workers.wait()
    once = [count for (_, path, _), count in asked(sandbox).items() if path.startswith("/3/movie/")]
    assert max(once) == 1, "what was not asked for went back at once, and what was is stored"
    films = documents(home)
    assert home.crawl(*arguments, REDIS_URL="").status == 0
    assert documents(home) == films, "nothing is missing"
    assert keys(redis) == []


def test_all_interrupted_they_leave_nothing_behind_and_the_next_run_goes_on(
    sandbox: Sandbox, redis: RedisServer, alone: Home, home: Home
) -> None:
    arguments = ("tmdb_trending", "pages=4")
    assert alone.crawl(*arguments).status == 0
    sandbox.clear_log()
    sandbox.settings(latency=100)
    workers = Workers(sandbox, home, *arguments)
    until(lambda: len(sandbox.log()) > 20 and number_of_workers(redis) == 2)
    for process in workers.running:
        process.terminate()
    assert [Home.wait(process).status for process in workers.running] == [130, 130]
    assert keys(redis) == []
    crawl(sandbox, home, *arguments)
    assert documents(home) == documents(alone)
    assert max(count for (_, path, _), count in asked(sandbox).items() if path.startswith("/3/movie/")) == 1


def test_without_redis_url_nothing_of_redis_is_loaded(sandbox: Sandbox, alone: Home) -> None:
    (alone.folder / "sitecustomize.py").write_text(
        "import sys\n"
        "class Wall:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.split('.')[0] in ('redis', 'scrapy_redis'):\n"
        "            raise RuntimeError(name)\n"
        "sys.meta_path.insert(0, Wall())\n"
    )
    from tests.support.crawl import ROOT

    assert alone.crawl("tmdb_titles", "ids=603", PYTHONPATH=f"{alone.folder}:{ROOT}").status == 0
