"""``schedule.toml``: text in, jobs out, or one line on what is wrong. The format: docs/scheduling.md."""

import math
import re
import shlex
import tomllib
from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from moviecrawler.config.fields import one_of
from moviecrawler.config.sources import KEY_SETTINGS
from moviecrawler.exceptions import ConfigurationError
from moviecrawler.policy.did_you_mean import did_you_mean
from moviecrawler.policy.jobs.cron import parse_cron
from moviecrawler.policy.jobs.schedule import COMMANDS, OVERLAPS, Job

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")
_TOP = ("project", "timezone", "jobs")
_JOB = ("cron", "spider", "command", "arguments", "settings", "overlap", "jitter")
_HOOKS = ("NOTIFY_URL", "NOTIFY_SECRET", "NOTIFY_APPRISE", "NOTIFY_COMMAND")
_SECRET = frozenset({*KEY_SETTINGS, "SCRAPYD_USERNAME", "SCRAPYD_PASSWORD", *_HOOKS})
_SETTING = re.compile(r"-s|--set(=|$)")
_PASSWORD = re.compile(r"://[^/\s]*:[^/\s]+@")
"""Of a URL."""


class Schedule(NamedTuple):
    """All jobs of a file, and the Scrapyd project to which they belong."""

    project: str
    jobs: tuple[Job, ...]


def parse_schedule(text: str) -> Schedule:
    """The jobs of a file; ConfigurationError. Not checked: spiders, arguments and settings, which only Scrapy knows.

    >>> parse_schedule('[jobs.daily]\\ncron = "0 3 * * *"\\nspider = "omdb"').jobs[0].name
    'daily'
    """
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"not TOML: {error}") from None
    _known("the file", content, _TOP)
    tables = content.get("jobs")
    if not isinstance(tables, dict) or not tables:
        raise ConfigurationError("there are no jobs: must have tables [jobs.NAME] with cron and spider, or command")
    timezone = _timezone(content.get("timezone", "UTC"))
    project = _text("project", content.get("project", "moviecrawler"))
    return Schedule(project, tuple(_job(name, table, timezone) for name, table in tables.items()))


def _job(name: str, table: Any, timezone: str) -> Job:
    where = f"jobs.{name}"
    if not _NAME.fullmatch(name):
        raise ConfigurationError(f"{where}: a name must be lower-case letters, digits, - and _")
    if not isinstance(table, dict):
        raise ConfigurationError(f"{where}={table!r}: must be a table with cron and spider")
    _known(where, table, _JOB)
    if "cron" not in table:
        raise ConfigurationError(f"{where}: cron is missing")
    if "spider" in table and "command" in table:
        raise ConfigurationError(f"{where}: must have a spider or a command, not both")
    if "spider" not in table and "command" not in table:
        raise ConfigurationError(f"{where}: spider is missing, or a command")
    command = _command(f"{where}: command", table["command"]) if "command" in table else ()
    if command and "arguments" in table:
        raise ConfigurationError(f"{where}: arguments are a spider's; those of a command belong behind its name")
    cron = _text(f"{where}: cron", table["cron"])
    try:
        parse_cron(cron, timezone)
    except ValueError as error:
        raise ConfigurationError(f"{where}: cron={cron!r}: {error}") from None
    if (overlap := table.get("overlap", "skip")) not in OVERLAPS:
        raise ConfigurationError(f"{where}: overlap={overlap!r}: must be {one_of(OVERLAPS)}")
    jitter = table.get("jitter", 0)
    if isinstance(jitter, bool) or not isinstance(jitter, int | float) or not 0 <= jitter < math.inf:
        raise ConfigurationError(f"{where}: jitter={jitter!r}: must be seconds, 0 or more")
    settings = _values(f"{where}: settings", table.get("settings", {}))
    for setting, value in settings.items():
        if setting in _SECRET or _PASSWORD.search(value):
            raise ConfigurationError(
                f"{where}: settings: {setting} would be in Scrapyd's queue and log, where others can read it; "
                "put it into the environment in which Scrapyd runs"
            )
    return Job(
        name=name,
        cron=cron,
        timezone=timezone,
        spider="" if command else _text(f"{where}: spider", table["spider"]),
        arguments=_values(f"{where}: arguments", table.get("arguments", {})),
        settings=settings,
        overlap=overlap,
        jitter=jitter,
        command=command,
    )


def _command(where: str, value: Any) -> tuple[str, ...]:
    """The words behind ``scrapy``; nothing in them is expanded, as no shell reads them."""
    text = _text(where, value)
    try:
        words = shlex.split(text)
    except ValueError:
        raise ConfigurationError(f"{where}={text!r}: must be words, with every quote closed") from None
    words = words[1:] if words[0] == "scrapy" else words
    if not words or words[0] not in COMMANDS:
        known = did_you_mean(words[0], COMMANDS) if words else ""
        raise ConfigurationError(f"{where}={text!r}: must begin with {one_of(COMMANDS)}{known}")
    if any(_SETTING.match(word) for word in words):
        raise ConfigurationError(f"{where}={text!r}: settings belong in settings = {{ NAME = ... }}")
    if any(_PASSWORD.search(word) for word in words):
        raise ConfigurationError(f"{where}: a password would be in the list of processes, where others can read it")
    return tuple(words)


def _known(where: str, table: Mapping[str, Any], allowed: tuple[str, ...]) -> None:
    if unknown := [key for key in table if key not in allowed]:
        raise ConfigurationError(
            f"{where}: unknown key {unknown[0]!r}; there are: {', '.join(allowed)}{did_you_mean(unknown[0], allowed)}"
        )


def _text(where: str, value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ConfigurationError(f"{where}={value!r}: must be text")
    return value.strip()


def _timezone(value: Any) -> str:
    name = _text("timezone", value)
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ConfigurationError(f"timezone={name!r}: must be a name such as UTC or Europe/Berlin") from None
    return name


def _values(where: str, table: Any) -> dict[str, str]:
    """The values as text, as on the command line."""
    if not isinstance(table, dict):
        raise ConfigurationError(f"{where}={table!r}: must be a table of names and values")
    values = {}
    for name, value in table.items():
        if not isinstance(value, str | int | float | date):
            raise ConfigurationError(f"{where}: {name}={value!r}: must be text, a number, a date, true or false")
        values[name] = str(int(value)) if isinstance(value, bool) else str(value)
    return values
