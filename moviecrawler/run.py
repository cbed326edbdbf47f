"""Crawls from Python, with the checks, the start and the exit status of ``scrapy crawl`` and ``scrapy collect``.

:func:`crawl` runs one spider, :func:`collect` several at once; both return when the crawl has ended.
:func:`project_settings`, :func:`project_store` and :func:`project_refresh` are what such a crawl uses
(``docs/python.md``).
"""

import asyncio
import logging
import os
import signal
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from scrapy import Spider
from scrapy.crawler import AsyncCrawlerProcess, Crawler, CrawlerProcessBase
from scrapy.settings import BaseSettings, Settings, default_settings
from scrapy.spiderloader import get_spider_loader
from scrapy.utils.reactor import is_reactor_installed

from moviecrawler.addons import check
from moviecrawler.base_spiders.movie_spider import MovieSpider
from moviecrawler.config import Config
from moviecrawler.config.names import environment_warnings, unknown_setting
from moviecrawler.crawl_group import CrawlGroup
from moviecrawler.exceptions import ConfigurationError, CrawlError
from moviecrawler.places import check_places, store_of
from moviecrawler.policy.did_you_mean import did_you_mean
from moviecrawler.policy.freshness.refresh import Refresh
from moviecrawler.policy.jobs.monitors import check_spiders
from moviecrawler.policy.jobs.run_report import came_to_nothing
from moviecrawler.policy.prerequisites import (
    NO_PICTURES,
    left_out_message,
    missing_key_message,
    switched_off_message,
)
from moviecrawler.runtime import Runtime
from moviecrawler.sources.rules import refresh_of
from moviecrawler.spider_protocol import required_sources
from moviecrawler.spiders.collect import Collect
from moviecrawler.spiders.pictures import Pictures
from moviecrawler.stores.base import Access
from moviecrawler.stores.checked import CheckedStore

logger = logging.getLogger(__name__)

SUCCESSFUL = frozenset({"finished", "quota"})
"""Finish reasons of a run that did what it could; ``quota``: what is left stays due."""

INTERRUPTED = 130
"""Exit status after Ctrl-C, as shells have it."""

_VERBOSE_LOGGERS = ("scrapy.addons", "scrapy.middleware")
"""They list every component at INFO; ``LOG_LEVEL=DEBUG`` shows them."""

_NO_CHANGES: Mapping[str, object] = MappingProxyType({})

Arguments = Mapping[str, str]
"""Spider arguments by name, as text."""


# --- For scripts ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CrawlResult:
    """How the crawl of one spider ended.

    ``finish_reason`` is ``finished``, ``incomplete``, ``shutdown`` or another of ``docs/operations.md``; empty if the
    crawl was interrupted before it had begun. ``exit_status`` is that of ``scrapy crawl``: 0 done, 1 failed or
    incomplete, 130 interrupted. ``stats`` are Scrapy's and ours, by name (``docs/stats.md``).
    """

    spider: str
    arguments: Arguments
    finish_reason: str
    exit_status: int
    stats: Mapping[str, Any]


@dataclass(frozen=True)
class CollectResult:
    """How several crawls ended: ``spiders`` by name, and a line in ``left_out`` for each source that was left out."""

    spiders: Mapping[str, CrawlResult]
    left_out: tuple[str, ...] = ()

    @property
    def exit_status(self) -> int:
        """The worst of the spiders' exit statuses; 0 if every source was left out."""
        return max((result.exit_status for result in self.spiders.values()), default=0)


def crawl(spider: str, /, *, settings: Mapping[str, object] = _NO_CHANGES, **arguments: object) -> CrawlResult:
    """Run one spider to its end.

    ``arguments`` are the spider's own (``docs/spiders.md``): text, numbers, True and False; a list is joined with
    commas. ``settings`` (``docs/settings.md``, or Scrapy's) override ``.env`` and the environment, as ``-s`` does.

    ConfigurationError for an unknown spider, a wrong argument or setting, a key that is missing and a source that is
    switched off; StoreError for a place that cannot be used; CrawlError where no crawl can run. All of them are one
    line, and nothing was requested.
    """
    final = project_settings(settings)
    if stands_for_several(load_spider(final, spider)):
        raise ConfigurationError(f"{spider} stands for several spiders: run them with moviecrawler.run.collect")
    result = _run(final, {spider: _as_arguments(arguments)}, f"crawl {spider}")
    if not result.spiders:
        raise ConfigurationError(result.left_out[0])
    return result.spiders[spider]


def collect(*, settings: Mapping[str, object] = _NO_CHANGES, **arguments: object) -> CollectResult:
    """Run tmdb_discover (with ``start_year``), tmdb_refresh, omdb and the_numbers together, then pictures.

    ``arguments`` are those of the spider ``collect`` (``docs/spiders.md``): ``start_year``, ``refresh_limit`` and
    others; ``settings`` and errors are as with :func:`crawl`. A source that is switched off or has no key is no error
    as long as there is another; it is left out.
    """
    final = project_settings(settings)
    return _run(final, members_of(_as_arguments(arguments)), "collect", together=True)


def project_settings(changes: Mapping[str, object] = _NO_CHANGES) -> Settings:
    """The settings of a crawl from the working directory: our defaults, ``.env``, the environment, then ``changes``.

    ``.env`` and relative paths are in the nearest folder upwards with a ``scrapy.cfg``, else in the working directory.
    ConfigurationError for a name that looks like a misspelt setting.
    """
    settings = Settings()
    settings.setmodule("moviecrawler.settings", "project")
    for name, value in changes.items():
        if line := unknown_setting(name, vars(default_settings)):
            raise ConfigurationError(line)
        settings.set(name, _as_text(value) if isinstance(value, _PLAIN) else value, "cmdline")
    return settings


def project_store(access: Access = "read", settings: Mapping[str, object] = _NO_CHANGES) -> CheckedStore:
    """The store of STORE_URI, not yet open; ``access`` is ``read``, ``write`` or ``make`` (``stores.base.Access``).

    A damaged row is left out, with a line in the store's ``damaged``. ConfigurationError for a wrong setting.
    """
    return store_of(Config.from_settings(project_settings(settings)), access)


def project_refresh(settings: Mapping[str, object] = _NO_CHANGES) -> Refresh:
    """The rules of REFRESH_* and THE_NUMBERS_ENABLED; ConfigurationError for a wrong setting."""
    config = Config.from_settings(project_settings(settings))
    return refresh_of(config)


_PLAIN = (bool, int, float, Path, list, tuple)
"""Types of settings that are turned into text, as if they came from the environment; Scrapy's own may be dicts."""


def _as_text(value: object) -> str:
    """As on the command line.

    >>> _as_text(True), _as_text(0.5), _as_text([603, "shows/1396"])
    ('1', '0.5', '603,shows/1396')
    """
    if isinstance(value, list | tuple):
        return ",".join(map(_as_text, value))
    return str(int(value) if isinstance(value, bool) else value)


def _as_arguments(given: Mapping[str, object]) -> dict[str, str]:
    """None counts as not given."""
    return {name: _as_text(value) for name, value in given.items() if value is not None}


def _run(
    settings: Settings, spiders: Mapping[str, Arguments], command: str, *, together: bool = False
) -> CollectResult:
    _check_process()
    ready, left_out = check_start(settings, spiders, command, together=together)
    if not ready:
        return CollectResult({}, tuple(left_out))
    hide_component_lists(settings)
    process = AsyncCrawlerProcess(settings)
    for line in (*misspelt_in_environment(), *left_out):
        logger.warning(line)
    with _restored_signals():
        crawlers = crawl_together(process, ready)
    results = map(_result, crawlers, ready.items())
    return CollectResult({result.spider: result for result in results}, tuple(left_out))


def _result(crawler: Crawler, spider: tuple[str, Arguments]) -> CrawlResult:
    name, arguments = spider
    stats = dict(crawler.stats.get_stats())
    return CrawlResult(name, dict(arguments), stats.get("finish_reason", ""), exit_status(crawler), stats)


def _check_process() -> None:
    """CrawlError if this process, or this place in it, cannot run a crawl."""
    remedy = "run it in a process of its own, with subprocess.run(['scrapy', 'crawl', ...])"
    if threading.current_thread() is not threading.main_thread():
        raise CrawlError(f"a crawl handles signals, so it runs in the main thread only: {remedy}")
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        pass
    else:
        raise CrawlError(
            f"an event loop runs here, as in a notebook or a coroutine, and a crawl needs its own: {remedy}"
        )
    if is_reactor_installed():
        raise CrawlError(f"Twisted's reactor was used in this process, by a crawl, say, and starts only once: {remedy}")


@contextmanager
def _restored_signals() -> Iterator[None]:
    """Give the script its signal handlers back; Scrapy leaves its own."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            if handler is not None:  # one that C code has installed cannot be set from Python
                signal.signal(number, handler)


# --- Before the start -------------------------------------------------------------------------------------------


class Start(NamedTuple):
    """The spiders to start (name -> arguments), and a line for each that is left out."""

    spiders: dict[str, Arguments]
    left_out: list[str]


def load_spider(settings: BaseSettings, name: str) -> type[Spider]:
    """The spider's class; ConfigurationError for an unknown name."""
    loader = get_spider_loader(settings)
    known = sorted(loader.list())
    if name not in known:
        raise ConfigurationError(f"no spider {name!r}; there are: {', '.join(known)}{did_you_mean(name, known)}")
    return loader.load(name)


def stands_for_several(spider: type[Spider]) -> bool:
    """Whether the spider is ``collect``, whose :func:`members_of` are started instead."""
    return issubclass(spider, Collect)


def members_of(given: Arguments) -> dict[str, dict[str, str]]:
    """The spiders that ``collect`` stands for with these arguments (name -> arguments); ConfigurationError."""
    return Collect.members(given)


def check_arguments(spider: type[Spider], arguments: Arguments) -> None:
    """ConfigurationError for a wrong argument; a spider that is not one of ours takes any."""
    if issubclass(spider, MovieSpider):
        spider.parse_arguments(arguments)


def misspelt_in_environment() -> list[str]:
    """A line for each name in the environment that is nearly that of a setting."""
    return environment_warnings(os.environ, vars(default_settings))


def check_start(
    settings: BaseSettings, spiders: Mapping[str, Arguments], command: str, *, together: bool = False
) -> Start:
    """Check spiders (name -> arguments), settings, keys and places before any request; MoviecrawlerError, one line.

    A source that is switched off is not an error: its spiders are left out. The same goes for one without a key if
    others run ``together`` with it, but not for discovery. ``command`` is what was typed, for the line on a missing
    key.
    """
    start, no_key = Start({}, []), ""
    loaded = {name: load_spider(settings, name) for name in spiders}
    config = check(settings)
    _check_monitors(config, settings)
    for name, spider in loaded.items():
        check_arguments(spider, spiders[name])
        sources = required_sources(spider)
        missing = (missing_key_message(source, config, command) for source in sources)
        if line := next(filter(None, missing), ""):
            if not together or name == "tmdb_discover":
                raise ConfigurationError(line)
            no_key = no_key or line
            start.left_out.extend(left_out_message(source) for source in sources)
        elif off := [line for source in sources if (line := switched_off_message(source, config))]:
            start.left_out.extend(off)
        elif spider is Pictures and not config.images.enabled:
            if not together:
                start.left_out.append(NO_PICTURES)
        else:
            start.spiders[name] = spiders[name]
    if no_key and start.spiders.keys() <= {Pictures.name}:
        raise ConfigurationError(no_key)
    if start.spiders:
        asyncio.run(check_places(config))
    return start


def _check_monitors(config: Config, settings: BaseSettings) -> None:
    """ConfigurationError for a threshold of a spider that there is not, or that it cannot break."""
    loader = get_spider_loader(settings)
    names = sorted(loader.list())
    without_listing = [name for name in config.monitor.min_found.by_spider if name in names]
    without_listing = [name for name in without_listing if not getattr(loader.load(name), "reads_listing", True)]
    check_spiders(config.monitor, names, without_listing)


def hide_component_lists(settings: BaseSettings) -> None:
    """Do not log Scrapy's lists of components, except with ``LOG_LEVEL=DEBUG``."""
    if settings["LOG_LEVEL"] != "DEBUG":
        for name in _VERBOSE_LOGGERS:
            logging.getLogger(name).setLevel(logging.WARNING)
        # Its other lines answer Ctrl-C: "Send again to force".
        logging.getLogger("scrapy.crawler").addFilter(_is_no_settings_list)


def _is_no_settings_list(record: logging.LogRecord) -> bool:
    return "Overridden settings" not in str(record.msg)


# --- The crawl and its exit status ------------------------------------------------------------------------------


def crawl_together(process: CrawlerProcessBase, spiders: Mapping[str, Arguments]) -> list[Crawler]:
    """Run the spiders (name -> arguments) in this process to their end; their crawlers, in the same order.

    If one could not be started for a reason that the checks do not know, that exception is raised at the end.
    """
    crawlers = [process.create_crawler(name) for name in spiders]
    CrawlGroup.form(crawlers)
    for crawler in crawlers[1:]:  # one port, one profile
        crawler.settings.setdict({"METRICS_PORT": "", "PROFILE": "0"}, "cmdline")
    runs = [process.crawl(crawler, **arguments) for crawler, arguments in zip(crawlers, spiders.values(), strict=True)]
    process.start()
    for run in runs:
        if isinstance(run, asyncio.Task) and run.done() and not run.cancelled() and (error := run.exception()):
            raise error
    return crawlers


def exit_status(crawler: Crawler) -> int:
    """0 done, 1 failed, incomplete or not what a monitor expects, 130 interrupted."""
    stats = crawler.stats.get_stats()
    if stats.get("finish_reason", "shutdown") == "shutdown":  # interrupted while it opened, it has none
        return INTERRUPTED
    # One of many workers may have had only the bad ones.
    to_nothing = Runtime.of(crawler).worker_group is None and came_to_nothing(stats)
    is_bad = any(name.startswith(("incomplete/", "monitors/")) for name in stats)
    return 1 if stats.get("finish_reason") not in SUCCESSFUL or to_nothing or is_bad else 0
