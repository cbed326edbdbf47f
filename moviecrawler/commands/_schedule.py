"""``schedule.toml`` with everything checked, as ``scrapy schedule`` needs it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, NoReturn

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings

    from moviecrawler.commands._scrapyd import Server
    from moviecrawler.config import Config
    from moviecrawler.policy.jobs.schedule import FireTimes, Job


class Plan(NamedTuple):
    """Everything that the file and the settings decide; ``fire_times`` by the name of the job."""

    config: Config
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

    config = check(settings)
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
    return Plan(config, server_of(config), schedule.project, schedule.jobs, fire_times)


def _check(job: Job, settings: BaseSettings) -> None:
    """Check spider or command, arguments and settings of a job as ``scrapy`` itself does."""
    from moviecrawler.addons import check
    from moviecrawler.exceptions import ConfigurationError
    from moviecrawler.policy.did_you_mean import did_you_mean

    if unknown := [name for name in job.settings if name not in settings]:
        raise ConfigurationError(
            f"jobs.{job.name}: settings: there is no setting {unknown[0]!r}{did_you_mean(unknown[0], settings)}"
        )
    changed = settings.copy()
    changed.setdict(job.settings, "cmdline")
    try:
        if job.command:
            _check_command(job.command, changed)
        else:
            _check_spider(job.spider, job.arguments, changed)
        check(changed)
    except ConfigurationError as error:
        raise ConfigurationError(f"jobs.{job.name}: {error}") from None


def _check_spider(name: str, arguments: Mapping[str, str], settings: BaseSettings) -> None:
    from moviecrawler.run import check_arguments, load_spider

    check_arguments(load_spider(settings, name), arguments)


def _check_command(words: Sequence[str], settings: BaseSettings) -> None:
    """Its options as its own parser reads them; of ``crawl`` the spider and its arguments too."""
    from importlib import import_module

    from scrapy.cmdline import ScrapyArgumentParser

    from moviecrawler.exceptions import ConfigurationError
    from moviecrawler.policy.did_you_mean import did_you_mean

    name = words[0]
    try:
        command = import_module(f"moviecrawler.commands.{name}").Command()
    except ModuleNotFoundError:
        raise ConfigurationError(f"command: there is no scrapy {name}") from None

    def refuse(message: str) -> NoReturn:
        raise ConfigurationError(f"command: scrapy {name}: {message}")

    parser = ScrapyArgumentParser(conflict_handler="resolve", add_help=False)
    command.settings = settings
    command.add_options(parser)
    parser.error = refuse  # type: ignore[method-assign]
    given, rest = parser.parse_known_args([*words[1:]])
    known = [option for option in parser._option_string_actions if option.startswith("--")]
    for word in rest:
        if word.startswith("-"):
            refuse(f"there is no option {word}{did_you_mean(word, known)}")
    if name == "crawl":
        if len(rest) != 1:
            refuse("name one spider")
        pairs = [pair.partition("=") for pair in given.spargs]
        if wrong := [name for name, sign, _ in pairs if not sign]:
            refuse(f"-a {wrong[0]}: must be NAME=VALUE")
        _check_spider(rest[0], {name: value for name, _, value in pairs}, settings)
