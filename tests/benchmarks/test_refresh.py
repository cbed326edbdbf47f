"""What a refresh of a large catalogue costs: requests beside the feed's own count, memory and store calls beside size.

The films are stored by the project's own writing core, so the stores are as crawls would have left them.
"""

import asyncio
import gzip
import json
import sqlite3
import urllib.request
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from moviecrawler import timestamps
from moviecrawler.ingest.upsert import Upserter
from moviecrawler.items import Movie
from moviecrawler.stores import open_store
from tests.benchmarks.crawls import UNLIMITED, is_detail, ours
from tests.support.policies import composer, refresh
from tests.support.sandbox import Sandbox

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(900)]

MANY, FEW = 50_000, 5_000
REFRESHED = 10_000
BATCH = 500


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox("--movies", str(MANY), "--quiet") as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def ids(sandbox: Sandbox) -> list[int]:
    """Of all films of the sandbox, from its own export."""
    day = datetime.now(UTC).date() - timedelta(days=1)
    address = f"{sandbox.env['TMDB_EXPORT_BASE_URL']}/movie_ids_{day:%m_%d_%Y}.json.gz"
    with urllib.request.urlopen(address) as answer:
        return [json.loads(line)["id"] for line in gzip.decompress(answer.read()).splitlines()]


def stock(folder: Path, ids: list[int], *, fetched_days_ago: float) -> None:
    """A store of these films, most of them old, fetched so many days ago."""
    asyncio.run(_stock(folder, ids, timestamps.iso(datetime.now(UTC) - timedelta(days=fetched_days_ago))))


async def _stock(folder: Path, ids: list[int], at: str) -> None:
    (folder / "data").mkdir(parents=True, exist_ok=True)
    store = open_store(f"sqlite:///{folder / 'data' / 'movies.db'}", data_dir=folder / "data", synchronous="NORMAL")
    await store.open()
    writer = Upserter(store, composer=composer(), refresh=refresh())
    today = datetime.now(UTC).date()
    for start in range(0, len(ids), BATCH):
        films = [_film(id, today) for id in ids[start : start + BATCH]]
        for film in films:
            film.set_fetch(at)
        await writer.write(films)
    await store.close()


def _film(id: int, today: date) -> Movie:
    released = today - timedelta(days=id * 37 % 14_000)
    return Movie(
        source="tmdb",
        source_id=str(id),
        id=id,
        imdb_id=f"tt{id:08}",
        title=f"Film {id}",
        release_date=str(released),
        year=released.year,
        overview="What happens to " + "somebody and " * 60,
        popularity=id % 100,
    )


def named_by_the_feed(sandbox: Sandbox) -> set[int]:
    """What the last two UTC days of the feed name, as somebody else reads it."""
    today = datetime.now(UTC).date()
    window = f"start_date={today - timedelta(days=1)}&end_date={today}"
    named: set[int] = set()
    page, pages = 1, 1
    while page <= pages:
        address = f"{sandbox.api}/movie/changes?{window}&page={page}&api_key=any"
        with urllib.request.urlopen(address) as answer:
            payload = json.load(answer)
        named |= {row["id"] for row in payload["results"] if row["id"]}
        page, pages = page + 1, payload["total_pages"]
    sandbox.clear_log()
    return named


def stats_of(folder: Path) -> dict[str, Any]:
    connection = sqlite3.connect(folder / "data" / "movies.db")
    (text,) = connection.execute("SELECT max(record) FROM records WHERE kind = 'runs'").fetchone()
    connection.close()
    stats: dict[str, Any] = json.loads(text)["stats"]
    return stats


def test_a_day_of_the_feed_costs_what_it_names(sandbox: Sandbox, ids: list[int], tmp_path: Path) -> None:
    stock(tmp_path, ids, fetched_days_ago=3)
    named = named_by_the_feed(sandbox)
    ours(tmp_path, sandbox, "tmdb_refresh", {"media": "movies", "export": 0}, UNLIMITED).wait()
    log = sandbox.log()
    details, pages = sum(map(is_detail, log)), sum(entry["path"].endswith("/changes") for entry in log)
    details -= pages
    table = due_a_day(ids)
    print(
        f"\n{len(ids)} films stored, the feed names {len(named)}: {details} films asked for and {pages} pages of it, "
        f"ratio {details / len(named):.4f}"
    )
    print(
        f"the age table alone asks for {table:.0f} films a day, and sees a change after "
        f"{len(ids) / table / 2:.0f} days on average instead of one"
    )
    assert details <= 1.02 * len(named)
    assert pages <= len(named) / 90 + 3


def due_a_day(ids: list[int]) -> float:
    """Films that the age table asks for on an average day."""
    now = datetime.now(UTC)
    return sum(1 / refresh().interval("tmdb", _film(id, now.date()).model_dump(), now).days for id in ids)


def test_ten_thousand_due_films_are_one_read_and_one_write_per_batch(
    sandbox: Sandbox, ids: list[int], tmp_path: Path
) -> None:
    stock(tmp_path, ids[:REFRESHED], fetched_days_ago=200)
    sandbox.clear_log()
    arguments = {"media": "movies", "feed": 0, "export": 0}
    cost = ours(tmp_path, sandbox, "tmdb_refresh", arguments, UNLIMITED).wait()
    stats = stats_of(tmp_path)
    batches, reads, writes = (stats[f"store/{name}"] for name in ("batches", "reads", "writes"))
    print(
        f"\n{REFRESHED} films refreshed: {batches} batches, {reads} reads, {writes} bulk writes of "
        f"{REFRESHED / writes:.1f} films each, {cost.milliseconds:.2f} ms CPU a film"
    )
    assert stats["titles/updated"] == REFRESHED
    assert len(sandbox.log()) == REFRESHED
    assert reads == writes == batches
    assert batches < REFRESHED / 2


def test_ten_times_the_stored_films_need_no_more_memory(sandbox: Sandbox, ids: list[int], tmp_path: Path) -> None:
    peaks = {}
    arguments = {"media": "movies", "feed": 0, "export": 0, "limit": 2000}
    for size in (FEW, MANY):
        stock(tmp_path / str(size), ids[:size], fetched_days_ago=200)
        peaks[size] = ours(tmp_path / str(size), sandbox, "tmdb_refresh", arguments, UNLIMITED).wait().peak
    print(
        f"\npeak memory: {MANY} films {peaks[MANY] / 2**20:.0f} MB, {FEW} films {peaks[FEW] / 2**20:.0f} MB, "
        f"ratio {peaks[MANY] / peaks[FEW]:.3f}"
    )
    assert peaks[MANY] <= 1.15 * peaks[FEW]
