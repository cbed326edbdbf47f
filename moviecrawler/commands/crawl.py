"""``scrapy crawl``, with arguments and settings checked before anything starts, and an exit status that tells."""

import argparse
import logging
import sys
from functools import partial

from scrapy import Spider
from scrapy.commands.crawl import Command as CrawlCommand
from scrapy.crawler import Crawler

from moviecrawler.commands import UsageError, usage_error
from moviecrawler.commands._crawls import (
    append_to_log,
    check_start,
    deployment_warnings,
    exit_on_signals,
    is_scrapyd_job,
    load_spider,
    members_of,
)
from moviecrawler.commands._usage import CheckedOptions

logger = logging.getLogger(__name__)


class Command(CheckedOptions, CrawlCommand):
    """Exit status: 0 done, 1 the run failed, 2 it could not start (nothing was requested), 130 interrupted.

    A source that is switched off is not a failure: one line, and 0.
    """

    def long_desc(self) -> str:
        return (
            "Run a spider. Examples: scrapy crawl tmdb_trending; scrapy crawl tmdb_trending -a media=all -a pages=5; "
            "scrapy crawl tmdb_discover -a start_year=2020 -a end_year=2024; "
            "scrapy crawl tmdb_titles -a ids=603,shows/1396,tt0133093; scrapy crawl tmdb_titles -a ids=@watchlist.csv; "
            "scrapy crawl tmdb_search -a 'query=The Thing (1982)'; scrapy crawl tmdb_list -a name=now_playing; "
            "scrapy crawl tmdb_collections; scrapy crawl tmdb_recommended; scrapy crawl omdb -a limit=500; "
            "scrapy crawl collect -a refresh_limit=500"
        )

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        exit_on_signals()
        super().process_options(args, opts)
        from scrapy.spiderloader import get_spider_loader

        from moviecrawler.run import stands_for_several

        log = partial(append_to_log, self.settings) if is_scrapyd_job(opts.spargs) else str
        try:
            if given := [word for word in args if "=" in word]:
                usage_error(f"scrapy crawl: a spider argument must follow -a: -a {' -a '.join(given)}")
            if len(args) != 1:
                known = sorted(get_spider_loader(self.settings).list())
                usage_error(f"scrapy crawl: name one spider: {', '.join(known)}")
            together = stands_for_several(load_spider(self.settings, args[0]))
            if together and (opts.output or opts.overwrite_output):
                usage_error(f"scrapy crawl {args[0]}: writes no feed; scrapy export writes what is stored")
            spiders = members_of(opts.spargs) if together else {args[0]: opts.spargs}
            ready, left_out = check_start(self.settings, spiders, f"crawl {args[0]}", together=together)
        except UsageError as error:
            log(error.line)
            raise
        for line in left_out:
            log(line)
        if not ready:
            sys.exit(0)
        self._together = ready if together else None

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        from moviecrawler.run import crawl_together, exit_status, hide_component_lists

        hide_component_lists(self.settings)
        for line in deployment_warnings(self.settings) if is_scrapyd_job(opts.spargs) else ():
            logger.warning(line)
        if self._together:
            assert self.crawler_process
            self.exitcode = max(map(exit_status, crawl_together(self.crawler_process, self._together)))
            return
        super().run(args, opts)
        self.exitcode = self.exitcode or exit_status(self._crawler)

    def _create_crawler(self, spidercls: type[Spider] | str) -> Crawler:
        self._crawler = super()._create_crawler(spidercls)
        return self._crawler
