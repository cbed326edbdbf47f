"""The file of the rate budget: who is in whose way, and what is said of one that cannot be used."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from moviecrawler.downloader.budget import FileLedger
from moviecrawler.exceptions import StoreError
from moviecrawler.policy.rate import Budget
from tests.sandbox.process import ROOT


async def test_a_busy_file_is_asked_again_at_once(tmp_path: Path) -> None:
    budget = Budget(rate=4, burst=40, concurrency=1)
    ledger, other = (FileLedger(tmp_path / "budget.db", 900) for _ in range(2))
    other._db.execute("BEGIN IMMEDIATE")
    assert 0 < await ledger.take("tmdb", budget) < 0.01
    assert await ledger.pause("tmdb", budget, 5, time.monotonic()) is None
    other._db.execute("COMMIT")
    assert await ledger.take("tmdb", budget) <= 0


def test_processes_that_start_at_the_same_moment_all_get_their_file(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from moviecrawler.downloader.budget import FileLedger\n"
        "print('ready', flush=True); sys.stdin.readline(); FileLedger(Path(sys.argv[1]), 900)"
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


@pytest.mark.parametrize("broken", ["a folder", "a text", "no folder"])
def test_a_file_that_cannot_be_used_is_one_line(tmp_path: Path, broken: str) -> None:
    path = tmp_path / "budget.db"
    if broken == "a folder":
        path.mkdir()
    elif broken == "a text":
        path.write_text("no database " * 1000)
    else:
        (tmp_path / "file").write_text("")
        path = tmp_path / "file" / "budget.db"
    with pytest.raises(StoreError, match="DATA_DIR") as error:
        FileLedger(path, 900)
    assert "\n" not in str(error.value)
