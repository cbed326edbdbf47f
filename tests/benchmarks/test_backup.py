"""Backup and restore: killed at random moments, altered at random places, beside a crawl, and what they cost.

``BACKUP_FILMS`` (50,000), ``BACKUP_MONGO_FILMS`` (5,000) and ``BACKUP_KILLS`` (50) make it shorter.
"""

import asyncio
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import NamedTuple

import pytest

from moviecrawler.backup.folder import backups
from moviecrawler.backup.make import make_backup
from moviecrawler.backup.manifest import CHECKSUM, MANIFEST, read_manifest
from moviecrawler.backup.restore import restore
from moviecrawler.backup.verify import problems
from moviecrawler.stores import open_store, opened
from moviecrawler.stores.base import Store
from tests.backup.filled import all_of
from tests.support.crawl import Home
from tests.support.films import insert
from tests.support.sandbox import Sandbox

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(3600)]

FILMS = int(os.environ.get("BACKUP_FILMS", "50000"))
MONGO_FILMS = int(os.environ.get("BACKUP_MONGO_FILMS", "5000"))
KILLS = int(os.environ.get("BACKUP_KILLS", "50"))
FLIPS = 100
BATCH = 500
ROUNDS = 3
RATIO = 1.5
"""Of the time of a backup to that of reading and compressing alone; it also parses each row, and waits for the disk."""

RATE = 40
LOSS = 0.1
"""Of a crawl's requests a second, while backups are made one after the other."""

MORE_MEMORY = 20 * 2**20
"""Bytes that ten times as many films may take."""

FIRST = 10_000_000
"""The first id: the sandbox has no film so high."""

_WORK = r"""
import asyncio, re, sys
from datetime import UTC, datetime
from pathlib import Path
from moviecrawler.backup.make import make_backup
from moviecrawler.backup.restore import restore
from moviecrawler.backup.verify import problems
from moviecrawler.stores import open_store

what, uri, path = sys.argv[1:]
store = open_store(uri, access="read")
quiet = lambda done, total: None
print("begun", flush=True)
if what == "backup":
    asyncio.run(make_backup(store, Path(path), lambda: datetime.now(UTC), quiet))
elif what == "verify":
    assert problems(Path(path), quiet) == []
else:
    asyncio.run(restore(Path(path), store, datetime.now(UTC), quiet, force=True))
print(1024 * int(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1]))
"""


def quiet(done: int, total: int) -> None:
    pass


async def fill(store: Store, films: int) -> None:
    """Films whose texts compress to a third, as real ones do."""
    dice = random.Random(26)
    words = [dice.randbytes(dice.randrange(2, 5)).hex() for _ in range(20_000)]

    def text(number: int) -> str:
        return " ".join(dice.choices(words, k=number))

    for first in range(FIRST, FIRST + films, BATCH):
        ids = range(first, min(first + BATCH, FIRST + films))
        texts = [{"overviews": {tag: text(50) for tag in ("en-US", "de-DE", "fr-FR", "zh-CN")}} for _ in ids]
        await store.documents.write([insert(id, **changes) for id, changes in zip(ids, texts, strict=True)])


def filled(uri: str, films: int) -> str:
    async def fill_it() -> None:
        async with opened(open_store(uri)) as store:
            await fill(store, films)

    asyncio.run(fill_it())
    return uri


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> str:
    """STORE_URI of ``FILMS`` films; the crawl adds to them, so its test is the last one that uses them."""
    return filled(f"sqlite:///{tmp_path_factory.mktemp('large') / 'movies.db'}", FILMS)


@contextmanager
def working(*words: str) -> Iterator["subprocess.Popen[bytes]"]:
    """A process that has begun to make a backup, or to restore or verify one."""
    with subprocess.Popen([sys.executable, "-c", _WORK, *words], stdout=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.readline()
        yield process


def seconds_of(*words: str) -> float:
    with working(*words) as process:
        began = time.perf_counter()
        assert process.wait() == 0
        return time.perf_counter() - began


def memory_of(*words: str) -> int:
    """The most bytes that the process has had in memory."""
    with working(*words) as process:
        assert process.stdout
        said = process.stdout.read()
    assert process.returncode == 0
    return int(said)


def was_killed(seconds: float, *words: str) -> bool:
    """Whether the process was killed before its end."""
    with working(*words) as process:
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
        return process.wait() == -signal.SIGKILL


def test_a_kill_at_any_moment_leaves_nothing_half(tmp_path: Path) -> None:
    dice = random.Random(26)
    folder, source, target = tmp_path / "backups", f"sqlite:///{tmp_path / 'a.db'}", f"sqlite:///{tmp_path / 'b.db'}"

    async def fill_both() -> None:
        for uri, first in ((source, 1), (target, 900_001)):
            async with opened(open_store(uri)) as store:
                await store.documents.write([insert(id) for id in range(first, first + 5_000)])

    asyncio.run(fill_both())
    spare, other = tmp_path / "spare", f"sqlite:///{tmp_path / 'c.db'}"
    seconds = {"backup": min(seconds_of("backup", source, str(spare)) for _ in range(3))}
    path = str(backups(spare)[0].path)
    seconds["restore"] = min(seconds_of("restore", other, path) for _ in range(3))
    before, wanted = (asyncio.run(all_of(open_store(uri, access="read"))) for uri in (target, source))
    hits, tries, ended = {"backup": 0, "restore": 0}, 0, 0
    while sum(hits.values()) < KILLS:
        what = min(hits, key=lambda name: hits[name])
        words = (source, str(folder)) if what == "backup" else (target, path)
        tries += 1
        hits[what] += was_killed(dice.uniform(0, seconds[what]), what, *words)
        if what == "restore":
            found = asyncio.run(all_of(open_store(target, access="read")))
            assert found in (before, wanted)
            ended += found == wanted
        for one in backups(folder):
            assert problems(one.path, quiet) == []
    asyncio.run(make_backup(open_store(source, access="read"), folder, lambda: datetime.now(UTC), quiet))
    print(
        f"\n{hits['backup']} backups (of {seconds['backup']:.2f} s) and {hits['restore']} restores (of "
        f"{seconds['restore']:.2f} s) were killed before their end, in {tries} tries: {len(backups(folder)) - 1} whole "
        f"backups, {ended} times a new store, never anything half"
    )
    assert tries < 2 * KILLS


def test_flipped_bytes_are_all_found_and_the_part_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("moviecrawler.backup.parts.PART_SIZE", 2**20)
    images = tmp_path / "images"
    images.mkdir()
    dice = random.Random(27)
    for number in range(20):
        (images / f"{number}.jpg").write_bytes(dice.randbytes(10_000))
    store = open_store(filled(f"sqlite:///{tmp_path / 'movies.db'}", 2_000), access="read")
    made = asyncio.run(make_backup(store, tmp_path / "backups", lambda: datetime.now(UTC), quiet, images=images))
    shutil.rmtree(images)
    files = [path for path in (tmp_path / "backups").rglob("*") if path.is_file() and path.name != ".lock"]
    found = 0
    for _ in range(FLIPS):
        (path,) = dice.choices(files, [path.stat().st_size for path in files])
        content = path.read_bytes()
        place = dice.randrange(len(content))
        path.write_bytes(content[:place] + bytes([content[place] ^ 1 << dice.randrange(8)]) + content[place + 1 :])
        named = MANIFEST if path.name == CHECKSUM else path.name
        found += named in " ".join(problems(made.path, quiet))
        path.write_bytes(content)
    assert problems(made.path, quiet) == []
    print(f"\n{found} of {FLIPS} flipped bytes found, in {len(files)} files")
    assert found == FLIPS


def test_memory_does_not_grow_with_the_catalogue(large: str, tmp_path: Path) -> None:
    small = filled(f"sqlite:///{tmp_path / 'small.db'}", FILMS // 10)
    most: dict[str, list[int]] = {"backup": [], "verify": [], "restore": []}
    for number, uri in enumerate((small, large)):
        folder, other = tmp_path / f"backups{number}", f"sqlite:///{tmp_path / f'other{number}.db'}"
        most["backup"].append(memory_of("backup", uri, str(folder)))
        (made,) = backups(folder)
        most["verify"].append(memory_of("verify", uri, str(made.path)))
        most["restore"].append(memory_of("restore", other, str(made.path)))
        again = asyncio.run(
            make_backup(open_store(other, access="read"), tmp_path / "again", lambda: datetime.now(UTC), quiet)
        )
        assert again.manifest.sums == read_manifest(made.path).sums
        shutil.rmtree(tmp_path / "again")
    for what, (few, many) in most.items():
        print(
            f"\n{what}: {few / 2**20:.0f} MB with {FILMS // 10:,} films, {many / 2**20:.0f} MB with {FILMS:,}", end=""
        )
        assert many < few + MORE_MEMORY


def test_a_backup_beside_a_crawl(large: str, tmp_path: Path) -> None:
    """Rounds of a crawl alone, of reading and compressing beside it, and of a backup beside it, one after the other."""
    path, store = Path(large.removeprefix("sqlite:///")), open_store(large, access="read")
    alone, bare, took = list[Timed](), list[Timed](), list[Timed]()
    with Sandbox("--quiet", "--movies", "20000", "--years", "2024-2024") as sandbox:
        settings = {"TMDB_RATE": str(RATE), "IMAGES_ENABLED": "0", "STORE_URI": large}
        home = Home(tmp_path / "home", {**sandbox.env, **settings})
        crawl = home.start_crawl("tmdb_discover", "start_year=2024", "min_votes=0")
        try:
            while len(sandbox.log(path="/3/movie/")) < 2 * RATE:
                assert crawl.poll() is None
                time.sleep(0.5)
            for _ in range(ROUNDS):
                alone.append(_timed(lambda: time.sleep(5)))
                bare.append(_timed(lambda: _bare(path, tmp_path / "bare.gz")))
                took.append(
                    _timed(
                        lambda: asyncio.run(make_backup(store, tmp_path / "backups", lambda: datetime.now(UTC), quiet))
                    )
                )
            assert crawl.poll() is None, "the crawl has ended too early"
        finally:
            crawl.send_signal(signal.SIGKILL)
            crawl.communicate()
        asked = [entry["at"] for entry in sandbox.log(path="/3/movie/")]
    rates = [
        sum(sum(one.began <= at < one.ended for at in asked) for one in some) / sum(one.seconds for one in some)
        for some in (alone, took)
    ]
    ratio, cpu = (
        median(pick(backup) / pick(read) for backup, read in zip(took, bare, strict=True))
        for pick in (lambda one: one.seconds, lambda one: one.cpu)
    )
    one = backups(tmp_path / "backups")[0]
    print(
        f"\n{FILMS:,} films, {read_manifest(one.path).bytes / 1e6:.1f} MB: backups took "
        f"{', '.join(f'{one.seconds:.1f}' for one in took)} s beside a crawl, read and compressed bare "
        f"{', '.join(f'{one.seconds:.1f}' for one in bare)} s ({ratio:.2f} times that, {cpu:.2f} times the CPU); the "
        f"crawl sent {rates[0]:.1f} requests a second alone, {rates[1]:.1f} beside backups"
    )
    assert ratio < RATIO
    assert rates[1] > (1 - LOSS) * rates[0]
    assert problems(one.path, quiet) == []


async def test_both_stores_are_identical_after_a_restore(mongo_uri: str, tmp_path: Path) -> None:
    source, other = (open_store(f"sqlite:///{tmp_path / name}.db") for name in "ab")
    async with opened(source):
        await fill(source, MONGO_FILMS)
    first, sums = source, []
    for number, target in enumerate((open_store(mongo_uri), other, source)):
        made = await make_backup(first, tmp_path / f"{number}", lambda: datetime.now(UTC), quiet)
        sums.append(made.manifest.sums)
        await restore(made.path, target, datetime.now(UTC), quiet, force=True)
        first = target
    assert sums[0] == sums[1] == sums[2]
    print(f"\n{MONGO_FILMS:,} films: SQLite, MongoDB, SQLite: {sums[0]['movies'].sha256}")


class Timed(NamedTuple):
    """``began`` and ``ended`` on the sandbox's clock; ``cpu``: seconds of this process."""

    began: float
    ended: float
    cpu: float

    @property
    def seconds(self) -> float:
        return self.ended - self.began


def _timed(act: Callable[[], object]) -> Timed:
    began, cpu = time.monotonic(), time.process_time()
    act()
    return Timed(began, time.monotonic(), time.process_time() - cpu)


def _bare(path: Path, out: Path) -> None:
    """Read the documents with sqlite3 and compress them, as one would by hand."""
    with closing(sqlite3.connect(path)) as connection, out.open("wb") as file:
        compress = zlib.compressobj(6)
        for (text,) in connection.execute("SELECT CAST(document AS BLOB) FROM documents ORDER BY kind, id"):
            file.write(compress.compress(text + b"\n"))
        file.write(compress.flush())
