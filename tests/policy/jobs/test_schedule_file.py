"""``schedule.toml``: what it may say, and one line for what it may not."""

import pytest

from moviecrawler.exceptions import ConfigurationError
from moviecrawler.policy.jobs.schedule_file import parse_schedule

COMMAND = 'cron = "0 3 * * *"\ncommand = '
JOB = 'cron = "0 3 * * *"\nspider = "omdb"\n'


def test_every_key_of_a_schedule_is_parsed() -> None:
    project, (nightly, daily) = parse_schedule(
        """
        project = "films"
        timezone = "Europe/Berlin"

        [jobs.nightly]
        cron = "0 3 * * *"
        spider = "tmdb_refresh"
        overlap = "cancel"
        jitter = 600
        arguments = { limit = 500, force = true, since = 2026-11-01 }
        settings = { TMDB_RATE = 0.5, STORE_URI = "mongodb://db:27017/films" }

        [jobs.daily]
        cron = "0 6 * * 1-5"
        spider = "omdb"
        """
    )
    assert project == "films"
    assert (nightly.name, nightly.spider, nightly.overlap, nightly.jitter) == ("nightly", "tmdb_refresh", "cancel", 600)
    assert nightly.arguments == {"limit": "500", "force": "1", "since": "2026-11-01"}
    assert nightly.settings == {"TMDB_RATE": "0.5", "STORE_URI": "mongodb://db:27017/films"}
    assert (daily.overlap, daily.jitter, daily.timezone, daily.arguments) == ("skip", 0, "Europe/Berlin", {})


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[jobs", "not TOML: "),
        ("", "there are no jobs: "),
        ("jobs = []", "there are no jobs: "),
        (f"[job.nightly]\n{JOB}", "the file: unknown key 'job'; there are: project, timezone, jobs"),
        (f'[jobs."a b"]\n{JOB}', "jobs.a b: a name must be "),
        (f"[jobs.Nightly]\n{JOB}", "jobs.Nightly: a name must be "),
        ('[jobs]\nnightly = "0 3 * * *"', "jobs.nightly='0 3 * * *': must be a table"),
        ('[jobs.nightly]\nspider = "omdb"', "jobs.nightly: cron is missing"),
        ('[jobs.nightly]\ncron = "0 3 * * *"', "jobs.nightly: spider is missing"),
        (f"[jobs.nightly]\n{JOB}command = 'backup'", "jobs.nightly: must have a spider or a command, not both"),
        (f"[jobs.nightly]\n{COMMAND}''\"", "not TOML: "),
        (f"[jobs.nightly]\n{COMMAND}''", "jobs.nightly: command='': must be text"),
        (
            f"[jobs.nightly]\n{COMMAND}'scrapy'",
            "jobs.nightly: command='scrapy': must begin with backup, collect, crawl",
        ),
        (f"[jobs.nightly]\n{COMMAND}'helth'", "jobs.nightly: command='helth': must begin with backup, "),
        (f"[jobs.nightly]\n{COMMAND}'rm -r /'", "jobs.nightly: command='rm -r /': must begin with backup, "),
        (f"[jobs.nightly]\n{COMMAND}'backup \"'", "jobs.nightly: command='backup \"': must be words, with every quote"),
        (f"[jobs.nightly]\n{COMMAND}'backup -s A=1'", "jobs.nightly: command='backup -s A=1': settings belong in "),
        (f"[jobs.nightly]\n{COMMAND}'backup --set=A=1'", "jobs.nightly: command='backup --set=A=1': settings belong "),
        (f"[jobs.nightly]\n{COMMAND}'export movies -o ftp://me:x@host/y'", "jobs.nightly: command: a password would "),
        (f"[jobs.nightly]\n{COMMAND}'backup'\narguments = {{ a = 1 }}", "jobs.nightly: arguments are a spider's; "),
        (f"[jobs.nightly]\n{JOB}settings = {{ NOTIFY_URL = 'http://x' }}", "jobs.nightly: settings: NOTIFY_URL would "),
        (f"[jobs.nightly]\n{JOB}args = 1", "jobs.nightly: unknown key 'args'; there are: cron, spider, "),
        ('[jobs.nightly]\ncron = "at 3"\nspider = "omdb"', "jobs.nightly: cron='at 3': 2 fields"),
        ('[jobs.nightly]\ncron = 3\nspider = "omdb"', "jobs.nightly: cron=3: must be text"),
        ('[jobs.nightly]\ncron = "0 3 * * *"\nspider = ""', "jobs.nightly: spider='': must be text"),
        (f'[jobs.nightly]\n{JOB}overlap = "stop"', "jobs.nightly: overlap='stop': must be skip, queue or cancel"),
        (f"[jobs.nightly]\n{JOB}overlap = []", "jobs.nightly: overlap=[]: must be "),
        (f"[jobs.nightly]\n{JOB}jitter = -1", "jobs.nightly: jitter=-1: must be seconds"),
        (f"[jobs.nightly]\n{JOB}jitter = nan", "jobs.nightly: jitter=nan: must be "),
        (f"[jobs.nightly]\n{JOB}jitter = inf", "jobs.nightly: jitter=inf: must be "),
        (f"[jobs.nightly]\n{JOB}jitter = true", "jobs.nightly: jitter=True: must be "),
        (f"[jobs.nightly]\n{JOB}arguments = 3", "jobs.nightly: arguments=3: must be a table"),
        (f"[jobs.nightly]\n{JOB}arguments = {{ ids = [603] }}", "jobs.nightly: arguments: ids=[603]: must be text"),
        (f'timezone = "Mars/Olympus"\n[jobs.nightly]\n{JOB}', "timezone='Mars/Olympus': must be "),
        (f'timezone = "../etc/passwd"\n[jobs.nightly]\n{JOB}', "timezone='../etc/passwd': must be "),
        (f"project = 3\n[jobs.nightly]\n{JOB}", "project=3: must be text"),
    ],
)
def test_an_error_is_one_line_that_names_the_key(text: str, line: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        parse_schedule(text)
    assert str(refused.value).startswith(line)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "setting",
    [
        'TMDB_ACCESS_TOKEN = "top-secret"',
        'OMDB_API_KEY = "top-secret"',
        'SCRAPYD_PASSWORD = "top-secret"',
        'STORE_URI = "mongodb://user:top-secret@db/films"',
        'REDIS_URL = "redis://:top-secret@queue:6379/0"',
    ],
)
def test_a_secret_is_an_error_and_not_repeated(setting: str) -> None:
    with pytest.raises(ConfigurationError, match="environment in which Scrapyd runs") as refused:
        parse_schedule(f"[jobs.nightly]\n{JOB}settings = {{ {setting} }}")
    assert "top-secret" not in str(refused.value)


def test_a_job_may_be_a_command_whose_words_no_shell_reads() -> None:
    text = f"[jobs.copy]\n{COMMAND}\"scrapy backup --to '/mnt/a b' $HOME\"\nsettings = {{ LOG_LEVEL = 'ERROR' }}"
    (job,) = parse_schedule(text).jobs
    assert (job.spider, job.command) == ("", ("backup", "--to", "/mnt/a b", "$HOME"))
    assert (job.what, job.words[-1]) == ("scrapy backup", "LOG_LEVEL=ERROR")
