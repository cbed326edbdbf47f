"""A site that goes away and comes back: the crawl waits for it, and what cannot be had is said."""

import time
from collections import Counter

import pytest

from tests.support.crawl import Home, paths
from tests.support.sandbox import Sandbox
from tests.support.waiting import until

DISCOVER = ("tmdb_discover", "start_year=1950", "end_year=2026", "min_votes=0")
PATIENT = {"RETRY_BASE": "0.2", "RETRY_CAP": "2", "TMDB_CONCURRENCY": "8"}
"""A sandbox answers so fast that the crawl would be over before anything is away."""


def crawl_with_outage(sandbox: Sandbox, home: Home, seconds: float, *targets: str, kind: str = "503", **settings: str):
    """A crawl whose site goes away after 30 films, for so many seconds; what it said, and its requests for films."""
    sandbox.settings(latency=100)
    process = home.start_crawl(*DISCOVER, **{**PATIENT, **settings})
    until(lambda: len(sandbox.log(path="/3/movie")) >= 30)
    sandbox.faults([{"kind": kind, "target": target} for target in targets])
    time.sleep(seconds)
    sandbox.faults([])
    ended = home.wait(process)
    return ended, Counter(paths(sandbox.log(path="/3/movie")))


@pytest.mark.parametrize("kind", ["503", "reset", "html", "429"])
def test_after_an_outage_everything_is_there_and_hardly_anything_was_asked_twice(
    sandbox: Sandbox, home: Home, kind: str
) -> None:
    sandbox.settings(retry_after=False)
    ended, asked = crawl_with_outage(sandbox, home, 4, "api", kind=kind)
    assert ended.status == 0, ended.stderr
    films = home.documents()
    assert home.records("rejects") == {}
    assert set(asked) == {f"/movie/{id}" for id in films}
    assert len(films) + home.stats.get("filter/dropped/short", 0) >= 200
    assert sum(asked.values()) <= len(asked) * 1.15 + 20
    assert home.last_run["finish_reason"] == "finished"


@pytest.mark.parametrize(("kind", "detail"), [("html", "html"), ("truncate", "truncated")])
def test_a_film_of_which_no_answer_comes_is_missing(sandbox: Sandbox, home: Home, kind: str, detail: str) -> None:
    """A page for people, or half an answer; at the end of a crawl too few are left to tell whether it is the source."""
    sandbox.faults([{"kind": kind, "target": "/3/movie/603"}])
    ended = home.crawl("tmdb_titles", "ids=603,604")
    assert (ended.status, list(home.documents())) == (1, [604])
    assert "/movie/603" in home.last_run["incomplete"][0]
    (reject,) = home.records("rejects").values()
    assert (reject["reason"], reject["detail"]) == ("garbage", detail)


def test_a_source_that_stays_away_ends_the_run_as_incomplete_and_the_next_one_goes_on(
    sandbox: Sandbox, home: Home
) -> None:
    sandbox.settings(latency=100)
    process = home.start_crawl(*DISCOVER, **PATIENT, SOURCE_PATIENCE="3")
    until(lambda: len(sandbox.log(path="/3/movie")) >= 30)
    sandbox.faults([{"kind": "503", "target": "api"}])
    ended = home.wait(process)
    assert ended.status == 1
    assert home.last_run["finish_reason"] == "incomplete"
    (line,) = home.last_run["incomplete"]
    assert "no answer from TMDB" in line
    assert len([said for said in ended.lines if "ERROR" in said]) == 1, ended.stderr
    assert "incomplete" in ended.stderr.rpartition("tmdb_discover: ")[2]
    assert home.records("rejects") == {}, "what was not to be had is due, not refused"
    stored = home.documents()
    sandbox.faults([])
    assert home.crawl(*DISCOVER).status == 0
    assert len(home.documents()) > len(stored)


def test_a_site_that_never_answers_is_given_up_soon_with_one_line(home: Home) -> None:
    ended = home.crawl(
        "tmdb_titles",
        "ids=603,604,605,606,607,608",
        TMDB_BASE_URL="http://127.0.0.1:1/3",
        **PATIENT,
        SOURCE_PATIENCE="1",
    )
    assert ended.status == 1
    assert home.last_run["finish_reason"] == "incomplete"
    assert len([said for said in ended.lines if "ERROR" in said]) == 1, ended.stderr


@pytest.mark.parametrize("spider", [("tmdb_trending", "pages=5"), DISCOVER], ids=["trending", "discover"])
def test_a_listing_whose_pages_fail_from_the_second_on_is_incomplete(
    sandbox: Sandbox, home: Home, spider: tuple[str, ...]
) -> None:
    path = "/3/trending" if spider[0] == "tmdb_trending" else "/3/discover"
    process = home.start_crawl(*spider, TMDB_RATE="20", TMDB_BURST="1")
    until(lambda: len(sandbox.log(path=path)) == 1)
    sandbox.faults([{"kind": "500", "target": path}])
    ended = home.wait(process)
    assert ended.status == 1
    assert home.last_run["finish_reason"] == "incomplete"
    assert len(home.documents()) <= 20
    assert "page=2" in home.last_run["incomplete"][0]
    pages = Counter(entry["query"] for entry in sandbox.log(path=path))
    assert max(pages.values()) == 15, "a page of a listing has more tries than a title"


@pytest.mark.parametrize("lost", ["/3/movie/", "api"], ids=["films", "everything"])
def test_a_site_that_suddenly_has_nothing_of_what_it_has_just_listed(sandbox: Sandbox, home: Home, lost: str) -> None:
    process = home.start_crawl(*DISCOVER, TMDB_RATE="20", TMDB_BURST="1")
    until(lambda: len(sandbox.log(path="/3/movie/")) >= 10)
    sandbox.faults([{"kind": "error200", "code": 34, "target": lost}])
    ended = home.wait(process)
    assert (ended.status, home.last_run["finish_reason"]) == (1, "incomplete"), ended.stderr
    assert any("titles as gone, which is not plausible" in line for line in home.last_run["incomplete"])
    assert any("discover" in line for line in home.last_run["incomplete"]) is (lost == "api")
    sandbox.faults([])
    assert home.crawl(*DISCOVER).status == 0
    assert len(home.documents()) + home.stats.get("filter/dropped/short", 0) >= 200


def test_a_site_that_goes_away_a_second_time_is_waited_for_like_the_first(sandbox: Sandbox, home: Home) -> None:
    sandbox.settings(latency=100)
    process = home.start_crawl(*DISCOVER, **PATIENT, SOURCE_PATIENCE="30")
    for films in (30, 90):
        until(lambda films=films: len(sandbox.log(path="/3/movie")) >= films)  # type: ignore[misc]
        sandbox.faults([{"kind": "503", "target": "api"}])
        time.sleep(3)
        sandbox.faults([])
    ended = home.wait(process)
    assert (ended.status, home.records("rejects")) == (0, {}), ended.stderr
    assert home.stats["outages/tmdb/probes"] >= 2


def test_without_any_image_host_films_go_on_and_pictures_stay_due(sandbox: Sandbox, home: Home) -> None:
    sandbox.faults([{"kind": "500", "target": "cdn1"}, {"kind": "reset", "target": "cdn2"}])
    settings = {"IMAGES_ENABLED": "1", **PATIENT}
    ended = home.crawl("tmdb_trending", "pages=2", **settings, SOURCE_PATIENCE="3")
    assert ended.status == 1
    assert len(home.documents()) == home.stats["titles/found"] == 39, "a film is on both pages"
    assert home.last_run["finish_reason"] == "incomplete"
    assert any("pictures stay due" in line for line in home.last_run["incomplete"])
    requests = len(sandbox.log(server="cdn1")) + len(sandbox.log(server="cdn2"))
    assert requests < 80, "40 posters and 40 backdrops at two hosts, with five tries each, would be 800"
    sandbox.faults([])
    assert home.crawl("tmdb_trending", "pages=2", **settings).status == 0
    assert all(film["images"].get("poster") for film in home.documents().values())


def test_image_hosts_that_refuse_every_picture_leave_them_due(sandbox: Sandbox, home: Home) -> None:
    sandbox.faults([{"kind": "403", "target": "cdn"}])
    ended = home.crawl("tmdb_trending", IMAGES_ENABLED="1", **PATIENT)
    assert (ended.status, len(home.documents())) == (1, 20), ended.stderr
    (line,) = home.last_run["incomplete"]
    assert "image hosts of TMDB refuse" in line
    sandbox.faults([])
    assert home.crawl("tmdb_trending", IMAGES_ENABLED="1").status == 0
    assert all(film["images"].get("poster") for film in home.documents().values())


def test_an_image_host_that_comes_back_in_time_loses_nothing(sandbox: Sandbox, home: Home) -> None:
    sandbox.faults([{"kind": "500", "target": "cdn1"}, {"kind": "500", "target": "cdn2"}])
    process = home.start_crawl("tmdb_trending", "pages=2", IMAGES_ENABLED="1", **PATIENT)
    until(lambda: len(sandbox.log(server="cdn1")) >= 10)
    time.sleep(3)
    sandbox.faults([])
    ended = home.wait(process)
    assert ended.status == 0, ended.stderr
    assert home.stats["pictures/fetched"] + home.stats.get("pictures/joined", 0) == home.stats["pictures/wanted"]


def test_a_crawl_that_has_all_it_needs_in_the_cache_but_one_page_says_what_is_missing(
    sandbox: Sandbox, home: Home
) -> None:
    assert home.crawl("tmdb_trending", "pages=2", CACHE_URI="sqlite:").status == 0
    sandbox.faults([{"kind": "500", "target": "api"}])
    ended = home.crawl("tmdb_trending", "pages=3", CACHE_URI="sqlite:", RETRY_LISTING_TRIES="6")
    assert ended.status == 1
    assert "page=3" in home.last_run["incomplete"][0]
