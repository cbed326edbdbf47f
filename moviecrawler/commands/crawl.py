"""``scrapy crawl``, with arguments and settings checked before anything starts, and an honest exit status."""

import argparse
import logging
import signal
import sys

from scrapy import Spider
from scrapy.commands.crawl import Command as CrawlCommand
from scrapy.crawler import Crawler

from moviecrawler.commands import refuse

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
        signal.signal(signal.SIGINT, _end)  # until Scrapy's own handler is there, which closes the spider
        super().process_options(args, opts)
        if len(args) != 1:
            return  # run() prints how to use it
        import asyncio

        from scrapy.spiderloader import get_spider_loader

        from moviecrawler.addons import check, check_places
        from moviecrawler.exceptions import MoviecrawlerError
        from moviecrawler.policy.needs import SWITCHED_OFF, missing_key, switched_off

        loader = get_spider_loader(self.settings)
        if args[0] not in loader.list():
            refuse(f"no spider {args[0]!r}; there are: {', '.join(sorted(loader.list()))}")
        spider = loader.load(args[0])
        try:
            spider.read(opts.spargs)
            check(self.settings)
            missing = [missing_key(source, self.settings, f"crawl {args[0]}") for source in spider.needs]
        except MoviecrawlerError as error:
            refuse(str(error))
        for line in filter(None, missing):
            refuse(line)
        if any(switched_off(source, self.settings) for source in spider.needs):
            sys.stderr.write(f"{SWITCHED_OFF}\n")
            sys.exit(0)
        try:
            asyncio.run(check_places(self.settings))
        except MoviecrawlerError as error:
            refuse(str(error))

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if self.settings["LOG_LEVEL"] != "DEBUG":
            for name in _TALKATIVE:
                logging.getLogger(name).setLevel(logging.WARNING)
            # Its other lines answer to Ctrl-C: "Send again to force".
            logging.getLogger("scrapy.crawler").addFilter(lambda record: "Overridden settings" not in record.msg)
        super().run(args, opts)
        self.exitcode = self.exitcode or _status(self._crawler)

    def _create_crawler(self, spidercls: type[Spider] | str) -> Crawler:
        self._crawler = super()._create_crawler(spidercls)
        return self._crawler


def _end(*_: object) -> None:
    """Ctrl-C before anything was asked."""
    raise SystemExit(INTERRUPTED)


_DONE = (
    *("titles/inserted", "titles/updated", "titles/unchanged", "titles/older", "refresh/", "filter/"),
    *("titles/matched", "titles/unmatched"),
)
"""Stats of what the run dealt with, whatever became of it."""


def _status(crawler: Crawler) -> int:
    stats = crawler.stats.get_stats()
    if stats.get("finish_reason", "shutdown") == "shutdown":  # who was interrupted while it opened has none
        return INTERRUPTED
    rejected = {name for name in stats if name.startswith("rejects/")}
    if stats.get("titles/found"):
        rejected.discard("rejects/gone")  # who asked for it by id has got an answer
    came_to_nothing = rejected and not any(name.startswith(_DONE) for name in stats)
    return 1 if stats.get("finish_reason") not in OK or came_to_nothing else 0
