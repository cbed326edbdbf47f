"""The runs that are in progress, according to their records: including runs that no longer appear anywhere else."""

import os
import socket
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from moviecrawler import timestamps
from moviecrawler.documents.records import RUNS, RunProcess, RunRecord
from moviecrawler.policy.jobs.runs import RunState, run_state
from moviecrawler.stores.base import Store


def this_process() -> RunProcess:
    """The process fields of a run's record.

    ``process_started`` distinguishes the process from a later one with the same pid.
    """
    return process_fields(os.getpid())


def process_fields(pid: int) -> RunProcess:
    """The same of another process of this machine."""
    return {"host": socket.gethostname(), "pid": pid, "process_started": _started(pid)}


async def live_runs(store: Store, now: datetime) -> list[RunRecord]:
    """The records of the runs in progress, oldest first."""
    return [row async for row in store.records.iterate(RUNS) if state_of(row, now) == "running"]


class Look(NamedTuple):
    """``runs`` in progress, and those that have ended since the first look, oldest first, each with its state.

    ``lost``: how many of the runs that began within the last day were lost.
    """

    runs: list[tuple[RunRecord, RunState]]
    lost: int


class RunWatch:
    """Looks for the runs in progress again and again. The first look reads all records, the others only late ones."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._seen: set[str] = set()
        self._since = ""

    async def look(self, now: datetime) -> Look:
        day_ago = timestamps.iso(now - timedelta(days=1))
        found, lost = [], 0
        async for row in self._store.records.newest(RUNS, self._since):
            state = state_of(row, now)
            lost += state == "lost" and row["started_at"] >= day_ago
            if state == "running" or row["_id"] in self._seen:
                found.append((row, state))
        self._seen = {row["_id"] for row, _ in found}
        self._since = min([day_ago, *(row["started_at"] for row, _ in found)])
        return Look(found[::-1], lost)


def state_of(row: RunRecord, now: datetime) -> RunState:
    """Whether the run is running, has ended or was lost; its process is looked for if it runs on this machine."""
    return run_state(row, now, is_alive(row))


def is_alive(row: Mapping[str, Any]) -> bool | None:
    """Whether the process is alive whose fields (:func:`this_process`) are in ``row``; None if on another host."""
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
