"""A sandbox as its own process, for the tests of the whole project."""

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

ROOT = Path(__file__).resolve().parents[2]


class LogEntry(TypedDict):
    """One request that the sandbox saw."""

    n: int
    at: float  # time.monotonic() of the sandbox at its arrival; comparable within one machine
    server: Literal["api", "cdn1", "cdn2", "omdb", "the_numbers"]
    method: str
    path: str
    query: str  # as sent, but for the value of api_key and apikey
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
        self._process: subprocess.Popen[str] | None = None
        self._stopped = False
        self.env: dict[str, str] = {}
        """The settings that point the crawler here: base URLs and keys."""
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
        """``http://127.0.0.1:PORT`` of the API's port, where the exports and the control are too."""
        return self.api.removesuffix("/3")

    @property
    def pid(self) -> int:
        """The process id of the running sandbox."""
        assert self._process is not None, "the sandbox is not running"
        return self._process.pid

    @contextmanager
    def held(self) -> Iterator[None]:
        """It answers nobody until the block ends."""
        os.kill(self.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self.pid, signal.SIGCONT)

    def __enter__(self) -> Self:
        # stderr goes to a file: nobody reads it while the sandbox runs, and a full pipe would stop it.
        self._stderr = tempfile.TemporaryFile("w+")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "moviecrawler.sandbox", "--port", "0", *self._options],
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])},
        )
        try:
            self._read_settings()
        except RuntimeError:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> int:
        """End the process, by force if it does not follow; returns its exit status. Harmless when called again.

        Raises RuntimeError when it had ended by itself before.
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
            raise RuntimeError(f"the sandbox ended by itself with status {ended}:\n{self._said()}")
        self._stopped = True
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._stderr.close()
        return status

    def _said(self) -> str:
        self._stderr.seek(0)
        return self._stderr.read()

    def log(self, since: int = 0, server: str = "", path: str = "") -> list[LogEntry]:
        """The requests after number ``since``, of one server and under one path prefix when given."""
        lines = self.control("GET", f"log?since={since}").decode().splitlines()
        entries: list[LogEntry] = [json.loads(line) for line in lines]
        return [entry for entry in entries if server in ("", entry["server"]) and entry["path"].startswith(path)]

    def clear_log(self) -> None:
        """Forget all requests and counts so far."""
        self.control("DELETE", "log")

    def faults(self, rules: Sequence[Mapping[str, Any]]) -> None:
        """Replace all fault rules: ``kind``, and optionally target, rate, times, seconds, code. [] ends them."""
        self.control("PUT", "faults", list(rules))

    def settings(self, **changes: Any) -> None:
        """Change latency (ms), rate (per second), burst, key, omdb_quota, layout and others (docs/sandbox.md)."""
        self.control("PUT", "settings", changes)

    def patch(self, kind: Literal["movie", "tv"], identity: int, **fields: Any) -> None:
        """Change fields of a title's answer; it then stands in the changes feed with the moment."""
        self.control("POST", f"{kind}/{identity}", fields)

    def touch(self, kind: Literal["movie", "tv"], identity: int) -> None:
        """Let the changes feed name a title that stays as it is."""
        self.patch(kind, identity)

    def fresh(self) -> None:
        """Show at once what was patched while ``stale_seconds`` kept the old body."""
        self.control("DELETE", "stale")

    def gone(self, kind: Literal["movie", "tv"], identity: int) -> None:
        """Remove a title: from now on 404 with code 34, and in no list."""
        self.control("DELETE", f"{kind}/{identity}")

    def merge(self, kind: Literal["movie", "tv"], identity: int, into: int) -> None:
        """Remove a title; ``into`` has its IMDb id from now on, and is the same film where it was no title before."""
        self.control("POST", f"{kind}/{identity}/merge", {"into": into})

    def patch_omdb(self, imdb_id: str, **fields: Any) -> None:
        """Change fields of OMDB's answer, as they stand there (``imdbRating="8.1"``); None takes one away."""
        self.control("POST", f"omdb/{imdb_id}", fields)

    def gone_from_omdb(self, imdb_id: str) -> None:
        """Remove a title of OMDB: from now on "Error getting data."."""
        self.control("DELETE", f"omdb/{imdb_id}")

    def films(self) -> list[dict[str, Any]]:
        """The films of The Numbers, each with its ``slug`` and its ``tmdb_id`` (None: TMDB does not have it)."""
        return [json.loads(line) for line in self.control("GET", "the_numbers").decode().splitlines()]

    def patch_film(self, slug: str, **fields: Any) -> None:
        """Change what The Numbers says of a film: budget, domestic, worldwide, opening, title, date and others."""
        self.control("POST", f"the_numbers/{slug}", fields)

    def gone_film(self, slug: str) -> None:
        """Remove a film of The Numbers: from now on 404, and in no table."""
        self.control("DELETE", f"the_numbers/{slug}")

    def stats(self) -> dict[str, dict[str, dict[str, int]]]:
        """Number of answers by server, class of path, and status (or fault, where no answer was sent)."""
        counts: dict[str, dict[str, dict[str, int]]] = json.loads(self.control("GET", "stats"))
        return counts

    def control(self, method: str, path: str, body: object = None) -> bytes:
        """One request to the control; raises ``urllib.error.HTTPError`` when it refuses."""
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
        # In a thread, so that a sandbox that says nothing cannot hold the tests for ever.
        threading.Thread(target=_read, args=(self._process.stdout, lines), daemon=True).start()
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


def _read(stdout: IO[str], lines: queue.Queue[str]) -> None:
    """All lines up to the ready line; "" when the output ends before."""
    for line in iter(stdout.readline, ""):
        lines.put(line)
        if line.startswith("# sandbox ready"):
            return
    lines.put("")
