"""The runs that are in progress, according to their records: including runs that no longer appear anywhere else."""

import os
import socket
from datetime import datetime
from pathlib import Path

from moviecrawler.documents import RUNS, RunProcess, RunRecord
from moviecrawler.policy.jobs.runs import RunState, run_state
from moviecrawler.stores.base import Store


def this_process() -> RunProcess:
    """The process fields of a run's record.

    ``process_started`` distinguishes the process from a later one with the same pid.
    """
    return {"host": socket.gethostname(), "pid": os.getpid(), "process_started": _started(os.getpid())}


async def live_runs(store: Store, now: datetime) -> list[RunRecord]:
    """The records of the runs in progress, oldest first."""
    return [row async for row in store.records.iterate(RUNS) if state_of(row, now) == "running"]


def state_of(row: RunRecord, now: datetime) -> RunState:
    """Whether the run is running, has ended or was lost; its process is looked for if it runs on this machine."""
    return run_state(row, now, _is_alive(row))


def _is_alive(row: RunRecord) -> bool | None:
    """Whether the run's process is alive; None if it runs on another host."""
    pid = row.get("pid")
    if pid is None or row.get("host") != socket.gethostname():
        return None
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        pass  # it exists and belongs to another user
    return row.get("process_started") == _started(pid)


def _started(pid: int) -> str | None:
    """When a process started, in ticks since boot (``proc(5)``); None where /proc does not exist."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    return stat.rpartition(")")[2].split()[19]  # after the name, which may contain anything
