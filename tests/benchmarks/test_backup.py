"""Backup and restore: killed at random moments, beside a crawl's writes, and what they cost.

``BACKUP_FILMS`` (50,000) and ``BACKUP_KILLS`` (50) make it shorter.
"""

import asyncio
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
import tracemalloc
import zlib
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from moviecrawler.backup.folder import backups
from moviecrawler.backup.make import make_backup
from moviecrawler.backup.manifest import read_manifest
from moviecrawler.backup.restore import restore
from moviecrawler.backup.verify import problems
from moviecrawler.stores import open_store, opened
from moviecrawler.stores.base import Store
from tests.backup.filled import all_of
from tests.support.films import insert, update

pytestmark = pytest.mark.benchmark

FILMS = int(os.environ.get("BACKUP_FILMS", "50000"))
KILLS = int(os.environ.get("BACKUP_KILLS", "50"))
BATCH = 500
MOST_MEMORY = 30 * 2**20
RATIO = 2.0
"""Of the time of a backup to that of reading and compressing alone; it also parses each row, and waits for the disk."""

_WORK = """
import asyncio, sys
from datetime import UTC, datetime
from pathlib import Path
from moviecrawler.backup.make import make_backup
from moviecrawler.backup.restore import restore
from moviecrawler.stores import open_store

what, uri, path = sys.argv[1:]
store = open_store(uri, access="read")
print("begun", flush=True)
if what == "backup":
    asyncio.run(make_backup(store, Path(path), lambda: datetime.now(UTC), lambda done, total: None))
else:
    asyncio.run(restore(Path(path), store, datetime.now(UTC), lambda done, total: None, force=True))
"""


def quiet(done: int, total: int) -> None:
    pass


async def fill(store: Store, films: int) -> None:
    """Films whose texts compress to a third, as real ones do."""
    dice = random.Random(26)
    words = [dice.randbytes(dice.randrange(2, 5)).hex() for _ in range(20_000)]

    def text(number: int) -> str:
        return " ".join(dice.choices(words, k=number))

    for first in range(1, films + 1, BATCH):
        ids = range(first, min(first + BATCH, films + 1))
        texts = [{"overviews": {tag: text(50) for tag in ("en-US", "de-DE", "fr-FR", "zh-CN")}} for _ in ids]
        await store.documents.write([insert(id, **changes) for id, changes in zip(ids, texts, strict=True)])


def killed_after(seconds: float, *words: str) -> bool:
    """Whether the process was killed before its end."""
    process = subprocess.Popen([sys.executable, "-c", _WORK, *words], stdout=subprocess.PIPE)
    assert process.stdout
    with process.stdout:
        process.stdout.readline()
        try:
            return process.wait(seconds) != 0
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            return True


def test_a_kill_at_any_moment_leaves_nothing_half(tmp_path: Path) -> None:
    dice = random.Random(26)
    folder, source, target = tmp_path / "backups", f"sqlite:///{tmp_path / 'a.db'}", f"sqlite:///{tmp_path / 'b.db'}"

    async def filled() -> None:
        for uri, first in ((source, 1), (target, 900_001)):
            async with opened(open_store(uri)) as store:
                await store.documents.write([insert(id) for id in range(first, first + 2_000)])

    asyncio.run(filled())
    began = time.perf_counter()
    assert not killed_after(600, "backup", source, str(folder))
    whole = time.perf_counter() - began
    (good,) = backups(folder)
    before, wanted = (asyncio.run(all_of(open_store(uri, access="read"))) for uri in (target, source))
    killed = 0
    for number in range(KILLS):
        if number % 2:
            killed += killed_after(dice.uniform(0, whole * 1.2), "restore", target, str(good.path))
            found = asyncio.run(all_of(open_store(target, access="read")))
            assert found in (before, wanted)
        else:
            killed += killed_after(dice.uniform(0, whole * 1.2), "backup", source, str(folder))
        for one in backups(folder):
            assert problems(one.path, quiet) == []
    print(f"\n{killed} of {KILLS} killed before their end; {len(backups(folder))} backups, all whole")
    assert killed > KILLS / 4


async def test_the_time_of_a_backup_beside_writes_and_its_memory(tmp_path: Path) -> None:
    uri = f"sqlite:///{tmp_path / 'movies.db'}"
    store = open_store(uri)
    async with opened(store):
        await fill(store, FILMS)
        alone = _bare(tmp_path / "movies.db", tmp_path / "bare.gz")
        writing = asyncio.create_task(_write_on(store))
        began = time.perf_counter()
        made = await make_backup(store, tmp_path / "backups", lambda: datetime.now(UTC), quiet)
        took = time.perf_counter() - began
        writing.cancel()
    assert made.manifest.rows("movies") == FILMS
    tracemalloc.start()
    began = time.perf_counter()
    assert problems(made.path, quiet) == []
    verified = time.perf_counter() - began
    other = open_store(f"sqlite:///{tmp_path / 'other.db'}", access="read")
    began = time.perf_counter()
    await restore(made.path, other, datetime.now(UTC), quiet, force=False)
    back = time.perf_counter() - began
    _, memory = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    again = await make_backup(other, tmp_path / "again", lambda: datetime.now(UTC), quiet)
    assert again.manifest.sums == read_manifest(made.path).sums
    print(
        f"\n{FILMS:,} films: {took:.1f} s beside writes, read and compressed bare {alone:.1f} s ({took / alone:.2f}); "
        f"{made.manifest.bytes / 1e6:.1f} MB; verified in {verified:.1f} s, restored in {back:.1f} s (both traced), "
        f"{memory / 2**20:.1f} MB of memory"
    )
    assert took < RATIO * alone
    assert memory < MOST_MEMORY


def _bare(path: Path, out: Path) -> float:
    """Seconds that it takes to read the documents with sqlite3 and to compress them, as one would by hand."""
    began = time.perf_counter()
    with closing(sqlite3.connect(path)) as connection, out.open("wb") as file:
        compress = zlib.compressobj(6)
        for (text,) in connection.execute("SELECT CAST(document AS BLOB) FROM documents ORDER BY kind, id"):
            file.write(compress.compress(text + b"\n"))
        file.write(compress.flush())
    return time.perf_counter() - began


async def _write_on(store: Store) -> None:
    """As a crawl of 40 answers a second does, in its batches."""
    revision = 1
    while True:
        await store.documents.write([update(id, revision) for id in range(1, 11)])
        revision += 1
        await asyncio.sleep(0.25)
