"""``schedule.toml`` with everything checked, as ``scrapy schedule`` needs it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings

    from moviecrawler.commands._scrapyd import Server
    from moviecrawler.policy.jobs.schedule import FireTimes, Job


class Plan(NamedTuple):
    """Everything that the file and the settings decide; ``fire_times`` by the name of the job."""

    server: Server
    project: str
    jobs: tuple[Job, ...]
    fire_times: dict[str, FireTimes]


def read_plan(settings: BaseSettings, file: str) -> Plan:
    """ConfigurationError: one line on the first thing that is wrong."""
    from pathlib import Path

    from moviecrawler.addons import check
    from moviecrawler.commands._scrapyd import server_of
    from moviecrawler.exceptions import ConfigurationError
    from moviecrawler.policy.jobs.cron import parse_cron
    from moviecrawler.policy.jobs.schedule_file import parse_schedule

    server = server_of(check(settings))
    try:
        schedule = parse_schedule(Path(file).expanduser().read_text(encoding="utf-8"))
        fire_times = {job.name: parse_cron(job.cron, job.timezone) for job in schedule.jobs}
        for job in schedule.jobs:
            _check(job, settings)
    except FileNotFoundError:
        advice = "copy docs/deploy/schedule.toml, or name another file with --file"
        raise ConfigurationError(f"{file}: there is no such file; {advice}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{file}: cannot be read: {getattr(error, 'strerror', error)}") from None
    except ConfigurationError as error:
        raise ConfigurationError(f"{file}: {error}") from None
    return Plan(server, schedule.project, schedule.jobs, fire_times)


def _check(job: Job, settings: BaseSettings) -> None:
    """Check spider, arguments and settings of a job as ``scrapy crawl`` does."""
    from moviecrawler.addons import check
    from moviecrawler.exceptions import ConfigurationError
    from moviecrawler.policy.did_you_mean import did_you_mean
    from moviecrawler.run import check_arguments, load_spider

    try:
        spider = load_spider(settings, job.spider)
    except ConfigurationError as error:
        raise ConfigurationError(f"jobs.{job.name}: {error}") from None
    if unknown := [name for name in job.settings if name not in settings]:
        raise ConfigurationError(
            f"jobs.{job.name}: settings: there is no setting {unknown[0]!r}{did_you_mean(unknown[0], settings)}"
        )
    changed = settings.copy()
    changed.setdict(job.settings, "cmdline")
    try:
        check_arguments(spider, job.arguments)
        check(changed)
    except ConfigurationError as error:
        raise ConfigurationError(f"jobs.{job.name}: {error}") from None
