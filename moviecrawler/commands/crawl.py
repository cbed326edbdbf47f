"""``scrapy crawl``, with arguments and settings checked before anything starts, and an honest exit status."""

import argparse
import logging
import signal
import sys
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from scrapy import Spider
from scrapy.commands.crawl import Command as CrawlCommand
from scrapy.crawler import Crawler

from moviecrawler.commands import UsageError, refuse, say
from moviecrawler.commands._job import is_job, note, surprises
from moviecrawler.commands._options import Options
from moviecrawler.commands._status import status
from moviecrawler.commands._together import crawl_together

logger = logging.getLogger(__name__)

_TALKATIVE = ("scrapy.addons", "scrapy.middleware")
"""They list every component at INFO; ``-L DEBUG`` shows them."""


class Command(Options, CrawlCommand):
    """Exit status: 0 done, 1 the run failed, 2 it could not start (nothing was asked), 130 interrupted.

    A source that is switched off is no failure: one line, and 0.
    """

    def long_desc(self) -> str:
        return (
            "Run a spider. Examples: scrapy crawl tmdb_trending; scrapy crawl tmdb_trending -a media=all -a pages=5; "
            "scrapy crawl tmdb_discover -a start_year=2020 -a end_year=2024; "
            "scrapy crawl tmdb_titles -a ids=603,shows/1396; scrapy crawl omdb -a limit=500; "
            "scrapy crawl collect -a refresh_limit=500"
        )

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        catch_signals()
        super().process_options(args, opts)
        in_log = partial(note, self.settings) if is_job(opts.spargs) else str
        try:
            if given := [word for word in args if "=" in word]:
                refuse(f"scrapy crawl: an argument of a spider stands after -a: -a {' -a '.join(given)}")
            if len(args) != 1:
                refuse(f"scrapy crawl: name one spider: {', '.join(sorted(spider_loader(self.settings).list()))}")
            together = hasattr(spider_loader(self.settings, args).load(args[0]), "members")
            if together and (opts.output or opts.overwrite_output):
                refuse(f"scrapy crawl {args[0]}: there is no common feed; scrapy export writes what is stored")
            spiders = members_of(self.settings, args[0], opts.spargs) if together else {args[0]: opts.spargs}
            ready, left_out_message = may_start(self.settings, spiders, f"crawl {args[0]}", together=together)
        except UsageError as refused:
            in_log(refused.line)
            raise
        for line in left_out_message:
            in_log(line)
        if not ready:
            sys.exit(0)
        self._together = {name: spiders[name] for name in ready} if together else None

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        quieten(self.settings)
        for line in surprises(self.settings) if is_job(opts.spargs) else ():
            logger.warning(line)
        if self._together:
            self.exitcode = crawl_together(self.crawler_process, self._together)
            return
        super().run(args, opts)
        self.exitcode = self.exitcode or status(self._crawler)

    def _create_crawler(self, spidercls: type[Spider] | str) -> Crawler:
        self._crawler = super()._create_crawler(spidercls)
        return self._crawler


def spider_loader(settings: Any, names: Iterable[str] = (), command: str = "") -> Any:
    """The project's spiders; an unknown one of ``names`` is refused, in the name of the command."""
    from scrapy.spiderloader import get_spider_loader

    from moviecrawler.policy.did_you_mean import did_you_mean

    loader = get_spider_loader(settings)
    known = sorted(loader.list())
    for name in names:
        if name not in known:
            refuse(f"{command}no spider {name!r}; there are: {', '.join(known)}{did_you_mean(name, known)}")
    return loader


def members_of(
    settings: Any, spider: str, given: Mapping[str, str], worded: Callable[[str], str] = str
) -> dict[str, dict[str, str]]:
    """The spiders (name -> arguments) that such a spider stands for; wrong arguments are refused, with a line."""
    from moviecrawler.exceptions import ConfigurationError

    try:
        return spider_loader(settings).load(spider).members(given)
    except ConfigurationError as error:
        refuse(worded(str(error)))


def may_start(
    settings: Any, spiders: Mapping[str, Mapping[str, str]], command: str, *, together: bool = False
) -> tuple[list[str], list[str]]:
    """The spiders (name -> arguments) that may start, with everything checked before anything is asked.

    Exit status 2 and one line for what is wrong. A source that is switched off is no failure: it is left out, and the
    line that says so is the second result. So is one without a key where others go ``together``, but for discovery.
    """
    import asyncio

    from moviecrawler.addons import check
    from moviecrawler.exceptions import MoviecrawlerError
    from moviecrawler.places import check_places
    from moviecrawler.policy.prerequisites import SWITCHED_OFF, is_switched_off, left_out_message, missing_key_message

    loader = spider_loader(settings, spiders)
    ready, lines, lacking = [], [], ""
    try:
        check(settings)
        for name, arguments in spiders.items():
            spider = loader.load(name)
            spider.parse_arguments(arguments)
            if line := next(
                filter(None, (missing_key_message(source, settings, command) for source in spider.required_sources)), ""
            ):
                if not together or name == "tmdb_discover":
                    refuse(line)
                lacking = lacking or line
                lines += [left_out_message(source) for source in spider.required_sources]
            elif any(is_switched_off(source, settings) for source in spider.required_sources):
                lines.append(SWITCHED_OFF)
            else:
                ready.append(name)
        if lacking and not ready:
            refuse(lacking)
        if ready:
            asyncio.run(check_places(settings))
    except MoviecrawlerError as error:
        refuse(str(error))
    say(*lines, file=sys.stderr)
    return ready, lines


def quieten(settings: Any) -> None:
    """Leave out Scrapy's lists of components, but for ``-L DEBUG``."""
    if settings["LOG_LEVEL"] != "DEBUG":
        for name in _TALKATIVE:
            logging.getLogger(name).setLevel(logging.WARNING)
        # Its other lines answer to Ctrl-C: "Send again to force".
        logging.getLogger("scrapy.crawler").addFilter(lambda record: "Overridden settings" not in record.msg)


def catch_signals() -> None:
    """Until Scrapy's own handlers are there, which close the spider. A terminal that closes is as good as a SIGTERM."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, leave)
    if signal.getsignal(signal.SIGHUP) is signal.SIG_DFL:  # not with nohup
        signal.signal(signal.SIGHUP, lambda *_: signal.raise_signal(signal.SIGTERM))


def leave(number: int, _: object) -> None:
    """Ctrl-C or SIGTERM before anything was asked: 130 or 143, as a shell would say."""
    raise SystemExit(128 + number)
