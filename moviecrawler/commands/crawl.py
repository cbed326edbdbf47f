"""``scrapy crawl``, with arguments and settings checked before anything starts, and an honest exit status."""

import argparse
import logging

from scrapy import Spider
from scrapy.commands.crawl import Command as CrawlCommand
from scrapy.crawler import Crawler

from moviecrawler.commands import refuse

OK = frozenset({"finished", "quota"})
"""Finish reasons of a run that did what it could; ``quota``: what is left stays due."""

INTERRUPTED = 130

_TALKATIVE = ("scrapy.addons", "scrapy.crawler", "scrapy.middleware")
"""They list every component and setting at INFO; ``-L DEBUG`` shows them."""

NO_KEY = (
    "No TMDB key: set TMDB_ACCESS_TOKEN in .env or the environment (free: https://www.themoviedb.org/settings/api), "
    "or try without one, against the bundled sandbox: scrapy sandbox -- scrapy crawl {spider}"
)


class Command(CrawlCommand):
    """Exit status: 0 done, 1 the run failed, 2 a wrong argument or setting (nothing was asked), 130 interrupted."""

    def long_desc(self) -> str:
        return (
            "Run a spider. Examples: scrapy crawl tmdb_trending; scrapy crawl tmdb_trending -a media=all -a pages=5; "
            "scrapy crawl tmdb_discover -a start_year=2020 -a end_year=2024; "
            "scrapy crawl tmdb_titles -a ids=603,shows/1396"
        )

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        super().process_options(args, opts)
        if len(args) != 1:
            return  # run() prints how to use it
        from scrapy.spiderloader import get_spider_loader

        from moviecrawler.addons import check
        from moviecrawler.exceptions import MoviecrawlerError

        loader = get_spider_loader(self.settings)
        if args[0] not in loader.list():
            refuse(f"no spider {args[0]!r}; there are: {', '.join(sorted(loader.list()))}")
        spider = loader.load(args[0])
        try:
            spider.read(opts.spargs)
            check(self.settings)
        except MoviecrawlerError as error:
            refuse(str(error))
        if not (self.settings["TMDB_ACCESS_TOKEN"] or self.settings["TMDB_API_KEY"]):
            refuse(NO_KEY.format(spider=args[0]))

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if self.settings["LOG_LEVEL"] != "DEBUG":
            for name in _TALKATIVE:
                logging.getLogger(name).setLevel(logging.WARNING)
        super().run(args, opts)
        self.exitcode = max(self.exitcode, _status(self._crawler))

    def _create_crawler(self, spidercls: type[Spider] | str) -> Crawler:
        self._crawler = super()._create_crawler(spidercls)
        return self._crawler


def _status(crawler: Crawler) -> int:
    stats = crawler.stats
    reason = stats.get_value("finish_reason")
    if reason == "shutdown":
        return INTERRUPTED
    nothing_found = not stats.get_value("titles/found") and any(
        name.startswith("rejects/") for name in stats.get_stats()
    )
    return 0 if reason in OK and not nothing_found else 1
