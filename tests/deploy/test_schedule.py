"""``scrapy schedule`` with a real Scrapyd: what is due is posted once, and what goes wrong is one line."""

import asyncio
import os
import signal
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import count
from pathlib import Path

import pytest

from moviecrawler import timestamps
from moviecrawler.commands._scrapyd import Scrapyd as Client
from moviecrawler.commands._scrapyd import Server
from moviecrawler.exceptions import ScrapydError
from moviecrawler.stores import open_store
from tests.support.crawl import Ended, Home
from tests.support.scrapyd import PASSWORD, USERNAME, Scrapyd

ADDRESS = ("127.0.0.1", 9)
NOBODY = "http://127.0.0.1:9"

NIGHTLY = """
[jobs.nightly]
cron = "0 3 * * *"
spider = "tmdb_trending"
arguments = { limit = 1 }
settings = { LOG_LEVEL = "DEBUG" }
"""


@pytest.fixture
def here(tmp_path: Path, scrapyd: Scrapyd) -> Iterator[Home]:
    """A folder with the schedule above; its settings lead to Scrapyd, where nothing runs."""
    home = Home(tmp_path / "here", scrapyd.credentials)
    (home.folder / "schedule.toml").write_text(NIGHTLY)
    yield home
    scrapyd.until(lambda: not scrapyd.jobs("pending") + scrapyd.jobs("running"), "jobs are left")


def _schedule(home: Home, *words: str, **settings: str) -> Ended:
    ended = home.scrapy("schedule", *words, **settings)
    assert "Traceback" not in ended.stderr
    assert PASSWORD not in ended.stdout + ended.stderr
    return ended


_DAYS = count(3)


def _last(home: Home, job: str = "nightly", cron: str = "0 3 * * * UTC", *, at: datetime | None = None) -> None:
    """Let the job have run last some days ago, so that it is due: in each test on a day of its own."""
    at = at or datetime.now(UTC) - timedelta(days=next(_DAYS))

    async def keep() -> None:
        store = open_store(f"sqlite:///{home.database}", data_dir=home.data)
        await store.open()
        await store.state.set(f"schedule/{job}", {"cron": cron, "at": timestamps.iso(at)})
        await store.close()

    asyncio.run(keep())


def test_a_job_that_was_missed_is_posted_once_with_its_arguments_and_settings(here: Home, scrapyd: Scrapyd) -> None:
    at = datetime.now(UTC) - timedelta(days=next(_DAYS))
    _last(here, at=at)
    posted = _schedule(here, "--once")
    assert posted.status == 0, posted.stderr
    run = posted.stdout.split()[0]
    assert posted.stdout == f"{run} posted: tmdb_trending limit=1 LOG_LEVEL=DEBUG\n"
    scrapyd.until(lambda: run in scrapyd.jobs("finished"), "the job does not end")
    log = scrapyd.log("tmdb_trending", run)
    assert "1 found" in log
    assert "DEBUG" in log
    assert _schedule(here, "--list").stdout.splitlines()[1].split()[7] != "-", "now there is a last run"
    again = _schedule(here, "--once")
    assert again.status == 0
    assert again.stdout.startswith("nothing is due; next is nightly at ")
    _last(here, at=at)  # as if the scheduler had been killed before it kept that
    assert _schedule(here, "--once").stdout == f"{run} skipped: {run} was posted before\n"


def test_a_new_schedule_has_missed_nothing(here: Home) -> None:
    assert _schedule(here, "--once").stdout.startswith("nothing is due")
    assert here.select_state("schedule/nightly")["cron"] == "0 3 * * * UTC"
    nightly = _schedule(here, "--list").stdout.splitlines()[1]
    assert nightly.split()[7] == "-", "no run was posted yet"


def test_list_and_dry_run_create_no_store(here: Home) -> None:
    for word in ("--list", "--dry-run"):
        assert _schedule(here, word).status == 0
    assert not here.data.exists()


def test_a_dry_run_prints_what_would_be_posted_and_does_nothing(here: Home, scrapyd: Scrapyd) -> None:
    _last(here)
    before, jobs = here.select_state("schedule/nightly"), scrapyd.ask("listjobs.json")
    dry = _schedule(here, "--dry-run")
    assert dry.status == 0
    assert " would be posted: tmdb_trending limit=1 LOG_LEVEL=DEBUG" in dry.stdout
    assert here.select_state("schedule/nightly") == before
    assert {job["id"] for job in jobs["finished"]} <= set(scrapyd.jobs("finished"))
    assert dry.stdout.split()[0] not in [*scrapyd.jobs("pending"), *scrapyd.jobs("running"), *scrapyd.jobs("finished")]


def test_the_list_shows_what_comes_next_and_what_is_due_now(here: Home) -> None:
    with (here.folder / "schedule.toml").open("a") as file:
        file.write('[jobs.weekly]\ncron = "30 4 * * 0"\nspider = "omdb"\n')
    _last(here)
    heading, nightly, weekly, below = _schedule(here, "--list").stdout.splitlines()
    assert heading.split() == ["job", "runs", "cron", "last", "next", "then"]
    assert nightly.split()[-3:-2] == ["now"]
    assert nightly.endswith(" 03:00")
    sundays = [datetime.fromisoformat(day) for day in weekly.split()[-4::2]]
    assert [day.isoweekday() for day in sundays] == [7, 7]
    assert below == "times in UTC"


SLOW = """
[jobs.slow]
cron = "0 3 * * *"
spider = "tmdb_trending"
overlap = "{overlap}"
settings = {{ TMDB_RATE = 0.02, TMDB_BURST = 1, DATA_DIR = "{data}" }}
"""


@pytest.fixture
def slow(here: Home, tmp_path: Path, scrapyd: Scrapyd) -> Iterator[Home]:
    """Files skip.toml, queue.toml and cancel.toml with one job that does not end by itself."""
    for overlap in ("skip", "queue", "cancel"):
        text = SLOW.format(overlap=overlap, data=Home(tmp_path / "slow").data)
        (here.folder / f"{overlap}.toml").write_text(text)
    yield here
    for state in ("pending", "running"):
        for job in scrapyd.jobs(state):
            scrapyd.ask("cancel.json", [("project", "moviecrawler"), ("job", job), ("signal", "KILL")])


def test_a_job_that_still_runs_makes_the_next_one_skip_queue_or_cancel(slow: Home, scrapyd: Scrapyd) -> None:
    def post(overlap: str) -> str:
        ended = _schedule(slow, "--once", "--file", f"{overlap}.toml", "slow")
        assert ended.status == 0, ended.stderr
        return ended.stdout

    def runs(run: str) -> None:
        scrapyd.until(lambda: "Spider opened" in scrapyd.log("tmdb_trending", run), f"{run} does not run")

    first = post("skip").split()[0]
    runs(first)
    assert f" skipped: {first} still runs\n" in post("skip")
    second = post("queue").split()[0]
    runs(second)  # max_proc is 2
    said = post("cancel")
    third = said.split()[0]
    assert first in said
    assert second in said
    assert said.endswith(" cancelled\n")
    scrapyd.until(lambda: {first, second} <= set(scrapyd.jobs("finished")), "the cancelled jobs go on")
    assert "Closing spider (shutdown)" in scrapyd.log("tmdb_trending", first)
    runs(third)


def test_a_job_that_scrapyd_has_forgotten_still_runs(slow: Home, scrapyd: Scrapyd, tmp_path: Path) -> None:
    jobs = Home(tmp_path / "slow")

    def post() -> str:
        return _schedule(slow, "--once", "--file", "skip.toml", "slow", DATA_DIR=str(jobs.data)).stdout

    first = post().split()[0]
    scrapyd.until(lambda: "Spider opened" in scrapyd.log("tmdb_trending", first), "the job does not run")
    assert scrapyd.process
    scrapyd.process.kill()
    scrapyd.process.wait()
    scrapyd.start()
    assert first not in scrapyd.jobs("running") + scrapyd.jobs("finished")
    assert f" skipped: {first} still runs\n" in post()
    os.kill(jobs.last_run["pid"], signal.SIGTERM)
    scrapyd.until(lambda: "Spider closed (shutdown)" in scrapyd.log("tmdb_trending", first), "it goes on")
    assert " posted: " in post()


class _Elsewhere(BaseHTTPRequestHandler):
    """A web server that is no Scrapyd."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"<h1>It works!</h1>")

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), _Elsewhere)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_run_that_scrapyd_does_not_accept_stays_due(here: Home) -> None:
    _last(here)
    before = here.select_state("schedule/nightly")
    ended = _schedule(here, "--once", SCRAPYD_URL=NOBODY)
    assert ended.status == 1
    assert ended.lines == [f"scrapy schedule: Scrapyd at {NOBODY} cannot be reached: Connect call failed {ADDRESS}"]
    assert here.select_state("schedule/nightly") == before
    assert " posted: " in _schedule(here, "--once").stdout


def test_every_answer_that_is_not_ok_is_one_line(scrapyd: Scrapyd, elsewhere: str) -> None:
    """Scrapyd's own errors come with status 200."""

    async def ask(server: Server, project: str = "moviecrawler") -> None:
        async with Client(server, project) as client:
            await client.runs()

    server = Server(scrapyd.url, USERNAME, PASSWORD)
    for asked, line in [
        (ask(server, "nobody"), f"Scrapyd at {scrapyd.url} says: project 'nobody' not found"),
        (ask(server._replace(password="wrong")), f"Scrapyd at {scrapyd.url} rejects SCRAPYD_USERNAME and SCRAPYD_PASS"),
        (ask(Server(scrapyd.url, "", "")), f"Scrapyd at {scrapyd.url} rejects SCRAPYD_USERNAME and SCRAPYD_PASSWORD"),
        (ask(Server(elsewhere, "", "")), f"Scrapyd at {elsewhere} answered with status 200, not with Scrapyd's JSON"),
        (ask(server._replace(url=f"{scrapyd.url}/logs")), f"Scrapyd at {scrapyd.url}/logs answered with status 404"),
    ]:
        with pytest.raises(ScrapydError) as failed:
            asyncio.run(asked)
        assert str(failed.value).startswith(line)
        assert "\n" not in str(failed.value)
    asyncio.run(ask(server))


def test_the_scheduler_posts_what_was_missed_at_its_start_and_ends_on_sigterm(here: Home, scrapyd: Scrapyd) -> None:
    _last(here)
    process = here.start("schedule")
    try:
        assert process.stdout
        assert process.stdout.readline() == f"posting to {scrapyd.url}: nightly; stop with Ctrl-C\n"
        assert process.stdout.readline().endswith(" posted: tmdb_trending limit=1 LOG_LEVEL=DEBUG\n")
        process.send_signal(signal.SIGTERM)
        ended = Home.wait(process)
    finally:
        process.kill()
    assert (ended.status, ended.stderr) == (0, "")
    assert datetime.fromisoformat(here.select_state("schedule/nightly")["at"]) > datetime.now(UTC) - timedelta(days=1)
