"""Whether a run is running, has ended, or was lost, by its record. Clock and processes are arguments."""

from datetime import datetime, timedelta
from typing import Literal

from moviecrawler import timestamps
from moviecrawler.documents.records import RunRecord

HEARTBEAT_SECONDS = 2.0
"""Seconds between the heartbeats (``beat_at``) of a run."""

SILENCE_HERE = timedelta(seconds=30)
"""Without a heartbeat for that long, a run whose process is gone is lost; ending on a signal may take some seconds."""

SILENCE_ELSEWHERE = timedelta(minutes=5)
"""The same for a run on another host, whose process cannot be checked; clocks differ."""

RunState = Literal["running", "ended", "lost"]


def run_state(row: RunRecord, now: datetime, alive: bool | None) -> RunState:
    """``alive``: whether its process exists; None if it is on another host. A record without heartbeats has ended.

    >>> row = {"finish_reason": None, "beat_at": "2026-11-21T08:15:30.000Z"}
    >>> [run_state(row, timestamps.parse("2026-11-21T08:17:00.000Z"), alive) for alive in (True, False, None)]
    ['running', 'lost', 'running']
    """
    beat_at = row.get("beat_at")
    if row.get("finish_reason") or not beat_at:
        return "ended"
    silent = abs(now - timestamps.parse(beat_at))  # by a clock that was ahead it may lie in the future
    if alive or silent <= (SILENCE_ELSEWHERE if alive is None else SILENCE_HERE):
        return "running"
    return "lost"
