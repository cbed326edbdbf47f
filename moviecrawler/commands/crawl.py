"""``scrapy crawl``, with arguments and settings checked before anything starts, and an honest exit status."""

import argparse
import logging
import signal
import sys
from collections.abc import Mapping
from typing import Any

from scrapy import Spider
from scrapy.commands.crawl import Command as CrawlCommand
from scrapy.crawler import Crawler

from moviecrawler.commands import Refused, refuse, say
from moviecrawler.commands._job import is_job, note, surprises

logger = logging.getLogger(__name__)

OK = frozenset({"finished", "quota"})
"""Finish reasons of a run that did what it could; ``quota``: what is left stays due."""

INTERRUPTED = 130

_TALKATIVE = ("scrapy.addons", "scrapy.middleware")
"""They list every component at INFO; ``-L DEBUG`` shows them."""


class Command(CrawlCommand):
    """Exit status: 0 done, 1 the run failed, 2 it could not start (nothing was asked), 130 interrupted.

    A source that is switched off is no failure: one line, and 0.
    """

    def long_desc(self) -> str:
        return (
            "Run a spider. Examples: scrapy crawl tmdb_trending; scrapy crawl tmdb_trending -a media=all -a pages=5; "
            "scrapy crawl tmdb_discover -a start_year=2020 -a end_year=2024; "
            "scrapy crawl tmdb_titles -a ids=603,shows/1396; scrapy crawl omdb -a limit=500"
        )

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, _end)  # until Scrapy's own handler is there, which closes the spider
        super().process_options(args, opts)
        if len(args) != 1:
            return  # run() prints how to use it
        from moviecrawler.policy.needs import SWITCHED_OFF

        try:
            ready = may_start(self.settings, {args[0]: opts.spargs}, f"crawl {args[0]}")
        except Refused as refused:
            if is_job(opts.spargs):
                note(self.settings, refused.line)
            raise
        if not ready:
            if is_job(opts.spargs):
                note(self.settings, SWITCHED_OFF)
            sys.exit(0)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        quieten(self.settings)
        for line in surprises(self.settings) if is_job(opts.spargs) else ():
            logger.warning(line)
        super().run(args, opts)
        self.exitcode = self.exitcode or status(self._crawler)

    def _create_crawler(self, spidercls: type[Spider] | str) -> Crawler:
        self._crawler = super()._create_crawler(spidercls)
        return self._crawler


def may_start(settings: Any, spiders: Mapping[str, Mapping[str, str]], command: str) -> list[str]:
    """The spiders (name -> arguments) that may start, with everything checked before anything is asked.

    Exit status 2 and one line for what is wrong; a source that is switched off is no failure: one line.
    """
    import asyncio

    from scrapy.spiderloader import get_spider_loader

    from moviecrawler.addons import check, check_places
    from moviecrawler.exceptions import MoviecrawlerError
    from moviecrawler.policy.needs import SWITCHED_OFF, missing_key, switched_off

    loader = get_spider_loader(settings)
    if unknown := [name for name in spiders if name not in loader.list()]:
        refuse(f"no spider {unknown[0]!r}; there are: {', '.join(sorted(loader.list()))}")
    ready = []
    try:
        check(settings)
        for name, arguments in spiders.items():
            spider = loader.load(name)
            spider.read(arguments)
            for line in filter(None, (missing_key(source, settings, command) for source in spider.needs)):
                refuse(line)
            if any(switched_off(source, settings) for source in spider.needs):
                say(SWITCHED_OFF, file=sys.stderr)
            else:
                ready.append(name)
        if ready:
            asyncio.run(check_places(settings))
    except MoviecrawlerError as error:
        refuse(str(error))
    return ready


def quieten(settings: Any) -> None:
    """Leave out Scrapy's lists of components, but for ``-L DEBUG``."""
    if settings["LOG_LEVEL"] != "DEBUG":
        for name in _TALKATIVE:
            logging.getLogger(name).setLevel(logging.WARNING)
        # Its other lines answer to Ctrl-C: "Send again to force".
        logging.getLogger("scrapy.crawler").addFilter(lambda record: "Overridden settings" not in record.msg)


def _end(number: int, _: object) -> None:
    """Ctrl-C or SIGTERM before anything was asked: 130 or 143, as a shell would say."""
    raise SystemExit(128 + number)


_DONE = (
    *("titles/inserted", "titles/updated", "titles/unchanged", "titles/older", "refresh/", "filter/"),
    *("titles/matched", "titles/unmatched"),
)
"""Stats of what the run dealt with, whatever became of it."""


def status(crawler: Crawler) -> int:
    """The exit status that a crawl has earned."""
    stats = crawler.stats.get_stats()
    if stats.get("finish_reason", "shutdown") == "shutdown":  # who was interrupted while it opened has none
        return INTERRUPTED
    rejected = {name for name in stats if name.startswith("rejects/")}
    if stats.get("titles/found"):
        rejected.discard("rejects/gone")  # who asked for it by id has got an answer
    # One of many workers may have had nothing but the bad ones.
    alone = not crawler.settings.get("REDIS_URL")
    came_to_nothing = alone and rejected and not any(name.startswith(_DONE) for name in stats)
    incomplete = any(name.startswith("incomplete/") for name in stats)
    return 1 if stats.get("finish_reason") not in OK or came_to_nothing or incomplete else 0
