"""A sandbox in its own process, for the tests of all rooms."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Literal, Self, TypedDict

from tests.support import preloaded
from tests.support.preloaded import Process

ROOT = Path(__file__).resolve().parents[2]


class LogEntry(TypedDict):
    """One request that the sandbox has received."""

    n: int
    at: float  # time.monotonic() of the sandbox at its arrival; comparable within one machine
    server: Literal["api", "cdn1", "cdn2", "omdb", "the_numbers"]
    method: str
    path: str
    query: str  # as sent, except for the values of api_key and apikey
    status: int | None  # None: no answer was sent
    fault: str | None
    credential: Literal["header", "query"] | None
    peer_port: int | None


class Sandbox:
    """Context manager: ``python -m moviecrawler.sandbox --port 0 OPTIONS`` until the block ends.

    >>> with Sandbox("--rate", "40") as sandbox:  # doctest: +SKIP
    ...     sandbox.faults([{"kind": "503", "target": "cdn1", "rate": 0.5}])
    ...     run_a_crawl(env=os.environ | sandbox.env)
    ...     assert not [entry for entry in sandbox.log() if entry["status"] == 429]
    """

    def __init__(self, *options: str, ready_seconds: float = 30.0) -> None:
        self._options = options
        self._ready_seconds = ready_seconds
        self._process: Process | None = None
        self._stopped = False
        self.env: dict[str, str] = {}
        """The settings that point the crawler to this sandbox: base URLs and keys."""
        self.api = ""
        """Base URL of the API, with ``/3``."""
        self.cdns: list[str] = []
        """Base URLs of the two CDNs, with ``/t/p``."""
        self.omdb = ""
        """Base URL of OMDB."""
        self.the_numbers = ""
        """Base URL of The Numbers."""

    @property
    def host(self) -> str:
        """``http://127.0.0.1:PORT`` of the API's port, which also serves the exports and the control."""
        return self.api.removesuffix("/3")

    @property
    def pid(self) -> int:
        """The process id of the running sandbox."""
        assert self._process is not None, "the sandbox is not running"
        return self._process.pid

    @contextmanager
    def suspended(self) -> Iterator[None]:
        """Suspend the process: it answers no request until the block ends."""
        os.kill(self.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self.pid, signal.SIGCONT)

    def __enter__(self) -> Self:
        # stderr goes to a file: it is not read while the sandbox runs, and a full pipe would block it.
        self._stderr = tempfile.TemporaryFile("w+")
        self._process = self._started(["--port", "0", *self._options])
        try:
            self._read_settings()
        except RuntimeError:
            self.stop()
            raise
        return self

    def _started(self, options: Sequence[str]) -> Process:
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        if preloaded.can_fork(environment):
            return preloaded.start("moviecrawler.sandbox", options, ROOT, environment, self._stderr)
        return subprocess.Popen(
            [sys.executable, "-m", "moviecrawler.sandbox", *options],
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            text=True,
            env=environment,
        )

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> int:
        """Terminate the process, by force if necessary; returns its exit status. May be called again.

        Raises RuntimeError if it had ended by itself.
        """
        assert self._process is not None, "the sandbox is not running"
        ended = self._process.poll()
        if ended is None:
            self._process.terminate()
        try:
            status = self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            status = self._process.wait()
        if ended is not None and not self._stopped:
            raise RuntimeError(f"the sandbox ended by itself with status {ended}:\n{self._read_stderr()}")
        self._stopped = True
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._stderr.close()
        return status

    def _read_stderr(self) -> str:
        self._stderr.seek(0)
        return self._stderr.read()

    def log(self, since: int = 0, server: str = "", path: str = "") -> list[LogEntry]:
        """The requests after number ``since``, optionally of one server and with a path prefix."""
        lines = self.control("GET", f"log?since={since}").decode().splitlines()
        entries: list[LogEntry] = [json.loads(line) for line in lines]
        return [entry for entry in entries if server in ("", entry["server"]) and entry["path"].startswith(path)]

    def clear_log(self) -> None:
        """Remove all requests and counts."""
        self.control("DELETE", "log")

    def faults(self, rules: Sequence[Mapping[str, Any]]) -> None:
        """Replace all fault rules: ``kind``, and optionally target, rate, times, seconds, code, text."""
        self.control("PUT", "faults", list(rules))

    def settings(self, **changes: Any) -> None:
        """Change latency (ms), rate (per second), burst, key, omdb_quota, layout and others (docs/sandbox.md)."""
        self.control("PUT", "settings", changes)

    def patch(self, kind: Literal["movie", "tv"], identity: int, **fields: Any) -> None:
        """Change fields of a film's or show's answer, which adds it to the changes feed."""
        self.control("POST", f"{kind}/{identity}", fields)

    def touch(self, kind: Literal["movie", "tv"], identity: int) -> None:
        """Add a film or show to the changes feed without changing it."""
        self.patch(kind, identity)

    def show_changes_now(self) -> None:
        """Serve at once what was patched while ``stale_seconds`` kept the old body."""
        self.control("DELETE", "stale")

    def remove(self, kind: Literal["movie", "tv"], identity: int) -> None:
        """Remove a film or show: from now on 404 with code 34, and in no listing."""
        self.control("DELETE", f"{kind}/{identity}")

    def merge(self, kind: Literal["movie", "tv"], identity: int, into: int) -> None:
        """Remove a film or show and give its IMDb id to ``into``, which becomes the same film if it did not exist."""
        self.control("POST", f"{kind}/{identity}/merge", {"into": into})

    def patch_omdb(self, imdb_id: str, **fields: Any) -> None:
        """Change fields of OMDB's answer in its own format (``imdbRating="8.1"``); None removes a field."""
        self.control("POST", f"omdb/{imdb_id}", fields)

    def remove_from_omdb(self, imdb_id: str) -> None:
        """Make a work unknown to OMDB: from now on "Error getting data."."""
        self.control("DELETE", f"omdb/{imdb_id}")

    def films(self) -> list[dict[str, Any]]:
        """The films of The Numbers, each with its ``slug`` and its ``tmdb_id`` (None: TMDB does not have it)."""
        return [json.loads(line) for line in self.control("GET", "the_numbers").decode().splitlines()]

    def patch_film(self, slug: str, **fields: Any) -> None:
        """Change fields of a film of The Numbers: budget, domestic, worldwide, opening, title, date and others."""
        self.control("POST", f"the_numbers/{slug}", fields)

    def remove_film(self, slug: str) -> None:
        """Remove a film of The Numbers: from now on 404, and in no table."""
        self.control("DELETE", f"the_numbers/{slug}")

    def stats(self) -> dict[str, dict[str, dict[str, int]]]:
        """Number of answers by server, class of path, and status (or fault, where no answer was sent)."""
        counts: dict[str, dict[str, dict[str, int]]] = json.loads(self.control("GET", "stats"))
        return counts

    def control(self, method: str, path: str, body: object = None) -> bytes:
        """Send a request to the control and return its body; raises ``urllib.error.HTTPError`` for an error status."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            f"{self.host}/_sandbox/{path}", data=data, method=method, headers={"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=10) as response:
            content: bytes = response.read()
        return content

    def _read_settings(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        lines: queue.Queue[str] = queue.Queue()
        # In a thread, so that a sandbox without output cannot block the tests forever.
        threading.Thread(target=_enqueue_lines, args=(self._process.stdout, lines), daemon=True).start()
        while True:
            try:
                line = lines.get(timeout=self._ready_seconds)
            except queue.Empty:
                raise RuntimeError(f"the sandbox was not ready within {self._ready_seconds} s") from None
            if line.startswith("# sandbox ready"):
                break
            if not line:
                self._process.wait()
                raise RuntimeError("the sandbox gave no settings")
            name, _, value = line.strip().partition("=")
            self.env[name] = value
        self.api = self.env["TMDB_BASE_URL"]
        self.cdns = self.env["TMDB_IMAGE_BASE_URLS"].split(",")
        self.omdb = self.env["OMDB_BASE_URL"]
        self.the_numbers = self.env["THE_NUMBERS_BASE_URL"]


def _enqueue_lines(stdout: IO[str], lines: queue.Queue[str]) -> None:
    """Put all lines up to the ready line into the queue; "" if the output ends before it."""
    for line in iter(stdout.readline, ""):
        lines.put(line)
        if line.startswith("# sandbox ready"):
            return
    lines.put("")
