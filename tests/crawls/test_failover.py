"""Several hosts for one thing, and what of them a user sees: pictures, summary, stats, rejects, log."""

import re
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

import pytest

from tests.support.crawl import FAST, Home
from tests.support.sandbox import Sandbox
from tests.support.site import Answer, Asked, Site, film, json_answer, picture

POSTERS = {**FAST, "IMAGES_ENABLED": "1", "IMAGES_POSTER_SIZES": "w92"}
IDS = range(1, 31)
TITLES = "ids=" + ",".join(map(str, IDS))
BODY = picture(92, 138).body
HTML = Answer(b"<html><body>Just a moment...</body></html>", 200, {"Content-Type": "text/html"})

AT_ONCE = 8
"""IMAGES_CONCURRENCY."""

UNTIL_OPEN = AT_ONCE + 3 - 1
"""So many are on their way, and each that fails before the third may be followed by another."""

Answering = Callable[[Asked], Answer]


def gives_picture(asked: Asked) -> Answer:
    return Answer(BODY, 200, {"Content-Type": "image/jpeg"})


def status(code: int, **headers: str) -> Answering:
    return lambda asked: Answer(b"", code, {name.replace("_", "-"): value for name, value in headers.items()})


def api(asked: Asked) -> Answer:
    id = int(asked.path.rpartition("/")[2])
    return film(id, poster_path=f"/{id}.jpg")


@contextmanager
def sites(*answering: Answering) -> Iterator[list[Site]]:
    """An API with thirty films, and one image host for each of these."""
    running: list[Site] = []
    try:
        for one in (api, *answering):
            running.append(Site(one).__enter__())
        yield running
    finally:
        for site in running:
            site.__exit__(None, None, None)


def cdns(running: list[Site]) -> str:
    return ",".join(f"{site.url}/t/p" for site in running[1:])


def posters(home: Home) -> int:
    """Posters that documents name and that are there."""
    files = [film["images"]["poster"]["file"] for film in home.documents().values() if "poster" in film["images"]]
    return sum((home.data / "images" / file).is_file() for file in files if file)


def home_for(folder: Path, running: list[Site], **settings: str) -> Home:
    return Home(folder, {**POSTERS, **running[0].env, "TMDB_IMAGE_BASE_URLS": cdns(running), **settings})


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (status(500), "failed/500"),
        (status(403), "blocked/403"),
        (status(302, Location="http://127.0.0.1:9/"), "failed/302"),
        (status(404), "gone/404"),
        (lambda asked: HTML, "garbage/html"),
        (lambda asked: Answer(BODY[:-20], 200, {"Content-Type": "image/jpeg"}), "garbage/truncated"),
        (lambda asked: Answer(b"no picture at all", 200, {"Content-Type": "image/jpeg"}), "garbage/no_image"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_every_picture_of_a_broken_cdn_comes_from_the_other_one(tmp_path: Path, broken: Answering, reason: str) -> None:
    with sites(broken, gives_picture) as running:
        home = home_for(tmp_path, running)
        ended = home.crawl("tmdb_titles", TITLES, LOG_LEVEL="DEBUG", IMAGES_CONCURRENCY=str(AT_ONCE))
        dead = running[1].url
        assert ended.status == 0, ended.stderr
        assert posters(home) == len(IDS)
        assert not home.records("rejects")
        assert "retry/count" not in home.stats, "no back-off"
        # A 404 is the host's fault once another host has the picture: until then it is asked for more.
        assert len(running[1].asked) <= (len(IDS) if reason == "gone/404" else UNTIL_OPEN)
        assert len(running[2].asked) == len(IDS)
        asked = len(running[1].asked)
        expected = {"requests": asked, "failures": asked, f"failures/{reason}": asked, "state": "open", "health": 0.0}
        assert {name: home.stats[f"hosts/{dead}/{name}"] for name in expected} == expected
        assert home.stats[f"hosts/{running[2].url}/health"] == 1.0
        assert (
            0 < home.stats[f"hosts/{running[2].url}/latency_p50"] <= home.stats[f"hosts/{running[2].url}/latency_p95"]
        )
        (line,) = [line for line in ended.lines if line.startswith("  trouble ")]
        assert f"{dead.removeprefix('http://')}: {asked} of {asked} failed ({asked} {reason.replace('_', ' ')})" in line
        assert "paused 1 x and still is" in line


def test_a_run_without_trouble_reports_none(tmp_path: Path) -> None:
    with sites(gives_picture, gives_picture) as running:
        home = home_for(tmp_path, running)
        ended = home.crawl("tmdb_titles", TITLES)
        assert not [line for line in ended.lines if line.startswith("  trouble ")]
        assert not running[2].asked
        assert home.stats[f"hosts/{running[1].url}/state"] == "closed"


def test_a_picture_that_one_mirror_lacks_is_gone_only_when_another_lacks_it_too(tmp_path: Path) -> None:
    def has_even(asked: Asked) -> Answer:
        return gives_picture(asked) if int(asked.path[-5]) % 2 == 0 else Answer(b"", 404, {})

    with sites(status(404), has_even, gives_picture) as running:
        home = home_for(tmp_path, running)
        home.crawl("tmdb_titles", "ids=2,3")
        assert posters(home) == 1
        (reject,) = home.records("rejects").values()
        assert (reject["reason"], reject["url"]) == ("gone", f"{running[1].url}/t/p/w92/3.jpg")
        assert reject["history"] == [f"gone/404 from {site.url}" for site in running[1:3]]
        assert not running[3].asked


def test_a_picture_that_no_host_has_is_a_reject_with_the_history_of_its_tries(tmp_path: Path) -> None:
    with sites(status(500), lambda asked: HTML) as running:
        home = home_for(tmp_path, running, RETRY_TRIES="3", FAILOVER_FAILURES="99")
        home.crawl("tmdb_titles", "ids=1")
        (reject,) = home.records("rejects").values()
        assert (reject["reason"], reject["detail"], reject["tries"]) == ("failed", "500", 3)
        assert reject["history"] == [f"failed/500 from {running[1].url}", f"garbage/html from {running[2].url}"] * 3
        assert home.stats["retry/count"] == 2
        assert home.stats["retry/failed/500"] == 2
        assert home.stats["retry/exhausted"] == 1


def test_a_cdn_that_is_busy_for_a_day_costs_one_picture_where_it_is_alone_and_none_where_it_is_not(
    tmp_path: Path,
) -> None:
    with sites(status(503, Retry_After="86400"), gives_picture) as running:
        home = home_for(tmp_path / "two", running)
        assert home.crawl("tmdb_titles", TITLES).status == 0
        assert posters(home) == len(IDS)
    with sites(status(503, Retry_After="86400")) as running:
        home = home_for(tmp_path / "one", running)
        assert home.crawl("tmdb_titles", TITLES).status == 1, "incomplete"
        rejects = home.records("rejects")
        assert len(rejects) == len(IDS), "none is lost in silence"
        assert {reject["reason"] for reject in rejects.values()} == {"throttled"}
        assert len(running[1].asked) <= 16
        assert len(home.documents()) == len(IDS)


def test_a_retry_after_that_says_nothing_is_a_short_pause(tmp_path: Path) -> None:
    past = format_datetime(datetime(1999, 1, 1, tzinfo=UTC), True)
    said = ["-5", "garbage", "", "1e9", "99999999999999999999", "0", past]
    left = {id: said[id - 2] for id in range(2, 2 + len(said))}  # film 1 proves the key

    def throttles_each_once(asked: Asked) -> Answer:
        id = int(asked.path.rpartition("/")[2])
        return Answer(b"{}", 429, {"Retry-After": left.pop(id)}) if id in left else film(id)

    with Site(throttles_each_once) as site:
        home = Home(tmp_path, {**FAST, **site.env})
        ended = home.crawl("tmdb_titles", "ids=" + ",".join(map(str, range(1, 2 + len(said)))))
    assert ended.status == 0, ended.stderr
    assert len(home.documents()) == 1 + len(said)
    assert home.stats["retry/throttled/429"] == len(said)


def test_a_relay_is_asked_for_the_address_of_the_picture_and_never_gets_a_key(tmp_path: Path) -> None:
    with sites(status(500), gives_picture) as running:
        relay = f"{running[2].url}/relay?token=its-own&url={{url}}&output=jpg"
        home = home_for(tmp_path, running, TMDB_IMAGE_BASE_URLS=f"{running[1].url}/t/p,{relay}")
        ended = home.crawl("tmdb_titles", TITLES, LOG_LEVEL="DEBUG", TMDB_ACCESS_TOKEN="s3cret")
        assert ended.status == 0, ended.stderr
        assert posters(home) == len(IDS)
        assert {asked.query["url"] for asked in running[2].asked} == {
            f"{running[1].url}/t/p/w92/{id}.jpg" for id in IDS
        }
        assert {(asked.path, asked.query["token"], asked.query["output"]) for asked in running[2].asked} == {
            ("/relay", "its-own", "jpg")
        }
        for asked in (*running[1].asked, *running[2].asked):
            assert "Authorization" not in asked.headers
            assert "s3cret" not in str(asked)
        assert "its-own" not in ended.stderr, "the user's own key for the relay is in no log"
        assert "its-own" not in str(home.last_run)


def test_relays_alone_serve_pictures_of_tmdb(tmp_path: Path) -> None:
    with sites(gives_picture) as running:
        home = home_for(tmp_path, running, TMDB_IMAGE_BASE_URLS=f"{running[1].url}/?url={{url}}")
        assert home.crawl("tmdb_titles", "ids=7").status == 0
        assert posters(home) == 1
        (asked,) = running[1].asked
        assert asked.query == {"url": "https://image.tmdb.org/t/p/w92/7.jpg"}


@pytest.mark.parametrize(
    ("cdns", "says"),
    [
        (" , ", "names no URL"),
        ("image.tmdb.org/t/p", "not a base URL"),
        ("https://image.tmdb.org/t/p,https://wsrv.nl/?url={adresse}", "{url}"),
        ("https://image.tmdb.org/t/p https://cdn.example", "not allowed in URLs"),
    ],
)
def test_a_list_of_cdns_that_is_none_ends_the_start_with_one_line(home: Home, cdns: str, says: str) -> None:
    ended = home.crawl("tmdb_trending", TMDB_IMAGE_BASE_URLS=cdns)
    assert ended.status == 2
    assert len(ended.lines) == 1
    assert ended.lines[0].startswith("TMDB_IMAGE_BASE_URLS=")
    assert says in ended.lines[0]


def test_an_empty_list_of_cdns_on_the_command_line_is_refused(home: Home) -> None:
    ended = home.scrapy("crawl", "tmdb_trending", "-s", "TMDB_IMAGE_BASE_URLS=")
    assert ended.status == 2
    assert ended.lines == [line for line in ended.lines if line.startswith("TMDB_IMAGE_BASE_URLS='': names no URL")]


def closed_port() -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}"


def test_an_api_that_cannot_be_reached_has_an_alternate_and_the_store_names_the_first(
    sandbox: Sandbox, make_home: Callable[..., Home]
) -> None:
    dead = closed_port()
    home = make_home(TMDB_BASE_URL=f"{dead}/3,{sandbox.api}")
    ended = home.crawl("tmdb_trending")
    assert ended.status == 0, ended.stderr
    assert len(home.documents()) == 20
    assert 0 < home.stats[f"hosts/{dead}/failures/failed/refused"] <= 12
    assert f"hosts/{dead}/latency_p50" not in home.stats, "it never answered"
    assert all(entry["credential"] == "header" for entry in sandbox.log(path="/3/"))


def test_two_addresses_of_an_api_share_one_budget(sandbox: Sandbox, make_home: Callable[..., Home]) -> None:
    def flaky(asked: Asked) -> Answer:
        arrived.append(time.monotonic())
        return json_answer({"status_code": 11}, 500)

    arrived: list[float] = []
    with Site(flaky) as site:
        home = make_home(
            TMDB_BASE_URL=f"{site.env['TMDB_BASE_URL']},{sandbox.api}",
            TMDB_RATE="20",
            TMDB_BURST="1",
            FAILOVER_FAILURES="9",
        )
        assert home.crawl("tmdb_trending").status == 0
    assert len(arrived) >= 5
    times = sorted([*arrived, *(entry["at"] for entry in sandbox.log(path="/3/"))])
    assert len(times) <= 1 + 20 * (times[-1] - times[0] + 0.3)


def test_a_wrong_key_is_not_tried_at_the_alternate(sandbox: Sandbox, make_home: Callable[..., Home]) -> None:
    with Site(api) as site:
        sandbox.settings(key="right")
        home = make_home(TMDB_BASE_URL=f"{sandbox.api},{site.env['TMDB_BASE_URL']}", TMDB_ACCESS_TOKEN="wrong")
        assert home.crawl("tmdb_trending").status == 1
        assert not site.asked
    assert len(sandbox.log(path="/3/")) == 1


def test_cdn_prefer_china_puts_the_hosts_that_answer_first(tmp_path: Path) -> None:
    def slow(asked: Asked) -> Answer:
        time.sleep(0.4)
        return gives_picture(asked)

    with sites(lambda asked: HTML, slow, gives_picture) as running:
        home = home_for(tmp_path, running, CDN_PREFER="china", IMAGES_CONCURRENCY="1")
        ended = home.crawl("tmdb_titles", TITLES)
        assert ended.status == 0, ended.stderr
        assert posters(home) == len(IDS)
        (line,) = [line for line in ended.lines if "CDN_PREFER" in line]
        order = re.findall(r"http://127\.0\.0\.1:\d+", line)
        assert order == [running[3].url, running[2].url, running[1].url]
        assert "no picture from" in line
        assert len(running[1].asked) + len(running[2].asked) <= 6, "the probe, and what came before its end"


def test_without_a_picture_to_fetch_nobody_is_probed(tmp_path: Path) -> None:
    with sites(gives_picture) as running:
        home = home_for(tmp_path, running, CDN_PREFER="china", IMAGES_ENABLED="0")
        assert home.crawl("tmdb_titles", "ids=1").status == 0
        assert not running[1].asked
