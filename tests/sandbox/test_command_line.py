"""The sandbox from the command line: its output, its exit status, and the command that it runs."""

from __future__ import annotations

import doctest
import importlib
import json
import os
import pkgutil
import pty
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest

import moviecrawler.sandbox
from tests.support.sandbox import ROOT, Sandbox
from tests.support.sandbox_client import fetch

ENVIRONMENT = os.environ | {"PYTHONPATH": str(ROOT)}
SHOW = "import json, os, sys; print(json.dumps([sys.argv[1:], dict(os.environ)])); sys.exit(7)"


def sandbox_command(*arguments: str, scrapy: bool = False) -> list[str]:
    module = ["scrapy", "sandbox"] if scrapy else ["moviecrawler.sandbox"]
    return [sys.executable, "-m", *module, *arguments]


def run(*arguments: str, scrapy: bool = False, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        sandbox_command(*arguments, scrapy=scrapy),
        capture_output=True, text=True, timeout=30, cwd=ROOT, env=ENVIRONMENT | environment,
    )  # fmt: skip


@contextmanager
def started(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], IO[str], IO[str]]]:
    """The process with its stdout and stderr; it does not outlive the test."""
    with subprocess.Popen(
        sandbox_command(*arguments), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            yield process, process.stdout, process.stderr
        finally:
            process.kill()


def test_it_prints_lines_for_env_files(sandbox: Sandbox):
    assert list(sandbox.env) == [
        *("TMDB_BASE_URL", "TMDB_IMAGE_BASE_URLS", "TMDB_ACCESS_TOKEN", "TMDB_EXPORT_BASE_URL"),
        *("OMDB_BASE_URL", "OMDB_API_KEY", "THE_NUMBERS_BASE_URL"),
    ]
    assert sandbox.api.startswith("http://127.0.0.1:")
    assert sandbox.api.endswith("/3")
    assert len(sandbox.cdns) == 2
    assert all(cdn.endswith("/t/p") for cdn in sandbox.cdns)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_at_once_and_cleanly(number: signal.Signals, tmp_path: Path):
    log = tmp_path / "requests.jsonl"
    arguments = ("--port", "0", "--log", str(log), "--fault", "slow:/3/tv/=1")
    with started(*arguments) as (process, stdout, stderr):
        api = stdout.readline().strip().partition("=")[2]
        while not stdout.readline().startswith("# sandbox ready"):
            pass
        fetch(f"{api}/movie/603")
        with pytest.raises(TimeoutError):
            fetch(f"{api}/tv/1396", timeout=0.2)
        process.send_signal(number)
        assert process.wait(timeout=10) == 0
        assert stderr.read() == "sandbox: answered api 200 x 1, slow x 1\n"
    assert [json.loads(line)["path"] for line in log.read_text().splitlines()] == ["/3/movie/603", "/3/tv/1396"]


def test_a_port_in_use_is_one_line_and_status_2(sandbox: Sandbox):
    port = sandbox.api.removesuffix("/3").rpartition(":")[2]
    ended = run("--port", port)
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert (
        ended.stderr == f"sandbox: cannot listen on 127.0.0.1:{port}, address already in use; choose another --port\n"
    )


@pytest.mark.parametrize("scrapy", [False, True])
def test_a_command_runs_against_it_and_its_status_counts(scrapy: bool):
    ended = run("--", sys.executable, "-c", SHOW, "-s", "A=1", "--", "--help", scrapy=scrapy, TMDB_API_KEY="live")
    assert ended.returncode == 7, ended.stderr
    arguments, environment = json.loads(ended.stdout)
    assert arguments == ["-s", "A=1", "--", "--help"]
    assert environment["TMDB_BASE_URL"].startswith("http://127.0.0.1:")
    assert len(environment["TMDB_IMAGE_BASE_URLS"].split(",")) == 2
    assert environment["TMDB_ACCESS_TOKEN"] == environment["OMDB_API_KEY"] == "sandbox"
    assert environment["TMDB_EXPORT_BASE_URL"] == environment["TMDB_BASE_URL"].removesuffix("/3") + "/p/exports"
    assert environment["OMDB_BASE_URL"].startswith("http://127.0.0.1:")
    assert environment["THE_NUMBERS_BASE_URL"].startswith("http://127.0.0.1:")
    assert "TMDB_API_KEY" not in environment
    assert "not the live site" in ended.stderr.splitlines()[0]


@pytest.mark.parametrize(
    ("given", "enabled", "delay"),
    [({}, "1", "0.1"), ({"THE_NUMBERS_ENABLED": "0", "THE_NUMBERS_DELAY": "20"}, "0", "20")],
)
def test_a_command_gets_impatient_settings_unless_the_environment_sets_them(
    given: dict[str, str], enabled: str, delay: str, monkeypatch: pytest.MonkeyPatch
):
    for name in ("THE_NUMBERS_ENABLED", "THE_NUMBERS_DELAY"):
        monkeypatch.delitem(ENVIRONMENT, name, raising=False)
    _, environment = json.loads(run("--", sys.executable, "-c", SHOW, **given).stdout)
    assert (environment["THE_NUMBERS_ENABLED"], environment["THE_NUMBERS_DELAY"]) == (enabled, delay)


def test_a_signal_is_passed_on_to_the_command():
    wait = "import signal as s, sys; s.signal(s.SIGTERM, lambda *_: sys.exit(9)); print(1, flush=True); s.pause()"
    with started("--quiet", "--", sys.executable, "-c", wait) as (process, stdout, stderr):
        stdout.readline()
        process.terminate()
        assert process.wait(timeout=10) == 9
        assert stderr.read() == ""


def test_an_unknown_command_exits_with_127():
    ended = run("--quiet", "--", "no-such-command-here")
    assert (ended.returncode, ended.stderr) == (
        127,
        "sandbox: cannot run no-such-command-here: No such file or directory\n",
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--fault", "500"], "fault '500': must be KIND[:TARGET]=RATE"),
        (["--fault", "x=1"], "fault kind='x': must be one of 403"),
        (["--years", "2025-2024"], "'2025-2024': must be years from 1900 to 2100"),
        (["--movies", "-1"], "'-1': must be a whole number from 0 up"),
        (["--rate", "x"], "'x': must be a number from 0 up"),
        (["stray"], "stray"),
    ],
)
@pytest.mark.parametrize("scrapy", [False, True])
def test_wrong_arguments_are_reported_without_a_traceback(arguments: list[str], said: str, scrapy: bool):
    ended = run(*arguments, scrapy=scrapy)
    assert ended.returncode == 2
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr


def test_the_help_shows_examples():
    assert "scrapy sandbox -- scrapy crawl tmdb_trending" in " ".join(run("--help").stdout.split())
    assert "scrapy sandbox -- scrapy crawl tmdb_trending" in " ".join(run("--help", scrapy=True).stdout.split())


def test_a_sandbox_that_cannot_start_raises_with_the_reason():
    with pytest.raises(RuntimeError, match="fault kind='x': must be one of"), Sandbox("--fault", "x=1"):
        pass


def test_it_imports_nothing_of_the_project_and_no_scrapy():
    code = "import json, sys, moviecrawler.sandbox.cli; print(json.dumps(list(sys.modules)))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=ENVIRONMENT)
    names = {name for name in json.loads(loaded.stdout) if name.startswith(("moviecrawler.", "scrapy"))}
    assert all(name.startswith("moviecrawler.sandbox") for name in names)


@pytest.mark.parametrize(
    "name", [module.name for module in pkgutil.walk_packages(moviecrawler.sandbox.__path__, "moviecrawler.sandbox.")]
)
def test_the_examples_of_the_docstrings_run(name: str):
    if not name.endswith("__main__"):
        assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_ctrl_c_reaches_the_command_once():
    # A second SIGINT would make Scrapy abort: the terminal already sends one to the whole foreground process group.
    count = (
        "import signal as s; s.pthread_sigmask(s.SIG_BLOCK, {s.SIGINT}); print('ready', flush=True); "
        "s.sigwait({s.SIGINT}); print('first', flush=True); raise SystemExit(3 if s.sigtimedwait({s.SIGINT}, 1) else 0)"
    )
    pid, terminal = pty.fork()
    if pid == 0:
        os.execve(sys.executable, sandbox_command("--quiet", "--", sys.executable, "-c", count), ENVIRONMENT)
    said = b""
    while b"ready" not in said:
        said += os.read(terminal, 1024)
    # The sandbox sleeps until the command has handled the first signal: two pending signals would become one.
    os.kill(pid, signal.SIGSTOP)
    os.waitpid(pid, os.WUNTRACED)
    os.write(terminal, b"\x03")
    while b"first" not in said:
        said += os.read(terminal, 1024)
    os.kill(pid, signal.SIGCONT)
    _, status = os.waitpid(pid, 0)
    os.close(terminal)
    assert os.waitstatus_to_exitcode(status) == 0, said
