"""Works over time: they change behind stale answers, move to another id, and are removed."""

from __future__ import annotations

import gzip
import json
import urllib.error
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from tests.support.sandbox import Sandbox
from tests.support.sandbox_client import fetch


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """A sandbox of its own: the changes of these tests cannot be undone."""
    with Sandbox("--movies", "600") as running:
        yield running


def changed(sandbox: Sandbox, kind: str = "movie") -> list[int]:
    return [row["id"] for row in fetch(f"{sandbox.api}/{kind}/changes").json["results"]]


def exported(sandbox: Sandbox) -> dict[int, dict]:
    name = f"movie_ids_{datetime.now(UTC):%m_%d_%Y}.json.gz"
    lines = gzip.decompress(fetch(f"{sandbox.env['TMDB_EXPORT_BASE_URL']}/{name}", headers={}).body).splitlines()
    return {row["id"]: row for row in map(json.loads, lines)}


def found(sandbox: Sandbox, imdb_id: str) -> list[int]:
    rows = fetch(f"{sandbox.api}/find/{imdb_id}?external_source=imdb_id").json["movie_results"]
    return [row["id"] for row in rows]


def test_a_touched_film_is_in_the_changes_feed_and_unchanged(sandbox: Sandbox):
    before = fetch(f"{sandbox.api}/movie/5000060")
    sandbox.touch("movie", 5000060)
    assert changed(sandbox)[0] == 5000060
    assert fetch(f"{sandbox.api}/movie/5000060").body == before.body


def test_a_patched_film_is_unchanged_while_answers_are_stale(sandbox: Sandbox):
    before = fetch(f"{sandbox.api}/movie/5000061")
    sandbox.settings(stale_seconds=3600)
    sandbox.patch("movie", 5000061, title="Later")
    sandbox.patch("movie", 5000061, title="Latest", budget=5)
    sandbox.settings(stale_seconds=0)
    stale = fetch(f"{sandbox.api}/movie/5000061")
    assert changed(sandbox)[0] == 5000061
    assert (stale.body, stale.headers["ETag"]) == (before.body, before.headers["ETag"])
    sandbox.show_changes_now()
    assert fetch(f"{sandbox.api}/movie/5000061").json["title"] == "Latest"
    sandbox.show_changes_now()


def test_a_patch_is_served_after_stale_seconds(sandbox: Sandbox):
    sandbox.settings(stale_seconds=0.05)
    sandbox.patch("movie", 5000062, title="Soon")
    sandbox.settings(stale_seconds=0)
    while fetch(f"{sandbox.api}/movie/5000062").json["title"] != "Soon":
        pass


def test_a_merge_gives_the_imdb_id_to_the_other_film(sandbox: Sandbox):
    imdb_id, title = "tt0133093", fetch(f"{sandbox.api}/movie/5000063").json["title"]
    sandbox.merge("movie", 603, into=5000063)
    gone = fetch(f"{sandbox.api}/movie/603")
    assert (gone.status, gone.json["status_code"]) == (404, 34)
    other = fetch(f"{sandbox.api}/movie/5000063?append_to_response=external_ids").json
    assert (other["imdb_id"], other["external_ids"]["imdb_id"], other["title"]) == (imdb_id, imdb_id, title)
    assert found(sandbox, imdb_id) == [5000063]
    assert (changed(sandbox)[0], 603 in changed(sandbox), 603 in exported(sandbox)) == (5000063, False, False)


@pytest.mark.parametrize(("old", "new"), [(550, 4_900_550), (5000064, 4_900_064)])
def test_a_merge_into_a_new_id_moves_the_film(sandbox: Sandbox, old: int, new: int):
    sandbox.patch("movie", old, tagline="Patched.")
    before = fetch(f"{sandbox.api}/movie/{old}").json
    sandbox.merge("movie", old, into=new)
    after = fetch(f"{sandbox.api}/movie/{new}").json
    assert {name: after[name] for name in ("title", "imdb_id", "release_date", "tagline")} == {
        name: before[name] for name in ("title", "imdb_id", "release_date", "tagline")
    }
    assert fetch(f"{sandbox.api}/movie/{old}").status == 404
    assert found(sandbox, before["imdb_id"]) == [new]
    assert changed(sandbox)[0] == new
    assert new in exported(sandbox)
    assert old not in exported(sandbox)
    assert fetch(f"{sandbox.cdns[0]}/w92{after['poster_path']}").status == 200


@pytest.mark.parametrize(("old", "body", "status"), [(1, {"into": 2}, 404), (11, {"into": "x"}, 400), (11, {}, 400)])
def test_a_wrong_merge_is_refused(sandbox: Sandbox, old: int, body: dict, status: int):
    with pytest.raises(urllib.error.HTTPError) as caught:
        sandbox.control("POST", f"movie/{old}/merge", body)
    assert caught.value.code == status


def test_the_export_agrees_with_the_films(sandbox: Sandbox):
    sandbox.patch("movie", 5000065, popularity=123.5)
    sandbox.remove("movie", 5000066)
    rows = exported(sandbox)
    film = fetch(f"{sandbox.api}/movie/5000065").json
    assert rows[5000065] == {
        "adult": False,
        "id": 5000065,
        "original_title": film["original_title"],
        "popularity": 123.5,
        "video": film["video"],
    }
    assert 5000066 not in rows
    assert 5000066 not in changed(sandbox)
    assert len(rows) == fetch(f"{sandbox.api}/discover/movie").json["total_results"]


def test_half_an_export_is_not_a_gzip_file(sandbox: Sandbox):
    whole = exported(sandbox)
    sandbox.faults([{"kind": "half", "target": "/p/exports/"}])
    with pytest.raises(EOFError):
        exported(sandbox)
    sandbox.faults([])
    assert exported(sandbox) == whole
