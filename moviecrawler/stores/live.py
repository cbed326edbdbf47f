"""The runs that are in progress, according to their records: including runs that no longer appear anywhere else."""

import os
import socket
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from moviecrawler.policy.jobs.runs import run_state
from moviecrawler.stores.base import Document, Store


def this_process() -> dict[str, Any]:
    """The process fields of a run's record.

    ``process_started`` distinguishes the process from a later one with the same pid.
    """
    return {"host": socket.gethostname(), "pid": os.getpid(), "process_started": _started(os.getpid())}


async def live_runs(store: Store, now: datetime) -> list[Document]:
    """The records of the runs in progress, oldest first."""
    return [row async for row in store.records.iterate("runs") if run_state(row, now, _is_alive(row)) == "running"]


def _is_alive(row: Mapping[str, Any]) -> bool | None:
    """Whether the run's process is alive; None if it runs on another host."""
    if row.get("host") != socket.gethostname():
        return None
    try:
        os.kill(row["pid"], 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # it exists and belongs to another user
    return bool(row["process_started"] == _started(row["pid"]))


def _started(pid: int) -> str | None:
    """When a process started, in ticks since boot (``proc(5)``); None where /proc does not exist."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    return stat.rpartition(")")[2].split()[19]  # after the name, which may contain anything
