"""What ``scrapy due`` and ``scrapy stats`` ask a SQLite store of 50,000 films, beside a scan of all its documents.

The scan is what the questions cost without tables made for them: plain sqlite3, every document read and looked at.
"""

import gc
import json
import sqlite3
import statistics
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from moviecrawler.stores import open_store
from moviecrawler.stores.base import DueTitle, Store, Write
from tests.stores import full_scan
from tests.support.films import film

FILMS = 50_000
BATCH = 500
ROUNDS = 9
BAR = 50.0
"""Milliseconds."""

NOW = "2026-11-21T08:15:30.123Z"
EARLIER, LATER = "2026-10-01T00:00:00.000Z", "2027-03-01T00:00:00.000Z"
NEWEST = date(2027, 6, 1).toordinal()


def catalogue_film(id_: int) -> dict[str, Any]:
    """A film released on one of 20,000 days; a third is due at TMDB, OMDB was never asked about half of them."""
    slot = film(id_)["sources"]["tmdb"]
    return film(
        id_,
        release_date=None if id_ % 50 == 0 else date.fromordinal(NEWEST - id_ * 7919 % 20_000).isoformat(),
        awards="An award" if id_ % 9 == 0 else None,
        sources={
            "tmdb": slot | {"next_refresh_at": EARLIER if id_ % 3 == 0 else LATER},
            "omdb": slot | {"next_refresh_at": EARLIER, "fetched_at": EARLIER if id_ % 2 else None},
            "the_numbers": slot | {"next_refresh_at": LATER if id_ % 5 else None},
        },
    )


async def fill(store: Store) -> None:
    for first in range(1, FILMS + 1, BATCH):
        writes = [Write("movies", id_, catalogue_film(id_), None) for id_ in range(first, first + BATCH)]
        assert len((await store.documents.write(writes)).inserted) == BATCH


def scan(path: Path) -> Iterator[dict[str, Any]]:
    connection = sqlite3.connect(path)
    for (text,) in connection.execute("SELECT document FROM documents WHERE kind = 'movies'"):
        yield json.loads(text)
    connection.close()


async def median_ms(question: Callable[[], Awaitable[object]]) -> float:
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        await question()
        times.append(1000 * (time.perf_counter() - start))
    return statistics.median(times)


def scanned_ms(question: Callable[[], object]) -> tuple[object, float]:
    start = time.perf_counter()
    answer = question()
    return answer, 1000 * (time.perf_counter() - start)


@pytest.mark.benchmark
@pytest.mark.timeout(300)
async def test_questions_about_fifty_thousand_films(tmp_path: Path) -> None:
    path = tmp_path / "movies.db"
    store = open_store(f"sqlite:///{path}", data_dir=tmp_path)
    await store.open()
    await fill(store)
    gc.collect()
    documents = store.documents
    middle = DueTitle("movies", 25_000, None, EARLIER, True, 81.0)
    questions: dict[str, Callable[[], Awaitable[object]]] = {
        "due, first page of TMDB": lambda: documents.due("movies", "tmdb", NOW, 200),
        "due, a page in the middle of OMDB": lambda: documents.due("movies", "omdb", NOW, 200, middle),
        "due, where nothing is": lambda: documents.due("movies", "the_numbers", NOW, 200),
        "due_counts_by_age, a third due": lambda: documents.due_counts_by_age("movies", "tmdb", NOW),
        "due_counts_by_age, all due": lambda: documents.due_counts_by_age("movies", "omdb", NOW),
        "stats": lambda: documents.stats("movies", NOW),
    }
    size = path.stat().st_size / 2**20
    print(f"\n{FILMS:,} films, {size:.0f} MB, SQLite {sqlite3.sqlite_version}, median of {ROUNDS}")
    took = {name: await median_ms(question) for name, question in questions.items()}
    scans = {
        "due": scanned_ms(lambda: full_scan.due(scan(path), "tmdb", NOW)[:200]),
        "due_counts_by_age": scanned_ms(lambda: full_scan.due_counts_by_age(scan(path), "tmdb", NOW)),
        "stats": scanned_ms(lambda: full_scan.stats(scan(path), NOW)),
    }
    for name, milliseconds in took.items():
        _, slow = scans[name.partition(",")[0]]
        print(f"{name:34} {milliseconds:6.2f} ms   scan {slow:6.0f} ms   {slow / milliseconds:7,.0f} times")
    assert [title.id for title in await documents.due("movies", "tmdb", NOW, 200)] == scans["due"][0]
    assert await documents.due_counts_by_age("movies", "tmdb", NOW) == scans["due_counts_by_age"][0]
    assert await documents.stats("movies", NOW) == scans["stats"][0]
    await store.close()
    assert max(took.values()) < BAR, took
