"""`scrapy doctor`, as a user runs it: each check finds what is wrong, and one that fails or hangs holds up no other."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from moviecrawler.commands import _checks, doctor
from moviecrawler.policy.checkup import Finding
from moviecrawler.policy.terminal import COLUMNS, width
from moviecrawler.stores.base import Store, Write
from moviecrawler.timestamps import iso
from tests.commands.stored import Stored
from tests.support.films import film
from tests.support.redis_server import RedisServer
from tests.support.sandbox import Sandbox
from tests.support.site import Answer, Site

KEY = "c4n4ry" + "0" * 26
NOWHERE = "http://127.0.0.1:9"
SOON = "serverSelectionTimeoutMS=200"
SANDBOX = ("--movies", "20")


@pytest.fixture
def here(tmp_path: Path) -> Stored:
    """All is well: keys, and a store of SQLite."""
    settings = {"TMDB_API_KEY": "0123abcd" * 4, "OMDB_API_KEY": "0123abcd", "CACHE_URI": "sqlite:"}
    stored = Stored(tmp_path / "data", "", settings)
    stored.fill(_one_film)
    return stored


async def _one_film(store: Store) -> None:
    await store.documents.write([Write("movies", 603, film(603), None)])


def findings(here: Stored, *words: str, **settings: str) -> dict[str, list[dict[str, Any]]]:
    """By check."""
    import json

    ended = here.scrapy("doctor", "--json", *words, **settings)
    assert ended.stderr == ""
    found = json.loads(ended.stdout)
    assert (ended.status == 1) == (found["level"] == "problem")
    by_check: dict[str, list[dict[str, Any]]] = {}
    for one in found["findings"]:
        by_check.setdefault(one["check"], []).append(one)
    return by_check


def level(found: list[dict[str, Any]]) -> str:
    return max((one["level"] for one in found), key=("ok", "warning", "problem").index)


def test_where_all_is_well_every_check_has_a_line(here: Stored) -> None:
    ended = here.scrapy("doctor")
    assert (ended.status, ended.stderr) == (0, "")
    lines = ended.stdout.splitlines()
    checks = [line.split()[1] for line in lines if line[0] != " "]
    assert list(dict.fromkeys(checks)) == [
        *("settings", "keys", "places", "fonts", "store", "cache", "redis", "scrapyd", "versions", "clock")
    ]
    assert not [line for line in lines if line.startswith("problem")]
    assert max(map(width, lines)) <= COLUMNS
    assert "0123abcd" not in ended.stdout


def test_the_store_is_described(here: Stored) -> None:
    (store,) = findings(here)["store"]
    assert "1 films, 0 shows, " in store["text"]
    assert "schema 4" in store["text"]


def test_nothing_is_made_where_nothing_is_stored(here: Stored, tmp_path: Path) -> None:
    found = findings(here, DATA_DIR=str(tmp_path / "absent" / "data"))
    assert level(found["store"]) == level(found["places"]) == level(found["clock"]) == "ok"
    assert "nothing is stored there yet; the first crawl makes it" in found["store"][0]["text"]
    assert not (tmp_path / "absent").exists()


@pytest.mark.parametrize(
    ("check", "settings", "expected", "words"),
    [
        ("keys", {"TMDB_API_KEY": "", "TMDB_ACCESS_TOKEN": ""}, "problem", "No TMDB key"),
        ("keys", {"OMDB_API_KEY": ""}, "warning", "No OMDB key"),
        ("settings", {"RETRY_TRIES": "20"}, "warning", "RETRY_LISTING_TRIES"),
        ("settings", {"TMDB_BASE_URL": "http://api.example/3"}, "warning", "the key is sent unencrypted"),
        ("settings", {"TMDB_RATE": "fast"}, "problem", "TMDB_RATE='fast': must be a number"),
        ("fonts", {"OVERLAY_FONTS": "/no/such.ttf"}, "problem", "'/no/such.ttf' does not exist"),
        ("store", {"STORE_URI": f"mongodb://u:c4n4ry@127.0.0.1:9/d?{SOON}"}, "problem", "no server"),
        ("cache", {"CACHE_URI": "redis://:c4n4ry@127.0.0.1:9/0"}, "warning", "no connection"),
        ("redis", {"REDIS_URL": "redis://:c4n4ry@127.0.0.1:9/0"}, "problem", "no connection"),
        ("scrapyd", {"SCRAPYD_URL": NOWHERE}, "problem", "cannot be reached"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_found(check: str, settings: dict[str, str], expected: str, words: str, here: Stored) -> None:
    found = findings(here, **settings)
    assert level(found[check]) == expected
    assert words in " ".join(one["text"] for one in found[check])
    assert "c4n4ry" not in str(found)
    assert all(one["advice"] or one["level"] == "ok" or ";" in one["text"] for one in found[check])


def test_a_wrong_value_leaves_what_needs_no_settings(here: Stored) -> None:
    assert findings(here, TMDB_RATE="fast", TMDB_API_KEY=KEY).keys() == {"settings", "versions"}


def test_a_place_that_cannot_be_written_is_a_problem(here: Stored, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    found = findings(here, IMAGES_STORE=str(tmp_path / "file"))["places"]
    assert [one["level"] for one in found] == ["ok", "problem"]
    assert "cannot write there" in found[1]["text"]


def test_another_programs_file_is_a_problem(here: Stored, tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE t (x)")
    connection.close()
    assert level(findings(here, STORE_URI=f"sqlite:///{path}")["store"]) == "problem"


def test_a_title_of_tomorrow_means_that_a_clock_is_wrong(here: Stored) -> None:
    tomorrow = iso(datetime.now(UTC) + timedelta(days=1))
    here.fill(lambda store: store.documents.write([Write("shows", 1396, film(1396, updated_at=tomorrow), None)]))
    (clock,) = findings(here)["clock"]
    assert clock["level"] == "problem"
    assert "shows/1396 was stored later than that" in clock["text"]


def test_a_redis_is_asked_for_its_version(here: Stored, redis: RedisServer) -> None:
    found = findings(here, REDIS_URL=redis.uri)
    assert level(found["redis"]) == "ok"
    assert "answers and can be written, version" in found["redis"][0]["text"]
    assert "SQLite" in found["settings"][0]["text"], "which several machines cannot share"


def test_a_store_of_mongodb_is_described(here: Stored, mongo_uri: str) -> None:
    stored = Stored(here.folder, mongo_uri, here.settings)
    stored.fill(_one_film)
    (store,) = findings(stored)["store"]
    assert store["level"] == "ok"
    assert "1 films" in store["text"]


def test_online_the_sites_are_asked_once_each(here: Stored, sandbox: Sandbox) -> None:
    found = findings(here, "--online", **sandbox.env)
    assert [one["text"] for one in found["online"]] == [
        "TMDB answers, and takes the key",
        "OMDB answers, and takes the key",
    ]
    assert "as TMDB's" in found["clock"][0]["text"]
    paths = sorted(entry["path"] for entry in sandbox.log())
    assert [path for path in paths if path != "/3"] == ["/", "/3/configuration"]


def test_online_every_base_url_is_asked(here: Stored, sandbox: Sandbox) -> None:
    found = findings(here, "--online", **{**sandbox.env, "TMDB_BASE_URL": f"{sandbox.api},{NOWHERE}/3"})["online"]
    assert [(one["level"], one["text"].split(": ")[0]) for one in found] == [
        ("ok", f"TMDB at {sandbox.host.removeprefix('http://')} answers, and takes the key"),
        ("problem", "TMDB at 127.0.0.1:9 cannot be reached"),
        ("ok", "OMDB answers, and takes the key"),
    ]


def test_without_online_nobody_is_asked(here: Stored, sandbox: Sandbox) -> None:
    assert "online" not in findings(here, **sandbox.env)
    assert sandbox.log() == []


def test_a_wrong_key_is_found_online(here: Stored) -> None:
    def refuse(asked: object) -> Answer:
        return Answer(f'{{"Error":"Invalid API key! {KEY}"}}'.encode(), 401)

    with Site(refuse) as site:
        found = findings(
            here, "--online", TMDB_BASE_URL=f"{site.url}/3", OMDB_BASE_URL=f"{site.url}/omdb", TMDB_API_KEY=KEY
        )
    assert [(one["level"], one["text"]) for one in found["online"]] == [
        ("problem", "TMDB rejects the key (auth/401)"),
        ("problem", "OMDB rejects the key (auth/401)"),
    ]
    assert KEY not in str(found)


def test_the_clock_is_compared_with_that_of_a_site(here: Stored, monkeypatch: pytest.MonkeyPatch) -> None:
    async def get(url: str, headers: object) -> tuple[int, bytes, dict[str, str]]:
        return 200, b"{}", {"date": "Tue, 01 Jan 2019 00:00:00 GMT"}

    monkeypatch.setattr(_checks, "_get", get)
    (clock,) = findings(here, "--online")["clock"]
    assert clock["level"] == "problem"
    assert "ahead of TMDB's" in clock["text"]


def test_a_site_that_is_away_is_said(here: Stored) -> None:
    found = findings(here, "--online", TMDB_BASE_URL=f"{NOWHERE}/3", OMDB_BASE_URL=f"{NOWHERE}/")
    assert [one["level"] for one in found["online"]] == ["problem", "problem"]
    assert level(found["clock"]) == "ok"


# --- Checks that go wrong ---------------------------------------------------------------------------------------


@pytest.fixture
def ended(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The status with which a process with a hanging check would have ended."""
    statuses: list[int] = []
    monkeypatch.setattr(doctor.os, "_exit", statuses.append)
    return statuses


@pytest.fixture
def hanging() -> Iterator[threading.Event]:
    """What a check waits for that hangs."""
    event = threading.Event()
    yield event
    event.set()


def test_a_check_that_fails_is_a_problem_without_a_traceback_and_without_keys(
    here: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(config: object) -> list[Finding]:
        raise RuntimeError(f"no idea\nabout {KEY}")

    monkeypatch.setattr(_checks, "_fonts", broken)
    found = findings(here, TMDB_API_KEY=KEY)
    assert found["fonts"] == [
        {
            **{"check": "fonts", "level": "problem", "advice": "please report it"},
            "text": "the check failed: RuntimeError: no idea about [key]",
        }
    ]
    assert level(found["store"]) == "ok"


def test_a_check_that_hangs_is_a_problem_and_the_others_are_shown(
    here: Stored, monkeypatch: pytest.MonkeyPatch, ended: list[int], hanging: threading.Event
) -> None:
    def hang(config: object) -> list[Finding]:
        hanging.wait()
        return []

    monkeypatch.setattr(_checks, "_fonts", hang)
    monkeypatch.setattr(doctor, "CHECK_SECONDS", 3.0)
    started = time.monotonic()
    found = findings(here)
    assert time.monotonic() - started < 60
    assert found["fonts"][0]["text"] == "no answer within 3 s"
    assert found["fonts"][0]["level"] == "problem"
    assert found["versions"]
    assert ended == [1], "what hangs does not hold up the end"


def test_arguments_are_wrong_usage(here: Stored) -> None:
    assert here.refused(2, "doctor", "store") == "scrapy doctor: takes no arguments, got store"
