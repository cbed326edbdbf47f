"""One user's folder: `scrapy` runs in it as a process of its own, and everything it leaves behind can be looked at."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support import preloaded
from tests.support.preloaded import Process
from tests.support.sandbox import LogEntry
from tests.support.waiting import patient

ROOT = Path(__file__).resolve().parents[2]

FAST = {
    **{"TMDB_RATE": "0", "OMDB_RATE": "0", "THE_NUMBERS_DELAY": "0"},
    **{"IMAGES_ENABLED": "0", "RETRY_BASE": "0.01", "RETRY_CAP": "0.05"},
}
"""For crawls whose rate, pictures and patience are not the point."""

_OURS = (
    *("CACHE_", "DATA_DIR", "FILTER_", "IMAGES_", "LANGUAGES", "LOG_", "METRICS_", "OMDB_", "OVERLAY_"),
    *(
        "MONITOR_",
        "NOTIFY_",
        "PROFILE",
        "REDIS_URL",
        "REFRESH_",
        "RETRY_",
        "SAMPLES_",
        "SCRAPYD_",
        "STORE_",
        "THE_NUMBERS_",
        "TIMING_",
        "TMDB_",
    ),
)

Document = dict[str, Any]


@dataclass
class Ended:
    """A process that has ended: its exit status and what it said."""

    status: int
    stdout: str
    stderr: str

    @property
    def lines(self) -> list[str]:
        """What it said on stderr, without empty lines."""
        return [line for line in self.stderr.splitlines() if line.strip()]


@dataclass
class Home:
    """A folder with a ``scrapy.cfg``; ``settings`` go into the environment of every command that runs there."""

    folder: Path
    settings: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "scrapy.cfg").write_text("[settings]\ndefault = moviecrawler.settings\n")

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def crawl(
        self, spider: str, *arguments: str, options: Sequence[str] = (), seconds: float = 60, **settings: str
    ) -> Ended:
        """``scrapy crawl SPIDER -a ARGUMENT... OPTIONS`` with settings in the environment."""
        return self.wait(self.start_crawl(spider, *arguments, options=options, limit=None, **settings), seconds)

    def start_crawl(
        self,
        spider: str,
        *arguments: str,
        options: Sequence[str] = (),
        limit: Callable[[], None] | None = None,
        **settings: str,
    ) -> Process:
        words = [word for argument in arguments for word in ("-a", argument)]
        return self.start("crawl", spider, *words, *options, limit=limit, **settings)

    def scrapy(self, *words: str, seconds: float = 60, **settings: str) -> Ended:
        """Run a command to its end; an AssertionError with what it said when it takes longer than ``seconds``."""
        return self.wait(self.start(*words, limit=None, **settings), seconds)

    def start(self, *words: str, limit: Callable[[], None] | None = None, **settings: str) -> Process:
        """A running command, without the response cache unless CACHE_URI says where.

        ``limit`` is called in the child before it begins, to set resource limits.
        """
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
        environment = {**inherited, "PYTHONPATH": str(ROOT), "CACHE_URI": "", **self.settings, **settings}
        if limit is None and preloaded.can_fork(environment):
            return preloaded.start("scrapy", words, self.folder, environment)
        return subprocess.Popen(
            [sys.executable, "-m", "scrapy", *words],
            cwd=self.folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="surrogateescape",
            preexec_fn=limit,
        )

    @staticmethod
    def wait(process: Process, seconds: float = 60) -> Ended:
        try:
            stdout, stderr = process.communicate(timeout=patient(seconds))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            stdout, stderr = process.communicate()
            raise AssertionError(f"still running after {patient(seconds)} s:\n{stderr[-4000:]}") from None
        return Ended(process.wait(), stdout, stderr)

    @property
    def database(self) -> Path:
        return self.data / "movies.db"

    def documents(self, kind: str = "movies") -> dict[int, Document]:
        """All documents of a kind, read from the store's own file."""
        return {row[0]: json.loads(row[1]) for row in self.select("SELECT id, document FROM documents", kind)}

    def records(self, kind: str) -> dict[str, Document]:
        return {row[0]: json.loads(row[1]) for row in self.select("SELECT id, record FROM records", kind)}

    def select(self, sql: str, kind: str) -> list[tuple[Any, ...]]:
        """Nothing while the store has not been made."""
        if not self.database.exists():
            return []
        connection = sqlite3.connect(self.database)
        try:
            if not connection.execute("SELECT 1 FROM sqlite_master").fetchone():
                return []
            return connection.execute(f"{sql} WHERE kind = ? ORDER BY id", (kind,)).fetchall()
        finally:
            connection.close()

    def state_names(self) -> list[str]:
        connection = sqlite3.connect(self.database)
        try:
            return [name for (name,) in connection.execute("SELECT name FROM state ORDER BY name")]
        finally:
            connection.close()

    def select_state(self, name: str) -> Any:
        """A cursor or ledger; None where there is none."""
        connection = sqlite3.connect(self.database)
        try:
            row = connection.execute("SELECT value FROM state WHERE name = ?", (name,)).fetchone()
            return json.loads(row[0]) if row else None
        finally:
            connection.close()

    @property
    def stats(self) -> dict[str, Any]:
        """The stats of the last run, from its own record."""
        stats: dict[str, Any] = self.last_run["stats"]
        return stats

    @property
    def last_run(self) -> Document:
        runs = self.records("runs")
        return runs[max(runs)]

    def integrity(self) -> str:
        """What SQLite says of its file: ``ok``."""
        connection = sqlite3.connect(self.database)
        try:
            return str(connection.execute("PRAGMA integrity_check").fetchone()[0])
        finally:
            connection.close()


def paths(log: Sequence[LogEntry]) -> list[str]:
    return [entry["path"].removeprefix("/3") for entry in log]


def queries(log: Sequence[LogEntry], name: str) -> list[str]:
    return [
        value
        for entry in log
        for parameter in entry["query"].split("&")
        for key, _, value in [parameter.partition("=")]
        if key == name
    ]


MOMENTS = ("created_at", "updated_at", "fetched_at", "changed_at", "next_refresh_at", "recheck_at", "at", "revision")


def timeless(value: Any) -> Any:
    """The same without moments, and without the number of writes that batches made of it.

    That is what two crawls of an unchanged site have to agree on.
    """
    if isinstance(value, dict):
        return {name: timeless(part) for name, part in value.items() if name not in MOMENTS}
    return [timeless(part) for part in value] if isinstance(value, list) else value
