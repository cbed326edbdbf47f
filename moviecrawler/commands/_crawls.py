"""What ``scrapy crawl`` and ``scrapy collect`` share besides ``run``: lines on wrong usage, signals, Scrapyd."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from moviecrawler.commands import say, usage_error

if TYPE_CHECKING:
    from scrapy import Spider
    from scrapy.settings import BaseSettings

    from moviecrawler.run import Arguments, Start


# --- Before the start -------------------------------------------------------------------------------------------


def load_spider(settings: BaseSettings, name: str, prefix: str = "") -> type[Spider]:
    """The spider's class; wrong usage if it is unknown, with ``prefix`` before the line."""
    from moviecrawler import run
    from moviecrawler.exceptions import ConfigurationError

    try:
        return run.load_spider(settings, name)
    except ConfigurationError as error:
        usage_error(f"{prefix}{error}")


def members_of(given: Arguments, reword: Callable[[str], str] = str) -> dict[str, dict[str, str]]:
    """The spiders (name -> arguments) that ``collect`` stands for; wrong usage for wrong arguments."""
    from moviecrawler import run
    from moviecrawler.exceptions import ConfigurationError

    try:
        return run.members_of(given)
    except ConfigurationError as error:
        usage_error(reword(str(error)))


def check_start(
    settings: BaseSettings, spiders: Mapping[str, Arguments], command: str, *, together: bool = False
) -> Start:
    """See ``run.check_start``; what is wrong ends the command with its line.

    What is left out is printed, and before it, names in the environment that are nearly those of settings: one may be
    why there is no key.
    """
    from moviecrawler import run
    from moviecrawler.exceptions import MoviecrawlerError

    say(*(misspelt := run.misspelt_in_environment()), file=sys.stderr)
    try:
        start = run.check_start(settings, spiders, command, together=together)
    except MoviecrawlerError as error:
        usage_error(str(error))
    say(*start.left_out, file=sys.stderr)
    return start._replace(left_out=[*misspelt, *start.left_out])


def exit_on_signals() -> None:
    """Until Scrapy installs its own handlers, which close the spider. A closed terminal counts as SIGTERM."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _exit)
    if signal.getsignal(signal.SIGHUP) is signal.SIG_DFL:  # not with nohup
        signal.signal(signal.SIGHUP, lambda *_: signal.raise_signal(signal.SIGTERM))


def _exit(number: int, _: object) -> None:
    """Ctrl-C or SIGTERM before any request: 130 or 143, as a shell reports it."""
    raise SystemExit(128 + number)


# --- Jobs of Scrapyd, which have a log instead of a terminal ----------------------------------------------------


def is_scrapyd_job(arguments: Arguments) -> bool:
    """Scrapyd passes the id of the job as an argument."""
    return "_job" in arguments


def deployment_warnings(settings: BaseSettings) -> Iterator[str]:
    """One line for each thing about the job that is not as expected after a deployment."""
    from pathlib import Path
    from zipimport import zipimporter

    from moviecrawler import places
    from moviecrawler.config import Config

    if not Path(settings["DATA_DIR"]).expanduser().is_absolute():
        yield (
            f"DATA_DIR={settings['DATA_DIR']!r} is relative to the folder in which Scrapyd was started: "
            f"this job's data go to {Config.from_settings(settings).store.data_dir}. "
            "Set an absolute one in Scrapyd's environment"
        )
    if places.__spec__ and not isinstance(places.__spec__.loader, zipimporter):
        yield (
            f"this job runs the code in {Path(places.__file__).parents[1]}, not the egg that was deployed. "
            "Start Scrapyd in a folder, and with a Python, where moviecrawler cannot be imported"
        )


def append_to_log(settings: BaseSettings, line: str) -> None:
    """Write why a job could not start into its log, beside Scrapyd's own lines."""
    if file := settings["LOG_FILE"]:
        with open(file, "a", encoding="utf-8") as log:
            log.write(f"{line}\n")
