"""Crawls as processes of their own, and what they cost. Linux only: peak memory is read from ``/proc``."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.sandbox import ROOT, LogEntry, Sandbox

PLAIN = Path(__file__).with_name("plain_project")

UNLIMITED = {"TMDB_RATE": "0", "FILTER_ENABLED": "0", "IMAGES_ENABLED": "0", "CACHE_URI": ""}
"""Ours, for measurements of films alone: no budget, every film kept, no pictures, every answer from the sandbox."""


@dataclass(frozen=True)
class Cost:
    """What one crawl took: seconds of CPU (user and system), seconds on the wall, peak memory in bytes."""

    films: int
    cpu: float
    wall: float
    peak: int

    @property
    def milliseconds(self) -> float:
        """CPU per stored film."""
        return 1000 * self.cpu / self.films


class Crawl:
    """A running crawl in ``folder``; :meth:`wait` for its cost. What it says goes to ``folder/said``."""

    def __init__(self, folder: Path, command: list[str], env: Mapping[str, str], database: Path, table: str) -> None:
        self._folder, self._database, self._table = folder, database, table
        self._started = time.monotonic()
        # Nothing of the caller's environment or .env may decide what is measured.
        inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        with (folder / "said").open("wb") as said:
            self._process = subprocess.Popen(
                command, cwd=folder, env={**inherited, "PYTHONPATH": str(ROOT), **env}, stdout=said, stderr=said
            )

    def stop(self) -> None:
        """As Ctrl-C once: what is in flight is still stored."""
        self._process.send_signal(2)

    def wait(self, *statuses: int) -> Cost:
        """Wait for the end; AssertionError with the log when the exit status is another one (0 is expected)."""
        peak = 0
        while True:
            pid, status, usage = os.wait4(self._process.pid, os.WNOHANG)
            if pid:
                break
            peak = max(peak, _peak(self._process.pid))
            time.sleep(0.05)
        wall = time.monotonic() - self._started
        self._process.returncode = os.waitstatus_to_exitcode(status)
        assert self._process.returncode in (statuses or (0,)), (self._folder / "said").read_text()[-4000:]
        return Cost(self._films(), usage.ru_utime + usage.ru_stime, wall, peak)

    def _films(self) -> int:
        connection = sqlite3.connect(self._database)
        try:
            return int(connection.execute(f"SELECT count(*) FROM {self._table}").fetchone()[0])
        finally:
            connection.close()


def ours(
    folder: Path,
    sandbox: Sandbox,
    spider: str,
    arguments: Mapping[str, object],
    settings: Mapping[str, object],
    *,
    module: str = "moviecrawler.settings",
    env: Mapping[str, str] | None = None,
) -> Crawl:
    """``scrapy crawl SPIDER`` of this project; its data in ``folder/data``, unless the settings say otherwise."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "scrapy.cfg").write_text(f"[settings]\ndefault = {module}\n")
    command = [sys.executable, "-m", "scrapy", "crawl", spider, *_options(arguments, settings)]
    data = Path(str(settings.get("DATA_DIR", folder / "data")))
    return Crawl(folder, command, {**sandbox.env, **(env or {})}, data / "movies.db", "documents")


def plain(folder: Path, sandbox: Sandbox, year: int, settings: Mapping[str, object]) -> Crawl:
    """The crawl of ``plain_project``: the same films, asked for by the same URLs."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "scrapy.cfg").write_text("[settings]\ndefault = plain.settings\n")
    arguments = {"base": sandbox.api, "token": sandbox.env["TMDB_ACCESS_TOKEN"], "year": year}
    command = [sys.executable, "-m", "scrapy", "crawl", "films", *_options(arguments, settings)]
    path = os.pathsep.join([str(PLAIN), str(ROOT)])
    return Crawl(folder, command, {"PYTHONPATH": path}, folder / "plain.db", "films")


def films_expected(sandbox: Sandbox, first_year: int, last_year: int) -> int:
    """How many films the sandbox says a discover crawl of these years finds."""
    import urllib.request

    query = f"primary_release_date.gte={first_year}-01-01&primary_release_date.lte={last_year}-12-31"
    request = urllib.request.Request(f"{sandbox.api}/discover/movie?{query}&vote_count.gte=0")
    request.add_header("Authorization", "Bearer sandbox")
    with urllib.request.urlopen(request, timeout=10) as response:
        total = int(json.load(response)["total_results"])
    sandbox.clear_log()
    return total


def is_detail(entry: LogEntry) -> bool:
    """Whether the request was for one film or show."""
    return entry["path"].startswith(("/3/movie/", "/3/tv/"))


def _options(arguments: Mapping[str, object], settings: Mapping[str, object]) -> list[str]:
    words = [word for name, value in arguments.items() for word in ("-a", f"{name}={value}")]
    for name, value in settings.items():
        text: Any = json.dumps(value) if isinstance(value, dict) else value
        words += ["-s", f"{name}={text}"]
    return words


def _peak(pid: int) -> int:
    """The largest resident set so far; ``ru_maxrss`` would begin with that of the process that started it."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:")), 0)
