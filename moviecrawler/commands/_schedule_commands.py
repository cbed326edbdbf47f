"""Commands that ``scrapy schedule`` runs itself, each in a process of its own, without Scrapyd."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from moviecrawler.commands import say

if TYPE_CHECKING:
    from moviecrawler.config import Config
    from moviecrawler.policy.jobs.schedule import Job

STOP_SECONDS = 15.0
"""Seconds for a command to end after SIGTERM, before it is killed; a crawl needs 8 at most."""

_POLL_SECONDS = 0.05


class _Running(NamedTuple):
    job: Job
    run: str
    process: subprocess.Popen[bytes]
    started: float
    """On the monotonic clock."""


class CommandRuns:
    """The commands that this process has started. What they print goes where the schedule's own lines go."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._running: list[_Running] = []

    def start(self, job: Job, run: str) -> Mapping[str, Any]:
        """Start it; the fields of its process, which others find it by (:func:`active_run`)."""
        from moviecrawler.stores.live import process_fields

        process = subprocess.Popen(  # noqa: S603  (a command of ours, and no shell)
            command_line(job),
            stdin=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for the schedule, which ends them once
        )
        self._running.append(_Running(job, run, process, time.monotonic()))
        return {"id": run, **process_fields(process.pid)}

    async def reap(self) -> int:
        """Say which commands have ended, and tell the hooks; 1 if one of them failed."""
        failed = 0
        for one in [one for one in self._running if one.process.poll() is not None]:
            self._running.remove(one)
            failed |= await self._ended(one, one.process.returncode)
        return failed

    async def wait(self) -> int:
        """Until all have ended; 1 if one of them failed."""
        import asyncio

        failed = 0
        while self._running:
            failed |= await self.reap()
            await asyncio.sleep(_POLL_SECONDS)
        return failed

    async def cancel(self, kept: Mapping[str, Any]) -> None:
        """End the active run of a job, whichever schedule has started it, as :meth:`stop` does."""
        import asyncio
        import os

        deadline = time.monotonic() + STOP_SECONDS
        number: int = signal.SIGTERM
        while active_run(kept):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(kept["run"]["pid"], number)
            await asyncio.sleep(_POLL_SECONDS)
            await self.reap()
            number = signal.SIGKILL if time.monotonic() > deadline else 0

    def stop(self) -> None:
        """End all of them: SIGTERM, and after ``STOP_SECONDS`` SIGKILL. What they have stored is kept."""
        for one in self._running:
            one.process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for one in self._running:
            try:
                one.process.wait(max(deadline - time.monotonic(), 0))
            except subprocess.TimeoutExpired:
                one.process.kill()
                one.process.wait()
            say(f"{one.run} was ended with the schedule")
        self._running.clear()

    async def _ended(self, one: _Running, status: int) -> int:
        from moviecrawler.commands._notify import tell, when_and_where
        from moviecrawler.policy.jobs.notifications import of_command
        from moviecrawler.policy.jobs.run_report import duration
        from moviecrawler.policy.jobs.schedule import must_tell

        seconds = time.monotonic() - one.started
        say(f"{one.run} ended after {duration(seconds)}: exit status {status}")
        if must_tell(one.job.command[0], status):
            message = of_command(one.job.name, one.job.command, status, seconds, **when_and_where())
            await tell("schedule", self._config, message)
        return int(status != 0)


def command_line(job: Job) -> list[str]:
    """What is started for a job: this Python, Scrapy, the command, its settings."""
    options = [word for name, value in job.settings.items() for word in ("-s", f"{name}={value}")]
    return [sys.executable, "-m", "scrapy", *job.command, *options]


def active_run(kept: Mapping[str, Any] | None) -> str | None:
    """The id of a job's command that still runs, whichever schedule has started it; None if none does.

    On another host nobody can tell, so it counts as ended.
    """
    from moviecrawler.stores.live import is_alive

    run = (kept or {}).get("run")
    return run["id"] if run and is_alive(run) else None
