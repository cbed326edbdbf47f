"""Each fault: what a client gets, how often, and what the log has about it."""

from __future__ import annotations

import http.client
import time
import urllib.error

import pytest

from tests.support.sandbox import Sandbox
from tests.support.sandbox_client import KEY, fetch


def strike(sandbox: Sandbox, kind: str, **more: object) -> None:
    sandbox.faults([{"kind": kind, "target": "/3/movie/", **more}])


@pytest.mark.parametrize(
    ("kind", "status", "code", "retry_after"),
    [("429", 429, 25, "1"), ("500", 500, 11, None), ("503", 503, 9, "1"), ("error200", 200, 25, None)],
)
def test_errors_have_the_bodies_of_the_api(
    sandbox: Sandbox, kind: str, status: int, code: int, retry_after: str | None
):
    strike(sandbox, kind)
    answer = fetch(f"{sandbox.api}/movie/603")
    assert (answer.status, answer.json["status_code"], answer.headers["Retry-After"]) == (status, code, retry_after)
    entry = sandbox.log()[-1]
    assert (entry["status"], entry["fault"]) == (status, kind)
    assert fetch(f"{sandbox.api}/tv/1396").status == 200


def test_the_seconds_of_retry_after_and_the_code_can_be_chosen(sandbox: Sandbox):
    strike(sandbox, "503", seconds=7)
    assert fetch(f"{sandbox.api}/movie/603").headers["Retry-After"] == "7"
    strike(sandbox, "error200", code=7)
    assert fetch(f"{sandbox.api}/movie/603").json["status_code"] == 7


@pytest.mark.parametrize("path", ["{api}/movie/603", "{cdn}/w92{poster}"])
def test_html_comes_with_status_200(sandbox: Sandbox, path: str):
    poster = fetch(f"{sandbox.api}/movie/603").json["poster_path"]
    sandbox.faults([{"kind": "html"}])
    answer = fetch(path.format(api=sandbox.api, cdn=sandbox.cdns[0], poster=poster))
    assert (answer.status, answer.headers.get_content_type()) == (200, "text/html")


def test_truncate_ends_before_the_promised_length(sandbox: Sandbox):
    whole = fetch(f"{sandbox.api}/movie/603").body
    strike(sandbox, "truncate")
    with pytest.raises(http.client.IncompleteRead) as caught:
        fetch(f"{sandbox.api}/movie/603")
    assert caught.value.partial == whole[: len(whole) // 2]


def test_reset_breaks_the_connection(sandbox: Sandbox):
    strike(sandbox, "reset")
    with pytest.raises(ConnectionResetError):
        fetch(f"{sandbox.api}/movie/603")
    entry = sandbox.log()[-1]
    assert (entry["path"], entry["status"], entry["fault"]) == ("/3/movie/603", None, "reset")


def test_slow_delays_the_answer(sandbox: Sandbox):
    strike(sandbox, "slow", seconds=0.4)
    before = time.monotonic()
    assert fetch(f"{sandbox.api}/movie/603").status == 200
    assert time.monotonic() - before >= 0.4


def test_an_abandoned_request_is_logged_without_a_status(sandbox: Sandbox):
    strike(sandbox, "slow", seconds=30)
    with pytest.raises(TimeoutError):
        fetch(f"{sandbox.api}/movie/603", timeout=0.2)
    entry = sandbox.log()[-1]
    assert (entry["status"], entry["fault"]) == (None, "slow")


@pytest.mark.parametrize(("target", "dead"), [("cdn1", [0]), ("cdn2", [1]), ("cdn", [0, 1])])
def test_a_dead_cdn_refuses_connections_until_it_comes_back(sandbox: Sandbox, target: str, dead: list[int]):
    poster = fetch(f"{sandbox.api}/movie/603").json["poster_path"]
    sandbox.faults([{"kind": "dead", "target": target}])
    for number, cdn in enumerate(sandbox.cdns):
        if number in dead:
            with pytest.raises(urllib.error.URLError) as caught:
                fetch(f"{cdn}/w92{poster}")
            assert isinstance(caught.value.reason, ConnectionRefusedError)
        else:
            assert fetch(f"{cdn}/w92{poster}").status == 200
    sandbox.faults([])
    assert [fetch(f"{cdn}/w92{poster}").status for cdn in sandbox.cdns] == [200, 200]


def test_a_dead_cdn_also_ends_connections_that_are_open(sandbox: Sandbox):
    poster = fetch(f"{sandbox.api}/movie/603").json["poster_path"]
    connection = http.client.HTTPConnection(sandbox.cdns[0].split("/")[2])
    connection.request("GET", f"/t/p/w92{poster}")
    assert len(connection.getresponse().read()) > 500
    sandbox.faults([{"kind": "dead", "target": "cdn1"}])
    connection.request("GET", f"/t/p/w92{poster}")
    with pytest.raises(ConnectionError):
        connection.getresponse()
    connection.close()


def test_the_control_outlives_a_dead_api(sandbox: Sandbox):
    sandbox.faults([{"kind": "dead", "target": "api"}])
    with pytest.raises(ConnectionResetError):
        fetch(f"{sandbox.api}/movie/603")
    sandbox.faults([])
    assert fetch(f"{sandbox.api}/movie/603").status == 200


def test_the_same_seed_gives_the_same_faults(sandbox: Sandbox):
    def outcome() -> list[int]:
        sandbox.faults([{"kind": "503", "target": "api", "rate": 0.3}, {"kind": "500", "rate": 0.1}])
        return [fetch(f"{sandbox.api}/movie/603").status for _ in range(80)]

    first = outcome()
    assert first == outcome()
    assert 10 < first.count(503) < 40
    assert 0 < first.count(500) < 20


def test_a_fault_can_strike_a_number_of_times(sandbox: Sandbox):
    strike(sandbox, "500", times=2)
    assert [fetch(f"{sandbox.api}/movie/603").status for _ in range(4)] == [500, 500, 200, 200]


@pytest.mark.parametrize(
    "rule",
    [
        {"kind": "nonsense"},
        {"kind": "500", "target": "nowhere"},
        {"kind": "500", "rate": 2},
        {"kind": "500", "rate": "often"},
        {"kind": "500", "colour": "red"},
        {"target": "api"},
    ],
)
def test_a_wrong_fault_is_refused_and_changes_nothing(sandbox: Sandbox, rule: dict):
    with pytest.raises(urllib.error.HTTPError) as caught:
        sandbox.faults([rule])
    assert caught.value.code == 400
    assert fetch(f"{sandbox.api}/movie/603", KEY).status == 200
