"""Whether a run is on, has ended, or was lost, by its record. Clock and processes are arguments."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

from moviecrawler import timestamps

BEAT = 5.0
"""Seconds after which a run says once more that it is on."""

SILENT_HERE = timedelta(seconds=30)
"""After which a run whose process is gone is lost; a run that a signal ends may need a few seconds to say so."""

SILENT_ELSEWHERE = timedelta(minutes=5)
"""The same for a run on another host, of whose process nothing is known; clocks differ."""

Fate = Literal["running", "ended", "lost"]


def fate(row: Mapping[str, Any], now: datetime, alive: bool | None) -> Fate:
    """``alive``: whether its process is; None: it is on another host. A record from before there were beats has ended.

    >>> row = {"finish_reason": None, "beat_at": "2026-11-21T08:15:30.000Z"}
    >>> [fate(row, timestamps.parse("2026-11-21T08:17:00.000Z"), alive) for alive in (True, False, None)]
    ['running', 'lost', 'running']
    """
    if row.get("finish_reason") or not row.get("beat_at"):
        return "ended"
    silent = abs(now - timestamps.parse(row["beat_at"]))  # a beat of a clock that was ahead says nothing of now
    if alive or silent <= (SILENT_ELSEWHERE if alive is None else SILENT_HERE):
        return "running"
    return "lost"
