"""How much CPU ``scrapy health`` takes for 50,000 films with 60 planted faults of 19 kinds, all of which it finds; and
its memory; and what ``--repair`` mends of them.

Beside it, what the walk costs without any check: the same store read by its own ``iterate``.
"""

import sqlite3
import time
import tracemalloc
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from moviecrawler.documents import FieldChange
from moviecrawler.documents.records import (
    CHANGES,
    CHARTS,
    REJECTS,
    RUNS,
    UNMATCHED,
    ChangeRecord,
    RawRecord,
    RecordKind,
    RunRecord,
)
from moviecrawler.health.checks import CHECKS
from moviecrawler.health.examine import examine
from moviecrawler.health.findings import Health
from moviecrawler.health.repair import Repair
from moviecrawler.items import Title
from moviecrawler.stores import open_store
from moviecrawler.stores.base import Store, Write
from moviecrawler.stores.checked import CheckedStore
from moviecrawler.timestamps import iso
from tests.support.films import NOW, film
from tests.support.policies import composer, refresh

FILMS = 50_000
BATCH = 500
MOST_MEMORY = 200
"""MB."""

AT = datetime(2026, 11, 22, tzinfo=UTC)
EACH = 4


def days_ago(days: float) -> str:
    return iso(AT - timedelta(days=days))


def in_slot(id_: int, source: str, **fields: Any) -> dict[str, Any]:
    slots = film(id_)["sources"]
    return {"sources": {**slots, source: {**slots[source], **fields}}}


FILE = {"file": "poster/aa/a-w500.jpg", "sha256": "", "width": 1, "height": 1, "bytes": 1}
PICTURE = {"source_path": None, "source_sha256": None, "file": "poster/a"}
FAULTS: dict[str, Callable[[int], dict[str, Any]]] = {
    "damaged": lambda id_: {"images": 7},
    "required": lambda id_: {"title": None},
    "pictures": lambda id_: {"images": {"poster": {**PICTURE, "files": {"w500": FILE}}}},
    "duplicates": lambda id_: {"imdb_id": "tt0000001"},
    "same_as": lambda id_: {"same_as": 999_999},
    "provenance": lambda id_: {"provenance": {"awards": "omdb"}},
    "locks": lambda id_: {"locks": {"tagline_old": 1}},
    "future": lambda id_: {"created_at": "2027-01-01T00:00:00.000Z"},
    "failing": lambda id_: in_slot(id_, "omdb", failures=4, next_refresh_at=days_ago(2)),
    "terms": lambda id_: in_slot(id_, "tmdb", fetched_at=days_ago(190)),
}
"""Of documents, ``EACH`` times."""

REJECT: Any = {"url": "https://t", "reason": "parse", "spider": "omdb", "at": days_ago(1)}
UNMATCHED_ROW: Any = {
    **{"source": "the_numbers", "title": "Heat", "year": 1999, "candidates": [1], "presumed": None, "settled": None},
    **{"at": days_ago(40), "said": {"source": "the_numbers", "source_id": "Heat"}, "source_id": "Heat"},
}
CHART: Any = {"chart": "trending/movie/day", "date": "2026-11-20", "pages": {"2": {"at": days_ago(2), "rows": []}}}
LIKE: dict[str, tuple[RecordKind[Any], dict[str, Any]]] = {
    "references": (CHANGES, {}),
    "rejects": (REJECTS, REJECT),
    "unmatched": (UNMATCHED, UNMATCHED_ROW),
    "charts": (CHARTS, CHART),
}
"""Of records: ``EACH`` times, but three charts."""


def run(spider: str, days: float, **fields: Any) -> dict[str, Any]:
    at = days_ago(days)
    return {
        **{"_id": f"{at}/{spider}", "spider": spider, "started_at": at, "beat_at": at, "finished_at": at},
        **{"host": "elsewhere", "pid": 7, "finish_reason": "finished", "incomplete": []},
        "stats": {"titles/found": 100, "item_scraped_count": 100},
    } | fields


RUNS_WITH: dict[str, list[dict[str, Any]]] = {
    "reject_rate": [run("a", 1, stats={"item_scraped_count": 100, "rejects/parse": 30})],
    "incomplete": [run("b", 1, incomplete=["a page was lost"])],
    "lost": [run("c", 1, finished_at=None, finish_reason=None, stats={})],
    "anomalies": [*(run("d", days) for days in range(9, 2, -1)), run("d", 1, stats={"titles/found": 9})],
    "totals": [run("e", 1, expected=200)],
}
FOUND = dict.fromkeys((*FAULTS, *LIKE), EACH) | {"charts": 3} | dict.fromkeys(RUNS_WITH, 1)
MENDED = {"damaged", "required", "same_as", "provenance", "future", "index"}


def planted(id_: int) -> dict[str, Any]:
    """The fault of this film, if it is one of those that have one."""
    place, rest = divmod(id_, 800)
    return [*FAULTS.values()][(place - 1) % len(FAULTS)](id_) if not rest and 1 <= place <= EACH * len(FAULTS) else {}


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
    await store.records.put(CHANGES, [change(10**6 + number) for number in range(EACH)])
    for check, (kind, row) in LIKE.items():
        if row:
            await store.records.put(kind, [{"_id": f"{kind}/{n}", **row} for n in range(FOUND[check])])
    await store.records.put(RUNS, [cast("RunRecord", row) for rows in RUNS_WITH.values() for row in rows])


async def _all_rows(store: CheckedStore) -> AsyncIterator[object]:
    async for document in store.documents.iterate("movies"):
        yield document
    async for row in store.records.iterate(CHANGES):
        yield row


@pytest.mark.benchmark
@pytest.mark.timeout(600)
async def test_health_of_fifty_thousand_films(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
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
    assert len([None async for _ in _all_rows(store)]) == 2 * FILMS
    bare = time.process_time() - start
    await store.close()
    with closing(sqlite3.connect(path)) as file:
        file.execute("UPDATE documents SET imdb_id = 'tt9' WHERE id = 9")
        file.commit()
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
    assert sum(FOUND.values()) == 60
    assert {one.check: one.count for one in quick.findings} == FOUND
    assert {one.check: one.count for one in full.findings} == FOUND | {"index": 1}
    assert peak < MOST_MEMORY
    assert bare / seconds > 1, "health reads less than everything"

    store = CheckedStore(open_store(f"sqlite:///{path}", data_dir=tmp_path))
    await store.open()
    repair = Repair(store, order="newest", composer=composer(), refresh=refresh(), parse=parsed_never, now=AT)
    monkeypatch.setattr("moviecrawler.ingest.upsert.datetime", Clock)
    plan = await repair.plan(full=True)
    print(*await repair.carry_out(plan), sep="\n")
    assert not await repair.plan(full=True)
    await store.close()
    left, _ = await examined(full=True)
    assert {one.check: one.count for one in left.findings} == {
        check: count for check, count in FOUND.items() if check not in MENDED
    }


class Clock:
    @staticmethod
    def now(zone: Any) -> datetime:
        return AT


def parsed_never(row: RawRecord) -> Title:
    raise AssertionError(row)
