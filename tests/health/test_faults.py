"""`scrapy health`, as a user runs it: each fault, planted by hand, is found with its sample, and nothing else is."""

import asyncio
import base64
import json
import os
import sqlite3
import zlib
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from moviecrawler.documents.records import CHANGES, CHARTS, RAW, REJECTS, RUNS, SAMPLES, UNMATCHED
from moviecrawler.health.checks import CHECKS
from moviecrawler.policy.terminal import COLUMNS, width
from moviecrawler.stores import open_store
from moviecrawler.stores.base import Store
from moviecrawler.stores.ordering import reorder
from tests.commands.stored import Stored
from tests.health.healthy import FILMS, RECORDS, change, change_slot, days_ago, fill, film, insert, picture, put, run

FULL = {check.id for check in CHECKS if check.full}


def examined(stored: Stored, *words: str) -> dict[str, Any]:
    ended = stored.scrapy("health", "--json", *words)
    assert ended.stderr == ""
    found: dict[str, Any] = json.loads(ended.stdout)
    severities = {one["severity"] for one in found["findings"]}
    assert ended.status == int("problem" in severities)
    assert (found["score"] == 100) == (not severities)
    return found


@pytest.mark.parametrize("words", [(), ("--full",)])
def test_where_nothing_is_wrong_the_score_is_100(words: tuple[str, ...], healthy: Stored) -> None:
    assert examined(healthy, *words) == {"score": 100, "findings": []}
    checks = len(CHECKS) if words else len(CHECKS) - len(FULL)
    assert f"100 of 100: {checks} checks found nothing in {FILMS + 2} titles, 1" in healthy.done("health", *words)


Plant = Callable[[Store, Path], Awaitable[object]]
UNMATCHED_ROW: Any = RECORDS[UNMATCHED][0]
CHANGE, SAMPLE, KEPT = RECORDS[CHANGES][0], RECORDS[SAMPLES][0], RECORDS[RAW][0]
TRENDING, DAILY = RECORDS[CHARTS]
TOMORROW, LONG_AGO = days_ago(-1), days_ago(181)
REJECT = {"_id": "https://t", "url": "https://t", "reason": "parse", "spider": "omdb", "at": days_ago(1)}


async def doubled(store: Store, images: Path) -> None:
    await insert(store, "movies", film(3) | {"_id": 300}, film(3) | {"_id": 301})


async def missing(store: Store, images: Path) -> None:
    await change(store, ("movies", 4), images=picture(images, "poster/aa/aa-w500.jpg"))
    (images / "poster/aa/aa-w500.jpg").unlink()


async def outside(store: Store, images: Path) -> None:
    part: Any = picture(images, "poster/aa/aa-w500.jpg")
    (images / "poster/aa/aa-w500.jpg").unlink()
    (images.parent / "secret").write_text("not a picture")
    part["poster"]["files"]["w500"]["file"] = "../secret"
    await change(store, ("movies", 4), images=part)


async def spoilt(store: Store, images: Path) -> None:
    (images / "poster/5f/5f1c-w500.jpg").write_bytes(b"another picture")


async def unnamed(store: Store, images: Path) -> None:
    picture(images, "backdrop/77/77-w1280.jpg")
    picture(images, "backdrop/77/.77-w1280.jpg.0123abcd.part")
    picture(images, "profile/8q/8q-w185.jpg")
    picture(images, "backdrop/88/88-w1280.jpg")
    os.utime(images / "backdrop/88/88-w1280.jpg")


async def in_a_circle(store: Store, images: Path) -> None:
    for id, other in ((5, 6), (6, 5)):
        await change_slot(store, id, gone_at=days_ago(3), next_refresh_at=None)
        await change(store, ("movies", id), same_as=other)


async def half(store: Store, images: Path) -> None:
    for days, found in ((12, 5), (11, 101), (10, 102), (9, 103), (8, 104), (7, 105), (6, 103), (0.5, 41)):
        stats = {"titles/found": found, "item_scraped_count": 7}
        await put(store, RUNS, run("tmdb_discover", days, stats=stats))
    incomplete = {"incomplete": ["a page was lost"], "stats": {"titles/found": 1}}
    await put(store, RUNS, run("tmdb_discover", 5, **incomplete))


async def shorter(store: Store, images: Path) -> None:
    """Twenty answers on each of four days, the last ones without a part; another key is rare."""
    for number in range(80):
        answer: dict[str, Any] = {"runtime": 1, "credits": {"crew": []}}
        if number < 60:
            answer["credits"]["cast"] = [{"id": 7}]
            answer |= {"homepage": "rare"} if number % 3 else {}
        body = base64.b64encode(zlib.compress(json.dumps(answer).encode())).decode()
        kept = {**KEPT, "_id": f"tmdb/movies/{number}", "id": number % FILMS + 1, "body": body}
        await put(store, RAW, {**kept, "fetched_at": days_ago(9 - number // 20)})


FAULTS: dict[str, tuple[str, Plant, list[str]]] = {
    "a document without a part": (
        "damaged",
        lambda store, images: change(store, ("movies", 7), locks=7),
        ["movies/7: its locks is 7"],
    ),
    "a record of another form": (
        "damaged",
        lambda store, images: put(store, REJECTS, {**REJECT, "history": [7]}),
        ["rejects/https://t: its history.0 is 7"],
    ),
    "no title": (
        "required",
        lambda store, images: change(store, ("movies", 7), title=None),
        ["movies/7 has no title"],
    ),
    "a change of a title that is not stored": (
        "references",
        lambda store, images: put(store, CHANGES, {**CHANGE, "_id": "shows/9/1", "kind": "shows", "id": 9}),
        ["changes/shows/9/1 names shows/9, which is not stored"],
    ),
    "a sample of a title that is not stored": (
        "references",
        lambda store, images: put(store, SAMPLES, {**SAMPLE, "_id": "movies/999"}),
        ["samples/movies/999 names movies/999, which is not stored"],
    ),
    "a box-office chart with a title that is not stored": (
        "references",
        lambda store, images: put(store, CHARTS, {**DAILY, "rows": [{**DAILY["rows"][0], "id": 999}]}),
        [f"charts/{DAILY['_id']} names movies/999, which is not stored"],
    ),
    "an unmatched film presumed to be one that is not stored": (
        "references",
        lambda store, images: put(store, UNMATCHED, {**UNMATCHED_ROW, "candidates": [], "presumed": 999}),
        ["unmatched/the_numbers/New names movies/999, which is not stored"],
    ),
    "a kept answer of a title that is not stored": (
        "references --full",
        lambda store, images: put(store, RAW, {**KEPT, "_id": "tmdb/movies/999", "id": 999}),
        ["raw/tmdb/movies/999 names movies/999, which is not stored"],
    ),
    "a picture that is not there": ("pictures", missing, ["movies/4: poster/aa/aa-w500.jpg"]),
    "a picture outside of the folder": ("pictures", outside, ["movies/4: ../secret"]),
    "another picture": ("sha256 --full", spoilt, ["movies/1: poster/5f/5f1c-w500.jpg"]),
    "a picture of no title": ("unnamed --full", unnamed, ["backdrop/77/77-w1280.jpg"]),
    "two more with one IMDb id": ("duplicates", doubled, ["tt0000003: movies/3, movies/300, movies/301"]),
    "the same as nothing": (
        "same_as",
        lambda store, images: change(store, ("movies", 5), same_as=999),
        ["movies/5 is the same as movies/999, which is not stored"],
    ),
    "two tombstones that are each other's heir": (
        "same_as",
        in_a_circle,
        [f"movies/{id} is the same as movies/{other}, which leads back to it" for id, other in ((5, 6), (6, 5))],
    ),
    "a source named for what it did not say": (
        "provenance",
        lambda store, images: change(store, ("movies", 8), provenance={"title": "tmdb", "awards": "omdb"}),
        ["movies/8: omdb said no awards"],
    ),
    "a part named for what was not said": (
        "provenance",
        lambda store, images: change(store, ("movies", 8), provenance={"ratings.imdb": "tmdb"}),
        ["movies/8: tmdb said no ratings.imdb"],
    ),
    "a lock that is not there": (
        "provenance",
        lambda store, images: change(store, ("movies", 8), provenance={"runtime": "locked"}),
        ["movies/8: runtime is not locked"],
    ),
    "a lock of no field": (
        "locks",
        lambda store, images: change(store, ("movies", 8), locks={"tagline_old": 1, "runtime": 9}),
        ["movies/8: tagline_old"],
    ),
    "written tomorrow": (
        "future",
        lambda store, images: change(store, ("shows", 1), updated_at=TOMORROW),
        [f"shows/1 was stored at {TOMORROW}"],
    ),
    "fetched tomorrow": (
        "future",
        lambda store, images: change_slot(store, 8, fetched_at=TOMORROW),
        [f"movies/8 was stored at {TOMORROW}"],
    ),
    "a change of tomorrow": (
        "future",
        lambda store, images: put(store, CHANGES, {**CHANGE, "at": TOMORROW}),
        [f"changes/movies/1/2 was stored at {TOMORROW}"],
    ),
    "due, and failing": (
        "failing",
        lambda store, images: change_slot(store, 8, "omdb", failures=4, next_refresh_at=days_ago(2)),
        ["movies/8 failed 4 times at omdb"],
    ),
    "half a year old": (
        "terms",
        lambda store, images: change_slot(store, 8, fetched_at=LONG_AGO),
        [f"movies/8 was fetched on {LONG_AGO[:10]}"],
    ),
    "a tombstone of half a year": (
        "terms",
        lambda store, images: change_slot(store, 8, fetched_at=LONG_AGO, gone_at=LONG_AGO, next_refresh_at=None),
        [f"movies/8 was fetched on {LONG_AGO[:10]}"],
    ),
    "a kept answer of half a year": (
        "terms --full",
        lambda store, images: put(store, RAW, {**KEPT, "fetched_at": LONG_AGO}),
        [f"raw/tmdb/movies/1 was fetched on {LONG_AGO[:10]}"],
    ),
    "a reject": (
        "rejects",
        lambda store, images: put(store, REJECTS, REJECT),
        ["https://t: parse"],
    ),
    "a run with many rejects": (
        "reject_rate",
        lambda store, images: put(
            store, RUNS, run("omdb", 0.5, stats={"item_scraped_count": 100, "rejects/failed": 8, "rejects/parse": 3})
        ),
        [f"omdb of {days_ago(0.5)[:16].replace('T', ' ')}: 11 of 100 could not be used"],
    ),
    "an incomplete run": (
        "incomplete",
        lambda store, images: put(store, RUNS, run("omdb", 0.5, incomplete=["pages were lost"])),
        [f"omdb of {days_ago(0.5)[:16].replace('T', ' ')}, incomplete: pages were lost"],
    ),
    "an interrupted run": (
        "incomplete",
        lambda store, images: put(store, RUNS, run("omdb", 0.5, "shutdown", arguments={"limit": 9})),
        [f"omdb of {days_ago(0.5)[:16].replace('T', ' ')}, interrupted: it was stopped (Ctrl-C, SIGTERM)"],
    ),
    "a lost run": (
        "lost",
        lambda store, images: put(store, RUNS, run("omdb", 0.5, None, finished_at=None, stats={})),
        [f"omdb of {days_ago(0.5)[:16].replace('T', ' ')}"],
    ),
    "a run that finds half of what is usual": (
        "anomalies",
        half,
        [f"tmdb_discover of {days_ago(0.5)[:16].replace('T', ' ')}: 41 titles, 103 are usual"],
    ),
    "a run that found less than the source counts": (
        "totals",
        lambda store, images: put(store, RUNS, run("omdb", 0.5, expected=200, stats={"titles/found": 120})),
        [
            f"omdb of {days_ago(0.5)[:16].replace('T', ' ')}: 120 titles were found, of 200 that the source counts",
        ],
    ),
    "a key that a source sends no longer": (
        "drift --full",
        shorter,
        [f"tmdb movies: credits.cast was in every answer, and is in none since {days_ago(6)[:10]}"],
    ),
    "a kept answer that cannot be read": (
        "damaged --full",
        lambda store, images: put(store, RAW, {**KEPT, "body": "eJw="}),
        ["raw/tmdb/movies/1: the kept answer is damaged: it is truncated"],
    ),
    "an unmatched film that was forgotten": (
        "unmatched",
        lambda store, images: put(store, UNMATCHED, {**UNMATCHED_ROW, "at": days_ago(31)}),
        [f"unmatched/the_numbers/New waits since {days_ago(31)[:10]}"],
    ),
    "a chart with a hole": (
        "charts",
        lambda store, images: put(store, CHARTS, {**TRENDING, "pages": {"3": TRENDING["pages"]["3"]}}),
        [f"charts/{TRENDING['_id']} lacks page 1, 2"],
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_found_with_its_sample_and_nothing_else(fault: str, healthy: Stored, tmp_path: Path) -> None:
    (check, *words), plant, sample = FAULTS[fault][0].split(), FAULTS[fault][1], FAULTS[fault][2]
    healthy.fill(lambda store: plant(store, tmp_path / "images"))
    (found,) = examined(healthy, "--full")["findings"]
    assert (found["check"], found["sample"]) == (check, sample)
    assert found["count"] == (2 if fault == "two more with one IMDb id" else len(sample))
    assert found["repair"]
    quick = examined(healthy)["findings"]
    assert [one["check"] for one in quick] == ([] if words else [check])


def test_the_two_with_one_imdb_id_may_be_a_tombstone_and_its_heir(healthy: Stored) -> None:
    async def plant(store: Store) -> None:
        await insert(store, "movies", film(3) | {"_id": 300, "same_as": 3})
        await change(store, ("movies", 3), same_as=300)
        await change_slot(store, 3, gone_at=days_ago(3), next_refresh_at=None)

    healthy.fill(plant)
    assert examined(healthy, "--full")["score"] == 100


def test_a_title_that_is_stored_after_the_documents_were_read_is_no_finding(healthy: Stored) -> None:
    """Nor is a damaged one that a record names: it is there."""

    async def plant(store: Store) -> None:
        await change(store, ("movies", 1), locks=7)

    healthy.fill(plant)
    assert [one["check"] for one in examined(healthy, "--full")["findings"]] == ["damaged"]


def test_of_many_findings_five_are_shown_and_all_counted(healthy: Stored) -> None:
    async def plant(store: Store) -> None:
        for id in range(1, 41):
            await change(store, ("movies", id), title=None if id > 1 else "\x1b[31mHeat\n")

    healthy.fill(plant)
    (found,) = examined(healthy)["findings"]
    assert (found["count"], found["sample"]) == (39, [f"movies/{id} has no title" for id in range(2, 7)])
    ended = healthy.scrapy("health")
    assert (ended.status, ended.stderr) == (1, "")
    lines = ended.stdout.splitlines()
    assert lines[0] == "problem  required         39  Has every title what all must have?"
    assert lines[6].strip() == "and 34 more"
    assert "->  ask the source again: scrapy crawl tmdb_titles" in lines[7]
    assert lines[-2].startswith("85 of 100: ")
    assert max(map(width, lines)) <= COLUMNS


def test_what_is_stored_cannot_speak_to_the_terminal(healthy: Stored) -> None:
    row: Any = {**REJECT, "_id": "https://t/\x1b[31m\u202e\nproblem", "reason": "\x9bparse"}
    healthy.fill(lambda store: put(store, REJECTS, row))
    for words in ((), ("--json",)):
        said = healthy.done("health", *words)
        assert not any(sign in said for sign in ("\x1b", "\u202e", "\x9b"))
    assert examined(healthy)["findings"][0]["sample"] == ["https://t/\x1b[31m\u202e\nproblem: \x9bparse"]


def test_only_one_check(healthy: Stored) -> None:
    async def plant(store: Store) -> None:
        await change(store, ("movies", 2), title=None, same_as=999)

    healthy.fill(plant)
    assert [one["check"] for one in examined(healthy)["findings"]] == ["required", "same_as"]
    assert [one["check"] for one in examined(healthy, "--only", "same_as")["findings"]] == ["same_as"]
    assert examined(healthy, "--only", "pictures")["score"] == 100


def test_a_damaged_row_is_never_passed_over_in_silence(healthy: Stored) -> None:
    healthy.fill(lambda store: change(store, ("movies", 2), locks=7))
    ended = healthy.scrapy("health", "--only", "pictures")
    assert (ended.status, len(ended.lines)) == (1, 1)
    assert "movies/2 is damaged and left out" in ended.lines[0]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("all",), "takes no arguments, got all"),
        (("--only", "picture"), "did you mean pictures?"),
        (("--only", "sha256"), "it is slow: give --full as well"),
        (("--fulll",), "there is no option --fulll; did you mean --full?"),
    ],
)
def test_wrong_usage_is_one_line(words: tuple[str, ...], said: str, tmp_path: Path) -> None:
    assert said in Stored(tmp_path, "", {}).refused(2, "health", *words)


def test_nothing_is_made_where_nothing_is_stored(tmp_path: Path) -> None:
    stored = Stored(tmp_path / "data", "", {})
    assert "nothing is stored there yet" in stored.refused(1, "health")
    assert not (tmp_path / "data").exists()


# --- Index rows -------------------------------------------------------------------------------------------------

SQL = {
    "a row of a title is gone": ("DELETE FROM titles WHERE kind = 'movies' AND id = 9", "movies/9"),
    "a title is due at another time": ("UPDATE due SET next_refresh_at = '2000' WHERE id = 9", "movies/9"),
    "a column is another": ("UPDATE documents SET imdb_id = 'tt1' WHERE kind = 'movies' AND id = 9", "movies/9"),
    "the rows of a document are damaged": (
        "UPDATE documents SET side_rows = '[' WHERE kind = 'movies' AND id = 9",
        "movies/9",
    ),
    "the document is another": (
        "UPDATE documents SET document = json_set(document, '$.title', 'Cold', '$.titles', json('{}')) "
        "WHERE kind = 'movies' AND id = 9",
        "movies/9",
    ),
    "a row of no title": (
        "INSERT INTO source_ids (kind, id, source, source_id) VALUES ('shows', 9, 'tmdb', '9')",
        "shows: 1 rows in source_ids of no title",
    ),
    "a counter is wrong": (
        "UPDATE counters SET number = 7 WHERE kind = 'movies' AND name = 'field/title'",
        f"movies: the counter field/title is 7, not {FILMS}",
    ),
}


@pytest.mark.parametrize("fault", SQL)
def test_an_index_row_of_sqlite_that_is_wrong_is_found(fault: str, tmp_path: Path) -> None:
    statement, name = SQL[fault]
    stored = Stored(tmp_path / "data", "", {"IMAGES_STORE": str(tmp_path / "images")})
    stored.fill(lambda store: fill(store, tmp_path / "images"))
    with closing(sqlite3.connect(tmp_path / "data" / "movies.db")) as file:
        assert file.execute(statement).rowcount
        file.commit()
    (found,) = examined(stored, "--full")["findings"]
    assert found["check"] == "index"
    assert name in found["sample"]
    assert examined(stored)["score"] == 100


def test_a_derived_field_of_mongodb_that_is_wrong_is_found(mongo_uri: str, tmp_path: Path) -> None:
    from pymongo import MongoClient

    stored = Stored(tmp_path / "data", mongo_uri, {"IMAGES_STORE": str(tmp_path / "images")})
    stored.fill(lambda store: fill(store, tmp_path / "images"))
    with MongoClient[dict[str, Any]](mongo_uri) as client:
        movies = client.get_default_database()["movies"]
        movies.update_one({"_id": 9}, {"$set": {"_titles": ["cold"]}})
        movies.update_one({"_id": 8}, {"$unset": {"_incomplete_since": 1}})
    (found,) = examined(stored, "--full")["findings"]
    assert (found["check"], found["sample"]) == ("index", ["movies/8", "movies/9"])


def put_in_order(stored: Stored, order: str) -> None:
    async def reordered() -> None:
        store = open_store(stored.uri, data_dir=stored.folder, order=order)
        await store.open()
        await reorder(store, order)
        await store.close()

    asyncio.run(reordered())


def test_the_order_of_due_titles_is_a_setting_and_no_fault(healthy: Stored) -> None:
    put_in_order(healthy, "popular")
    assert examined(healthy, "--full")["score"] == 100
