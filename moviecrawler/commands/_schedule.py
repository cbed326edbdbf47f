"""``schedule.toml`` with everything checked, as ``scrapy schedule`` needs it."""

from typing import Any, NamedTuple


class Plan(NamedTuple):
    """Everything that the file and the settings decide; ``fire_times`` by the name of the job."""

    server: Any
    project: str
    jobs: tuple[Any, ...]
    fire_times: dict[str, Any]


def read_plan(settings: Any, file: str) -> Plan:
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


def _check(job: Any, settings: Any) -> None:
    """Check spider, arguments and settings of a job as ``scrapy crawl`` does."""
    from scrapy.spiderloader import get_spider_loader

    from moviecrawler.addons import check
    from moviecrawler.exceptions import ConfigurationError
    from moviecrawler.policy.did_you_mean import did_you_mean

    loader = get_spider_loader(settings)
    if job.spider not in loader.list():
        known = sorted(loader.list())
        there_are = f"there are: {', '.join(known)}{did_you_mean(job.spider, known)}"
        raise ConfigurationError(f"jobs.{job.name}: no spider {job.spider!r}; {there_are}")
    if unknown := [name for name in job.settings if name not in settings]:
        raise ConfigurationError(
            f"jobs.{job.name}: settings: there is no setting {unknown[0]!r}{did_you_mean(unknown[0], settings)}"
        )
    changed = settings.copy()
    changed.setdict(job.settings, "cmdline")
    try:
        loader.load(job.spider).parse_arguments(job.arguments)
        check(changed)
    except ConfigurationError as error:
        raise ConfigurationError(f"jobs.{job.name}: {error}") from None
