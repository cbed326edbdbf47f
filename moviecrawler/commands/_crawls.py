"""What ``scrapy crawl`` and ``scrapy collect`` share: checks before the start, several spiders at once, exit status."""

import logging
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from scrapy.crawler import Crawler

from moviecrawler.commands import INTERRUPTED, say, usage_error

SUCCESSFUL = frozenset({"finished", "quota"})
"""Finish reasons of a run that did what it could; ``quota``: what is left stays due."""

_PROCESSED = (
    *("titles/inserted", "titles/updated", "titles/unchanged", "titles/older", "refresh/", "filter/"),
    *("titles/matched", "titles/unmatched"),
)
"""Stats of titles that the run has processed, with any outcome."""

_VERBOSE_LOGGERS = ("scrapy.addons", "scrapy.middleware")
"""They list every component at INFO; ``-L DEBUG`` shows them."""


# --- Before the start -------------------------------------------------------------------------------------------


def spider_loader(settings: Any, names: Iterable[str] = (), prefix: str = "") -> Any:
    """The project's spider loader; wrong usage if one of ``names`` is unknown, with ``prefix`` before the line."""
    from scrapy.spiderloader import get_spider_loader

    from moviecrawler.policy.did_you_mean import did_you_mean

    loader = get_spider_loader(settings)
    known = sorted(loader.list())
    for name in names:
        if name not in known:
            usage_error(f"{prefix}no spider {name!r}; there are: {', '.join(known)}{did_you_mean(name, known)}")
    return loader


def members_of(
    settings: Any, spider: str, given: Mapping[str, str], reword: Callable[[str], str] = str
) -> dict[str, dict[str, str]]:
    """The spiders (name -> arguments) that a spider such as ``collect`` stands for; wrong usage for wrong arguments."""
    from moviecrawler.exceptions import ConfigurationError

    try:
        return spider_loader(settings).load(spider).members(given)
    except ConfigurationError as error:
        usage_error(reword(str(error)))


def check_start(
    settings: Any, spiders: Mapping[str, Mapping[str, str]], command: str, *, together: bool = False
) -> tuple[list[str], list[str]]:
    """Check spiders (name -> arguments), settings, keys and places before any request: (spiders to start, lines).

    Whatever is wrong ends the command with one line and exit status 2; a name in the environment that is nearly that
    of a setting is a line. A source that is switched off is not an error: its spiders are left out, with a line. The
    same goes for one without a key if others run ``together`` with it, but not for discovery.
    """
    import asyncio
    import os

    from scrapy.settings import default_settings

    from moviecrawler.addons import check
    from moviecrawler.config.names import environment_warnings
    from moviecrawler.exceptions import MoviecrawlerError
    from moviecrawler.places import check_places
    from moviecrawler.policy.prerequisites import (
        SWITCHED_OFF,
        is_switched_off,
        left_out_message,
        missing_key_message,
    )

    loader = spider_loader(settings, spiders)
    ready, lines, no_key = [], [], ""
    try:
        config = check(settings)
        say(*(misspelt := environment_warnings(os.environ, vars(default_settings))), file=sys.stderr)
        for name, arguments in spiders.items():
            spider = loader.load(name)
            spider.parse_arguments(arguments)
            missing = (missing_key_message(source, config, command) for source in spider.required_sources)
            if line := next(filter(None, missing), ""):
                if not together or name == "tmdb_discover":
                    usage_error(line)
                no_key = no_key or line
                lines += [left_out_message(source) for source in spider.required_sources]
            elif any(is_switched_off(source, config) for source in spider.required_sources):
                lines.append(SWITCHED_OFF)
            else:
                ready.append(name)
        if no_key and not ready:
            usage_error(no_key)
        if ready:
            asyncio.run(check_places(config))
    except MoviecrawlerError as error:
        usage_error(str(error))
    say(*lines, file=sys.stderr)
    return ready, [*misspelt, *lines]


def hide_component_lists(settings: Any) -> None:
    """Do not log Scrapy's lists of components, except with ``-L DEBUG``."""
    if settings["LOG_LEVEL"] != "DEBUG":
        for name in _VERBOSE_LOGGERS:
            logging.getLogger(name).setLevel(logging.WARNING)
        # Its other lines answer Ctrl-C: "Send again to force".
        logging.getLogger("scrapy.crawler").addFilter(lambda record: "Overridden settings" not in record.msg)


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


def is_scrapyd_job(arguments: Mapping[str, str]) -> bool:
    """Scrapyd passes the id of the job as an argument."""
    return "_job" in arguments


def deployment_warnings(settings: Any) -> Iterator[str]:
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


def append_to_log(settings: Any, line: str) -> None:
    """Write why a job could not start into its log, beside Scrapyd's own lines."""
    if file := settings["LOG_FILE"]:
        with open(file, "a", encoding="utf-8") as log:
            log.write(f"{line}\n")


# --- The crawl and its exit status ------------------------------------------------------------------------------


def crawl_together(process: Any, spiders: Mapping[str, Mapping[str, str]]) -> int:
    """Run the spiders (name -> arguments) in this process to their end; the worst of their exit statuses."""
    from moviecrawler.addons import CrawlGroup

    crawlers = [process.create_crawler(name) for name in spiders]
    CrawlGroup.form(crawlers)
    for crawler in crawlers[1:]:  # one port, one profile
        crawler.settings.setdict({"METRICS_PORT": "", "PROFILE": "0"}, "cmdline")
    for crawler, arguments in zip(crawlers, spiders.values(), strict=True):
        process.crawl(crawler, **arguments)
    process.start()
    return max(map(exit_status, crawlers))


def exit_status(crawler: Crawler) -> int:
    """0 done, 1 failed or incomplete, 130 interrupted."""
    stats = crawler.stats.get_stats()
    if stats.get("finish_reason", "shutdown") == "shutdown":  # interrupted while it opened, it has none
        return INTERRUPTED
    rejected = {name for name in stats if name.startswith("rejects/")}
    if stats.get("titles/found"):
        rejected.discard("rejects/gone")  # a title requested by its id is answered by "gone", too
    # One of many workers may have had only the bad ones.
    is_alone = not crawler.config.queue.url
    came_to_nothing = is_alone and rejected and not any(name.startswith(_PROCESSED) for name in stats)
    incomplete = any(name.startswith("incomplete/") for name in stats)
    return 1 if stats.get("finish_reason") not in SUCCESSFUL or came_to_nothing or incomplete else 0
