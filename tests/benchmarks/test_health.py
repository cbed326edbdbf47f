"""How much CPU ``scrapy health`` takes for 50,000 films with 56 planted faults, all of which it finds; and its memory.

Beside it, what the walk costs without any check: the same store read by its own ``iterate``.
"""

import time
import tracemalloc
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest

from moviecrawler.documents import FieldChange
from moviecrawler.documents.records import CHANGES, ChangeRecord
from moviecrawler.health.checks import CHECKS
from moviecrawler.health.examine import examine
from moviecrawler.health.findings import Health
from moviecrawler.stores import open_store
from moviecrawler.stores.base import Store, Write
from moviecrawler.stores.checked import CheckedStore
from tests.support.films import NOW, film

FILMS = 50_000
BATCH = 500
MOST_MEMORY = 200
"""MB."""

AT = datetime(2026, 11, 22, tzinfo=UTC)
FAULTS: dict[str, dict[str, Any]] = {
    "damaged": {"images": 7},
    "required": {"title": None},
    "pictures": {"images": {"poster": {"source_path": None, "source_sha256": None, "file": "poster/a", "files": {
        "w500": {"file": "poster/aa/a-w500.jpg", "sha256": "", "width": 1, "height": 1, "bytes": 1}
    }}}},
    "duplicates": {"imdb_id": "tt0000001"},
    "same_as": {"same_as": 999_999},
    "provenance": {"provenance": {"awards": "omdb"}},
    "locks": {"locks": {"tagline_old": 1}},
    "future": {"created_at": "2027-01-01T00:00:00.000Z"},
}  # fmt: skip
EACH = 7


def planted(id_: int) -> dict[str, Any]:
    """The fault of this film, if it is one of those that have one."""
    place, rest = divmod(id_, 800)
    return [*FAULTS.values()][(place - 1) % len(FAULTS)] if not rest and 1 <= place <= EACH * len(FAULTS) else {}


def change(id_: int) -> ChangeRecord:
    diff: list[FieldChange] = [{"path": "runtime", "old": 1, "new": 2}]
    row: Any = {"_id": f"movies/{id_}/1", "kind": "movies", "id": id_, "title": f"{id_}", "source": "tmdb", "at": NOW}
    return cast("ChangeRecord", row | {"diff": diff})


async def fill(store: Store) -> None:
    whole: dict[str, Any] = {
        "schema_version": 2,
        "locks": {},
        "provenance": {"title": "tmdb", "overview": "tmdb", "runtime": "tmdb"},
    }
    for first in range(1, FILMS + 1, BATCH):
        ids = range(first, first + BATCH)
        await store.documents.write([Write("movies", id_, film(id_, **whole | planted(id_)), None) for id_ in ids])
        await store.records.put(CHANGES, [change(id_) for id_ in ids])


async def _all_rows(store: CheckedStore) -> AsyncIterator[object]:
    async for document in store.documents.iterate("movies"):
        yield document
    async for row in store.records.iterate(CHANGES):
        yield row


@pytest.mark.benchmark
@pytest.mark.timeout(600)
async def test_health_of_fifty_thousand_films(tmp_path: Path) -> None:
    path = tmp_path / "movies.db"

    async def examined(*, full: bool = False) -> tuple[Health, float]:
        store = CheckedStore(open_store(f"sqlite:///{path}", data_dir=tmp_path))
        await store.open()
        start = time.process_time()
        checks = [check for check in CHECKS if full or not check.full]
        found = await examine(store, checks=checks, now=AT, images=tmp_path / "images", full=full)
        took = time.process_time() - start
        await store.close()
        return found, took

    store = CheckedStore(open_store(f"sqlite:///{path}", data_dir=tmp_path))
    await store.open()
    await fill(store)
    start = time.process_time()
    assert len([None async for _ in _all_rows(store)]) == 2 * FILMS - EACH
    bare = time.process_time() - start
    await store.close()
    quick, seconds = await examined()
    full, full_seconds = await examined(full=True)
    tracemalloc.start()
    await examined()
    peak = tracemalloc.get_traced_memory()[1] / 2**20
    tracemalloc.stop()
    print(
        f"\n{FILMS:,} films and as many changes, {path.stat().st_size / 2**20:.0f} MB: health {seconds:.1f} s, "
        f"--full {full_seconds:.1f} s, reading the rows alone {bare:.1f} s of CPU; at most {peak:.0f} MB"
    )
    for health in (quick, full):
        assert {one.check: one.count for one in health.findings} == dict.fromkeys(FAULTS, EACH)
    assert peak < MOST_MEMORY
