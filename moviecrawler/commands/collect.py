"""``scrapy collect``: discovery and refresh of all sources, at the same time, in one process."""

import argparse
import sys
from typing import Any

from scrapy.commands import ScrapyCommand

from moviecrawler.commands import refuse

SOURCES = ("tmdb", "omdb", "the_numbers")


class Command(ScrapyCommand):
    """Exit status: 0 done, 1 one of the crawls failed, 2 wrong usage or setting, 130 interrupted."""

    requires_project = True

    def syntax(self) -> str:
        return "[options]"

    def short_desc(self) -> str:
        return "Discover films, refresh what is due at all sources, in one go"

    def long_desc(self) -> str:
        return (
            "Runs tmdb_discover (with --start-year), tmdb_refresh, omdb and the_numbers together: OMDB starts on the "
            "first films while TMDB is still being read. Interrupted, the same command goes on where it was. Examples: "
            "scrapy collect; scrapy collect --start-year 2024 --max-pages 5 --refresh-limit 50; "
            "scrapy collect --refresh-only --sources omdb"
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        add = parser.add_argument
        add("--start-year", metavar="YEAR", help="discover films released from this year on (default: no discovery)")
        add("--end-year", metavar="YEAR", help="to this year (default: the start year)")
        add("--max-pages", metavar="N", help="listing pages of 20 films in all (default: all of them)")
        add("--min-votes", metavar="N", default="200", help="discover films with at least so many votes (200)")
        add("--refresh-limit", metavar="N", default="100", help="titles to refresh at each source (100); 0: all")
        add("--refresh-only", action="store_true", help="no discovery")
        add("--sources", metavar="LIST", default=",".join(SOURCES), help=f"which of {','.join(SOURCES)} (all)")

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        import signal

        from moviecrawler.commands.crawl import _end, may_start

        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, _end)
        super().process_options(args, opts)

        if args:
            refuse(f"scrapy collect: takes no arguments, got {' '.join(args)}")
        sources = [source.strip() for source in opts.sources.split(",") if source.strip()]
        if not sources or not set(sources) <= set(SOURCES):
            refuse(f"scrapy collect: --sources {opts.sources}: allowed: {', '.join(SOURCES)}")
        if opts.refresh_only and opts.start_year:
            refuse("scrapy collect: either --start-year or --refresh-only")
        if not (opts.refresh_limit.isdecimal() and opts.refresh_limit.isascii()):
            refuse(f"scrapy collect: --refresh-limit {opts.refresh_limit}: allowed: a whole number, 0 or more")
        self._spiders = _spiders(sources, opts)
        if "tmdb" not in sources and opts.start_year:
            refuse("scrapy collect: --start-year asks TMDB, which is not among the --sources")
        ready = may_start(self.settings, self._spiders, "collect")
        self._spiders = {name: self._spiders[name] for name in ready}
        if not self._spiders:
            sys.exit(0)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        from moviecrawler.addons import join
        from moviecrawler.commands.crawl import quieten, status

        quieten(self.settings)
        process: Any = self.crawler_process
        crawlers = [process.create_crawler(name) for name in self._spiders]
        join(crawlers)
        for crawler in crawlers[1:]:  # one port, one profile
            crawler.settings.setdict({"METRICS_PORT": "", "PROFILE": "0"}, "cmdline")
        for crawler, arguments in zip(crawlers, self._spiders.values(), strict=True):
            process.crawl(crawler, **arguments)
        process.start()
        self.exitcode = max(map(status, crawlers))


def _spiders(sources: list[str], opts: argparse.Namespace) -> dict[str, dict[str, str]]:
    """Spider -> arguments, in the order in which they start."""
    spiders: dict[str, dict[str, str]] = {}
    if "tmdb" in sources:
        if opts.start_year:
            given = {"start_year": opts.start_year, "end_year": opts.end_year, "max_pages": opts.max_pages}
            spiders["tmdb_discover"] = {
                "min_votes": opts.min_votes,
                **{name: value for name, value in given.items() if value is not None},
            }
        spiders["tmdb_refresh"] = {"limit": opts.refresh_limit}
    if "omdb" in sources:
        spiders["omdb"] = {"limit": opts.refresh_limit}
    if "the_numbers" in sources:
        spiders["the_numbers"] = {"limit": opts.refresh_limit}
    return spiders
