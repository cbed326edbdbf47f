"""How fast a host is asked: never above its budget, in all processes together, and a pause of one host is its own."""

import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.support.crawl import FAST, Home
from tests.support.sandbox import LogEntry, Sandbox
from tests.support.site import Answer, Asked, Site, film, json_answer, picture
from tests.support.waiting import patient

SANDBOX = ("--movies", "600")


ENFORCED = {"rate": 25, "burst": 10}
"""What a site enforces of a budget of 25/s and a burst of 5: on a busy machine requests come later than they went."""


def within_budget(log: Sequence[LogEntry], rate: float, burst: int) -> bool:
    """Whether in any t seconds at most burst + rate x t requests went, each up to 0.1 s before it came."""
    late = patient(0.1)
    moments = sorted(entry["at"] for entry in log)
    return all(
        last - first + 1 <= burst + rate * (moments[last] - moments[first] + late)
        for first in range(len(moments))
        for last in range(first, len(moments))
    )


def paused(moments: Sequence[float], start: float, seconds: float) -> list[float]:
    """Those of a pause that was asked for at ``start``; what was in flight then may be among them."""
    return [at for at in moments if start < at < start + seconds]


def test_one_process_two_processes_and_a_restart_share_one_budget(sandbox: Sandbox, home: Home) -> None:
    budget = {"TMDB_RATE": "25", "TMDB_BURST": "5"}
    sandbox.settings(**ENFORCED)
    ids = list(range(5_000_000, 5_000_050))
    halves = [",".join(map(str, ids[start::2])) for start in (0, 1)]
    processes = [home.start_crawl("tmdb_titles", f"ids={half}", **budget) for half in halves]
    assert [home.wait(process).status for process in processes] == [0, 0]
    first = sandbox.log()
    assert len(first) == 50
    assert home.crawl("tmdb_titles", "ids=" + ",".join(map(str, ids[:20])), **budget).status == 0
    log = sandbox.log()
    assert len(log) == 70
    assert [entry for entry in log if entry["status"] != 200] == [], "a site that enforces the budget has no complaint"
    assert within_budget(log, 25, 5)
    spent = max(entry["at"] for entry in first) - min(entry["at"] for entry in first)
    assert spent < patient(45 / 25), "and it is used, not merely kept"


def test_retry_after_pauses_the_whole_host_and_no_other(tmp_path: Path) -> None:
    """Many more requests wait for the API than the downloader takes; pictures of known films still come."""
    api_at: list[float] = []
    throttled_at = 0.0
    cdn_at: list[float] = []
    lock, poster = threading.Lock(), picture(500, 750)

    def api(asked: Asked) -> Answer:
        nonlocal throttled_at
        with lock:
            api_at.append(time.monotonic())
            number = len(api_at)
        if number == 30:
            throttled_at = time.monotonic()
            return json_answer({"status_code": 25}, 429)._replace(
                headers={"Content-Type": "application/json", "Retry-After": "2"}
            )
        id = int(asked.path.rpartition("/")[2])
        return film(id, poster_path=f"/{id}.jpg")

    def cdn(asked: Asked) -> Answer:
        time.sleep(0.3)
        with lock:
            cdn_at.append(time.monotonic())
        return poster

    with Site(api) as api_site, Site(cdn) as cdn_site:
        home = Home(tmp_path, {**FAST, **api_site.env, "IMAGES_ENABLED": "1", "IMAGES_CONCURRENCY": "6"})
        ids = "ids=" + ",".join(map(str, range(1, 81)))
        ended = home.crawl("tmdb_titles", ids, TMDB_IMAGE_BASE_URLS=f"{cdn_site.url}/t/p")
    assert ended.status == 0, ended.stderr
    documents = home.documents()
    assert len(documents) == 80
    assert all(document["images"]["poster"]["file"] for document in documents.values())
    assert len(api_at) == 81
    assert len(paused(api_at, throttled_at, 2)) < 20, "little more than what was in flight came after the 429"
    assert len(paused(cdn_at, throttled_at, 2)) > 6, "six at a time, so others began meanwhile"


def test_a_pause_is_of_all_processes(sandbox: Sandbox, make_home: Callable[..., Home]) -> None:
    home = make_home(TMDB_RATE="50", TMDB_BURST="2")
    sandbox.faults([{"kind": "429", "seconds": 2, "times": 1}])
    first = home.start_crawl("tmdb_titles", "ids=" + ",".join(map(str, range(5_000_000, 5_000_040))))
    second = home.start_crawl("tmdb_titles", "ids=" + ",".join(map(str, range(5_000_040, 5_000_080))))
    assert [home.wait(process).status for process in (first, second)] == [0, 0]
    log = sandbox.log(path="/3/movie")
    assert len(log) == 81
    throttled = next(entry for entry in log if entry["status"] == 429)
    assert len(paused([entry["at"] for entry in log], throttled["at"], 2)) <= 20
    assert within_budget([entry for entry in log if entry["at"] >= throttled["at"] + 2], 50, 2)


def test_a_pause_longer_than_we_wait_ends_the_run_with_one_line(sandbox: Sandbox, home: Home) -> None:
    sandbox.faults([{"kind": "429", "seconds": 5000, "target": "/3/movie"}])
    ended = home.crawl("tmdb_trending")
    assert ended.status == 1
    assert len([line for line in ended.lines if "asks for a pause of 5000 s" in line]) == 1
    assert home.last_run["finish_reason"] == "throttled"
    assert len(sandbox.log(path="/3/movie")) <= 10
    assert "Traceback" not in ended.stderr
