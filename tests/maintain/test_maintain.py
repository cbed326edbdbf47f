"""`scrapy maintain`: the store's file, the cache, the clock, and what a person is told."""

import asyncio
import resource
import sqlite3
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest

from moviecrawler.caching.sqlite import SqliteTier
from moviecrawler.caching.tier import PackedEntry
from moviecrawler.documents.records import RAW, RUNS
from moviecrawler.maintain.steps import STEP_IDS
from moviecrawler.stores.base import Store
from tests.commands.stored import Stored
from tests.health.healthy import FILMS, NOW, RECORDS, days_ago, put, run
from tests.maintain.test_terms import gained, ids, read
from tests.support.cache_entries import key

LONG_AGO = {"_id": "tmdb/movies/2", "fetched_at": days_ago(200)}


def path_of(stored: Stored) -> Path:
    return Path(stored.uri.removeprefix("sqlite:///"))


def test_where_all_is_in_order_nothing_is_gained(healthy: Stored) -> None:
    steps = gained(healthy)
    assert tuple(steps) == STEP_IDS
    assert {(one["rows"], one["files"], one["bytes"]) for one in steps.values()} == {(0, 0, 0)}
    waits = "skipped" if healthy.uri.startswith("sqlite") else "done"
    assert [one["state"] for one in steps.values()] == ["done"] * (len(STEP_IDS) - 1) + [waits]
    said = healthy.done("maintain")
    assert "integrity  in order\n" in said
    assert ("vacuum     waits: the_numbers is running" in said) == (waits == "skipped")
    assert said.endswith("\nnothing gained\n")
    assert healthy.scrapy("maintain", "--only", "vacuum").status == int(waits == "skipped")


def test_free_space_goes_back_to_the_disk(sqlite_store: Stored) -> None:
    before = path_of(sqlite_store).stat().st_size
    assert gained(sqlite_store, "--only", "vacuum", "--dry-run")["vacuum"]["bytes"] > 1_000_000
    assert path_of(sqlite_store).stat().st_size == before
    assert gained(sqlite_store)["vacuum"]["bytes"] > 1_000_000
    assert path_of(sqlite_store).stat().st_size < before - 1_000_000
    assert gained(sqlite_store)["vacuum"]["bytes"] == 0
    with closing(sqlite3.connect(path_of(sqlite_store))) as db:
        assert db.execute("SELECT count(*) FROM sqlite_stat1").fetchone()[0] > 5
    assert sqlite_store.scrapy("health", "--full", "--only", "index", "--only", "damaged").status == 0


@pytest.mark.parametrize("when", ["before", "meanwhile"])
def test_a_full_disk_is_one_line_and_loses_nothing(
    when: str, sqlite_store: Stored, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    if when == "before":
        with monkeypatch.context() as full:
            full.setattr("shutil.disk_usage", lambda path: SimpleNamespace(free=1000))
            ended = sqlite_store.scrapy("maintain", "--only", "vacuum")
        assert "and the disk has 0.0 MB: free some space" in " ".join(ended.stdout.split())
    else:
        limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, limits[1]))
        try:
            ended = sqlite_store.scrapy("maintain", "--only", "vacuum")
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        assert "the disk" in " ".join(ended.stdout.split())
    assert (ended.status, ended.stderr) == (1, "")
    assert ended.stdout.endswith("nothing gained; 1 step could not be done\n")
    assert read(sqlite_store, lambda store: store.documents.count("movies")) == FILMS
    assert gained(sqlite_store, "--only", "integrity", "--only", "vacuum")["vacuum"]["bytes"] > 1_000_000


def test_in_a_damaged_file_nothing_is_touched(sqlite_store: Stored, tmp_path: Path) -> None:
    sqlite_store.fill(lambda store: put(store, RAW, {**RECORDS[RAW][0], **LONG_AGO}))
    with closing(sqlite3.connect(path_of(sqlite_store))) as db:
        (page,) = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'documents_imdb_id'").fetchone()
        (size,) = db.execute("PRAGMA page_size").fetchone()
    with path_of(sqlite_store).open("r+b") as file:
        file.seek((page - 1) * size + size // 2)
        file.write(b"\xff" * (size // 2))
    ended = sqlite_store.scrapy("maintain", "--json")
    assert ended.status == 1
    assert ended.stdout.count('"failed"') == len(STEP_IDS) - 2
    assert "is damaged (" in ended.stdout or "the database is damaged" in ended.stdout


def test_a_clock_that_lies_by_years_removes_nothing(healthy: Stored) -> None:
    async def aged(store: Store) -> None:
        await put(store, RAW, {**RECORDS[RAW][0], **LONG_AGO})
        await store.records.delete(RUNS, [row["_id"] for row in RECORDS[RUNS]])
        await put(store, RUNS, run("tmdb_trending", 1500))

    healthy.fill(aged)
    ended = healthy.scrapy("maintain")
    assert ended.status == 1
    assert f"last runs are of {days_ago(1500)[:10]}: nothing is removed for its age" in " ".join(ended.stdout.split())
    assert "tmdb/movies/2" in ids(healthy, RAW)
    assert gained(healthy, "--trust-clock")["terms"]["rows"] == 1


def test_the_cache_loses_what_nothing_can_use(sqlite_store: Stored) -> None:
    now, year = NOW.timestamp(), 365 * 86_400.0

    async def cached() -> None:
        tier = SqliteTier(sqlite_store.folder / "cache.db")
        await tier.open()
        await tier.put([PackedEntry(key(n), b"1234567", now - age, 2 * year) for n, age in ((1, 1.0), (2, year))])
        await tier.close()

    asyncio.run(cached())
    for words in (("--dry-run",), ()):
        step = gained(sqlite_store, "--only", "cache", *words)["cache"]
        assert (step["rows"], step["bytes"]) == (1, 7)
    assert gained(sqlite_store, "--only", "cache")["cache"]["rows"] == 0


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("--only", "vacu"), "scrapy maintain: --only='vacu': must be integrity, terms,"),
        (("terms",), "scrapy maintain: takes no arguments, got terms"),
        (("--dryrun",), "scrapy maintain: there is no option --dryrun; did you mean --dry-run?"),
    ],
)
def test_wrong_use_is_one_line(words: tuple[str, ...], line: str, tmp_path: Path) -> None:
    assert Stored(tmp_path, "", {}).refused(2, "maintain", *words).startswith(line)


def test_an_empty_or_missing_store_is_one_line(tmp_path: Path) -> None:
    stored = Stored(tmp_path / "data", "", {})
    assert "nothing is stored there yet" in stored.refused(1, "maintain")

    async def nothing(store: Store) -> None:
        pass

    stored.fill(nothing)
    assert stored.done("maintain") == f"SQLite {tmp_path}/data/movies.db is empty\n"
    assert stored.json("maintain", "--dry-run") == [{"dry_run": True, "steps": []}]


def test_a_wrong_cache_is_a_wrong_setting(sqlite_store: Stored) -> None:
    ended = sqlite_store.scrapy("maintain", CACHE_URI="ftp://nowhere")
    assert (ended.status, ended.stdout) == (2, "")
    assert ended.stderr.startswith("CACHE_URI='ftp://nowhere': ")
