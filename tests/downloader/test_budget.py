"""The rate budget's file: one truth for all processes of the machine, and for the next run."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from moviecrawler.downloader.budget import Ledger
from moviecrawler.exceptions import StoreError
from moviecrawler.policy.rate import Budget
from tests.sandbox.process import ROOT

SEND = """
import json, sys, time
from pathlib import Path
from moviecrawler.downloader.budget import Ledger
from moviecrawler.policy.rate import Budget

ledger, budget = Ledger(Path(sys.argv[1]), 900), Budget(rate=100, burst=10, concurrency=10)
sent, end = [], time.monotonic() + float(sys.argv[2])
while (now := time.monotonic()) < end:
    wait = ledger.take("tmdb", budget)
    if wait <= 0:
        sent.append(time.monotonic())
    else:
        time.sleep(min(wait, 0.01))
print(json.dumps(sent))
"""


def conform(moments: list[float], rate: float, burst: int) -> bool:
    """At most burst + rate x t in any t seconds. A moment is read just after its place was taken."""
    slack = 1  # one request: the time between taking a place and reading the clock
    return all(
        last - first + 1 <= burst + slack + rate * (moments[last] - moments[first])
        for first in range(len(moments))
        for last in range(first, len(moments))
    )


def test_three_processes_at_once_send_no_more_than_one(tmp_path: Path) -> None:
    command = [sys.executable, "-c", SEND, str(tmp_path / "budget.db"), "1.5"]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT, text=True) for _ in range(3)]
    each = [json.loads(process.communicate(timeout=30)[0]) for process in processes]
    moments = sorted(moment for sent in each for moment in sent)
    assert conform(moments, 100, 10)
    assert len(moments) >= 0.9 * 100 * (moments[-1] - moments[0])
    assert all(sent for sent in each), "nobody starves"


def test_a_restart_does_not_refill_the_burst(tmp_path: Path) -> None:
    budget = Budget(rate=1, burst=5, concurrency=1)
    first = Ledger(tmp_path / "budget.db", 900)
    taken = 0
    while first.take("tmdb", budget) <= 0:
        taken += 1
    first.close()
    assert 4 <= taken <= 5
    again = Ledger(tmp_path / "budget.db", 900)
    assert again.take("tmdb", budget) > 0
    assert again.take("omdb", budget) <= 0, "each source has its own"


def test_a_left_over_of_another_boot_is_not_waited_for(tmp_path: Path) -> None:
    budget = Budget(rate=4, burst=40, concurrency=1)
    ledger = Ledger(tmp_path / "budget.db", longest_pause=900)
    ledger.pause("tmdb", budget, 10 * 86_400, time.monotonic())
    assert ledger.take("tmdb", budget) <= 1


def test_a_busy_file_is_asked_again_at_once(tmp_path: Path) -> None:
    budget = Budget(rate=4, burst=40, concurrency=1)
    ledger, other = (Ledger(tmp_path / "budget.db", 900) for _ in range(2))
    other._db.execute("BEGIN IMMEDIATE")
    assert 0 < ledger.take("tmdb", budget) < 0.01
    assert ledger.pause("tmdb", budget, 5, time.monotonic()) is None
    other._db.execute("COMMIT")
    assert ledger.take("tmdb", budget) <= 0


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
        Ledger(path, 900)
    assert "\n" not in str(error.value)
