"""A real Scrapyd as its own process, in a folder where moviecrawler cannot be imported, and what users do with it."""

import base64
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.pages import PROJECT
from tests.support.waiting import patient

USERNAME, PASSWORD = "scheduler", "pass:word % 42"
KEY = "the-key-of-these-tests"
CONFIGURATION = PROJECT / "docs" / "deploy" / "scrapyd.conf"

_DEPLOYED = ("moviecrawler", "setup.py", "pyproject.toml", "requirements.txt", "scrapy.cfg")
_SECONDS = patient(30)


@dataclass
class Scrapyd:
    """``folder`` is its working directory; its environment is ``settings`` and nothing of ours."""

    folder: Path
    settings: Mapping[str, str]
    port: int = 0
    process: "subprocess.Popen[bytes] | None" = field(default=None, repr=False)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def credentials(self) -> dict[str, str]:
        return {"SCRAPYD_URL": self.url, "SCRAPYD_USERNAME": USERNAME, "SCRAPYD_PASSWORD": PASSWORD}

    @property
    def said(self) -> str:
        """Its own log."""
        return (self.folder / "scrapyd.log").read_text(encoding="utf-8", errors="replace")

    def start(self) -> None:
        """With the documented configuration, on a free port, polling its queue more often."""
        self.folder.mkdir(parents=True, exist_ok=True)
        text = CONFIGURATION.read_text(encoding="utf-8").replace("poll_interval = 2", "poll_interval = 0.1")
        (self.folder / "scrapyd.conf").write_text(text, encoding="utf-8")
        self.port = self.port or _free_port()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "scrapyd", "--pidfile="],
            cwd=self.folder,
            env={
                **{name: os.environ[name] for name in ("PATH", "no_proxy", "http_proxy") if name in os.environ},
                **{"HOME": str(self.folder), "LC_ALL": "C.UTF-8", "SCRAPYD_HTTP_PORT": str(self.port)},
                **self.credentials,
                **self.settings,
            },
            stdout=(self.folder / "scrapyd.log").open("ab"),
            stderr=subprocess.STDOUT,
        )
        self.until(self._ready, "Scrapyd does not answer")

    def stop(self) -> None:
        if self.process:
            self.process.terminate()
            self.process.wait(timeout=_SECONDS)
            self.process = None

    def _ready(self) -> bool:
        assert self.process
        assert self.process.poll() is None, self.said
        try:
            return bool(self.ask("daemonstatus.json"))
        except urllib.error.URLError:
            return False

    def ask(self, resource: str, form: Sequence[tuple[str, str]] = ()) -> dict[str, Any]:
        """GET without a form, POST with one; the answer's JSON."""
        request = urllib.request.Request(f"{self.url}/{resource}", urllib.parse.urlencode(form).encode() or None)
        word = base64.b64encode(f"{USERNAME}:{PASSWORD}".encode()).decode()
        request.add_header("Authorization", f"Basic {word}")
        with urllib.request.urlopen(request, timeout=_SECONDS) as response:
            answer: dict[str, Any] = json.load(response)
        return answer

    def run(self, spider: str, job: str, settings: Mapping[str, str] | None = None, **arguments: str) -> str:
        """A job to its end; its log, or "" where it wrote none."""
        form = [("project", "moviecrawler"), ("spider", spider), ("jobid", job), *arguments.items()]
        form += [("setting", f"{name}={value}") for name, value in (settings or {}).items()]
        answer = self.ask("schedule.json", form)
        assert answer["status"] == "ok", answer
        self.until(lambda: job in self.jobs("finished"), f"{job} does not end")
        return self.log(spider, job)

    def jobs(self, state: str) -> list[str]:
        return [job["id"] for job in self.ask("listjobs.json?project=moviecrawler").get(state, [])]

    def log(self, spider: str, job: str) -> str:
        file = self.folder / "logs" / "moviecrawler" / spider / f"{job}.log"
        return file.read_text(encoding="utf-8") if file.exists() else ""

    def until(self, fact: Any, otherwise: str) -> None:
        """Wait for what only asking can tell."""
        deadline = time.monotonic() + _SECONDS
        while not fact():
            assert time.monotonic() < deadline, f"{otherwise}:\n{self.said[-4000:]}"
            time.sleep(0.05)


@contextmanager
def running(folder: Path, settings: Mapping[str, str]) -> Iterator[Scrapyd]:
    server = Scrapyd(folder, settings)
    try:
        server.start()
        yield server
    finally:
        server.stop()


def checkout(folder: Path) -> Path:
    """A copy of what is built into the egg: a build leaves files behind."""
    folder.mkdir(parents=True)
    for name in _DEPLOYED:
        source = PROJECT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__", ".*"))
        else:
            shutil.copy(source, folder / name)
    return folder


def deploy(project: Path, *words: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """``scrapyd-deploy WORDS`` in a checkout."""
    return subprocess.run(
        [sys.executable, "-m", "scrapyd_client.deploy", *words],
        cwd=project,
        env={"PATH": os.environ["PATH"], "HOME": str(project), "no_proxy": "127.0.0.1", **environment},
        capture_output=True,
        text=True,
        timeout=patient(60),
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
