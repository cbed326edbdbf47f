"""The file of the rate limit: processes that share it, and what is reported when it cannot be used."""

import errno
import os
import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from moviecrawler.downloader import rate_limit
from moviecrawler.downloader.rate_limit import SqliteRateLimitBackend
from moviecrawler.exceptions import StoreError
from moviecrawler.policy.network.rate_limit import RateLimit
from tests.support.sandbox import ROOT


async def test_a_busy_file_is_tried_again_at_once(tmp_path: Path) -> None:
    limit = RateLimit(rate=4, burst=40, concurrency=1)
    backend, other = (SqliteRateLimitBackend(tmp_path / "budget.db", 900) for _ in range(2))
    other._db.execute("BEGIN IMMEDIATE")
    assert 0 < await backend.take("tmdb", limit) < 0.01
    assert await backend.pause("tmdb", limit, 5, time.monotonic()) is None
    other._db.execute("COMMIT")
    assert await backend.take("tmdb", limit) <= 0


async def test_a_file_that_stays_locked_is_reported_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit = RateLimit(rate=4, burst=40, concurrency=1)
    backend, other = (SqliteRateLimitBackend(tmp_path / "budget.db", 900) for _ in range(2))
    monkeypatch.setattr(rate_limit, "BUSY_WARNING_AFTER", -1.0)
    for _ in range(2):
        other._db.execute("BEGIN IMMEDIATE")
        for _ in range(3):
            await backend.take("tmdb", limit)
        other._db.execute("COMMIT")
        assert await backend.take("tmdb", limit) <= 0
    line = f"{tmp_path / 'budget.db'} is locked by another process; requests wait until it lets go"
    assert caplog.messages == [line, line]


def test_processes_that_start_at_the_same_moment_all_get_their_file(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from moviecrawler.downloader.rate_limit import SqliteRateLimitBackend\n"
        "print('ready', flush=True); sys.stdin.readline(); SqliteRateLimitBackend(Path(sys.argv[1]), 900)"
    )
    for turn in range(5):
        file = str(tmp_path / f"{turn}.db")
        processes = [
            subprocess.Popen(
                [sys.executable, "-c", code, file], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
            )
            for _ in range(4)
        ]
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
        for process in processes:
            assert process.stdin is not None
            process.stdin.write(b"go\n")
            process.stdin.flush()
        assert [process.wait() for process in processes] == [0] * 4


LIMIT = RateLimit(rate=4, burst=40, concurrency=1)


def used(path: Path, *statements: str) -> None:
    """The file of a run, changed by these statements."""
    SqliteRateLimitBackend(path, 900).close()
    with closing(sqlite3.connect(path, isolation_level=None)) as file:
        for statement in statements:
            file.execute(statement)


def row(tat: str, factor: str = "1", since: str = "0") -> str:
    return f"INSERT INTO budgets VALUES ('tmdb', {tat}, {factor}, {since})"


DAMAGE: dict[str, Callable[[Path], object]] = {
    "noise": lambda path: path.write_bytes(random.Random(1).randbytes(20_000)),
    "cut": lambda path: (used(path), os.truncate(path, 5000)),
    "cut within its header": lambda path: (used(path), os.truncate(path, 50)),
    "noise behind the header": lambda path: (used(path), overwrite(path, 100, b"\xff" * 8000)),
    "a text": lambda path: path.write_text("no database " * 1000),
    "a folder": lambda path: path.mkdir(),
    "a folder with files": lambda path: (path.mkdir(), (path / "file").write_text("x")),
    "another table": lambda path: used(path, "DROP TABLE budgets", "CREATE TABLE budgets (a TEXT)"),
    "no number": lambda path: used(path, row("'soon'")),
    "infinity": lambda path: used(path, row("-9e999")),
    "a factor of 0": lambda path: used(path, row("0", "0")),
    "a folder beside it": lambda path: (used(path), path.with_name(f"{path.name}-wal").mkdir()),
}


def overwrite(path: Path, offset: int, noise: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(noise)


async def is_spent(backend: SqliteRateLimitBackend) -> bool:
    """Whether a burst has been used up already: the next request comes a little later, those behind it at the rate."""
    waits = [await backend.take("tmdb", LIMIT) for _ in range(3)]
    return all(0 < wait <= 0.5 for wait in waits)


@pytest.mark.parametrize("damage", DAMAGE)
async def test_a_damaged_file_is_set_aside_and_does_not_lift_the_limit(
    tmp_path: Path, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "budget.db"
    DAMAGE[damage](path)
    backend = SqliteRateLimitBackend(path, 900)
    (warning,) = caplog.messages
    assert "\n" not in warning
    assert all(part in warning for part in (str(path), "budget.db.damaged"))
    assert (tmp_path / "budget.db.damaged").exists()
    assert await is_spent(backend)
    backend.close()
    again = SqliteRateLimitBackend(path, 900)
    assert len(caplog.messages) == 1, "the next run logs nothing"
    assert await again.take("omdb", LIMIT) < 0.5, "nor does it wait for another burst"
    again.close()
    DAMAGE["noise"](path)
    SqliteRateLimitBackend(path, 900).close()
    assert (tmp_path / "budget.db.damaged.2").exists(), "the first one is kept"


@pytest.mark.parametrize("damage", ["noise", "noise and no log", "no number"])
async def test_a_file_damaged_in_mid_run_is_replaced(
    tmp_path: Path, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "budget.db"
    backends = [SqliteRateLimitBackend(path, 900) for _ in range(2)]
    for backend in backends:
        assert await backend.take("tmdb", LIMIT) <= 0
    if damage == "no number":
        with closing(sqlite3.connect(path, isolation_level=None)) as file:
            file.execute("UPDATE budgets SET tat = 'soon'")
    else:
        overwrite(path, 0, b"noise" * 5000)  # the file that both backends have open
        if damage == "noise":
            overwrite(path.with_name("budget.db-wal"), 0, b"noise" * 5000)
        else:
            path.with_name("budget.db-wal").write_bytes(b"")
    waits = [await backend.take("tmdb", LIMIT) for _ in range(5) for backend in backends]
    assert sum(wait <= 0 for wait in waits) <= 1, "no fresh burst"
    assert len([text for text in caplog.messages if "set aside" in text]) == 1, "the other backend uses the new file"
    for backend in backends:
        backend.close()


async def test_a_file_that_is_deleted_in_mid_run_is_recreated_with_used_up_bursts(tmp_path: Path) -> None:
    backend = SqliteRateLimitBackend(tmp_path / "budget.db", 900)
    assert await backend.take("tmdb", LIMIT) <= 0
    for file in tmp_path.iterdir():
        file.unlink()
    assert await is_spent(backend)
    assert (tmp_path / "budget.db").exists()
    other = SqliteRateLimitBackend(tmp_path / "budget.db", 900)
    assert await is_spent(other), "all share the new one"
    backend.close()
    other.close()


@pytest.mark.parametrize("broken", ["nothing can be renamed", "no folder"])
def test_a_file_that_cannot_be_used_is_one_line(tmp_path: Path, broken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "budget.db"
    if broken == "no folder":
        (tmp_path / "file").write_text("")
        path = tmp_path / "file" / "budget.db"
    else:
        path.write_text("no database " * 1000)

        def refuse(*_: object) -> None:
            raise PermissionError(errno.EACCES, "Permission denied")

        monkeypatch.setattr("os.rename", refuse)
    with pytest.raises(StoreError, match="DATA_DIR") as error:
        SqliteRateLimitBackend(path, 900)
    assert "\n" not in str(error.value)
