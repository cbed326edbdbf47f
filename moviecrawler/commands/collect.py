"""``scrapy collect``: discovery and refresh of all sources, at the same time, in one process."""

import argparse
import re
import sys

from scrapy.commands import ScrapyCommand

from moviecrawler.commands import refuse
from moviecrawler.commands._options import Options

_NAMES = ("start_year", "end_year", "max_pages", "min_votes", "refresh_limit", "refresh_only", "sources")
"""Options, and arguments of the spider ``collect``, which checks them."""


class Command(Options, ScrapyCommand):
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
        add("--min-votes", metavar="N", help="discover films with at least so many votes (200)")
        add("--refresh-limit", metavar="N", help="titles to refresh at each source (100); 0: all")
        add("--refresh-only", action="store_true", help="no discovery")
        add("--sources", metavar="LIST", help="which of tmdb,omdb,the_numbers (all)")

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        from moviecrawler.commands.crawl import catch_signals, may_start, members_of

        catch_signals()
        super().process_options(args, opts)

        if args:
            refuse(f"scrapy collect: takes no arguments, got {' '.join(args)}")
        given = {
            name: str(int(value) if value is True else value)
            for name in _NAMES
            if (value := getattr(opts, name)) not in (None, False)
        }
        spiders = members_of(self.settings, "collect", given, _worded)
        ready, _ = may_start(self.settings, spiders, "collect", together=True)
        self._spiders = {name: spiders[name] for name in ready}
        if not ready:
            sys.exit(0)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        from moviecrawler.commands._together import crawl_together
        from moviecrawler.commands.crawl import quieten

        quieten(self.settings)
        self.exitcode = crawl_together(self.crawler_process, self._spiders)


def _worded(line: str) -> str:
    """A line on arguments of the spider, as the user of the command knows them."""
    return "scrapy " + re.sub(rf"\b({'|'.join(_NAMES)})\b", lambda found: f"--{found[0].replace('_', '-')}", line)
