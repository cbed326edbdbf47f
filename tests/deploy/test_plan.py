"""A schedule is checked as ``scrapy crawl`` would check it, before anything is posted."""

import os
import signal
import threading
import time
from pathlib import Path

import pytest
from scrapy.settings import Settings

from moviecrawler.commands._schedule import read_plan
from moviecrawler.commands._scrapyd import server_of
from moviecrawler.commands.schedule import _serve
from moviecrawler.config import Config
from moviecrawler.exceptions import ConfigurationError
from moviecrawler.policy.jobs.schedule_file import parse_schedule
from tests.support.pages import PROJECT


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    found = Settings()
    found.setmodule("moviecrawler.settings")
    found.setdict({"DATA_DIR": str(tmp_path), "SCRAPYD_URL": "http://127.0.0.1:6800/"})
    return found


def _plan(settings: Settings, folder: Path, job: str) -> object:
    file = folder / "schedule.toml"
    file.write_text(f"[jobs.nightly]\n{job}")
    return read_plan(settings, str(file))


@pytest.mark.parametrize(
    ("job", "line"),
    [
        ('cron = "61 3 * * *"\nspider = "omdb"', "jobs.nightly: cron='61 3 * * *': minute='61': must be "),
        ('cron = "0 0 31 2 *"\nspider = "omdb"', "jobs.nightly: cron='0 0 31 2 *': there is no such day"),
        ('cron = "0 3 * * *"\nspider = "imdb"', "jobs.nightly: no spider 'imdb'; there are: "),
        (
            'cron = "0 3 * * *"\nspider = "omdb"\narguments = { limit = "many" }',
            "jobs.nightly: omdb: argument limit='many': must be ",
        ),
        (
            'cron = "0 3 * * *"\nspider = "omdb"\narguments = { pages = 3 }',
            "jobs.nightly: omdb: unknown argument pages='3'; there are: ",
        ),
        (
            'cron = "0 3 * * *"\nspider = "tmdb_titles"',
            "jobs.nightly: tmdb_titles: ",
        ),
        (
            'cron = "0 3 * * *"\nspider = "omdb"\nsettings = { OMBD_RATE = 1 }',
            "jobs.nightly: settings: there is no setting 'OMBD_RATE'",
        ),
        (
            'cron = "0 3 * * *"\nspider = "omdb"\nsettings = { OMDB_RATE = "fast" }',
            "jobs.nightly: OMDB_RATE='fast': must be a number",
        ),
        (
            'cron = "0 3 * * *"\ncommand = "backup --verfy"',
            "jobs.nightly: command: scrapy backup: there is no option --verfy; did you mean --verify?",
        ),
        (
            'cron = "0 3 * * *"\ncommand = "backup --to"',
            "jobs.nightly: command: scrapy backup: argument --to: expected",
        ),
        ('cron = "0 3 * * *"\ncommand = "crawl"', "jobs.nightly: command: scrapy crawl: name one spider"),
        ('cron = "0 3 * * *"\ncommand = "crawl omdb -a limit"', "jobs.nightly: command: scrapy crawl: -a limit: must"),
        ('cron = "0 3 * * *"\ncommand = "crawl omdb -a limit=x"', "jobs.nightly: omdb: argument limit='x': must be "),
    ],
)
def test_an_error_in_a_job_is_one_line_with_the_file(job: str, line: str, settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as refused:
        _plan(settings, tmp_path, job)
    assert str(refused.value).startswith(f"{tmp_path / 'schedule.toml'}: {line}")
    assert "\n" not in str(refused.value)


def test_a_missing_schedule_is_named(settings: Settings) -> None:
    with pytest.raises(ConfigurationError, match=r"^nowhere\.toml: there is no such file; copy .*, or name"):
        read_plan(settings, "nowhere.toml")


def test_a_schedule_that_is_not_text_is_named(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "schedule.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigurationError, match="cannot be read"):
        read_plan(settings, str(tmp_path / "schedule.toml"))


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"SCRAPYD_URL": "127.0.0.1:6800"}, "SCRAPYD_URL='127.0.0.1:6800': must be "),
        ({"SCRAPYD_URL": "ftp://scrapyd"}, "SCRAPYD_URL='ftp://scrapyd': must be "),
        ({"SCRAPYD_URL": "http://[::1"}, "SCRAPYD_URL='http://[::1': must be "),
        ({"SCRAPYD_URL": "http://scrapyd:99999"}, "SCRAPYD_URL='http://scrapyd:99999': must be "),
        ({"SCRAPYD_URL": "http://me:top-secret@scrapyd"}, "SCRAPYD_URL: must be without a user name: "),
        ({"SCRAPYD_USERNAME": "me"}, "SCRAPYD_PASSWORD: must be set together with SCRAPYD_USERNAME"),
        ({"SCRAPYD_PASSWORD": "top-secret"}, "SCRAPYD_PASSWORD: must be set together with SCRAPYD_USERNAME"),
        ({"SCRAPYD_USERNAME": "m:e", "SCRAPYD_PASSWORD": "top-secret"}, "SCRAPYD_USERNAME='m:e': must be "),
    ],
)
def test_a_wrong_scrapyd_setting_is_one_line_without_the_password(
    changes: dict[str, str], line: str, settings: Settings
) -> None:
    settings.setdict(changes)
    with pytest.raises(ConfigurationError) as refused:
        Config.from_settings(settings)
    assert str(refused.value).startswith(line)
    assert "top-secret" not in str(refused.value)


def test_a_server_that_is_printed_shows_no_password(settings: Settings) -> None:
    settings.setdict({"SCRAPYD_USERNAME": "me", "SCRAPYD_PASSWORD": "top-secret"})
    assert "top-secret" not in repr(server_of(Config.from_settings(settings)))


def test_no_spider_argument_has_a_name_that_scrapyd_reserves() -> None:
    """schedule.json takes these for the job as a whole."""
    from scrapy.spiderloader import SpiderLoader

    loader = SpiderLoader.from_settings(Settings({"SPIDER_MODULES": ["moviecrawler.spiders"]}))
    taken = {"project", "spider", "_version", "jobid", "priority", "setting"}
    assert not [name for name in loader.list() if taken & loader.load(name).accepted_arguments.keys()]


def test_the_example_of_a_schedule_can_be_used_as_it_is(settings: Settings) -> None:
    example = PROJECT / "docs" / "deploy" / "schedule.toml"
    plan = read_plan(settings, str(example))
    assert plan.jobs == parse_schedule(example.read_text(encoding="utf-8")).jobs
    assert len(plan.jobs) >= 3


def test_the_scheduler_ticks_at_every_minute_whatever_a_tick_raises_and_finishes_the_last(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    plan = _plan(settings, tmp_path, 'cron = "0 3 * * *"\nspider = "omdb"')
    monkeypatch.setattr(time, "time", lambda: 59.99)
    ticks = []

    def tick() -> None:
        ticks.append("begun")
        if len(ticks) == 1:
            raise RuntimeError("this once")
        if len(ticks) == 3:
            os.kill(os.getpid(), signal.SIGTERM)
            threading.Event().wait(0.1)  # the signal is handled meanwhile
            ticks.append("finished")

    _serve(tick, plan)
    assert ticks == ["begun", "begun", "begun", "finished"]
    assert "this once" in caplog.text
