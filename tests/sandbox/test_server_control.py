"""The control of a running sandbox: keys, limits, the log, and works that change or are removed."""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from tests.support.sandbox import Sandbox
from tests.support.sandbox_client import fetch


@pytest.fixture(scope="module")
def changing() -> Iterator[Sandbox]:
    """A sandbox of its own: the changes of these tests cannot be undone."""
    with Sandbox("--movies", "600") as sandbox:
        yield sandbox


@pytest.mark.parametrize(
    ("key", "query", "headers", "status", "credential"),
    [
        ("", "", {}, 401, None),
        ("", "?api_key=", {}, 401, "query"),
        ("", "?api_key=any", {}, 200, "query"),
        ("", "", {"Authorization": "Bearer any"}, 200, "header"),
        ("right", "?api_key=right", {}, 200, "query"),
        ("right", "?api_key=wrong", {}, 401, "query"),
        ("right", "", {"Authorization": "Bearer wrong"}, 401, "header"),
    ],
)
def test_keys(sandbox: Sandbox, key: str, query: str, headers: dict, status: int, credential: str | None):
    sandbox.settings(key=key)
    answer = fetch(f"{sandbox.api}/movie/603{query}", headers)
    assert answer.status == status
    if status == 401:
        assert answer.json == {
            "success": False,
            "status_code": 7,
            "status_message": "Invalid API key: You must be granted a valid key.",
        }
    assert sandbox.log()[-1]["credential"] == credential


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Type": "application/json"}, 200),
        ({"Content-Type": "application/json", "Origin": "https://evil.example"}, 403),
        ({"Content-Type": "application/json", "Origin": "null"}, 403),
        ({"Content-Type": "text/plain"}, 415),
        ({"Content-Type": "application/x-www-form-urlencoded"}, 415),
    ],
    ids=["a program", "a page", "a sandboxed page", "text", "form"],
)
def test_requests_from_web_pages_are_refused(sandbox: Sandbox, headers: dict, status: int):
    request = urllib.request.Request(f"{sandbox.host}/_sandbox/faults", data=b"[]", method="PUT", headers=headers)
    if status == 200:
        with urllib.request.urlopen(request, timeout=20) as response:
            assert response.status == 200
        return
    with pytest.raises(urllib.error.HTTPError) as refused, urllib.request.urlopen(request, timeout=20):
        pass
    assert refused.value.code == status
    refused.value.close()


def test_the_log_contains_everything_but_the_key(sandbox: Sandbox):
    poster = fetch(f"{sandbox.api}/movie/603?api_key=secret&language=en-US", headers={}).json["poster_path"]
    fetch(f"{sandbox.cdns[1]}/w92{poster}", headers={})
    api, cdn = sandbox.log()
    assert (api["server"], api["method"], api["path"], api["status"]) == ("api", "GET", "/3/movie/603", 200)
    assert api["query"] == "api_key=***&language=en-US"
    assert (cdn["server"], cdn["path"], cdn["credential"]) == ("cdn2", f"/t/p/w92{poster}", None)
    assert cdn["n"] == api["n"] + 1
    assert cdn["at"] > api["at"]
    assert sandbox.log(since=api["n"]) == sandbox.log(server="cdn2") == [cdn]
    assert sandbox.stats() == {"api": {"/3/movie/*": {"200": 1}}, "cdn2": {"/t/p/w92/*": {"200": 1}}}
    sandbox.clear_log()
    assert sandbox.log() == []
    assert sandbox.stats() == {}


def test_the_rate_limit_sends_retry_after(sandbox: Sandbox):
    sandbox.settings(rate=0.5, burst=3)
    answers = [fetch(f"{sandbox.api}/movie/603") for _ in range(5)]
    assert [answer.status for answer in answers] == [200, 200, 200, 429, 429]
    assert answers[3].json["status_code"] == 25
    assert answers[3].headers["Retry-After"] == "2"
    sandbox.settings(retry_after=False)
    assert fetch(f"{sandbox.api}/movie/603").headers["Retry-After"] is None
    poster = fetch(f"{sandbox.cdns[0]}/w92/none.jpg")
    assert poster.status == 404  # the CDNs have no limit


def test_a_patched_film_changes_everywhere_and_is_in_the_changes_feed(changing: Sandbox):
    before = fetch(f"{changing.api}/movie/5000042")
    changing.patch("movie", 5000042, title="Renamed", vote_count=99, popularity=9999.0)
    after = fetch(f"{changing.api}/movie/5000042")
    assert (after.json["title"], after.json["vote_count"]) == ("Renamed", 99)
    assert after.headers["ETag"] != before.headers["ETag"]
    top = fetch(f"{changing.api}/discover/movie?sort_by=popularity.desc").json["results"][0]
    assert (top["id"], top["title"]) == (5000042, "Renamed")
    assert fetch(f"{changing.api}/movie/changes").json["results"][0]["id"] == 5000042
    changing.patch("tv", 5000010, name="Renamed too")
    assert fetch(f"{changing.api}/tv/changes").json["results"][0]["id"] == 5000010
    assert fetch(f"{changing.api}/tv/5000010").json["name"] == "Renamed too"


def test_a_patched_picture_is_served(changing: Sandbox):
    changing.patch("movie", 5000043, poster_path="/fresh.jpg")
    assert fetch(f"{changing.cdns[0]}/w92/fresh.jpg").status == 200
    assert fetch(f"{changing.cdns[0]}/w92/other.jpg").status == 404


def test_a_removed_film_is_in_no_listing(changing: Sandbox):
    film = fetch(f"{changing.api}/movie/5000044").json
    total = fetch(f"{changing.api}/discover/movie").json["total_results"]
    changing.remove("movie", 5000044)
    answer = fetch(f"{changing.api}/movie/5000044")
    assert (answer.status, answer.json["status_code"]) == (404, 34)
    assert fetch(f"{changing.api}/discover/movie").json["total_results"] == total - 1
    assert not fetch(f"{changing.api}/find/{film['imdb_id']}?external_source=imdb_id").json["movie_results"]
    assert fetch(f"{changing.cdns[0]}/w92{film['poster_path']}").status == 404
    with pytest.raises(urllib.error.HTTPError, match="404"):
        changing.remove("movie", 5000044)
    with pytest.raises(urllib.error.HTTPError, match="404"):
        changing.patch("movie", 5000044, title="x")


def test_latency_delays_every_answer(sandbox: Sandbox):
    sandbox.settings(latency=250)
    before = time.monotonic()
    fetch(f"{sandbox.api}/movie/603")
    assert time.monotonic() - before >= 0.25


@pytest.mark.parametrize("changes", [{"speed": 1}, {"rate": "fast"}, {"rate": -1}, {"key": 5}, {"retry_after": 1}])
def test_a_wrong_setting_is_refused(sandbox: Sandbox, changes: dict):
    with pytest.raises(urllib.error.HTTPError) as caught:
        sandbox.settings(**changes)
    assert caught.value.code == 400
