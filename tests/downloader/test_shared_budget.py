"""The rate budget of a machine: what one process learns of the host holds for all of them."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from moviecrawler.downloader.budget import Ledger
from moviecrawler.policy.rate import Budget

BUDGET = Budget(rate=100, burst=10, concurrency=10)
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "budget.db"


def take(ledger: Ledger, budget: Budget, seconds: float) -> int:
    """How many places were taken in that time by who always wants one."""
    end, taken = time.monotonic() + seconds, 0
    while (now := time.monotonic()) < end:
        wait = ledger.take("tmdb", budget)
        taken += wait <= 0
        time.sleep(min(max(wait, 0), max(end - now, 0)))
    return taken


def test_a_pause_holds_for_every_process_and_leaves_less_of_the_budget(path: Path) -> None:
    one, other = Ledger(path, 900), Ledger(path, 900)
    assert one.take("tmdb", BUDGET) <= 0
    assert one.pause("tmdb", BUDGET, 0.2, sent=time.monotonic()) == 0.85
    assert other.take("tmdb", BUDGET) == pytest.approx(0.2, abs=0.1)
    assert other.pause("tmdb", BUDGET, 0.2, sent=time.monotonic() - 1) == 0.85, "was under way when the first one came"


def test_the_share_is_what_is_sent(path: Path) -> None:
    ledger = Ledger(path, 900)
    for _ in range(4):
        left = ledger.pause("tmdb", BUDGET, 0, sent=time.monotonic())
        time.sleep(0.001)
    assert left == pytest.approx(0.85**4, abs=0.001)
    assert take(ledger, BUDGET, 1.0) == pytest.approx(100 * 0.85**4, rel=0.1)


def test_processes_that_start_at_the_same_moment_all_get_their_file(path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from moviecrawler.downloader.budget import Ledger\n"
        "sys.stdin.readline(); Ledger(Path(sys.argv[1]), 900)"
    )
    for turn in range(5):
        file = str(path.parent / f"{turn}.db")
        processes = [
            subprocess.Popen([sys.executable, "-c", code, file], cwd=ROOT, stdin=subprocess.PIPE) for _ in range(4)
        ]
        time.sleep(0.3 if turn else 1.0)  # until all of them stand at the line; the earlier ones just wait there
        for process in processes:
            assert process.stdin is not None
            process.stdin.write(b"go\n")
            process.stdin.flush()
        assert [process.wait() for process in processes] == [0] * 4
