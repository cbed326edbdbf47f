"""Commands that `scrapy schedule` runs itself: no Scrapyd is there."""

import json
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from moviecrawler.commands import _schedule_commands
from moviecrawler.policy.jobs.schedule import Job
from moviecrawler.stores.base import Store
from tests.commands.stored import Stored
from tests.support.crawl import ROOT
from tests.support.waiting import patient

NOBODY = {"SCRAPYD_URL": "http://127.0.0.1:9"}
SLEEP = "import time; time.sleep(60)"


@pytest.fixture
def here(tmp_path: Path, sqlite_uri: str, monkeypatch: pytest.MonkeyPatch) -> Stored:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    Path("scrapy.cfg").write_text("[settings]\ndefault = moviecrawler.settings\n")
    return Stored(tmp_path / "data", sqlite_uri, NOBODY)


def plan(overlap: str = "skip", command: str = "backup", **settings: str) -> None:
    given = ", ".join(f"{name} = '{value}'" for name, value in settings.items())
    Path("schedule.toml").write_text(
        f"[jobs.job]\ncron = '0 3 * * *'\ncommand = '{command}'\noverlap = '{overlap}'\nsettings = {{ {given} }}\n"
    )


def programs(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """In place of commands: each takes seconds to start."""
    monkeypatch.setattr(_schedule_commands, "command_line", lambda job: [sys.executable, "-c", code])


def kept(here: Stored) -> Mapping[str, Any]:
    found: dict[str, Any] = {}

    async def read(store: Store) -> None:
        found.update(await store.state.get("schedule/job") or {})

    here.fill(read)
    return found


def test_a_real_command_runs_to_its_end_without_scrapyd(here: Stored) -> None:
    plan(command="health --json", DATA_DIR=str(here.folder), STORE_URI=here.uri)
    ended = here.scrapy("schedule", "--once", "job")
    assert (ended.status, ended.stderr) == (0, "")
    first, last = ended.stdout.splitlines()
    assert " started: scrapy health --json DATA_DIR=" in first
    assert last.endswith(": exit status 0")
    assert here.scrapy("schedule", "--list").stdout.splitlines()[1].split()[8] != "-", "now there is a last run"


def test_a_command_that_fails_is_told_and_is_the_exit_status(here: Stored, monkeypatch: pytest.MonkeyPatch) -> None:
    plan(command="backup --rotate")
    programs(monkeypatch, "import sys; sys.exit(3)")
    hook = {"NOTIFY_COMMAND": "tee told.json"}
    assert here.scrapy("schedule", "--once", "job", **hook).status == 1
    message = json.loads(Path("told.json").read_text())
    assert (message["events"], message["title"]) == (["failed"], "moviecrawler: job: exit status 3")
    assert message["command"]["words"] == ["backup", "--rotate"]
    plan(command="crawl omdb")
    Path("told.json").unlink()
    programs(monkeypatch, "import sys; sys.exit(1)")
    assert here.scrapy("schedule", "--once", "job", **hook).status == 1
    assert not Path("told.json").exists(), "a crawl has told it itself"


def test_scrapyd_that_is_away_holds_up_no_command(here: Stored, monkeypatch: pytest.MonkeyPatch) -> None:
    plan()
    with Path("schedule.toml").open("a") as file:
        file.write("[jobs.spider]\ncron = '0 3 * * *'\nspider = 'omdb'\n")
    programs(monkeypatch, "pass")
    ended = here.scrapy("schedule", "--once", "job", "spider")
    assert ended.status == 1
    assert ended.lines == [
        "scrapy schedule: Scrapyd at http://127.0.0.1:9 cannot be reached: Connect call failed ('127.0.0.1', 9)"
    ]
    assert ended.stdout.endswith(": exit status 0\n")


@pytest.mark.parametrize(("overlap", "said"), [("skip", "skipped"), ("queue", "left waiting"), ("cancel", "cancelled")])
def test_a_command_that_still_runs_overlaps(
    overlap: str, said: str, here: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan(overlap)
    programs(monkeypatch, SLEEP)
    runs = _schedule_commands.CommandRuns(None)  # type: ignore[arg-type]  # it tells nobody
    job = Job("job", "0 3 * * *", "UTC", "", {}, {}, overlap, 0, ("backup",))
    process = runs.start(job, "job.20261121T030000Z")

    async def began(store: Store) -> None:
        await store.state.set("schedule/job", {"cron": "", "at": "2026-11-21T03:00:00.000Z", "run": process})

    here.fill(began)
    programs(monkeypatch, "pass")
    if overlap == "cancel":  # in life the process is nobody's child here, and does not stay as a zombie
        threading.Thread(target=runs._running[0].process.wait, daemon=True).start()
    started = time.monotonic()
    ended = here.scrapy("schedule", "--once", "job")
    assert (ended.status, ended.stderr) == (0, "")
    assert f" {said}" in ended.stdout
    assert "job.20261121T030000Z" in ended.stdout
    assert time.monotonic() - started < patient(5)
    assert (runs._running[0].process.poll() is None) is (overlap != "cancel")
    assert (kept(here)["run"]["id"] == "job.20261121T030000Z") is (overlap != "cancel")
    runs.stop()
    assert runs._running == []
