"""Exports: each format beside its baseline, in one run, and the memory of each.

``EXPORT_FILMS`` (50,000; memory: once more with 100,000) makes it shorter.
"""

import asyncio
import csv
import json
import os
import sqlite3
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from random import Random

import pytest

from moviecrawler.exporters.columns import chosen
from moviecrawler.exporters.compression import compressed
from moviecrawler.exporters.export import Export, write_export
from moviecrawler.exporters.formats import FORMATS
from moviecrawler.exporters.sorting import sort_keys
from moviecrawler.exporters.whole_file import whole_file
from moviecrawler.stores import open_store, opened
from moviecrawler.stores.checked import CheckedStore
from tests.support.films import insert

pytestmark = pytest.mark.benchmark

FILMS = int(os.environ.get("EXPORT_FILMS", "50000"))
ROUNDS, BATCH = 5, 500
LEAST = 0.7
"""Of the speed of a bare read and write, for JSON lines."""
MOST_GROWTH = 30 * 2**20
"""Bytes of memory that twice as many films may take more."""

_TEXTS = "SELECT CAST(document AS BLOB) FROM documents WHERE kind = 'movies' ORDER BY id"


async def fill(path: Path, first: int, last: int) -> None:
    """Films of 10 KB with texts in several scripts."""
    dice = Random(first)
    words = [
        *(dice.randbytes(dice.randrange(2, 5)).hex() for _ in range(5_000)),
        "“Amélie”",
        "’",
        "守塔人的地图",
        "фильм",
    ]
    async with opened(open_store(f"sqlite:///{path}")) as store:
        for start in range(first, last, BATCH):
            await store.documents.write(
                [
                    insert(
                        id,
                        schema_version=2,
                        overviews={
                            tag: " ".join(dice.choices(words, k=100))
                            for tag in ("en-US", "de-DE", "fr-FR", "zh-CN", "ru-RU", "ja-JP", "es-ES")
                        },
                    )
                    for id in range(start, min(start + BATCH, last))
                ]
            )


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("films") / "movies.db"
    asyncio.run(fill(path, 1, FILMS + 1))
    return path


def bare(path: Path, out: Path) -> None:
    """As one would by hand: read, write, and have it on the disk."""
    with closing(sqlite3.connect(path)) as connection, out.open("wb") as file:
        for (text,) in connection.execute(_TEXTS):
            file.write(text + b"\n")
        file.flush()
        os.fsync(file.fileno())


def bare_csv(path: Path, out: Path) -> None:
    """All documents parsed, and three fields of each written."""
    with closing(sqlite3.connect(path)) as connection, out.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        for (text,) in connection.execute(_TEXTS):
            film = json.loads(text)
            table.writerow([film["title"], film["year"], film["ratings"]["tmdb"]["score"]])
        file.flush()
        os.fsync(file.fileno())


def export(path: Path, out: Path, name: str, columns: str = "", sort: str = "", compression: str = "") -> None:
    async def run() -> None:
        format = FORMATS[name]
        wanted = chosen("movies", columns.split(",")) if columns else format.columns and format.columns("movies")
        keys = sort_keys("movies", [sort] if sort else [], by_fact=True)
        store = CheckedStore(open_store(f"sqlite:///{path}", access="read"))
        async with opened(store):
            with whole_file(out) as file, compressed(file, compression) as stream:
                await write_export(store, Export("movies", format, wanted, keys), stream, lambda done, total: None)

    asyncio.run(run())


def seconds(act: Callable[[], None]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def test_json_lines_beside_a_bare_read_and_write(films: Path, tmp_path: Path) -> None:
    pairs = []
    for _ in range(ROUNDS):
        alone = seconds(lambda: bare(films, tmp_path / "bare.jsonl"))
        pairs.append((alone, seconds(lambda: export(films, tmp_path / "films.jsonl", "jsonl"))))
    assert (tmp_path / "films.jsonl").read_bytes() == (tmp_path / "bare.jsonl").read_bytes()
    alone, ours = (statistics.median(some) for some in zip(*pairs, strict=True))
    size = (tmp_path / "films.jsonl").stat().st_size
    print(f"\n{FILMS:,} films, {size / 1e6:.0f} MB: {ours:.2f} s, bare {alone:.2f} s: {alone / ours:.2f} of its speed")
    assert alone / ours >= LEAST


def test_other_formats_beside_json_parsed_and_written_manual(films: Path, tmp_path: Path) -> None:
    manual = seconds(lambda: bare_csv(films, tmp_path / "bare.csv"))
    print(f"\n{FILMS:,} films, three columns by hand (json, csv): {manual:.1f} s")
    three = "title,year,ratings.tmdb.score"
    for name, columns, sort, compression in (
        ("csv", three, "", ""),
        ("csv", three, "title", ""),
        ("csv", "", "", ""),
        ("parquet", three, "", ""),
        ("parquet", "", "", ""),
        ("xlsx", three, "", ""),
        ("jsonl", "", "year", ""),
        ("jsonl", "", "", "gz"),
        ("jsonl", "", "", "zst"),
    ):
        out = tmp_path / "out"
        took = seconds(lambda: export(films, out, name, columns, sort, compression))  # noqa: B023
        what = f"{name} {compression} {'three columns' if columns else 'all'} {f'by {sort}' if sort else ''}"
        print(f"{what:40} {took:6.1f} s, {took / manual:5.2f} of by hand, {out.stat().st_size / 1e6:7.1f} MB")


_MEMORY = """
import re, sys
from pathlib import Path
from tests.benchmarks.test_exports import export
path, out, name, sort = sys.argv[1:]
export(Path(path), Path(out), name, sort=sort)
print(int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) * 1024)
"""


def memory(path: Path, out: Path, name: str, sort: str) -> int:
    ran = subprocess.run(
        [sys.executable, "-c", _MEMORY, str(path), str(out), name, sort], capture_output=True, check=True
    )
    return int(ran.stdout)


def test_memory_does_not_grow_with_the_catalogue(films: Path, tmp_path: Path) -> None:
    wanted = [("jsonl", ""), ("csv", ""), ("parquet", ""), ("xlsx", ""), ("csv", "title")]
    before = {one: memory(films, tmp_path / "out", *one) for one in wanted}
    asyncio.run(fill(films, FILMS + 1, 2 * FILMS + 1))
    print()
    for one, less in before.items():
        more = memory(films, tmp_path / "out", *one)
        print(f"{' by '.join(filter(None, one)):20} {less / 1e6:6.1f} MB, {2 * FILMS:,} films {more / 1e6:6.1f} MB")
        assert more < less + MOST_GROWTH
