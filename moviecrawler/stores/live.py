"""Which runs are on, by their records: also those that nobody else lists any more."""

import os
import socket
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from moviecrawler.policy.jobs.runs import run_state
from moviecrawler.stores.base import Document, Store


def this_process() -> dict[str, Any]:
    """What the record of a run says of its process; ``process_started`` tells it from a later one of the same pid."""
    return {"host": socket.gethostname(), "pid": os.getpid(), "process_started": _started(os.getpid())}


async def live_runs(store: Store, now: datetime) -> list[Document]:
    """The records of the runs that are on, the oldest first."""
    return [row async for row in store.records.iterate("runs") if run_state(row, now, _is_alive(row)) == "running"]


def _is_alive(row: Mapping[str, Any]) -> bool | None:
    """Whether the run's process is; None where it is on another host."""
    if row.get("host") != socket.gethostname():
        return None
    try:
        os.kill(row["pid"], 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # it is there, and somebody else's
    return bool(row["process_started"] == _started(row["pid"]))


def _started(pid: int) -> str | None:
    """When a process was started, in ticks since the machine was (``proc(5)``); None where there is no such thing."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    return stat.rpartition(")")[2].split()[19]  # behind the name, which may hold anything
