"""Who may send: the cap in flight, the first request alone, the budget over processes, pauses and the end of a run."""

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from scrapy.exceptions import IgnoreRequest

from moviecrawler.downloader.budget import Ledger
from moviecrawler.downloader.gate import Gate
from moviecrawler.exceptions import StoreError
from moviecrawler.policy.rate import Budget

UNLIMITED = Budget(0, 1, 3)


@pytest.fixture
async def ledger(tmp_path: Path) -> AsyncIterator[Ledger]:
    ledger = Ledger(tmp_path / "budget.db", 900)
    yield ledger
    ledger.close()


def gate(ledger: Ledger, budget: Budget = UNLIMITED, *, keyed: bool = False, running: Any = lambda: True) -> Gate:
    return Gate("tmdb", budget, ledger, running, lambda seconds: None, keyed=keyed)


class Traffic:
    """How many are in flight through a gate, and how many were at most."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self.now = self.most = 0
        self.done = asyncio.Event()

    async def send(self) -> None:
        async with self._gate.entered():
            self.now += 1
            self.most = max(self.most, self.now)
            await self.done.wait()
            self.now -= 1


async def until(condition: Any) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.001)


async def test_never_more_in_flight_than_the_cap(ledger: Ledger) -> None:
    traffic = Traffic(gate(ledger))
    requests = [asyncio.create_task(traffic.send()) for _ in range(10)]
    await until(lambda: traffic.now == 3)
    traffic.done.set()
    await asyncio.gather(*requests)
    assert traffic.most == 3


async def test_the_first_request_goes_alone_until_the_key_is_proven(ledger: Ledger) -> None:
    door = gate(ledger, keyed=True)
    first, rest = Traffic(door), Traffic(door)
    task = asyncio.create_task(first.send())
    await until(lambda: first.now == 1)
    requests = [asyncio.create_task(rest.send()) for _ in range(2)]
    for _ in range(20):
        await asyncio.sleep(0)
    assert rest.now == 0
    door.prove()
    first.done.set()
    await until(lambda: rest.now == 2)
    rest.done.set()
    await asyncio.gather(task, *requests)


async def test_a_gate_that_shuts_lets_go_of_all_who_wait(ledger: Ledger) -> None:
    door = gate(ledger, keyed=True)
    first, rest = Traffic(door), Traffic(door)
    task = asyncio.create_task(first.send())
    await until(lambda: first.now == 1)
    waiting = [asyncio.create_task(rest.send()) for _ in range(5)]
    door.shut()
    first.done.set()
    await task
    outcomes = await asyncio.gather(*waiting, return_exceptions=True)
    assert all(isinstance(outcome, IgnoreRequest) for outcome in outcomes)
    assert rest.most == 0


async def test_the_end_of_a_run_lets_go_of_who_waits_for_the_budget(ledger: Ledger) -> None:
    running = True
    slow = gate(ledger, Budget(0.01, 1, 3), running=lambda: running)
    traffic = Traffic(slow)
    traffic.done.set()
    await traffic.send()
    second = asyncio.create_task(traffic.send())
    await asyncio.sleep(0)
    running = False
    with pytest.raises(IgnoreRequest):
        await asyncio.wait_for(second, 5)


async def test_a_pause_holds_for_another_process_and_leaves_no_burst(ledger: Ledger, tmp_path: Path) -> None:
    budget = Budget(100, 20, 3)
    await gate(ledger, budget).pause(30, time.monotonic())
    other = Ledger(tmp_path / "budget.db", 900)
    assert 29 < other.take("tmdb", budget) <= 30
    other.close()


async def test_a_restart_does_not_refill_the_burst(tmp_path: Path) -> None:
    budget = Budget(0.001, 5, 3)
    first = Ledger(tmp_path / "budget.db", 900)
    taken = sum(first.take("tmdb", budget) <= 0 for _ in range(10))
    first.close()
    again = Ledger(tmp_path / "budget.db", 900)
    assert again.take("tmdb", budget) > 0
    again.close()
    assert 1 <= taken <= 5


TAKER = """
import sys, time
from pathlib import Path
from moviecrawler.downloader.budget import Ledger
from moviecrawler.policy.rate import Budget
ledger, budget = Ledger(Path(sys.argv[1]), 900), Budget(50, 5, 3)
print("ready", flush=True)
sys.stdin.readline()
taken, end = 0, time.monotonic() + 1
while (now := time.monotonic()) < end:
    wait = ledger.take("tmdb", budget)
    taken += wait <= 0
    time.sleep(max(0, min(wait, end - now)))
print(taken)
"""


def test_two_processes_share_one_budget(tmp_path: Path) -> None:
    command = [sys.executable, "-c", TAKER, str(tmp_path / "budget.db")]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **pipes) as one, subprocess.Popen(command, **pipes) as two:
        for process in (one, two):
            assert process.stdout.readline() == "ready\n"
        started = time.monotonic()
        for process in (one, two):
            process.stdin.write("go\n")
            process.stdin.flush()
        counts = [int(process.stdout.readline()) for process in (one, two)]
        seconds = time.monotonic() - started
    assert sum(counts) <= 5 + 50 * seconds
    assert all(count > 0 for count in counts)


def test_a_folder_that_cannot_be_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="DATA_DIR"):
        Ledger(tmp_path / "file" / "budget.db", 900)
