"""Which runs are in progress: by their heartbeats, and by the processes of this machine."""

import os
import socket
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from moviecrawler import timestamps
from moviecrawler.policy.jobs.runs import run_state
from moviecrawler.stores.base import Store
from moviecrawler.stores.live import RunWatch, live_runs, this_process

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("silent", "alive", "expected"),
    [
        (5, True, "running"),
        (5, False, "running"),  # its last words may be on their way
        (31, False, "lost"),
        (9_000, True, "running"),  # a machine that slept
        (299, None, "running"),
        (301, None, "lost"),
        (-299, None, "running"),
        (-301, None, "lost"),  # its clock was ahead, which says nothing of now
        (-9_000, False, "lost"),
    ],
)
def test_a_silent_run(silent: float, alive: bool | None, expected: str) -> None:
    row = {"finish_reason": None, "beat_at": timestamps.iso(NOW - timedelta(seconds=silent))}
    assert run_state(row, NOW, alive) == expected
    assert run_state({**row, "finish_reason": "finished"}, NOW, alive) == "ended"


def run(name: str, beat: datetime = NOW, **others: Any) -> dict[str, Any]:
    return {"_id": name, "finish_reason": None, "beat_at": timestamps.iso(beat), **this_process(), **others}


async def test_the_runs_of_a_store(store: Store) -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    child.kill()
    child.wait()
    long_ago = NOW - timedelta(hours=1)
    rows = [
        run("1 on", long_ago),
        run("2 ended", finish_reason="finished"),
        run("3 of an older version") | {"beat_at": None},
        run("4 killed", long_ago, pid=child.pid),
        run("5 another process has its pid", long_ago, process_started="1"),
        run("6 elsewhere", host=f"not-{socket.gethostname()}", pid=os.getpid()),
        run("7 lost elsewhere", long_ago, host=f"not-{socket.gethostname()}"),
    ]
    await store.records.put("runs", rows)
    assert [row["_id"] for row in await live_runs(store, NOW)] == ["1 on", "6 elsewhere"]


def begun(hours: float, name: str = "omdb", **changes: Any) -> dict[str, Any]:
    start = timestamps.iso(NOW - timedelta(hours=hours))
    return run(f"{start}/{name}", started_at=start, **changes)


async def test_a_watch_sees_runs_begin_and_end(store: Store) -> None:
    elsewhere = {"host": f"not-{socket.gethostname()}"}
    old, ended = begun(100), begun(50, finish_reason="finished")
    lost, lost_long_ago = (begun(hours, beat=NOW - timedelta(hours=1), **elsewhere) for hours in (3, 30))
    await store.records.put("runs", [old, ended, lost, lost_long_ago])
    watch = RunWatch(store)
    look = await watch.look(NOW)
    assert (look.runs, look.lost) == ([(old, "running")], 1)
    new = begun(0.1)
    await store.records.put("runs", [{**old, "finish_reason": "finished"}, new])
    look = await watch.look(NOW)
    assert [(row["_id"], state) for row, state in look.runs] == [(old["_id"], "ended"), (new["_id"], "running")]
    await store.records.put("runs", [{**new, **elsewhere, "beat_at": timestamps.iso(NOW - timedelta(hours=1))}])
    look = await watch.look(NOW)
    assert [state for _, state in look.runs] == ["ended", "lost"]
    assert look.lost == 2
